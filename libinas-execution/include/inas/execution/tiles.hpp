#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/execution/layer_facts.hpp>

/// Tiles: how many, of which shapes, and what of the operands belongs to one. The functions take a
/// design that `check_design` accepts. Source: cost-model page, sections 1 and 3.
namespace inas::execution {

/// How many tiles a layer has in each dimension: ρ, γ, μ, ν.
struct TileCounts {
  std::int64_t rows = 1;          ///< ρ = ⌈R/Tr⌉; where the input is tiled: ⌈H/Tr⌉
  std::int64_t columns = 1;       ///< γ = ⌈C/Tc⌉; where the input is tiled: ⌈W/Tc⌉
  std::int64_t out_channels = 1;  ///< μ = M/Tm
  std::int64_t in_channels = 1;   ///< ν = N/Tn; 1 where a tile reads its own channels
  /// Tiles are not all alike: the last row or column of them is smaller (ragged), or those at the
  /// border reach into the padding.
  bool uneven = false;

  [[nodiscard]] std::int64_t positions() const { return rows * columns; }
  [[nodiscard]] std::int64_t per_input_step() const { return positions() * out_channels; }
  [[nodiscard]] std::int64_t all() const { return per_input_step() * in_channels; }
  /// The tiles of one loop.
  [[nodiscard]] std::int64_t of(Loop loop) const {
    switch (loop) {
      case Loop::none:
        break;
      case Loop::positions:
        return positions();
      case Loop::out_channels:
        return out_channels;
      case Loop::in_channels:
        return in_channels;
    }
    return 1;
  }
};

[[nodiscard]] TileCounts tile_counts(const Layer& layer, const Tile& tile);

/// The map whose rows and columns Tr and Tc split.
[[nodiscard]] const Shape& tiled_map(const Layer& layer);
/// How many input channels Tn splits: N, or 1 where a tile reads its own channels.
[[nodiscard]] std::int64_t stepped_channels(const Layer& layer);

/// Where a tile lies among the rows (or columns) of tiles. Tiles of a class are alike in rows: the
/// first and the last row of them may reach beyond the map, and the last one may be smaller.
/// `check_design` leaves no other tile that reaches beyond it.
enum class TileClass : std::uint8_t { interior, first, last };
inline constexpr std::size_t kTileClasses = 3;

/// Tiles differ in shape by their classes of rows and of columns.
inline constexpr std::size_t kTileShapes = kTileClasses * kTileClasses;
[[nodiscard]] constexpr std::size_t shape_index(TileClass rows, TileClass columns) {
  return static_cast<std::size_t>(rows) * kTileClasses + static_cast<std::size_t>(columns);
}
/// Numbers of tiles by `shape_index`.
using TilesByShape = std::array<std::int64_t, kTileShapes>;

/// Of the rows (columns) that a tile reads, those that lie outside of the map, before and after it:
/// they are filled instead of fetched.
struct Outside {
  std::int64_t before = 0;
  std::int64_t after = 0;

  [[nodiscard]] constexpr std::int64_t all() const { return before + after; }
  bool operator==(const Outside&) const = default;
};

struct TileBorder {
  Outside rows;
  Outside columns;

  bool operator==(const TileBorder&) const = default;
};

/// The tiles of one shape.
struct TileShape {
  Tile tile;                   ///< its real extents
  TileBorder border;           ///< of its input block
  std::int64_t positions = 0;  ///< at how many of the ρ·γ positions; 0: the shape does not occur
};

/// How the tiles of one direction, rows or columns, fall into classes.
struct TileRun {
  std::int64_t tiles = 1;
  /// By TileClass: how many tiles, their real extent, and what they read outside of the map.
  std::array<std::int64_t, kTileClasses> count{};
  std::array<std::int64_t, kTileClasses> size{};
  std::array<Outside, kTileClasses> outside{};

  [[nodiscard]] std::int64_t of(TileClass part) const {
    return count[static_cast<std::size_t>(part)];
  }
  /// Of tile `index`.
  [[nodiscard]] TileClass class_of(std::int64_t index) const {
    if (index < of(TileClass::first)) return TileClass::first;
    return index >= tiles - of(TileClass::last) ? TileClass::last : TileClass::interior;
  }
  /// How many of the first `tiles` tiles are of each class.
  [[nodiscard]] std::array<std::int64_t, kTileClasses> before(std::int64_t index) const {
    const std::int64_t first = std::min(index, of(TileClass::first));
    const std::int64_t last = std::max<std::int64_t>(index - (tiles - of(TileClass::last)), 0);
    return {index - first - last, first, last};
  }
};

[[nodiscard]] TileRun tile_rows(const Layer& layer, const Tile& tile);
[[nodiscard]] TileRun tile_columns(const Layer& layer, const Tile& tile);

/// By `shape_index`; a shape that does not occur has no positions.
[[nodiscard]] std::array<TileShape, kTileShapes> tile_shapes(const Layer& layer, const Tile& tile);

/// What all windows of a layer read outside of its map, in rows and in columns: rows below and
/// columns on the right that no window covers do not count.
[[nodiscard]] TileBorder border_of(const Layer& layer);

/// Whether tiles of Tr rows (Tc columns) reach beyond the map only where they are the first or the
/// last: Tr·stride ≥ the rows above, and the last but one row of tiles reads none below the map.
[[nodiscard]] bool keeps_border_rows(const Layer& layer, std::int64_t rows);
[[nodiscard]] bool keeps_border_columns(const Layer& layer, std::int64_t columns);

/// The sizes that split `extent` values into tiles, ascending: all ⌈extent/q⌉, the divisors among
/// them. The last tile may be smaller. Any other size makes as many tiles as one of these with
/// larger full ones, which need more VM and a dearer power cycle for the same values.
[[nodiscard]] std::vector<std::int64_t> ragged_sizes(std::int64_t extent);

/// The Tr (Tc) of all designs of a layer, ascending: `ragged_sizes` that keep the border.
[[nodiscard]] std::vector<std::int64_t> tile_row_sizes(const Layer& layer);
[[nodiscard]] std::vector<std::int64_t> tile_column_sizes(const Layer& layer);

/// A block of a map: rows × columns pixels of some channels.
struct Block {
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t channels = 1;

  [[nodiscard]] constexpr std::int64_t values() const { return rows * columns * channels; }
};

/// Whose rows and columns a tile of a tiled input reads: its own, or, as the published queries have
/// it (fault 5), those that a convolution would read. No matter where the output is tiled.
enum class InputExtent : std::uint8_t { own, convolution };

/// What VM holds of the input map for a tile: Tri × Tci of Tn (or its own Tm) channels, with
///   Tri = (Tr − 1)·stride + Kh, Tci = (Tc − 1)·stride + Kw; where the input is tiled Tr, Tc.
/// What of it lies outside of the map, its border, is filled instead of fetched.
[[nodiscard]] inline Block input_block(const Layer& layer, const Tile& tile,
                                       InputExtent extent = InputExtent::own) {
  const LayerFacts& facts = facts_of(layer);
  const std::int64_t channels =
      facts.reads == InputChannels::own ? tile.out_channels : tile.in_channels;
  if (facts.tiled == TiledMap::input && extent == InputExtent::own) {
    return {tile.rows, tile.columns, channels};
  }
  return {(tile.rows - 1) * layer.stride + layer.kernel_height,
          (tile.columns - 1) * layer.stride + layer.kernel_width, channels};
}

/// What a tile adds to, or writes, of the output map: Tr × Tc of Tm channels; where the input is
/// tiled one value per channel.
[[nodiscard]] inline Block output_block(const LayerFacts& facts, const Tile& tile) {
  if (facts.tiled == TiledMap::input) return {1, 1, tile.out_channels};
  return {tile.rows, tile.columns, tile.out_channels};
}

/// Input values of one channel that go into one output of a tile position: Kh·Kw, or 1 where the
/// input is tiled.
[[nodiscard]] inline std::int64_t taps_of(const Layer& layer) {
  return facts_of(layer).tiled == TiledMap::input ? 1 : layer.kernel_height * layer.kernel_width;
}

/// The weights of a tile in values: Kh·Kw·Tm·Tn, or none. Tn is 1 where a tile reads its own
/// channels.
[[nodiscard]] inline std::int64_t weight_values(const Layer& layer, const Tile& tile) {
  if (!facts_of(layer).has_weights) return 0;
  return taps_of(layer) * tile.out_channels * tile.in_channels;
}

/// The tile buffers in values, fixed + S·per_batch_tile.
struct VmValues {
  std::int64_t fixed = 0;
  std::int64_t per_batch_tile = 0;

  [[nodiscard]] std::int64_t of(std::int64_t S) const { return fixed + S * per_batch_tile; }
  [[nodiscard]] std::int64_t bytes(std::int64_t S, std::int64_t data_bytes) const {
    return data_bytes * of(S);
  }
};

/// `execution` is a design whose S and K are of no interest here.
[[nodiscard]] inline VmValues vm_values(const Layer& layer, const Design& execution) {
  const LayerFacts& facts = facts_of(layer);
  const std::int64_t operands = facts.maps_read * input_block(layer, execution.tile).values() +
                                weight_values(layer, execution.tile);
  const std::int64_t outputs = output_block(facts, execution.tile).values();
  const bool shared = kept_operand(facts, execution.order).outputs && !facts.sums_in_32_bits;
  if (shared) return {operands + outputs, 0};
  return {operands, outputs};
}

/// VM bytes of the tile buffers, which hold a full tile: its input and weights, and its outputs,
/// once if the tiles of a batch share them and S times otherwise. Convolutions: D·(Tri·Tci·Tn +
/// Kh·Kw·Tm·Tn + Tr·Tc·Tm·(S, or 1 for reuse_O)); depthwise ones and pooling: D·(Tri·Tci·Tm +
/// Kh·Kw·Tm, if there are weights, + Tr·Tc·Tm·S); add: D·Tr·Tc·Tm·(2 + S); global average pooling:
/// D·(Tr·Tc·Tm + Tm·S).
/// `data_bytes` is D.
[[nodiscard]] std::int64_t vm_bytes(const Layer& layer, const Design& design,
                                    std::int64_t data_bytes);

/// The lines of a kernel, whose vectors lie side by side in VM: Kh (1-D, map and kernel being one
/// column: 1).
[[nodiscard]] inline std::int64_t lines_of(const Layer& layer) {
  return layer.ifm.width == 1 && layer.kernel_width == 1 ? 1 : layer.kernel_height;
}

/// The vectors that one output value of a tile takes at an input-channel step.
struct Vectors {
  std::int64_t count = 0;   ///< tap: Kh·Kw; row: Kh (1-D: 1)
  std::int64_t length = 0;  ///< tap: Tn; row: Kw·Tn (1-D: Kh·Tn)
};

/// None for layers that take values one by one. `mac` as it is taken: `taken_mac`.
[[nodiscard]] inline Vectors vectors_of(const Layer& layer, std::int64_t in_channels,
                                        MacGranularity mac) {
  if (facts_of(layer).work != Work::vectors) return {};
  const std::int64_t taps = layer.kernel_height * layer.kernel_width;
  if (mac == MacGranularity::tap) return {taps, in_channels};
  const std::int64_t count = lines_of(layer);
  return {count, taps / count * in_channels};
}

/// The MAC granularity that a unit works with: the multiplier's pointers run on over a kernel row.
[[nodiscard]] constexpr MacGranularity taken_mac(const Design& execution) {
  return execution.unit == Unit::cpu ? MacGranularity::row : execution.mac;
}

/// How the vectors of a tile fall to the units if the design says lea. The LEA takes an even number
/// of values at multiples of 4 bytes: of an odd length it leaves the last value, and a vector of
/// one value or one that starts at an odd value is the multiplier's.
struct LeaShare {
  std::int64_t vectors = 0;      ///< of `even_length` values, on the LEA
  std::int64_t even_length = 0;  ///< the length without an odd last value
  std::int64_t rests = 0;        ///< last values, on the multiplier one by one
  std::int64_t fallen_back = 0;  ///< whole vectors on the multiplier
};

/// VM holds the weights from its start, then the input: their starts decide.
[[nodiscard]] LeaShare lea_share(const Layer& layer, const Tile& tile, MacGranularity mac);

/// What a tile computes, in operations: vectors, or values one by one.
[[nodiscard]] inline std::int64_t operations_of(const Layer& layer, const Tile& tile,
                                                const Vectors& vectors) {
  const std::int64_t each = vectors.count > 0 ? vectors.count : taps_of(layer);
  return each * tile.rows * tile.columns * tile.out_channels;
}

}  // namespace inas::execution
