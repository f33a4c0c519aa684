#pragma once

#include <cstdint>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/execution/layer_facts.hpp>
#include <inas/execution/tiles.hpp>

/// What moves between NVM and VM for a tile and for a batch, as numbers and lengths of transfers.
/// The cost model prices them, the runtime makes them. Source: cost-model page, sections 3 and 8.
namespace inas::execution {

/// `count` equal transfers of `values` values each, which move `blocks` blocks of `rows` rows
/// together; none if they are no block of a map with addresses to compute.
struct Transfers {
  std::int64_t count = 0;
  std::int64_t values = 0;
  std::int64_t rows = 0;
  std::int64_t blocks = 0;
};

[[nodiscard]] constexpr Transfers operator*(std::int64_t count, const Transfers& each) {
  return {count * each.count, each.values, count * each.rows, count * each.blocks};
}

/// A block of a map as its transfers see it. `map` are the map's extents.
///
/// With dma pixel there is one transfer per pixel. With dma coalesced pixels of all channels lie
/// side by side, because maps lie in NVM with their channels innermost: one transfer per row; and
/// one in all where the block has all columns too, which then is a single row. `apart`: in VM there
/// is something between its rows.
[[nodiscard]] constexpr Transfers block_transfers(const Block& block, DmaGranularity dma,
                                                  const Shape& map, bool apart = false) {
  if (dma == DmaGranularity::pixel || block.channels != map.channels) {
    return {block.rows * block.columns, block.channels, block.rows, 1};
  }
  if (apart || block.columns != map.width) {
    return {block.rows, block.columns * block.channels, block.rows, 1};
  }
  return {1, block.values(), 1, 1};
}

/// The transfers of a tile's outputs. Where the input is tiled they are one value for each channel,
/// side by side.
[[nodiscard]] constexpr Transfers output_transfers(const LayerFacts& facts, const Block& outputs,
                                                   DmaGranularity dma, const Shape& map) {
  if (facts.tiled == TiledMap::input) return {1, outputs.channels, 0, 0};
  return block_transfers(outputs, dma, map);
}

/// Values of an input block in VM that are filled because they lie outside of the map.
struct Fills {
  std::int64_t blocks = 0;  ///< 1 if there are any values
  std::int64_t values = 0;
  /// Of values side by side: between the rows that are fetched, before and behind them, where there
  /// are any on the left or right; else above and below, where there are any.
  std::int64_t runs = 0;
};

/// What of an input block is fetched: all but its border.
[[nodiscard]] constexpr Block fetched_block(const Block& block, const TileBorder& border) {
  return {block.rows - border.rows.all(), block.columns - border.columns.all(), block.channels};
}

[[nodiscard]] constexpr Fills fills_of(const Block& block, const TileBorder& border) {
  const Block fetched = fetched_block(block, border);
  const std::int64_t runs =
      border.columns.all() > 0 ? fetched.rows + 1
                               : (border.rows.before > 0 ? 1 : 0) + (border.rows.after > 0 ? 1 : 0);
  const std::int64_t values = block.values() - fetched.values();
  return {values > 0 ? 1 : 0, values, runs};
}

/// The transfers of each operand of one tile: its input, its weights, its outputs as partial sums.
struct TileTransfers {
  Transfers input;  ///< of all maps that it reads
  Fills fills;
  Transfers weights;  ///< dma pixel: Kh·Kw·Tm of Tn values, or, where a tile reads its own
                      ///< channels, Kh·Kw of Tm; coalesced: 1, weights lie in tile order
  Transfers outputs;
};

/// `execution` is a design whose S and K are of no interest here, `border` that of its tile.
[[nodiscard]] inline TileTransfers tile_transfers(const Layer& layer, const Design& execution,
                                                  const TileBorder& border = {},
                                                  InputExtent extent = InputExtent::own) {
  const LayerFacts& facts = facts_of(layer);
  const Tile& tile = execution.tile;
  TileTransfers transfers;
  const Block input = input_block(layer, tile, extent);
  transfers.input = facts.maps_read * block_transfers(fetched_block(input, border), execution.dma,
                                                      layer.ifm, border.columns.all() > 0);
  transfers.fills = fills_of(input, border);
  if (facts.has_weights) {
    const bool own = facts.reads == InputChannels::own;
    const std::int64_t vectors = own ? taps_of(layer) : taps_of(layer) * tile.out_channels;
    const std::int64_t length = own ? tile.out_channels : tile.in_channels;
    transfers.weights = execution.dma == DmaGranularity::coalesced
                            ? Transfers{1, vectors * length, 1, 1}
                            : Transfers{vectors, length, 1, 1};
  }
  transfers.outputs = output_transfers(facts, output_block(facts, tile), execution.dma, layer.ofm);
  return transfers;
}

/// Is a tile's input-channel step the first (n = 0: outputs begin at zero) or a later one, which
/// goes on with what is in NVM?
enum class InputStep : std::uint8_t { first, later };

/// When a batch fetches an operand.
enum class Fetched : std::uint8_t { never, once, per_tile };

/// When a batch fetches what. The operand that its tiles share is fetched once, the others for each
/// tile; partial sums only where there are some, at later steps (and where the facts say so).
struct BatchFetches {
  Fetched input = Fetched::never;
  Fetched weights = Fetched::never;
  Fetched sums[2] = {Fetched::never, Fetched::never};  ///< by InputStep
};

[[nodiscard]] constexpr BatchFetches batch_fetches(const LayerFacts& facts, LoopOrder order,
                                                   FirstSums first) {
  const KeptOperand kept = kept_operand(facts, order);
  const auto when = [](bool once) { return once ? Fetched::once : Fetched::per_tile; };
  const Fetched sums = has_partial_sums(facts) ? when(kept.outputs) : Fetched::never;
  return {.input = when(kept.input),
          .weights = facts.has_weights ? when(kept.weights) : Fetched::never,
          .sums = {fetches_first_sums(facts, first) ? sums : Fetched::never, sums}};
}

/// The transfers that preserve the outputs of a batch.
struct BatchBackup {
  const LayerFacts* facts = nullptr;
  Block block;  ///< the outputs of one tile
  DmaGranularity dma = DmaGranularity::pixel;
  Shape map;  ///< the output map
  /// The loop whose tiles have outputs of their own: those of output channels lie side by side,
  /// those of positions are a block each. `none`: the tiles of a batch share their outputs.
  Loop grows_with = Loop::none;

  /// Does every tile have transfers of its own?
  [[nodiscard]] constexpr bool per_tile() const { return grows_with == Loop::positions; }
  [[nodiscard]] constexpr Transfers of(std::int64_t S) const {
    Block batch = block;
    if (grows_with == Loop::out_channels) batch.channels *= S;
    Transfers transfers = output_transfers(*facts, batch, dma, map);
    if (per_tile()) {
      transfers.count *= S;
      transfers.rows *= S;
      transfers.blocks *= S;
    }
    return transfers;
  }
};

[[nodiscard]] inline BatchBackup batch_backup(const Layer& layer, const Design& execution) {
  const LayerFacts& facts = facts_of(layer);
  const Loop innermost = innermost_loop(facts, execution.order);
  return {.facts = &facts,
          .block = output_block(facts, execution.tile),
          .dma = execution.dma,
          .map = layer.ofm,
          .grows_with = adds_up(facts, innermost) ? Loop::none : innermost};
}

}  // namespace inas::execution
