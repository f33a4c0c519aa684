#pragma once

#include <cstdint>

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

/// Throws InvalidArgument, naming the layer and the numbers, unless the tile's sizes divide the
/// layer's, S divides the extent of its loop (`batch_extent`), pooling uses reuse_O with Tn = 1,
/// and the fields beyond the published design space have their default.
void check_design(const Layer& layer, const Design& design);

/// The functions below take a design that `check_design` accepts. Source: cost-model page, sections
/// 1, 3.

[[nodiscard]] TileCounts tile_counts(const Layer& layer, const Tile& tile);

/// The number of tiles that S must divide: reuse_I: μ, reuse_W: ρ·γ, reuse_O: ν, pooling: ρ·γ.
[[nodiscard]] std::int64_t batch_extent(const Layer& layer, const TileCounts& counts,
                                        LoopOrder order);

/// All ρ·γ·μ·ν/S; first: ρ·γ·μ/S for reuse_I and reuse_W, ρ·γ·μ for reuse_O. Pooling: ρ·γ·μ/S, all
/// first.
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
