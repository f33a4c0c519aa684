#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/platform.hpp>
#include <inas/core/solution.hpp>
#include <inas/execution/batches.hpp>
#include <inas/execution/tiles.hpp>

/// What a design must satisfy, and the limits of the runtime that are part of it. What the explorer
/// offers satisfies it, and what satisfies it the runtime executes.
namespace inas::execution {

/// The runtime's values have so many bytes.
inline constexpr std::int64_t kRuntimeValueBytes = 2;
/// Largest S: 16 bits of a layer's table.
inline constexpr std::int64_t kMostBatchTiles = std::numeric_limits<std::uint16_t>::max();
/// Most batches of a layer: 24 bits of a progress record.
inline constexpr std::int64_t kMostBatches = (std::int64_t{1} << 24) - 1;
/// Most tiles of a layer, which the runtime numbers in 32 bits.
inline constexpr std::int64_t kMostTiles = std::numeric_limits<std::uint32_t>::max();
/// Most values of the tile buffers: their size in bytes has 16 bits.
inline constexpr std::int64_t kMostVmValues = std::numeric_limits<std::uint16_t>::max() / 2;
/// A batch of pooling adds its input values to mean·pixels in 32 bits: both numbers of 16-bit
/// values together.
inline constexpr std::int64_t kMostSummedValues = std::int64_t{1} << 16;

/// The VM that tile buffers can use, in bytes: what the platform has and the runtime can address.
[[nodiscard]] inline std::int64_t usable_vm_bytes(const Platform& platform) {
  return std::min(platform.vm_bytes, platform.data_bytes * kMostVmValues);
}

/// The smallest S with which the runtime's numbers hold a layer of so many tiles; above
/// `kMostBatchTiles` if none does.
[[nodiscard]] inline std::int64_t least_batch(std::int64_t tiles) {
  if (tiles > kMostTiles) return kMostBatchTiles + 1;
  return (tiles + kMostBatches - 1) / kMostBatches;
}

/// What a batch of pooling adds up in 32 bits, in values: the map, whose mean so far it starts
/// from, and its own tiles. 0 for other layers, and for a batch that is the whole map.
[[nodiscard]] std::int64_t summed_values(const Layer& layer, const Tile& tile,
                                         const BatchGroups& groups, std::int64_t S);

/// Whether the runtime's numbers hold a batch of S tiles.
[[nodiscard]] inline bool runtime_holds(const Layer& layer, const Tile& tile,
                                        const BatchGroups& groups, std::int64_t S) {
  return S <= kMostBatchTiles && summed_values(layer, tile, groups, S) <= kMostSummedValues;
}

/// Throws InvalidArgument, naming the layer and the numbers, unless the layer offers the loop
/// order; Tr and Tc are `tile_row_sizes` and `tile_column_sizes`, Tm and Tn divide the channels; S
/// is a `legal_batch`, K 0 or one of `legal_batches_per_cycle`; and the runtime's numbers hold S,
/// the batches, the tiles and the sums. Whether the tile buffers fit is not a design's own matter:
/// C0 and the dumper compare `vm_bytes` with `usable_vm_bytes`.
void check_design(const Layer& layer, const Design& design);

/// The same for every layer of a solution, which has designs; besides, K is 0 only with an energy
/// ledger, and every batch fits its budget. Core reads designs as text only.
void check_designs(const Solution& solution);

/// `read_solution` with its designs checked. Throws Error, naming the file.
[[nodiscard]] Solution read_checked_solution(const std::filesystem::path& folder);

}  // namespace inas::execution
