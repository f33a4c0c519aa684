#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <inas/core/search_space.hpp>
#include <inas/explorer/explorer.hpp>

namespace inas::nas {

/// What became of a proposal.
enum class Outcome : std::uint8_t {
  infeasible,  ///< geometry, NVM capacity, C0 or C1
  too_slow,    ///< C2
  trained,     ///< trained in this trial
  known,       ///< trained in an earlier trial; its accuracy is used again
  diverged,    ///< its training, in this trial or an earlier one, gave nothing usable; never best
};

[[nodiscard]] std::string_view to_string(Outcome outcome);

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
  Outcome outcome = Outcome::infeasible;
  explorer::NetworkResult network;  ///< designs and latency, or why infeasible
  std::optional<double> accuracy;   ///< validation accuracy, if trained or known
  double seconds = 0;               ///< spent on training
  Lesson lesson;                    ///< what the strategy made of it
};

}  // namespace inas::nas
