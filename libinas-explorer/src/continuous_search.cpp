#include "continuous_search.hpp"

#include <limits>
#include <tuple>

#include <inas/costmodel/continuous.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/design_space.hpp>

#include "tile_families.hpp"

namespace inas::explorer {
namespace {

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
  const auto computing_s = [](const costmodel::Cost& compute) { return compute.latency_s; };
  Best best;
  for (const Family& family : families_of(device.profile, layer, space, computing_s)) {
    if (family.bound_s > best.latency_s) continue;
    for_each_member(
        device.profile, layer, space, family, device.platform, PowerKind::continuous, computing_s,
        [&] { return best.latency_s; },
        [&](const FamilyMember& member) {
          const costmodel::Cost total =
              costmodel::continuous_cost(device.profile, layer, member.execution, member.counts)
                  .total();
          best.consider(total.latency_s, member.vm_bytes, member.number, member.execution);
        });
  }
  if (best.latency_s == std::numeric_limits<double>::infinity()) {
    return nothing_fits(device, layer, space);
  }
  return {evaluate(device, layer, best.design), std::nullopt};
}

}  // namespace inas::explorer
