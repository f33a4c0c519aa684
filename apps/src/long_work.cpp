#include "long_work.hpp"

#include <algorithm>
#include <utility>

namespace inas::apps {

LongWork::LongWork(std::string what, std::string units, std::chrono::milliseconds moment,
                   int stream)
    : progress_(stream), what_(std::move(what)), units_(std::move(units)) {
  if (!progress_.is_live()) return;
  thread_ = std::jthread([this, moment](const std::stop_token& ended) { show(moment, ended); });
}

LongWork::~LongWork() = default;

void LongWork::next(std::string what, std::string units) {
  const std::lock_guard lock(mutex_);
  what_ = std::move(what);
  units_ = std::move(units);
  done_ = total_ = 0;
  begun_s_ = progress_.elapsed_s();
}

RoundsDone LongWork::rounds() {
  return [this](std::int64_t done, std::int64_t total) { count(done, total); };
}

void LongWork::count(std::int64_t done, std::int64_t total) {
  const std::lock_guard lock(mutex_);
  done_ = total == total_ ? std::max(done, done_) : done;
  total_ = total;
}

void LongWork::count(std::int64_t done, std::int64_t total, std::string units) {
  count(done, total);
  const std::lock_guard lock(mutex_);
  units_ = std::move(units);
}

void LongWork::show(std::chrono::milliseconds pause, const std::stop_token& ended) {
  constexpr std::chrono::milliseconds kPause{250};
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, ended, pause, [] { return false; });
    if (ended.stop_requested()) return;
    progress_.live(progress_text(what_, units_, done_, total_, progress_.elapsed_s() - begun_s_));
    pause = kPause;
  }
}

}  // namespace inas::apps
