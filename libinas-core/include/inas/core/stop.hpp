#pragma once

#include <atomic>
#include <chrono>
#include <vector>

namespace inas {

/// Says when long work is to end early: because of flags that others set (a signal, a failure
/// elsewhere), or from a point in time on. Loops ask it in every round: that takes some ten
/// nanoseconds.
class Stop {
 public:
  using Clock = std::chrono::steady_clock;

  /// Never.
  Stop() = default;
  /// When `flag` becomes true. The flag must outlive this and its copies.
  Stop(const std::atomic<bool>& flag) : flags_{&flag} {}

  /// For the same reasons, and when `flag` becomes true.
  [[nodiscard]] Stop or_when(const std::atomic<bool>& flag) const {
    Stop both = *this;
    both.flags_.push_back(&flag);
    return both;
  }
  /// For the same reasons, and from `time` on.
  [[nodiscard]] Stop or_at(Clock::time_point time) const {
    Stop both = *this;
    if (time < both.time_) both.time_ = time;
    return both;
  }

  /// Is the work to end now?
  explicit operator bool() const {
    for (const std::atomic<bool>* flag : flags_) {
      if (*flag) return true;
    }
    return time_ != Clock::time_point::max() && Clock::now() >= time_;
  }

 private:
  std::vector<const std::atomic<bool>*> flags_;
  Clock::time_point time_ = Clock::time_point::max();
};

}  // namespace inas
