#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/costmodel/tiling.hpp>

/// What one preservation batch costs, split into what depends on the tile and the loop order alone
/// and what depends on S. This is the one place where the formulas of fetch, compute and backup
/// stand; an exploration computes the terms of a tile once and prices every S from them.
namespace inas::costmodel {

/// Is a tile's input-channel step the first (n = 0: nothing to fetch from the output) or a later
/// one?
enum class InputStep : std::uint8_t { first, later };

/// Whose input tile global average pooling fetches; `convolution` exists for fault 5 alone.
enum class PoolInput : std::uint8_t { own, convolution };

/// The terms of a tile in a loop order. With
///   i = nI·(rd(·) + fI), w = nW·(rd(·) + fW), o = nO·(rd(·) + fO):
///
/// | order   | per tile, n=0 | per tile, n>0 | once, n=0 | once, n>0 |
/// |---------|---------------|---------------|-----------|-----------|
/// | reuse_I | w             | w + o         | i         | i         |
/// | reuse_W | i             | i + o         | w         | w         |
/// | reuse_O | i + w         | i + w         | 0         | o         |
/// | pooling | i             | i             | rd(Tm)+fO | rd(Tm)+fO |
///
/// Transfers with dma pixel: nI = Tri·Tci of Tn values, nW = Kh·Kw·Tm of Tn, nO = Tr·Tc of Tm;
/// pooling's i moves Tm channels. With dma coalesced (`coalesce`): weights lie in NVM in tile
/// order, so that w is one transfer; i and o are one transfer per tile row where the tile has all
/// channels of the map, because maps lie in NVM with their channels innermost, and one in all where
/// it has all columns too.
///
/// operation = (vm(v) + add) + (psum + acum), once per vector: with mac tap Kh·Kw vectors of v = Tn
/// for each value of the output tile, with mac row Kh vectors of Kw·Tn (1-D: one of Kh·Tn), v
/// rounded up to even as the accelerator needs it. Vectors above Profile::longest_vector are split.
/// Source: cost-model page, sections 1, 3 and 8.
struct BatchTerms {
  Cost input;         ///< i
  Cost weights;       ///< w
  Cost partial_sums;  ///< o; pooling: rd(Tm) + fO
  Cost per_tile[2];   ///< fetched for each of the S tiles, by InputStep
  Cost once[2];       ///< fetched once per batch, by InputStep
  Cost operation;     ///< of one vector (split ones: of all its parts); pooling: max + maxaddr
  std::int64_t operations_per_tile =
      0;  ///< tap: Kh·Kw·Tr·Tc·Tm; row: Kh·Tr·Tc·Tm; pooling: Tr·Tc·Tm
  std::int64_t vector_length = 0;  ///< the longest vector used; 0 for pooling

  LinearCost write;                       ///< wr
  Cost backup_overhead;                   ///< bO
  std::int64_t rows = 1;                  ///< Tr of the backup; pooling: 1
  std::int64_t columns = 1;               ///< Tc of the backup; pooling: 1
  std::int64_t channels = 1;              ///< Tm
  std::int64_t contiguous_channels = 0;   ///< coalesced: backups of so many channels join; 0: never
  bool whole_columns = false;             ///< Tc = C
  bool batch_lengthens_transfer = false;  ///< reuse_I: wr(S·Tm)
  bool batch_multiplies_transfers = false;  ///< reuse_W: S·Tr·Tc transfers
};

/// `count` equal transfers of `values` values each.
struct Transfers {
  std::int64_t count = 0;
  std::int64_t values = 0;
};

/// The transfers of a block of rows × columns pixels with `channels` values each: one per pixel; if
/// the pixels of a row lie side by side (`contiguous`), one per row; if rows do too (`whole_rows`),
/// one.
[[nodiscard]] constexpr Transfers block_transfers(std::int64_t rows, std::int64_t columns,
                                                  std::int64_t channels, bool contiguous,
                                                  bool whole_rows) {
  if (!contiguous) return {rows * columns, channels};
  if (!whole_rows) return {rows, columns * channels};
  return {1, rows * columns * channels};
}

/// (vm(v) + add) + (psum + acum) of a vector of v values, in parts of at most
/// profile.longest_vector.
[[nodiscard]] inline Cost vector_operation(const Profile& profile, std::int64_t v) {
  const auto part = [&profile](std::int64_t length) {
    return (profile.vector_mac(length) + profile.add) + (profile.partial_sum + profile.accumulate);
  };
  const std::int64_t longest = profile.longest_vector;
  if (longest == 0 || v <= longest) return part(v);
  const Cost whole_parts = (v / longest) * part(longest);
  return v % longest == 0 ? whole_parts : whole_parts + part(v % longest);
}

/// `execution` is a design whose S and K are of no interest here.
[[nodiscard]] inline BatchTerms batch_terms(const Profile& profile, const Layer& layer,
                                            const Design& execution,
                                            PoolInput pool = PoolInput::own) {
  const bool pooling = layer.type == LayerType::global_average_pool;
  const bool coalesced = execution.dma == DmaGranularity::coalesced;
  const Tile& tile = execution.tile;
  const LoopOrder order = execution.order;
  const InputTile in = pooling && pool == PoolInput::own ? input_tile(layer, tile)
                                                         : convolution_input_tile(layer, tile);
  const std::int64_t in_channels = pooling ? tile.out_channels : tile.in_channels;
  const Transfers of_input = block_transfers(in.rows, in.columns, in_channels,
                                             coalesced && in_channels == layer.ifm.channels,
                                             in.columns == layer.ifm.width);
  const Cost i = of_input.count * (profile.nvm_read(of_input.values) + profile.fetch_input);
  // The terms are set all at once: to zero them first takes a noticeable share of a sweep's time.
  if (pooling) {
    const Cost o = profile.nvm_read(tile.out_channels) + profile.fetch_output_for(order);
    return {.input = i,
            .weights = {},
            .partial_sums = o,
            .per_tile = {i, i},
            .once = {o, o},
            .operation = profile.max_compare + profile.max_address,
            .operations_per_tile = tile.rows * tile.columns * tile.out_channels,
            .vector_length = 0,
            .write = profile.nvm_write,
            .backup_overhead = profile.backup_output_for(order),
            .channels = tile.out_channels};
  }
  const std::int64_t taps = layer.kernel_height * layer.kernel_width;
  const Transfers of_weights = coalesced ? Transfers{1, taps * tile.out_channels * tile.in_channels}
                                         : Transfers{taps * tile.out_channels, tile.in_channels};
  const bool all_outputs = coalesced && tile.out_channels == layer.ofm.channels;
  const bool whole_columns = tile.columns == layer.ofm.width;
  const Transfers of_outputs =
      block_transfers(tile.rows, tile.columns, tile.out_channels, all_outputs, whole_columns);
  const Cost w = of_weights.count * (profile.nvm_read(of_weights.values) + profile.fetch_weights);
  const Cost o =
      of_outputs.count * (profile.nvm_read(of_outputs.values) + profile.fetch_output_for(order));
  const bool reuses_I = order == LoopOrder::reuse_I;
  const bool reuses_W = order == LoopOrder::reuse_W;
  const Cost per_tile = reuses_I ? w : reuses_W ? i : i + w;
  const Cost once = reuses_I ? i : reuses_W ? w : Cost{};
  const bool reuses_O = !reuses_I && !reuses_W;

  std::int64_t vectors = taps;
  std::int64_t vector_length = tile.in_channels;
  if (execution.mac == MacGranularity::row) {
    const bool one_dimensional = layer.ifm.width == 1;
    vectors = one_dimensional ? 1 : layer.kernel_height;
    const std::int64_t values = taps / vectors * tile.in_channels;
    vector_length = values + values % 2;
  }
  return {.input = i,
          .weights = w,
          .partial_sums = o,
          .per_tile = {per_tile, reuses_O ? per_tile : per_tile + o},
          .once = {once, reuses_O ? o : once},
          .operation = vector_operation(profile, vector_length),
          .operations_per_tile = vectors * tile.rows * tile.columns * tile.out_channels,
          .vector_length = vector_length,
          .write = profile.nvm_write,
          .backup_overhead = profile.backup_output_for(order),
          .rows = tile.rows,
          .columns = tile.columns,
          .channels = tile.out_channels,
          .contiguous_channels = coalesced ? layer.ofm.channels : 0,
          .whole_columns = whole_columns,
          .batch_lengthens_transfer = reuses_I,
          .batch_multiplies_transfers = reuses_W};
}

/// S·(per tile) + once.
[[nodiscard]] inline Cost batch_fetch(const BatchTerms& terms, std::int64_t S, InputStep step) {
  const auto index = static_cast<std::size_t>(step);
  return S * terms.per_tile[index] + terms.once[index];
}

/// (S·operations per tile)·operation.
[[nodiscard]] inline Cost batch_compute(const BatchTerms& terms, std::int64_t S) {
  return (S * terms.operations_per_tile) * terms.operation;
}

/// reuse_I: (Tr·Tc)·(wr(S·Tm) + bO); reuse_W: (S·Tr·Tc)·(wr(Tm) + bO); reuse_O: (Tr·Tc)·(wr(Tm) +
/// bO); pooling: wr(Tm) + bO. Coalesced: transfers of all output channels join along a row, or in
/// all.
[[nodiscard]] inline Cost batch_backup(const BatchTerms& terms, std::int64_t S) {
  const std::int64_t channels = terms.channels * (terms.batch_lengthens_transfer ? S : 1);
  const Transfers transfers =
      block_transfers(terms.rows, terms.columns, channels, channels == terms.contiguous_channels,
                      terms.whole_columns);
  return (transfers.count * (terms.batch_multiplies_transfers ? S : 1)) *
         (terms.write(transfers.values) + terms.backup_overhead);
}

/// What a power cycle of `kind` fetches: its batches' tiles, and the operands that it starts anew.
[[nodiscard]] inline Cost cycle_fetch(const BatchTerms& terms, std::int64_t S,
                                      const CycleKind& kind) {
  if (kind.batches() == 1) {
    return batch_fetch(terms, S, kind.later_batches == 1 ? InputStep::later : InputStep::first);
  }
  return kind.first_batches * (S * terms.per_tile[0]) +
         kind.later_batches * (S * terms.per_tile[1]) + kind.first_operands * terms.once[0] +
         kind.later_operands * terms.once[1];
}

/// The terms of a ragged layer's tiles by shape, as if each were the tile of a layer of its own;
/// shapes that do not occur are left out.
using ShapeTerms = std::array<BatchTerms, kTileShapes>;

[[nodiscard]] inline ShapeTerms shape_terms(const Profile& profile, const Layer& layer,
                                            const Design& execution,
                                            const std::array<TileShape, kTileShapes>& shapes,
                                            PoolInput pool = PoolInput::own) {
  ShapeTerms terms;
  Design of_shape = execution;
  for (std::size_t index = 0; index < kTileShapes; ++index) {
    if (shapes[index].positions == 0) continue;
    of_shape.tile = shapes[index].tile;
    terms[index] = batch_terms(profile, layer, of_shape, pool);
  }
  return terms;
}

}  // namespace inas::costmodel
