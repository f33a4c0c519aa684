#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>

namespace inas::costmodel {

/// How many tiles a layer has in each dimension: ρ, γ, μ, ν.
struct TileCounts {
  std::int64_t rows = 1;          ///< ρ = R/Tr; pooling: H/Tr
  std::int64_t columns = 1;       ///< γ = C/Tc; pooling: W/Tc
  std::int64_t out_channels = 1;  ///< μ = M/Tm
  std::int64_t in_channels = 1;   ///< ν = N/Tn; pooling: 1

  [[nodiscard]] std::int64_t per_input_step() const { return rows * columns * out_channels; }
  [[nodiscard]] std::int64_t all() const { return per_input_step() * in_channels; }
};

/// The power cycles that a layer takes: those that start at the first input-channel step, which
/// have no partial sums to fetch, and the later ones.
struct PowerCycles {
  std::int64_t first = 0;
  std::int64_t later = 0;

  [[nodiscard]] std::int64_t all() const { return first + later; }
  bool operator==(const PowerCycles&) const = default;
};

/// Shape of the part of the input that one tile reads.
struct InputTile {
  std::int64_t rows = 1;     ///< Tri
  std::int64_t columns = 1;  ///< Tci
};

/// What one kind of power cycle holds: batches at the first input-channel step and at later ones,
/// and how often it fetches what is fetched once (`BatchTerms::once`) for each.
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
};

/// Throws InvalidArgument, naming the layer and the numbers, unless the tile's sizes divide the
/// layer's, S divides the extent of its loop (`batch_extent`), K is one of
/// `legal_batches_per_cycle`, and pooling uses reuse_O with Tn = 1.
void check_design(const Layer& layer, const Design& design);

/// The functions below take a design that `check_design` accepts. Source: cost-model page, sections
/// 1, 3.

[[nodiscard]] TileCounts tile_counts(const Layer& layer, const Tile& tile);

/// The number of tiles that S must divide: reuse_I: μ, reuse_W: ρ·γ, reuse_O: ν, pooling: ρ·γ.
[[nodiscard]] std::int64_t batch_extent(const Layer& layer, const TileCounts& counts,
                                        LoopOrder order);

/// How a layer's batches fall into groups that share the reused operand. Groups follow one another
/// by input-channel step (reuse_I, reuse_W: `steps` of them belong to one output), then by output.
struct BatchGroups {
  std::int64_t extent = 1;  ///< tiles of a group; a group has G = extent/S batches
  std::int64_t steps = 1;   ///< input-channel steps that groups alternate between: ν, or 1
  std::int64_t outputs = 1;  ///< groups/steps. reuse_I: ρ·γ, reuse_W: μ, reuse_O: ρ·γ·μ, pooling: μ
  bool continues_output = false;  ///< reuse_O: a group's later batches go on with its output tile
};

[[nodiscard]] BatchGroups batch_groups(const Layer& layer, const TileCounts& counts,
                                       LoopOrder order);

/// The K that split a layer evenly, ascending: the divisors of G; G times the divisors of `steps`;
/// G·steps times the divisors of `outputs`. Source: cost-model page, section 8.
[[nodiscard]] std::vector<std::int64_t> legal_batches_per_cycle(const BatchGroups& groups,
                                                                std::int64_t S);

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

/// How many power cycles of each kind `cycle_plan` has.
[[nodiscard]] PowerCycles power_cycles(const Layer& layer, const Design& design);

/// Tri = Tr + Kh − 1, Tci = Tc + Kw − 1; pooling: Tr, Tc.
[[nodiscard]] InputTile input_tile(const Layer& layer, const Tile& tile);
/// The same without pooling's exception, as the published queries use it (fault 5).
[[nodiscard]] InputTile convolution_input_tile(const Layer& layer, const Tile& tile);

/// VM bytes of the tile buffers: D·(Tri·Tci·Tn + Kh·Kw·Tm·Tn + Tr·Tc·Tm·(S, or 1 for reuse_O));
/// pooling: D·(Tr·Tc·Tm + Tm·S). `data_bytes` is D.
[[nodiscard]] std::int64_t vm_bytes(const Layer& layer, const Design& design,
                                    std::int64_t data_bytes);

}  // namespace inas::costmodel
