#include "continuous_search.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/design_space.hpp>

namespace inas::explorer {
namespace {

/// All designs with the same input channels, mac and dma. Whatever their tiles and loop orders,
/// they compute the same vectors, which bounds their latency from below.
struct Family {
  std::size_t in_channel = 0;  ///< index in the tile lists
  std::size_t way = 0;         ///< index in the executions
  double bound_s = 0;
};

/// By ascending bound.
std::vector<Family> families_of(const costmodel::Profile& profile, const Layer& layer,
                                const DesignSpace& space) {
  // A latency is a sum of some tens of rounded terms, each off by one part in 2⁵³ at most.
  constexpr double kSafety = 1 - 1e-12;
  std::vector<Family> families;
  for (std::size_t n = 0; n < space.tiles.in_channels.size(); ++n) {
    for (std::size_t way = 0; way < space.ways.size(); ++way) {
      Design of_one_value = space.ways[way];
      of_one_value.tile = {1, 1, 1, space.tiles.in_channels[n]};
      const costmodel::BatchTerms terms = costmodel::batch_terms(profile, layer, of_one_value);
      const std::int64_t tiles = execution::tile_counts(layer, of_one_value.tile).all();
      families.push_back({n, way, kSafety * costmodel::batch_compute(terms, tiles).latency_s});
    }
  }
  std::stable_sort(families.begin(), families.end(),
                   [](const Family& a, const Family& b) { return a.bound_s < b.bound_s; });
  return families;
}

/// The best design so far: least latency, then least VM bytes, then first in enumeration order.
struct Best {
  double latency_s = std::numeric_limits<double>::infinity();
  std::int64_t vm_bytes = 0;
  std::size_t number = 0;  ///< in enumeration order
  Design design;

  void consider(double of_latency_s, std::int64_t of_vm_bytes, std::size_t of_number,
                const Design& of_design) {
    if (std::tie(of_latency_s, of_vm_bytes, of_number) < std::tie(latency_s, vm_bytes, number)) {
      *this = {of_latency_s, of_vm_bytes, of_number, of_design};
    }
  }
};

/// Shows `best` every design of a family that fits VM.
void search_family(const costmodel::Device& device, const Layer& layer, const DesignSpace& space,
                   const Family& family, Best& best) {
  const TileLists& tiles = space.tiles;
  Design design = space.ways[family.way];
  design.tile.in_channels = tiles.in_channels[family.in_channel];
  for (std::size_t r = 0; r < tiles.rows.size(); ++r) {
    design.tile.rows = tiles.rows[r];
    for (std::size_t c = 0; c < tiles.columns.size(); ++c) {
      design.tile.columns = tiles.columns[c];
      for (std::size_t m = 0; m < tiles.out_channels.size(); ++m) {
        design.tile.out_channels = tiles.out_channels[m];
        // All loop orders need the same, and more channels no less.
        const std::int64_t vm_bytes =
            execution::vm_bytes(layer, design, device.platform.data_bytes);
        if (vm_bytes > execution::usable_vm_bytes(device.platform)) break;
        const execution::TileCounts counts = execution::tile_counts(layer, design.tile);
        for (std::size_t order = 0; order < tiles.orders.size(); ++order) {
          design.order = tiles.orders[order];
          // One tile a batch may be more batches than the runtime's numbers hold.
          if (space.batches.of(design.order, r, c, m, family.in_channel).empty()) continue;
          std::size_t number = r;
          number = number * tiles.columns.size() + c;
          number = number * tiles.out_channels.size() + m;
          number = number * tiles.in_channels.size() + family.in_channel;
          number = number * tiles.orders.size() + order;
          number = number * space.ways.size() + family.way;
          const double latency_s =
              costmodel::continuous_cost(device.profile, layer, design, counts).total().latency_s;
          best.consider(latency_s, vm_bytes, number, design);
        }
      }
    }
  }
}

/// Larger tiles need no less VM: if none fits, the smallest is the first in enumeration order.
LayerResult nothing_fits(const costmodel::Device& device, const Layer& layer,
                         const DesignSpace& space) {
  Design smallest = space.ways.front();
  smallest.tile = {space.tiles.rows.front(), space.tiles.columns.front(),
                   space.tiles.out_channels.front(), space.tiles.in_channels.front()};
  smallest.order = space.tiles.orders.front();
  Infeasibility why;
  why.constraint = Constraint::spatial;
  why.layer = layer.name;
  why.nearest = smallest;
  why.needed =
      static_cast<double>(execution::vm_bytes(layer, smallest, device.platform.data_bytes));
  why.available = static_cast<double>(execution::usable_vm_bytes(device.platform));
  return {std::nullopt, why};
}

}  // namespace

LayerResult best_continuous_design(const costmodel::Device& device, const Layer& layer,
                                   const ExplorerSettings& settings) {
  validate(layer);
  const DesignSpace space(layer, settings, PowerKind::continuous);
  Best best;
  for (const Family& family : families_of(device.profile, layer, space)) {
    if (family.bound_s > best.latency_s) break;
    search_family(device, layer, space, family, best);
  }
  if (best.latency_s == std::numeric_limits<double>::infinity()) {
    return nothing_fits(device, layer, space);
  }
  return {evaluate(device, layer, best.design), std::nullopt};
}

}  // namespace inas::explorer
