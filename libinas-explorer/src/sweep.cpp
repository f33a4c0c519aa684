#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/explorer/sweep.hpp>

#include "parallel.hpp"

namespace inas::explorer {
namespace {

constexpr std::size_t kMostPoints = 1'000'000;

/// `values`, or the one of the device if none are given.
template <class T>
std::vector<T> values_or(const std::vector<T>& values, const T& one, const char* what) {
  if (values.empty()) return {one};
  for (std::size_t index = 0; index < values.size(); ++index) {
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(index);
    if (std::find(values.begin(), end, values[index]) != end) {
      throw InvalidArgument(
          fmt::format("{}: value {} has been given before, allowed: each once", what, index + 1));
    }
  }
  return values;
}

costmodel::Device device_at(const costmodel::Device& device, const SweepPoint& point) {
  costmodel::Device changed = device;
  changed.supply.capacitance_f = point.capacitance_f;
  changed.supply.ehm_resistance_ohm = point.ehm_resistance_ohm;
  changed.platform.vm_bytes = point.vm_bytes;
  validate(changed.platform);
  validate(changed.supply);
  return changed;
}

}  // namespace

std::vector<SweepPoint> sweep(const costmodel::Device& device, const Network& network,
                              const ExplorerSettings& settings, const SweepGrid& grid,
                              std::optional<double> latency_requirement_s, std::int64_t threads,
                              const RoundsDone& done) {
  validate(network);
  if (!grid.ehm_resistances_ohm.empty() && device.supply.harvester != Harvester::resistance) {
    throw InvalidArgument(
        fmt::format("EHM resistances: found {}, allowed: none where "
                    "power.harvester is {}",
                    grid.ehm_resistances_ohm.size(), to_string(device.supply.harvester)));
  }
  const auto capacitances =
      values_or(grid.capacitances_f, device.supply.capacitance_f, "capacitances");
  const auto sizes = values_or(grid.vm_bytes, device.platform.vm_bytes, "VM sizes");
  const auto resistances =
      values_or(grid.ehm_resistances_ohm, device.supply.ehm_resistance_ohm, "EHM resistances");
  const auto orders = values_or(grid.loop_orders, settings.loop_orders, "loop orders");
  std::size_t count = 1;
  for (const std::size_t factor :
       {capacitances.size(), sizes.size(), resistances.size(), orders.size()}) {
    if (factor > kMostPoints / count) {
      throw Error(fmt::format("sweep: found more than {} combinations, allowed: at most so many",
                              kMostPoints));
    }
    count *= factor;
  }
  std::vector<SweepPoint> points;
  points.reserve(count);
  for (const double capacitance_f : capacitances) {
    for (const std::int64_t vm_bytes : sizes) {
      for (const double resistance_ohm : resistances) {
        for (const LoopOrders& of : orders) {
          points.push_back({capacitance_f, vm_bytes, resistance_ohm, of, {}});
          // Refused before any work starts, and not by whichever thread comes first.
          (void)device_at(device, points.back());
        }
      }
    }
  }
  parallel_for(
      points.size(), threads,
      [&](std::size_t index) {
        SweepPoint& point = points[index];
        ExplorerSettings restricted = settings;
        restricted.loop_orders = point.loop_orders;
        Explorer explorer(device_at(device, point), restricted);
        point.result = explorer.explore(network, latency_requirement_s);
      },
      done);
  return points;
}

const SweepPoint* smallest_capacitance(const std::vector<SweepPoint>& points) {
  const SweepPoint* smallest = nullptr;
  for (const SweepPoint& point : points) {
    if (!point.result.feasible()) continue;
    if (smallest == nullptr || point.capacitance_f < smallest->capacitance_f ||
        (point.capacitance_f == smallest->capacitance_f &&
         point.result.latency_s < smallest->result.latency_s)) {
      smallest = &point;
    }
  }
  return smallest;
}

std::optional<double> least_capacitance_f(const costmodel::Device& device, const Network& network,
                                          const ExplorerSettings& settings) {
  validate(network);
  validate(device.platform);
  validate(device.supply);
  if (device.supply.kind != PowerKind::intermittent) {
    throw InvalidArgument("power.kind: found continuous, allowed here: intermittent");
  }
  // With next to no budget no design is feasible, and the explorer says what the cheapest needs.
  costmodel::Device empty = device;
  empty.supply.capacitance_f = std::numeric_limits<double>::min();
  double needed_j = 0;
  for (const Layer& layer : network.layers) {
    const LayerResult result = best_design(empty, layer, settings);
    if (result.why->constraint != Constraint::atomicity) return std::nullopt;
    needed_j = std::max(needed_j, result.why->needed);
  }

  PowerSupply supply = device.supply;
  const auto carries = [&](double capacitance_f) {
    supply.capacitance_f = capacitance_f;
    return costmodel::energy_budget_j(supply) >= needed_j;
  };
  // The budget is rounded, but still never falls when C grows: the closed form is off by a few
  // neighbouring doubles at most.
  supply.capacitance_f = 1;
  double least_f = needed_j / costmodel::energy_budget_j(supply);
  const double infinity = std::numeric_limits<double>::infinity();
  while (!carries(least_f)) least_f = std::nextafter(least_f, infinity);
  while (carries(std::nextafter(least_f, 0.0))) least_f = std::nextafter(least_f, 0.0);
  costmodel::Device least = device;
  least.supply.capacitance_f = least_f;
  if (Explorer(least, settings).explore(network).feasible()) return least_f;
  return std::nullopt;
}

}  // namespace inas::explorer
