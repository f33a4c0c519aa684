#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/power_supply.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/execution/layer_facts.hpp>

namespace inas::explorer {

/// The legal tile sizes and loop orders of a layer, ascending.
///
/// published: Tr, Tc, Tm of convolutions and fully connected layers are all divisors of R, C, M; Tn
/// and all of pooling's sizes are 1 and the even divisors. all: all divisors everywhere. Rows and
/// columns are those of them that keep to a padded map's border, or all of the map where none does.
/// The loop orders are those that the layer offers. Source: cost-model page, section 5.
struct TileLists {
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> columns;
  std::vector<std::int64_t> out_channels;
  std::vector<std::int64_t> in_channels;
  std::vector<LoopOrder> orders;
};

[[nodiscard]] TileLists tile_lists(const Layer& layer, Divisors legal);

/// The same with the loop orders that `settings` leaves; pooling keeps reuse_O. With ragged tiles
/// rows and columns are all sizes of `execution`, whatever the divisors. Throws
/// InvalidArgument if no loop order is left.
[[nodiscard]] TileLists tile_lists(const Layer& layer, const ExplorerSettings& settings);

/// The legal S of every tile of a layer that the runtime's numbers hold. They depend on one or two
/// of the tile's sizes only, so there are few different lists; sizes are given by their index in
/// the tile lists.
class BatchLists {
 public:
  BatchLists(const Layer& layer, const TileLists& tiles, Divisors legal, PowerKind power);

  [[nodiscard]] std::span<const std::int64_t> of(LoopOrder order, std::size_t row,
                                                 std::size_t column, std::size_t out_channel,
                                                 std::size_t in_channel) const {
    const std::size_t position = row * columns_ + column;
    const std::span<const std::int64_t> list =
        lists_[list_of(order, position, out_channel, in_channel)];
    if (!has_many_tiles_) return list;
    const std::int64_t least = execution::least_batch(
        positions_[position] * out_channels_[out_channel] * in_channels_[in_channel]);
    return {std::lower_bound(list.begin(), list.end(), least), list.end()};
  }

 private:
  [[nodiscard]] std::size_t list_of(LoopOrder order, std::size_t position, std::size_t out_channel,
                                    std::size_t in_channel) const {
    switch (innermost_[static_cast<std::size_t>(order)]) {
      case execution::Loop::out_channels:
        return by_out_channels_[out_channel];
      case execution::Loop::in_channels:
        return by_in_channels_[in_channel];
      default:
        return by_positions_[position];
    }
  }

  std::array<execution::Loop, 3> innermost_;
  std::size_t columns_;
  std::vector<std::vector<std::int64_t>> lists_;  ///< the different ones
  /// Index in `lists_` by the loop that S divides.
  std::vector<std::size_t> by_positions_;
  std::vector<std::size_t> by_out_channels_;
  std::vector<std::size_t> by_in_channels_;
  /// Whether the number of batches can exceed the runtime's, and the numbers of tiles to tell.
  bool has_many_tiles_ = false;
  std::vector<std::int64_t> positions_;
  std::vector<std::int64_t> out_channels_;
  std::vector<std::int64_t> in_channels_;
};

/// The divisors of `n`, ascending; with Divisors::published only 1 and the even ones.
[[nodiscard]] std::vector<std::int64_t> legal_divisors(std::int64_t n, Divisors legal);

/// `settings` with the units that are meant if it names none: the cpu if the profile prices it,
/// else the lea. Throws InvalidArgument if it names one that the profile does not price.
[[nodiscard]] ExplorerSettings with_units(ExplorerSettings settings,
                                          const costmodel::Profile& profile);

/// Do power cycles run on over the ends of layers? If `settings` ask for it, the supply is
/// intermittent, and the code that the profile prices keeps a ledger.
[[nodiscard]] inline bool runs_on(const ExplorerSettings& settings,
                                  const costmodel::Device& device) {
  return settings.ledger && device.supply.kind == PowerKind::intermittent &&
         device.profile.keeps_ledger();
}

/// The ways to execute a tile in a loop order that `settings` offers: the lea before the cpu, for
/// each `mac` tap before row, and for each `dma` pixel before coalesced. Pooling has no vectors,
/// the cpu takes kernel rows whatever `mac` says, and where row and tap are the same only tap is
/// offered. No unit stands for the lea.
[[nodiscard]] std::vector<Design> executions(const Layer& layer, const ExplorerSettings& settings);

/// The legal designs of a layer, as the lists whose product they are.
struct DesignSpace {
  DesignSpace(const Layer& layer, const ExplorerSettings& settings, PowerKind power);

  /// The legal S of one of its designs, ascending.
  [[nodiscard]] std::span<const std::int64_t> batches_of(const Design& design) const;

  TileLists tiles;
  BatchLists batches;        ///< {1} everywhere under continuous power
  std::vector<Design> ways;  ///< `executions`
};

/// Calls `visit(execution, batches)` for each legal tile, loop order, mac and dma of `layer` in
/// enumeration order: Tr, Tc, Tm, Tn, loop order, mac, dma, the last fastest. `execution` is a
/// design with S = K = 1; `batches` is the ascending list of its legal S; {1} under continuous
/// power.
template <class Visit>
void for_each_execution(const Layer& layer, const ExplorerSettings& settings, PowerKind power,
                        Visit&& visit) {
  DesignSpace space(layer, settings, power);
  const TileLists& lists = space.tiles;
  for (std::size_t r = 0; r < lists.rows.size(); ++r) {
    for (std::size_t c = 0; c < lists.columns.size(); ++c) {
      for (std::size_t m = 0; m < lists.out_channels.size(); ++m) {
        for (std::size_t n = 0; n < lists.in_channels.size(); ++n) {
          const Tile tile{lists.rows[r], lists.columns[c], lists.out_channels[m],
                          lists.in_channels[n]};
          for (const LoopOrder order : lists.orders) {
            const std::span<const std::int64_t> legal = space.batches.of(order, r, c, m, n);
            for (Design& way : space.ways) {
              way.tile = tile;
              way.order = order;
              visit(std::as_const(way), legal);
            }
          }
        }
      }
    }
  }
}

/// Calls `visit(design)` for each legal design of `layer` with K = 1, in enumeration order: that of
/// `for_each_execution`, then S ascending.
template <class Visit>
void for_each_design(const Layer& layer, const ExplorerSettings& settings, PowerKind power,
                     Visit&& visit) {
  for_each_execution(layer, settings, power,
                     [&](const Design& execution, std::span<const std::int64_t> batches) {
                       Design design = execution;
                       for (const std::int64_t batch : batches) {
                         design.batch = batch;
                         visit(std::as_const(design));
                       }
                     });
}

/// The same for the published space, with the given divisors.
template <class Visit>
void for_each_design(const Layer& layer, Divisors legal, PowerKind power, Visit&& visit) {
  for_each_design(layer, published_space(legal), power, std::forward<Visit>(visit));
}

}  // namespace inas::explorer
