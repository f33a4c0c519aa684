#pragma once

#include <cstdint>
#include <functional>

#include <inas/core/stop.hpp>
#include <inas/nas/trainer.hpp>

namespace inas::nas {

/// Any training that ends soon after the stop it gets says so, as Trainer::train does.
using StoppableTraining = std::function<TrainedNetwork(const Stop& until)>;

/// Carries out `training`, for `limit_s` from now at most; 0: without a limit. What it ends is
/// completed, with too_long = true and the epochs that had ended by then; what `stop` ends is not.
[[nodiscard]] TrainedNetwork train_within(double limit_s, const Stop& stop,
                                          const StoppableTraining& training);

/// A training that tells of its epochs as they end, too.
using ObservedTraining =
    std::function<TrainedNetwork(const Stop& until, const EpochObserver& observer)>;

/// Carries out the first `epochs` epochs of `training`: it is ended behind them, and completed
/// then. So a training that a limit has ended is made again, whatever the machine.
[[nodiscard]] TrainedNetwork train_epochs(std::int64_t epochs, const Stop& stop,
                                          const ObservedTraining& training);

}  // namespace inas::nas
