#include <chrono>
#include <exception>
#include <stop_token>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include <inas/study/worker.hpp>

#include "clock.hpp"

namespace inas::study {
namespace {

using Clock = std::chrono::steady_clock;

/// Renews a claim as long as it lives.
class Heartbeat {
 public:
  Heartbeat(Store& store, const Claim& claim, const LeaseTimes& times)
      : thread_([this, &store, claim, times](const std::stop_token& closing) {
          beat(store, claim, times, closing);
        }) {}

  [[nodiscard]] const std::atomic<bool>& lost() const { return lost_; }

  /// Ends the renewals. Throws what the store threw.
  void end() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void beat(Store& store, const Claim& claim, const LeaseTimes& times,
            const std::stop_token& closing) {
    const auto pause = std::chrono::duration<double>(times.renew_s);
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, closing, pause, [&] { return closing.stop_requested(); })) {
      if (closing.stop_requested()) return;
      try {
        if (store.renew(claim, times.lease_s)) continue;
      } catch (...) {
        error_ = std::current_exception();
      }
      lost_ = true;
      return;
    }
  }

  std::atomic<bool> lost_{false};
  std::exception_ptr error_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: it ends before what it uses
};

void tell(const WorkerOptions& options, WorkerReport::What what, const Claim& claim,
          const nas::ChildResult& result) {
  if (!options.report) return;
  options.report({.what = what,
                  .claim = claim,
                  .accuracy = result.trained.validation_accuracy,
                  .seconds = result.seconds});
}

void train_one(Store& store, const SearchSpace& space, const nas::TrainChild& train,
               const Claim& claim, const Stop& stop, const WorkerOptions& options) {
  tell(options, WorkerReport::What::began, claim, {});
  nas::ChildResult result;
  const Clock::time_point start = Clock::now();
  Heartbeat heartbeat(store, claim, options.times);
  result.trained = train({.trial = claim.trial,
                          .architecture = claim.architecture,
                          .network = build_network(space, claim.architecture),
                          .effort = claim.effort,
                          .seed = claim.seed},
                         stop.or_when(heartbeat.lost()));
  result.seconds = seconds_since(start);
  heartbeat.end();
  if (result.trained.completed && store.finish(claim, result)) {
    tell(options, WorkerReport::What::ended, claim, result);
  } else if (heartbeat.lost() || result.trained.completed) {
    tell(options, WorkerReport::What::lost, claim, result);
  } else {
    store.give_up(claim);
    tell(options, WorkerReport::What::given_up, claim, result);
  }
}

}  // namespace

void Bell::ring() {
  {
    const std::lock_guard lock(mutex_);
    ++rings_;
  }
  changed_.notify_all();
}

std::int64_t Bell::rings() {
  const std::lock_guard lock(mutex_);
  return rings_;
}

void Bell::wait(std::int64_t heard, double seconds) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return rings_ > heard; });
}

void work(Store& store, const SearchSpace& space, const nas::TrainChild& train, Bell& bell,
          const Stop& stop, const WorkerOptions& options) {
  while (!stop) {
    const std::int64_t heard = bell.rings();
    const std::optional<Claim> claim = store.claim(options.name, options.times.lease_s);
    if (!claim) {
      bell.wait(heard, options.times.look_s);
      continue;
    }
    train_one(store, space, train, *claim, stop, options);
    bell.ring();
  }
}

std::string worker_name(std::int64_t number) {
  char host[256] = "host";
  static_cast<void>(gethostname(host, sizeof host - 1));
  return fmt::format("{}-{}-{}", host, getpid(), number);
}

}  // namespace inas::study
