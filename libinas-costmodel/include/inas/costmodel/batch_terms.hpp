#pragma once

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
///   i = nI·(rd(Tn) + fI), nI = Tri·Tci;   w = nW·(rd(Tn) + fW), nW = Kh·Kw·Tm;
///   o = nO·(rd(Tm) + fO), nO = Tr·Tc:
///
/// | order   | per tile, n=0 | per tile, n>0 | once, n=0 | once, n>0 |
/// |---------|---------------|---------------|-----------|-----------|
/// | reuse_I | w             | w + o         | i         | i         |
/// | reuse_W | i             | i + o         | w         | w         |
/// | reuse_O | i + w         | i + w         | 0         | o         |
/// | pooling | i             | i             | rd(Tm)+fO | rd(Tm)+fO |
///
/// where pooling's i moves Tm channels. Source: cost-model page, sections 1 and 3.
struct BatchTerms {
  Cost input;                            ///< i
  Cost weights;                          ///< w
  Cost partial_sums;                     ///< o; pooling: rd(Tm) + fO
  Cost per_tile[2];                      ///< fetched for each of the S tiles, by InputStep
  Cost once[2];                          ///< fetched once per batch, by InputStep
  Cost operation;                        ///< (vm(Tn) + add) + (psum + acum); pooling: max + maxaddr
  std::int64_t operations_per_tile = 0;  ///< Kh·Kw·Tr·Tc·Tm; pooling: Tr·Tc·Tm
  LinearCost write;                      ///< wr
  Cost backup_overhead;                  ///< bO
  std::int64_t backup_transfers = 0;     ///< Tr·Tc; pooling: 1
  std::int64_t backup_values = 0;        ///< Tm
  bool batch_lengthens_transfer = false;    ///< reuse_I: wr(S·Tm)
  bool batch_multiplies_transfers = false;  ///< reuse_W: S·Tr·Tc transfers
};

[[nodiscard]] inline BatchTerms batch_terms(const Profile& profile, const Layer& layer,
                                            const Tile& tile, LoopOrder order,
                                            PoolInput pool = PoolInput::own) {
  const bool pooling = layer.type == LayerType::global_average_pool;
  const InputTile in = pooling && pool == PoolInput::own ? input_tile(layer, tile)
                                                         : convolution_input_tile(layer, tile);
  const std::int64_t pixels = tile.rows * tile.columns;
  BatchTerms terms;
  terms.write = profile.nvm_write;
  terms.backup_overhead = profile.backup_output_for(order);
  terms.backup_values = tile.out_channels;
  if (pooling) {
    terms.input =
        (in.rows * in.columns) * (profile.nvm_read(tile.out_channels) + profile.fetch_input);
    terms.partial_sums = profile.nvm_read(tile.out_channels) + profile.fetch_output_for(order);
    for (const int step : {0, 1}) {
      terms.per_tile[step] = terms.input;
      terms.once[step] = terms.partial_sums;
    }
    terms.operation = profile.max_compare + profile.max_address;
    terms.operations_per_tile = pixels * tile.out_channels;
    terms.backup_transfers = 1;
    return terms;
  }
  const Cost i =
      (in.rows * in.columns) * (profile.nvm_read(tile.in_channels) + profile.fetch_input);
  const Cost w = (layer.kernel_height * layer.kernel_width * tile.out_channels) *
                 (profile.nvm_read(tile.in_channels) + profile.fetch_weights);
  const Cost o = pixels * (profile.nvm_read(tile.out_channels) + profile.fetch_output_for(order));
  terms.input = i;
  terms.weights = w;
  terms.partial_sums = o;
  switch (order) {
    case LoopOrder::reuse_I:
      terms.per_tile[0] = w;
      terms.per_tile[1] = w + o;
      terms.once[0] = terms.once[1] = i;
      terms.batch_lengthens_transfer = true;
      break;
    case LoopOrder::reuse_W:
      terms.per_tile[0] = i;
      terms.per_tile[1] = i + o;
      terms.once[0] = terms.once[1] = w;
      terms.batch_multiplies_transfers = true;
      break;
    case LoopOrder::reuse_O:
      terms.per_tile[0] = terms.per_tile[1] = i + w;
      terms.once[1] = o;
      break;
  }
  terms.operation = (profile.vector_mac(tile.in_channels) + profile.add) +
                    (profile.partial_sum + profile.accumulate);
  terms.operations_per_tile = layer.kernel_height * layer.kernel_width * pixels * tile.out_channels;
  terms.backup_transfers = pixels;
  return terms;
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
/// bO); pooling: wr(Tm) + bO.
[[nodiscard]] inline Cost batch_backup(const BatchTerms& terms, std::int64_t S) {
  const std::int64_t values = terms.backup_values * (terms.batch_lengthens_transfer ? S : 1);
  const std::int64_t transfers =
      terms.backup_transfers * (terms.batch_multiplies_transfers ? S : 1);
  return transfers * (terms.write(values) + terms.backup_overhead);
}

}  // namespace inas::costmodel
