#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/execution/tiles.hpp>

/// Preservation batches and power cycles: which S and K split a layer evenly, and how many power
/// cycles of which kinds that makes. Source: cost-model page, sections 3 and 8.
namespace inas::execution {

/// How a layer's batches fall into groups that share the kept operand. Groups follow one another
/// by input-channel step (`steps` of them belong to one output), then by output.
struct BatchGroups {
  std::int64_t extent = 1;   ///< tiles of a group, which S divides; it has G = extent/S batches
  std::int64_t steps = 1;    ///< input-channel steps that groups alternate between: ν, or 1
  std::int64_t outputs = 1;  ///< groups/steps. reuse_I: ρ·γ, reuse_W: μ, reuse_O: ρ·γ·μ
  /// A group's later batches go on with its output tile, and a power cycle that begins with one
  /// fetches it.
  bool continues_output = false;
  /// Among how many outputs, one after the other, a power cycle may go on from one to the next: all
  /// of them; with ragged tiles those at one position of the map (reuse_I: 1, reuse_O: μ), because
  /// the next position's tile may be of another shape.
  std::int64_t joinable_outputs = 1;
  /// Groups of uneven positions: γ. What a batch or a power cycle takes of a group is then a part
  /// of a row of tiles or whole rows, so that few shares of it differ. Otherwise 0.
  std::int64_t row = 0;
};

[[nodiscard]] BatchGroups batch_groups(const Layer& layer, const TileCounts& counts,
                                       LoopOrder order, FirstSums first = FirstSums::none);

/// Does S divide `extent`, and keep to rows of tiles where `row` asks for it?
[[nodiscard]] bool legal_batch(const BatchGroups& groups, std::int64_t S);

/// The K that split a layer evenly, ascending: the divisors of G, of those only the ones that keep
/// to rows of tiles where `row` asks for it; G times the divisors of `steps`; G·steps times the
/// divisors of `joinable_outputs`. Source: cost-model page, section 8.
[[nodiscard]] std::vector<std::int64_t> legal_batches_per_cycle(const BatchGroups& groups,
                                                                std::int64_t S);

/// Does K, a divisor of G, keep to rows of tiles where `row` asks for it?
[[nodiscard]] inline bool keeps_to_rows(const BatchGroups& groups, std::int64_t S, std::int64_t K) {
  const std::int64_t tiles = K * S;
  return groups.row == 0 || groups.row % tiles == 0 || tiles % groups.row == 0;
}

/// No number below 2³² has more divisors.
inline constexpr std::size_t kMostDivisors = 1536;

/// The largest of `legal_batches_per_cycle` with which `fits(K)` holds, where it holds for K = 1
/// and for whatever is below one for which it holds. The same as searching the list, of which only
/// the part is made that is looked at.
template <class Fits>
[[nodiscard]] std::int64_t largest_batches_per_cycle(const BatchGroups& groups, std::int64_t S,
                                                     Fits&& fits) {
  const std::int64_t G = groups.extent / S;
  // K = unit·(divisor of count); a larger unit only where the whole of the smaller one fits.
  const std::pair<std::int64_t, std::int64_t> stages[] = {
      {1, G}, {G, groups.steps}, {G * groups.steps, groups.joinable_outputs}};
  std::int64_t largest = 1;
  for (const auto& stage : stages) {
    const std::int64_t unit = stage.first;
    const std::int64_t count = stage.second;
    if (count == 1) continue;
    if (fits(unit * count)) {
      largest = unit * count;
      continue;
    }
    // The divisors below √count ascending, then what they leave of count, ascending as well.
    std::array<std::int64_t, kMostDivisors> divisors;
    std::size_t used = 0;
    const auto add = [&](std::int64_t divisor) {
      if (unit > 1 || keeps_to_rows(groups, S, divisor)) divisors[used++] = divisor;
    };
    std::int64_t d = 2;
    for (; d * d < count; ++d) {
      if (count % d == 0) add(d);
    }
    for (; d >= 2; --d) {
      if (count % d == 0 && count / d < count) add(count / d);
    }
    const auto end =
        std::partition_point(divisors.begin(), divisors.begin() + static_cast<std::ptrdiff_t>(used),
                             [&](std::int64_t divisor) { return fits(unit * divisor); });
    return end == divisors.begin() ? largest : unit * *(end - 1);
  }
  return largest;
}

/// How often each output is written to NVM. More than once needs two copies of the output map,
/// which the writes take in turn, because a batch that runs again must find what it read.
[[nodiscard]] std::int64_t writes_per_output(const Layer& layer, const Design& design);

/// The power cycles that a layer takes: those that start at the first input-channel step, which
/// have no partial sums to fetch, and the later ones.
struct PowerCycles {
  std::int64_t first = 0;
  std::int64_t later = 0;

  [[nodiscard]] std::int64_t all() const { return first + later; }
  bool operator==(const PowerCycles&) const = default;
};

/// What one kind of power cycle holds: batches at the first input-channel step and at later ones,
/// and how often it fetches the kept operand for each.
struct CycleKind {
  std::int64_t count = 0;  ///< power cycles of this kind
  std::int64_t first_batches = 0;
  std::int64_t later_batches = 0;
  std::int64_t first_operands = 0;
  std::int64_t later_operands = 0;

  [[nodiscard]] std::int64_t batches() const { return first_batches + later_batches; }
  bool operator==(const CycleKind&) const = default;
};

/// The power cycles of a layer. All cycles of a kind are alike, because S and K divide what they
/// split. If there is no later cycle (`later.count` is 0), `later` still says what one would hold.
struct CyclePlan {
  CycleKind first;  ///< holds batches at the first input-channel step, and maybe later ones
  CycleKind later;  ///< holds batches at later steps only

  [[nodiscard]] std::int64_t cycles() const { return first.count + later.count; }
};

/// The power cycles of a layer with batches of S tiles and K, a legal one, batches per cycle. With
/// K = 1: all ρ·γ·μ·ν/S; first: ρ·γ·μ/S for reuse_I and reuse_W, ρ·γ·μ for reuse_O; pooling
/// ρ·γ·μ/S, all first.
[[nodiscard]] inline CyclePlan cycle_plan(const BatchGroups& groups, std::int64_t S,
                                          std::int64_t K) {
  const std::int64_t G = groups.extent / S;
  CyclePlan plan;
  plan.later = {0, 0, K, 0, 1};
  if (K <= G) {
    const std::int64_t per_group = K == 1 ? G : G / K;
    if (groups.continues_output) {
      // The output tile is new to the first cycle of a group and fetched by the others.
      plan.first = {groups.outputs, K, 0, 1, 0};
      plan.later.count = groups.outputs * (per_group - 1);
    } else {
      plan.first = {groups.outputs * per_group, K, 0, 1, 0};
      plan.later.count = groups.outputs * (groups.steps - 1) * per_group;
    }
    return plan;
  }
  const std::int64_t J = K / G;
  if (J <= groups.steps) {
    plan.first = {groups.outputs, G, (J - 1) * G, 1, J - 1};
    plan.later = {groups.outputs * (groups.steps / J - 1), 0, K, 0, J};
  } else {
    const std::int64_t Q = J / groups.steps;
    plan.first = {groups.outputs / Q, Q * G, Q * (groups.steps - 1) * G, Q, Q * (groups.steps - 1)};
  }
  return plan;
}

/// Power cycles of a layer of uneven tiles that are alike but for the step.
struct CyclePart {
  TilesByShape tiles{};  ///< computed with each kept operand fetched
  CyclePlan plan;
};

/// The power cycles of a layer with uneven tiles of these shapes, the part with the interior tiles
/// first, if there are any; parts whose plans count no cycle do not occur and stand last. `groups`
/// are the layer's, S and K legal.
///
/// Groups at one position (reuse_I, reuse_O): a cycle stays there, so that there is a part for each
/// shape.
///
/// Groups of positions (reuse_W, and where tiles read their own channels): a cycle takes K·S
/// positions of a group, or whole groups. Where they are less than a row of tiles, the first cycle
/// of a row holds its first tile and the last one its last, and the first and the last row have
/// cycles of their own: up to nine parts. Where they are whole rows, the first cycle of a group
/// holds the first row and the last one the last: up to three parts; whole groups are all alike. If
/// a group goes on with its output, only its first cycle, which is of the first part, finds none.
/// Source: cost-model page, section 8.
[[nodiscard]] std::array<CyclePart, kTileShapes> cycle_parts(
    const BatchGroups& groups, const std::array<TileShape, kTileShapes>& shapes, std::int64_t S,
    std::int64_t K);

/// How many power cycles of each kind there are.
[[nodiscard]] PowerCycles power_cycles(const Layer& layer, const Design& design,
                                       FirstSums first = FirstSums::none);

}  // namespace inas::execution
