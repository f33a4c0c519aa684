#include "child_training.hpp"

#include <iterator>

#include <inas/nas/training_limit.hpp>

namespace inas::study {
namespace {

nas::TrainingRun run_of(const nas::Effort& effort, std::uint64_t seed) {
  return {.epochs = effort.epochs, .train_images = effort.train_images, .seed = seed};
}

}  // namespace

nas::TrainChild child_training(const nas::Trainer& trainer, const TrainingSettings& settings) {
  return [&](const nas::ChildTraining& child, const Stop& stop) {
    return nas::train_within(settings.time_limit_s, stop, [&](const Stop& until) {
      return trainer.train(child.network, run_of(child.effort, child.seed), until);
    });
  };
}

nas::TrainedNetwork train_again(const nas::Trainer& trainer, const Network& network,
                                const nas::Trial& trial, const Stop& stop) {
  const nas::TrainingRun run = run_of(trial.effort, trial.seed);
  if (trial.outcome != nas::Outcome::cut_short) return trainer.train(network, run, stop);
  // Not as a shorter training, whose learning rate would fall sooner.
  return nas::train_epochs(std::ssize(trial.epoch_accuracies), stop,
                           [&](const Stop& until, const nas::EpochObserver& epochs) {
                             return trainer.train(network, run, until, epochs);
                           });
}

}  // namespace inas::study
