#include <iterator>
#include <utility>

#include <inas/nas/retrain.hpp>

namespace inas::nas {

Retraining retrain(const Settings& settings, const BestTrial& best, const TrainWinner& train,
                   const Stop& stop, const EpochObserver& observer) {
  Retraining result{.weights = best.weights,
                    .validation_accuracy = best.trial.accuracy.value_or(0)};
  if (settings.training.final_epochs == 0) return result;
  if (stop) {
    result.stopped = true;
    return result;
  }
  TrainedNetwork retrained = train(build_network(settings.space, best.trial.architecture),
                                   {.epochs = settings.training.final_epochs,
                                    .train_images = settings.training.final_train_images,
                                    .seed = settings.search.seed},
                                   stop, observer);
  result.epochs = std::ssize(retrained.epoch_accuracies);
  result.stopped = !retrained.completed;
  result.diverged = retrained.diverged;
  if (result.epochs > 0 && retrained.validation_accuracy > result.validation_accuracy) {
    result.better = true;
    result.validation_accuracy = retrained.validation_accuracy;
    result.weights = std::move(retrained.weights);
  }
  return result;
}

}  // namespace inas::nas
