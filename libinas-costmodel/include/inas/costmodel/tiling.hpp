#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>

namespace inas::costmodel {

/// How many tiles a layer has in each dimension: ρ, γ, μ, ν.
struct TileCounts {
  std::int64_t rows = 1;          ///< ρ = ⌈R/Tr⌉; pooling: ⌈H/Tr⌉
  std::int64_t columns = 1;       ///< γ = ⌈C/Tc⌉; pooling: ⌈W/Tc⌉
  std::int64_t out_channels = 1;  ///< μ = M/Tm
  std::int64_t in_channels = 1;   ///< ν = N/Tn; pooling: 1
  bool ragged = false;            ///< the last row or column of tiles is smaller than the others

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

/// The tiles of a layer differ in shape only where a size does not divide the map: then those of
/// the last column, of the last row and the one in the corner of both are smaller.
inline constexpr std::size_t kTileShapes = 4;
/// Numbers of tiles by shape: full, last column, last row, corner.
using TilesByShape = std::array<std::int64_t, kTileShapes>;

/// The tiles of one shape.
struct TileShape {
  Tile tile;                   ///< its real extents
  std::int64_t positions = 0;  ///< at how many of the ρ·γ positions; 0: the shape does not occur
};

/// In the order of `TilesByShape`. A full tile always occurs.
[[nodiscard]] std::array<TileShape, kTileShapes> tile_shapes(const Layer& layer, const Tile& tile);

/// Power cycles of a ragged layer that are alike but for the input-channel step.
struct CyclePart {
  TilesByShape tiles{};  ///< computed with each operand fetched (`BatchTerms::once`)
  CyclePlan plan;
};

/// The sizes that split `extent` values into tiles, ascending: all ⌈extent/q⌉, the divisors among
/// them. The last tile may be smaller. Any other size makes as many tiles as one of these with
/// larger full ones, which need more VM and a dearer power cycle for the same values.
[[nodiscard]] std::vector<std::int64_t> ragged_sizes(std::int64_t extent);

/// Throws InvalidArgument, naming the layer and the numbers, unless Tr and Tc are `ragged_sizes` of
/// the map, Tm and Tn divide the channels, S is a `legal_batch`, K is one of
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
  /// Among how many outputs, one after the other, a power cycle may go on from one to the next: all
  /// of them; with ragged tiles those at one position of the map (reuse_I: 1, reuse_O: μ), because
  /// the next position's tile may be of another shape.
  std::int64_t joinable_outputs = 1;
  /// reuse_W and pooling with ragged tiles: γ. What a batch or a power cycle takes of a group is
  /// then a part of a row of tiles or whole rows, so that few shares of it differ. Otherwise 0.
  std::int64_t row = 0;
};

[[nodiscard]] BatchGroups batch_groups(const Layer& layer, const TileCounts& counts,
                                       LoopOrder order);

/// Does S divide `extent`, and keep to rows of tiles where `row` asks for it?
[[nodiscard]] bool legal_batch(const BatchGroups& groups, std::int64_t S);

/// The K that split a layer evenly, ascending: the divisors of G, of those only the ones that keep
/// to rows of tiles where `row` asks for it; G times the divisors of `steps`; G·steps times the
/// divisors of `joinable_outputs`. Source: cost-model page, section 8.
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

/// The power cycles of a layer with ragged tiles of these shapes, the dearest part first; parts
/// whose plans count no cycle do not occur. `groups` are the layer's, S and K legal.
///
/// reuse_I, reuse_O: a cycle stays at one position, so that there is a part for each shape.
///
/// reuse_W, pooling: a cycle takes K·S positions of a group, or whole groups. Where they are less
/// than a row of tiles, the last cycle of a row holds its smaller tile, and the last row has cycles
/// of its own: four parts. Where they are whole rows, the last cycle of a group holds the last row:
/// two parts; whole groups are all alike. Source: cost-model page, section 8.
[[nodiscard]] std::array<CyclePart, kTileShapes> cycle_parts(
    const BatchGroups& groups, const std::array<TileShape, kTileShapes>& shapes, std::int64_t S,
    std::int64_t K);

/// How many power cycles of each kind there are.
[[nodiscard]] PowerCycles power_cycles(const Layer& layer, const Design& design);

/// Tri = Tr + Kh − 1, Tci = Tc + Kw − 1; pooling: Tr, Tc.
[[nodiscard]] InputTile input_tile(const Layer& layer, const Tile& tile);
/// The same without pooling's exception, as the published queries use it (fault 5).
[[nodiscard]] InputTile convolution_input_tile(const Layer& layer, const Tile& tile);

/// The tile buffers in values, fixed + S·per_batch_tile.
struct VmValues {
  std::int64_t fixed = 0;
  std::int64_t per_batch_tile = 0;

  [[nodiscard]] std::int64_t bytes(std::int64_t S, std::int64_t data_bytes) const {
    return data_bytes * (fixed + S * per_batch_tile);
  }
};

/// `execution` is a design whose S and K are of no interest here.
[[nodiscard]] VmValues vm_values(const Layer& layer, const Design& execution);

/// VM bytes of the tile buffers, which hold a full tile: D·(Tri·Tci·Tn + Kh·Kw·Tm·Tn + Tr·Tc·Tm·(S,
/// or 1 for reuse_O)); pooling: D·(Tr·Tc·Tm + Tm·S). `data_bytes` is D.
[[nodiscard]] std::int64_t vm_bytes(const Layer& layer, const Design& design,
                                    std::int64_t data_bytes);

}  // namespace inas::costmodel
