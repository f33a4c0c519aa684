#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/power_supply.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/tiling.hpp>

namespace inas::explorer {

/// The legal tile sizes and loop orders of a layer, ascending.
///
/// published: Tr, Tc, Tm of convolutions and fully connected layers are all divisors of R, C, M; Tn
/// and all of pooling's sizes are 1 and the even divisors. all: all divisors everywhere. Pooling:
/// Tn = 1, reuse_O only. Source: cost-model page, section 5.
struct TileLists {
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> columns;
  std::vector<std::int64_t> out_channels;
  std::vector<std::int64_t> in_channels;
  std::vector<LoopOrder> orders;
};

[[nodiscard]] TileLists tile_lists(const Layer& layer, Divisors legal);

/// The divisors of `n`, ascending; with Divisors::published only 1 and the even ones.
[[nodiscard]] std::vector<std::int64_t> legal_divisors(std::int64_t n, Divisors legal);

/// Calls `visit(design)` for each legal design of `layer` in enumeration order: Tr, Tc, Tm, Tn,
/// loop order, S, the last fastest. Under continuous power S is 1.
template <class Visit>
void for_each_design(const Layer& layer, Divisors legal, PowerKind power, Visit&& visit) {
  const TileLists lists = tile_lists(layer, legal);
  for (const std::int64_t rows : lists.rows) {
    for (const std::int64_t columns : lists.columns) {
      for (const std::int64_t out_channels : lists.out_channels) {
        for (const std::int64_t in_channels : lists.in_channels) {
          const Tile tile{rows, columns, out_channels, in_channels};
          const costmodel::TileCounts counts = costmodel::tile_counts(layer, tile);
          for (const LoopOrder order : lists.orders) {
            if (power == PowerKind::continuous) {
              visit(Design{tile, order, 1});
              continue;
            }
            const std::int64_t extent = costmodel::batch_extent(layer, counts, order);
            for (const std::int64_t batch : legal_divisors(extent, legal)) {
              visit(Design{tile, order, batch});
            }
          }
        }
      }
    }
  }
}

}  // namespace inas::explorer
