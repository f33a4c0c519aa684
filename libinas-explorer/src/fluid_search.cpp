#include "fluid_search.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <inas/costmodel/batch_sums.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/design_space.hpp>

#include "tile_families.hpp"

namespace inas::explorer {
namespace {

using costmodel::BatchSums;
using costmodel::Device;
using costmodel::SchedulePrices;

/// Prices the designs of one tile, loop order, mac and dma.
class FluidPricer {
 public:
  FluidPricer(const Device& device, const SchedulePrices& prices, const Layer& layer,
              const Design& execution)
      : device_(device),
        prices_(prices),
        layer_(layer),
        vm_(execution::vm_values(layer, execution)) {
    design_.design = execution;
    design_.design.batches_per_cycle = 0;
  }

  [[nodiscard]] std::int64_t vm_bytes(std::int64_t S) const {
    return vm_.bytes(S, device_.platform.data_bytes);
  }

  /// With batches of S tiles; nothing if it does not fit VM or the ledger.
  [[nodiscard]] std::optional<FluidDesign> with_batch(std::int64_t S) {
    design_.vm_bytes = vm_bytes(S);
    if (design_.vm_bytes > execution::usable_vm_bytes(device_.platform)) return std::nullopt;
    design_.design.batch = S;
    const BatchSums sums(device_.profile, layer_, design_.design);
    const LedgerUnits units = prices_.units_of(sums.dearest());
    if (units.entry + units.fetched > prices_.ledger().budget) return std::nullopt;
    design_.fluid_s = prices_.fluid_s(sums.of(0, sums.batches()));
    return design_;
  }

  /// The best one, of the largest S that fits: what is done once per batch falls with S, nothing
  /// else depends on it; and a smaller batch needs no more.
  [[nodiscard]] std::optional<FluidDesign> with_best_batch(std::span<const std::int64_t> batches) {
    const auto vm_end = std::partition_point(batches.begin(), batches.end(), [&](std::int64_t S) {
      return vm_bytes(S) <= execution::usable_vm_bytes(device_.platform);
    });
    std::span<const std::int64_t> left(batches.begin(), vm_end);
    if (left.empty()) return std::nullopt;
    if (const auto largest = with_batch(left.back())) return largest;
    left = left.first(left.size() - 1);
    std::optional<FluidDesign> best;
    while (!left.empty()) {
      const std::size_t middle = left.size() / 2;
      if (const auto found = with_batch(left[middle])) {
        best = found;
        left = left.subspan(middle + 1);
      } else {
        left = left.first(middle);
      }
    }
    return best;
  }

 private:
  const Device& device_;
  const SchedulePrices& prices_;
  const Layer& layer_;
  execution::VmValues vm_;
  FluidDesign design_;
};

bool better(const FluidDesign& a, const FluidDesign& b) {
  return a.fluid_s < b.fluid_s || (a.fluid_s == b.fluid_s && a.vm_bytes < b.vm_bytes);
}

}  // namespace

std::optional<FluidDesign> best_fluid_design(const Device& device, const Layer& layer,
                                             const DesignSpace& space) {
  const SchedulePrices prices(device);
  if (!prices.ledger().kept()) return std::nullopt;
  const auto fluid_s = [&](const costmodel::Cost& cost) { return prices.fluid_s(cost); };
  double least_s = std::numeric_limits<double>::infinity();
  std::optional<FluidDesign> best;
  std::size_t number = 0;
  for (const Family& family : families_of(device.profile, layer, space, fluid_s)) {
    if (family.bound_s > least_s) continue;
    for_each_member(
        device.profile, layer, space, family, device.platform, PowerKind::intermittent, fluid_s,
        [&] { return least_s; },
        [&](const FamilyMember& member) {
          FluidPricer pricer(device, prices, layer, member.execution);
          const auto found = pricer.with_best_batch(member.batches);
          if (!found) return;
          const bool ties = best && !better(*best, *found) && !better(*found, *best);
          if (!best || better(*found, *best) || (ties && member.number < number)) {
            best = found;
            number = member.number;
            least_s = std::min(least_s, best->fluid_s);
          }
        });
  }
  return best;
}

std::optional<FluidDesign> best_fluid_design_by_sweep(const Device& device, const Layer& layer,
                                                      const ExplorerSettings& settings) {
  const SchedulePrices prices(device);
  if (!prices.ledger().kept()) return std::nullopt;
  std::optional<FluidDesign> best;
  for_each_execution(layer, settings, PowerKind::intermittent,
                     [&](const Design& execution, std::span<const std::int64_t> batches) {
                       FluidPricer pricer(device, prices, layer, execution);
                       for (const std::int64_t S : batches) {
                         const auto found = pricer.with_batch(S);
                         if (found && (!best || better(*found, *best))) best = found;
                       }
                     });
  return best;
}

}  // namespace inas::explorer
