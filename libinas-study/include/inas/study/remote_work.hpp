#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <inas/core/stop.hpp>
#include <inas/study/location.hpp>
#include <inas/study/worker.hpp>

namespace inas::study {

/// What a process offers to a study that another one coordinates.
struct RemoteWork {
  Location location;
  std::optional<std::string> data_path;  ///< where the data are on this machine; none: as there
  std::int64_t threads = 1;              ///< trainings at the same time
  std::int64_t gpu = -1;                 ///< CUDA device, −1: the CPU
  LeaseTimes leases = {};
  double patience_s = 60;  ///< StoreOptions::patience_s
  double wait_s = 60;  ///< how long a study is waited for that has not begun, or that nobody goes
                       ///< on with, in s
};

struct RemoteWorkObserver {
  std::function<void(const std::string& sentence)> said = {};
  std::function<void(const WorkerReport&)> report = {};  ///< from any thread, one at a time
};

/// Trains what the study has to train until its search has ended or `stop` says so. Returns how
/// many trainings it has ended. Throws Error if the study cannot be read, whoever coordinates it
/// has another version of the software, the data are not those that it began with, or the database
/// or whoever coordinates the study stays away for longer than it is waited for.
[[nodiscard]] std::int64_t work_for(const RemoteWork& work, const RemoteWorkObserver& observer,
                                    const Stop& stop);

}  // namespace inas::study
