#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/execution/tiles.hpp>
#include <inas/explorer/design_space.hpp>

#include "member_bound.hpp"

/// The design space of a layer as families of designs that compute the same vectors, which bounds
/// what each of them costs before any is looked at. The searches take families by ascending bound
/// and leave out those that cannot hold anything better.
namespace inas::explorer {

/// The bounds are sums of some tens of rounded terms, each off by one part in 2⁵³ at most: times
/// this they stay bounds.
inline constexpr double kBoundSafety = 1 - 1e-12;

/// All designs with the same input channels, mac and dma: whatever the tile and the loop order, the
/// layer takes so many vectors of one length.
struct Family {
  std::size_t in_channel = 0;  ///< index in the tile lists
  std::size_t way = 0;         ///< index in the executions
  costmodel::Cost compute;     ///< lower bound of what its designs compute
  double bound_s = 0;          ///< of their latency
};

/// The families of a layer by unit, the cpu first, and ascending bound: what the lea computes is
/// bounded far below what its calls take, so that it had better be measured against designs of the
/// cpu. `least_s(Cost)` is a lower bound of the latency of a
/// layer that computes so much.
template <class LeastLatency>
[[nodiscard]] std::vector<Family> families_of(const costmodel::Profile& profile, const Layer& layer,
                                              const DesignSpace& space, LeastLatency&& least_s) {
  std::vector<Family> families;
  for (std::size_t n = 0; n < space.tiles.in_channels.size(); ++n) {
    for (std::size_t way = 0; way < space.ways.size(); ++way) {
      Design design = space.ways[way];
      design.tile.in_channels = space.tiles.in_channels[n];
      const costmodel::Cost compute = costmodel::least_compute(profile, layer, design);
      families.push_back({n, way, compute, kBoundSafety * least_s(compute)});
    }
  }
  const auto on_lea = [&](const Family& of) { return space.ways[of.way].unit == Unit::lea; };
  std::stable_sort(families.begin(), families.end(), [&](const Family& a, const Family& b) {
    return std::pair(on_lea(a), a.bound_s) < std::pair(on_lea(b), b.bound_s);
  });
  return families;
}

/// A tile of a family in a loop order.
struct FamilyMember {
  Design execution;  ///< S = K = 1
  execution::TileCounts counts;
  std::int64_t vm_bytes = 0;              ///< with S = 1, whatever the loop order
  std::span<const std::int64_t> batches;  ///< its legal S, ascending; at least one
  std::size_t number = 0;                 ///< in the order of `for_each_execution`
};

/// Calls `visit(FamilyMember)` for each tile and loop order of a family that fits VM with S = 1 and
/// whose bound does not exceed `most_s()`, which may fall between calls; `least_s` is that of
/// `families_of`. Large tiles come first: they are the better ones more often.
template <class LeastLatency, class Most, class Visit>
void for_each_member(const costmodel::Profile& profile, const Layer& layer,
                     const DesignSpace& space, const Family& family, const Platform& platform,
                     PowerKind power, LeastLatency&& least_s, Most&& most_s, Visit&& visit) {
  const TileLists& tiles = space.tiles;
  const std::int64_t vm_bytes = execution::usable_vm_bytes(platform);
  FamilyMember member;
  member.execution = space.ways[family.way];
  Tile& tile = member.execution.tile;
  tile.in_channels = tiles.in_channels[family.in_channel];
  MemberBound bound(profile, layer, member.execution, power);
  const auto exceeds = [&](std::int64_t out_channels, LoopOrder order) {
    return kBoundSafety * least_s(family.compute + bound.of(out_channels, order)) > most_s();
  };
  // Where one exceeds the limit with all output channels, so do all that are smaller.
  const auto nothing_left = [&] {
    return bound.grows_as_tiles_shrink() &&
           std::all_of(tiles.orders.begin(), tiles.orders.end(),
                       [&](LoopOrder order) { return exceeds(layer.ofm.channels, order); });
  };
  for (std::size_t r = tiles.rows.size(); r-- > 0;) {
    tile.rows = tiles.rows[r];
    for (std::size_t c = tiles.columns.size(); c-- > 0;) {
      tile.columns = tiles.columns[c];
      bound.at_position(tile.rows, tile.columns);
      if (nothing_left()) {
        if (c + 1 == tiles.columns.size()) return;
        break;
      }
      // With S = 1 all loop orders need the same VM, and more channels no less.
      const auto vm_bytes_of = [&](std::int64_t out_channels) {
        tile.out_channels = out_channels;
        return execution::vm_bytes(layer, member.execution, platform.data_bytes);
      };
      const auto vm_end = std::partition_point(
          tiles.out_channels.begin(), tiles.out_channels.end(),
          [&](std::int64_t out_channels) { return vm_bytes_of(out_channels) <= vm_bytes; });
      std::array<bool, 3> done{};
      std::size_t left = tiles.orders.size();
      for (auto m = static_cast<std::size_t>(vm_end - tiles.out_channels.begin());
           m-- > 0 && left > 0;) {
        member.vm_bytes = vm_bytes_of(tiles.out_channels[m]);
        bool counted = false;
        for (std::size_t order = 0; order < tiles.orders.size(); ++order) {
          if (done[order]) continue;
          member.execution.order = tiles.orders[order];
          if (exceeds(tile.out_channels, member.execution.order)) {
            done[order] = true;
            --left;
            continue;
          }
          if (!std::exchange(counted, true)) member.counts = execution::tile_counts(layer, tile);
          member.batches = space.batches.of(member.execution.order, r, c, m, family.in_channel);
          if (member.batches.empty()) continue;
          std::size_t number = r;
          number = number * tiles.columns.size() + c;
          number = number * tiles.out_channels.size() + m;
          number = number * tiles.in_channels.size() + family.in_channel;
          number = number * tiles.orders.size() + order;
          member.number = number * space.ways.size() + family.way;
          visit(std::as_const(member));
        }
      }
    }
  }
}

}  // namespace inas::explorer
