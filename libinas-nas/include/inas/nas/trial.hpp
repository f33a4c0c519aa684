#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>

namespace inas::nas {

/// How much a proposed network is trained.
struct Effort {
  std::int64_t epochs = 1;
  std::int64_t train_images = 0;  ///< the first so many of the training part; 0: all

  bool operator==(const Effort&) const = default;
  /// By the images seen; more epochs over as many are more.
  std::strong_ordering operator<=>(const Effort& other) const;
};

/// What a training of `effort` costs, in trainings of `full`: the ratio of the images that they
/// see, epochs × images. Of all images, a number that only the data know, the epochs alone count.
[[nodiscard]] double cost(const Effort& effort, const Effort& full);

/// The most that a proposal is trained: settings.training.epochs on settings.data.train_images.
[[nodiscard]] Effort full_effort(const Settings& settings);

/// What became of a proposal.
enum class Outcome : std::uint8_t {
  infeasible,  ///< geometry, NVM capacity, C0 or C1
  too_slow,    ///< C2
  trained,     ///< trained in this trial
  known,       ///< trained as much in an earlier trial; its accuracy is used again
  diverged,    ///< its training, in this trial or an earlier one, gave nothing usable; never best
  cut_short,   ///< trained in this trial until training.time_limit_s, at least one epoch
  too_long,    ///< in that time, in this trial or an earlier one, no epoch ended; never best
};

/// The last of them.
inline constexpr Outcome kLastOutcome = Outcome::too_long;

[[nodiscard]] std::string_view to_string(Outcome outcome);

/// Was there a training in this trial that gave an accuracy: trained or cut_short?
[[nodiscard]] bool is_trained(Outcome outcome);

/// What a strategy made of a trial, as far as it works with rewards.
struct Lesson {
  std::optional<double> reward;
  std::optional<double> moving_accuracy;  ///< the baseline of rewards after the trial

  bool operator==(const Lesson&) const = default;
};

/// One proposal of the strategy and what became of it.
struct Trial {
  std::int64_t number = 0;  ///< from 1
  Architecture architecture;
  Effort effort;  ///< that was proposed for it
  Outcome outcome = Outcome::infeasible;
  explorer::NetworkResult network;       ///< designs and latency, or why infeasible
  std::optional<double> accuracy;        ///< validation accuracy, if trained or known
  std::vector<double> epoch_accuracies;  ///< after each epoch, of the trial that trained
  std::uint64_t seed = 0;                ///< of the training; 0 if there is none
  double seconds = 0;                    ///< spent on training
  Lesson lesson;                         ///< what the strategy made of it
};

}  // namespace inas::nas
