#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <inas/core/settings.hpp>
#include <inas/core/stop.hpp>
#include <inas/nas/search.hpp>
#include <inas/nas/trainer.hpp>

namespace inas::nas {

/// Trains a network; `Trainer::train`, or a stand-in.
using TrainWinner = std::function<TrainedNetwork(const Network& network, const TrainingRun& run,
                                                 const Stop& stop, const EpochObserver& observer)>;

/// The winner after its retraining: the better of the child's weights and the retrained ones.
struct Retraining {
  std::vector<Tensor> weights;
  double validation_accuracy = 0;  ///< of these weights
  bool better = false;             ///< they are the retrained ones
  std::int64_t epochs = 0;         ///< of the retraining, that have ended
  bool stopped = false;            ///< before the last of them
  bool diverged = false;           ///< in the epoch after them
};

/// Retrains the network of `best` for settings.training.final_epochs epochs, none at all for 0, on
/// settings.training.final_train_images images. The child's weights stay unless an epoch is better
/// on the validation part: also if the retraining diverges, or `stop` ends it before.
[[nodiscard]] Retraining retrain(const Settings& settings, const BestTrial& best,
                                 const TrainWinner& train, const Stop& stop,
                                 const EpochObserver& observer);

}  // namespace inas::nas
