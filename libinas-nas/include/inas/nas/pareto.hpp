#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/nas/trial.hpp>

/// What a search can trade: the most accurate network is one of many that nothing beats in every
/// respect. One point dominates another if no value of it is larger and one is smaller; a front is
/// what nothing dominates. Values are compared as doubles, without tolerance.
namespace inas::nas {

enum class Objective : std::uint8_t {
  accuracy,  ///< validation accuracy; more is better, of the others less
  latency,   ///< end to end, as scheduled, in s
  energy,    ///< of one inference, in J: costmodel/breakdown.hpp
  weights,   ///< weight_count
  nvm,       ///< bytes of NVM: NetworkResult::nvm_bytes
};

[[nodiscard]] std::string_view to_string(Objective objective);

/// Accuracy and latency, and what the options of the strategy pareto add.
[[nodiscard]] std::vector<Objective> objectives(const StrategyOptions& options);

/// A value for each objective, all better when less.
using Point = std::vector<double>;

/// The values of a trial that has an accuracy and its designs: the accuracy is negated.
[[nodiscard]] Point objective_values(const Trial& trial, std::span<const Objective> objectives,
                                     const SearchSpace& space, const costmodel::Device& device);

[[nodiscard]] bool dominates(const Point& a, const Point& b);

/// Non-dominated sorting: the front of each point, from 0. Front 0 is what nothing dominates, front
/// n what nothing dominates but points of the fronts before it. O(fronts·n²).
[[nodiscard]] std::vector<std::int64_t> fronts(std::span<const Point> points);

/// How lonely each point is among `points`: with the values of an objective in order, the distance
/// of the two neighbours over the whole range, summed over the objectives; infinite at the ends.
/// An objective whose values are all equal adds nothing. Source of both: Deb et al., A Fast and
/// Elitist Multiobjective Genetic Algorithm: NSGA-II, 2002.
[[nodiscard]] std::vector<double> crowding_distances(std::span<const Point> points);

/// The most that a network of the trials was trained: only accuracies of that effort compare. No
/// epoch if none has an accuracy. A trial has `effort` and, where it was trained, `accuracy`.
template <class Trials>
[[nodiscard]] Effort most_effort(const Trials& trials) {
  Effort most{.epochs = 0, .train_images = 1};
  for (const auto& trial : trials) {
    if (trial.accuracy) most = std::max(most, trial.effort);
  }
  return most;
}

/// The places in `trials` of those that none of the others dominates, by ascending latency, then
/// descending accuracy. Only trials that were trained most and have an accuracy count; of trials of
/// one network the first. They must have their designs.
[[nodiscard]] std::vector<std::size_t> pareto_front(std::span<const Trial> trials,
                                                    std::span<const Objective> objectives,
                                                    const SearchSpace& space,
                                                    const costmodel::Device& device);

}  // namespace inas::nas
