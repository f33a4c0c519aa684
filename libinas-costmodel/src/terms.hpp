#pragma once

// The terms that intermittent and continuous power share. Source: cost-model page, sections 1
// and 3.

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/costmodel/tiling.hpp>

namespace inas::costmodel {

/// i = nI·(rd(Tn) + fI), nI = Tri·Tci; pooling moves Tm channels.
inline Cost input_fetch(const Profile& profile, const InputTile& in, std::int64_t channels) {
  return (in.rows * in.columns) * (profile.nvm_read(channels) + profile.fetch_input);
}

/// w = nW·(rd(Tn) + fW), nW = Kh·Kw·Tm.
inline Cost weight_fetch(const Profile& profile, const Layer& layer, const Tile& tile) {
  return (layer.kernel_height * layer.kernel_width * tile.out_channels) *
         (profile.nvm_read(tile.in_channels) + profile.fetch_weights);
}

/// o = nO·(rd(Tm) + fO), nO = Tr·Tc.
inline Cost partial_sum_fetch(const Profile& profile, const Design& design) {
  return (design.tile.rows * design.tile.columns) *
         (profile.nvm_read(design.tile.out_channels) + profile.fetch_output_for(design.order));
}

/// rd(Tm) + fO: what pooling fetches of its output.
inline Cost pooled_output_fetch(const Profile& profile, const Tile& tile) {
  return profile.nvm_read(tile.out_channels) + profile.fetch_output_for(LoopOrder::reuse_O);
}

/// S tiles: (S·Kh·Kw·Tr·Tc·Tm)·((vm(Tn) + add) + (psum + acum)); pooling (S·Tr·Tc·Tm)·(max +
/// maxaddr).
inline Cost batch_compute(const Profile& profile, const Layer& layer, const Design& design) {
  const Tile& tile = design.tile;
  const std::int64_t outputs = tile.rows * tile.columns * tile.out_channels;
  if (layer.type == LayerType::global_average_pool) {
    return (design.batch * outputs) * (profile.max_compare + profile.max_address);
  }
  return (design.batch * layer.kernel_height * layer.kernel_width * outputs) *
         ((profile.vector_mac(tile.in_channels) + profile.add) +
          (profile.partial_sum + profile.accumulate));
}

/// The outputs of S tiles: reuse_I (Tr·Tc)·(wr(S·Tm) + bO), reuse_W (S·Tr·Tc)·(wr(Tm) + bO),
/// reuse_O (Tr·Tc)·(wr(Tm) + bO), pooling wr(Tm) + bO.
inline Cost batch_backup(const Profile& profile, const Layer& layer, const Design& design) {
  const Tile& tile = design.tile;
  const Cost& overhead = profile.backup_output_for(design.order);
  if (layer.type == LayerType::global_average_pool) {
    return profile.nvm_write(tile.out_channels) + overhead;
  }
  const std::int64_t pixels = tile.rows * tile.columns;
  switch (design.order) {
    case LoopOrder::reuse_I:
      return pixels * (profile.nvm_write(design.batch * tile.out_channels) + overhead);
    case LoopOrder::reuse_W:
      return (design.batch * pixels) * (profile.nvm_write(tile.out_channels) + overhead);
    case LoopOrder::reuse_O:
      return pixels * (profile.nvm_write(tile.out_channels) + overhead);
  }
  return {};
}

}  // namespace inas::costmodel
