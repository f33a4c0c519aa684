#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <inas/core/rounds_done.hpp>

#include "progress.hpp"

namespace inas::apps {

/// Shows on a terminal that work goes on which takes longer than a moment, how far it is and how
/// long it will take. Prints nothing anywhere else.
///
///   LongWork shown("sweep", "points");
///   const auto points = explorer::sweep(…, shown.rounds());
class LongWork {
 public:
  static constexpr std::chrono::milliseconds kMoment{1000};

  /// `what` is done in rounds of `units`, if it has any. The line appears after `moment`, on
  /// standard error or where else `stream` says.
  explicit LongWork(std::string what, std::string units = {},
                    std::chrono::milliseconds moment = kMoment, int stream = STDERR_FILENO);
  /// The work has ended: the line disappears.
  ~LongWork();
  LongWork(const LongWork&) = delete;
  LongWork& operator=(const LongWork&) = delete;

  /// Other work begins, whose time counts from now.
  void next(std::string what, std::string units = {});
  /// So many rounds have ended; from any thread. The second form says what they are.
  void count(std::int64_t done, std::int64_t total);
  void count(std::int64_t done, std::int64_t total, std::string units);
  /// The same, for those who are told of rounds. This must outlive it.
  [[nodiscard]] RoundsDone rounds();

 private:
  void show(std::chrono::milliseconds pause, const std::stop_token& ended);

  Progress progress_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string what_;
  std::string units_;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
  double begun_s_ = 0;
  std::jthread thread_;  // last: it ends before what it uses
};

/// What `convert` makes of each of `networks`, shown as `what`.
template <class Result, class Network, class Convert>
std::vector<Result> one_by_one(const char* what, const std::vector<Network>& networks,
                               const Convert& convert) {
  LongWork shown(what, "networks");
  const RoundsDone done = shown.rounds();
  std::vector<Result> results;
  for (const Network& network : networks) {
    results.push_back(convert(network));
    done(std::ssize(results), std::ssize(networks));
  }
  return results;
}

}  // namespace inas::apps
