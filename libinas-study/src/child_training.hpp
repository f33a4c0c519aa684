#pragma once

#include <inas/core/settings.hpp>
#include <inas/nas/search.hpp>
#include <inas/nas/trainer.hpp>

namespace inas::study {

/// How the proposed networks of a study are trained, by threads of its coordinator and by remote
/// workers alike: by `trainer`, within settings.time_limit_s. Both must outlive what is returned.
[[nodiscard]] nas::TrainChild child_training(const nas::Trainer& trainer,
                                             const TrainingSettings& settings);

/// The training of a trial once more, to the weights that it had: those of the epochs that ended.
[[nodiscard]] nas::TrainedNetwork train_again(const nas::Trainer& trainer, const Network& network,
                                              const nas::Trial& trial, const Stop& stop);

}  // namespace inas::study
