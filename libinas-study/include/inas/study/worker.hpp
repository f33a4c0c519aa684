#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include <inas/core/search_space.hpp>
#include <inas/core/stop.hpp>
#include <inas/nas/search.hpp>
#include <inas/study/store.hpp>

namespace inas::study {

/// How workers hold their claims.
struct LeaseTimes {
  double lease_s = 60;  ///< a claim that was not renewed for so long is given to another worker
  double renew_s = 15;  ///< between two renewals
  double look_s = 0.2;  ///< between two looks for a training, where nobody tells of new ones
};

/// Wakes those of this process that wait for something to change in the store:
///
///   const std::int64_t heard = bell.rings();
///   // looks at the store
///   bell.wait(heard, seconds);  // not if it has rung since
class Bell {
 public:
  void ring();
  /// How often it has rung.
  [[nodiscard]] std::int64_t rings();
  /// Until it has rung more often than `heard` times, or for `seconds`.
  void wait(std::int64_t heard, double seconds);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t rings_ = 0;
};

/// What a worker has done, for whoever shows it.
struct WorkerReport {
  enum class What : std::uint8_t { began, ended, lost, given_up };
  What what = What::began;
  Claim claim;
  double accuracy = 0;  ///< if it has ended
  double seconds = 0;
};

struct WorkerOptions {
  std::string name;  ///< of the worker: host, process and thread, say
  LeaseTimes times = {};
  std::function<void(const WorkerReport&)> report = {};
};

/// Trains what the study in `store` has to train, networks of `space`, until `stop` says so: claims
/// a training, renews the claim while it trains, stores the result. A training whose claim is lost,
/// because this process was stopped for longer than the lease, is abandoned, and its result
/// ignored. Those under way when `stop` says so are given back. Throws what training or the store
/// throws; the claim then runs out by itself.
void work(Store& store, const SearchSpace& space, const nas::TrainChild& train, Bell& bell,
          const Stop& stop, const WorkerOptions& options);

/// "host-pid-N": a name for worker N of this process.
[[nodiscard]] std::string worker_name(std::int64_t number);

}  // namespace inas::study
