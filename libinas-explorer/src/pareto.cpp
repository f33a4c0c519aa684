#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/layer_search.hpp>
#include <inas/explorer/pareto.hpp>

namespace inas::explorer {
namespace {

using costmodel::Cost;
using costmodel::CycleCost;
using costmodel::Device;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void require_intermittent(const Device& device) {
  validate(device.platform);
  validate(device.supply);
  if (device.supply.kind != PowerKind::intermittent) {
    throw InvalidArgument("power.kind: found continuous, allowed for Pareto fronts: intermittent");
  }
}

/// The fetches of a layer whose power never fails.
double continuous_fetch_s(const Device& device, const Layer& layer, const Design& design) {
  return costmodel::uninterrupted_cost(device.profile, layer, design).fetch.latency_s;
}

ParetoDesign values_of(const Device& device, const Layer& layer, const Design& design,
                       double unavoidable_fetch_s) {
  const costmodel::IntermittentCost cost = costmodel::intermittent_cost(device, layer, design);
  const Cost fetch = cost.sum([](const CycleCost& cycle) { return cycle.fetch; });
  const Cost preservation = cost.sum([](const CycleCost& cycle) {
    return cycle.boot + cycle.index_fetch + cycle.backup + cycle.index_backup;
  });
  const Cost traffic = cost.sum([](const CycleCost& cycle) {
    return cycle.fetch + cycle.index_fetch + cycle.backup + cycle.index_backup;
  });
  const Cost total = cost.sum([](const CycleCost& cycle) { return cycle.total(); });
  const double refetched_s = std::max(0.0, fetch.latency_s - unavoidable_fetch_s);
  return {.design = design,
          .latency_s = cost.latency_s,
          .energy_per_cycle_j = cost.max().energy_j,
          .vm_bytes = cost.vm_bytes,
          .nvm_energy_j = traffic.energy_j,
          .management_overhead = (preservation.latency_s + refetched_s) / total.latency_s};
}

/// Calls `visit(design, fetch_s)` for each legal design of `layer` that fits VM, every legal K
/// included, in enumeration order, K last. `fetch_s` is what the design fetches under continuous
/// power, in s.
template <class Visit>
void for_each_fitting_design(const Device& device, const Layer& layer,
                             const ExplorerSettings& settings, Visit&& visit) {
  for_each_execution(
      layer, settings, PowerKind::intermittent,
      [&](const Design& execution, std::span<const std::int64_t> batches) {
        Design design = execution;
        const auto fits = [&] {
          return execution::vm_bytes(layer, design, device.platform.data_bytes) <=
                 execution::usable_vm_bytes(device.platform);
        };
        if (batches.empty()) return;
        design.batch = batches.front();
        if (!fits()) return;  // a larger S needs no less
        const double fetch_s = continuous_fetch_s(device, layer, design);
        const execution::BatchGroups groups = execution::batch_groups(
            layer, execution::tile_counts(layer, execution.tile), execution.order);
        for (const std::int64_t S : batches) {
          design.batch = S;
          design.batches_per_cycle = 1;
          if (!fits()) continue;
          if (!settings.multiple_batches) {
            visit(std::as_const(design), fetch_s);
            continue;
          }
          for (const std::int64_t K : execution::legal_batches_per_cycle(groups, S)) {
            design.batches_per_cycle = K;
            visit(std::as_const(design), fetch_s);
          }
        }
      });
}

using FiveValues = std::array<double, 5>;
using ThreeValues = std::array<double, 3>;

FiveValues five_values(const ParetoDesign& of) {
  return {of.latency_s, of.energy_per_cycle_j, static_cast<double>(of.vm_bytes), of.nvm_energy_j,
          of.management_overhead};
}

ThreeValues three_values(const ParetoDesign& of) {
  return {of.latency_s, of.energy_per_cycle_j, static_cast<double>(of.vm_bytes)};
}

/// Collects designs and keeps those whose `values` no other's dominate, the first of equals.
template <class Values>
class Front {
 public:
  explicit Front(Values values) : values_(values) {}

  void add(const ParetoDesign& design) {
    designs_.push_back(design);
    if (designs_.size() >= 2 * settled_ + kBuffer) settle();
  }

  [[nodiscard]] std::vector<ParetoDesign> take() {
    settle();
    return std::move(designs_);
  }

 private:
  /// Sorted by their values, first of all the first, designs are dominated by earlier ones only. A
  /// stable sort keeps equal designs in the order in which they came.
  void settle() {
    std::stable_sort(designs_.begin(), designs_.end(),
                     [&](const auto& a, const auto& b) { return values_(a) < values_(b); });
    std::vector<decltype(values_(designs_.front()))> kept;
    std::erase_if(designs_, [&](const ParetoDesign& design) {
      const auto of = values_(design);
      const auto beats = [&of](const auto& other) {
        return std::equal(other.begin(), other.end(), of.begin(),
                          [](double a, double b) { return a <= b; });
      };
      const auto beating = std::find_if(kept.begin(), kept.end(), beats);
      if (beating == kept.end()) {
        kept.push_back(of);
        return false;
      }
      // What has just beaten a design is likely to beat the next one.
      if (beating != kept.begin()) std::iter_swap(beating, kept.begin());
      return true;
    });
    settled_ = designs_.size();
  }

  static constexpr std::size_t kBuffer = 16'384;

  Values values_;
  std::vector<ParetoDesign> designs_;
  std::size_t settled_ = 0;
};

template <class Values>
LayerFront front_of(const Device& device, const Layer& layer, const ExplorerSettings& offered,
                    Values values) {
  validate(layer);
  const ExplorerSettings settings = with_units(offered, device.profile);
  Front front(values);
  for_each_fitting_design(device, layer, settings, [&](const Design& design, double fetch_s) {
    const ParetoDesign priced = values_of(device, layer, design, fetch_s);
    if (priced.latency_s < kInfinity) front.add(priced);
  });
  LayerFront result{.designs = front.take(), .why = std::nullopt};
  if (result.designs.empty()) result.why = best_design(device, layer, settings).why;
  return result;
}

/// A point of the network's front, as the bounds that it keeps.
struct Bounds {
  double latency_s;
  double energy_j;
  double vm_bytes;
};

/// The bounds (e, v) with their least latency that are on the front, or stand for it with an
/// epsilon above 0. Nothing if there are more than `most`.
std::optional<std::vector<Bounds>> front_bounds(const std::vector<LayerFront>& layers,
                                                const std::vector<double>& energies,
                                                const std::vector<double>& vms, double epsilon,
                                                std::size_t most) {
  struct Step {
    std::size_t energy;  ///< index in `energies`
    std::size_t layer;
    double latency_s;
    double vm;
  };
  std::vector<Step> steps;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    for (const ParetoDesign& design : layers[layer].designs) {
      const auto at = std::lower_bound(energies.begin(), energies.end(), design.energy_per_cycle_j);
      steps.push_back({static_cast<std::size_t>(at - energies.begin()), layer, design.latency_s,
                       static_cast<double>(design.vm_bytes)});
    }
  }
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& a, const Step& b) { return a.energy < b.energy; });

  std::vector<Bounds> bounds;
  // listed[e]: least latency of a listed point with exactly this energy and a smaller VM.
  std::vector<double> listed(energies.size(), kInfinity);
  std::vector<double> best(layers.size());
  for (const double vm : vms) {
    std::fill(best.begin(), best.end(), kInfinity);
    double least_listed_s = kInfinity;
    auto step = steps.begin();
    for (std::size_t energy = 0; energy < energies.size(); ++energy) {
      bool improved = false;
      for (; step != steps.end() && step->energy == energy; ++step) {
        if (step->vm > vm || step->latency_s >= best[step->layer]) continue;
        best[step->layer] = step->latency_s;
        improved = true;
      }
      least_listed_s = std::min(least_listed_s, listed[energy]);
      if (!improved) continue;
      double latency_s = 0;
      for (const double of_layer : best) latency_s += of_layer;
      if (latency_s == kInfinity || latency_s * (1 + epsilon) >= least_listed_s) continue;
      if (bounds.size() == most) return std::nullopt;
      bounds.push_back({latency_s, energies[energy], vm});
      listed[energy] = latency_s;
      least_listed_s = latency_s;
    }
  }
  return bounds;
}

/// The fastest designs of all layers within the bounds.
ParetoNetwork network_within(const std::vector<LayerFront>& layers, const Bounds& bounds) {
  ParetoNetwork network;
  for (const LayerFront& front : layers) {
    // Ascending latency: the first within the bounds is the fastest.
    const auto chosen =
        std::find_if(front.designs.begin(), front.designs.end(), [&](const ParetoDesign& design) {
          return design.energy_per_cycle_j <= bounds.energy_j &&
                 static_cast<double>(design.vm_bytes) <= bounds.vm_bytes;
        });
    network.designs.push_back(chosen->design);
    network.latency_s += chosen->latency_s;
    network.energy_per_cycle_j = std::max(network.energy_per_cycle_j, chosen->energy_per_cycle_j);
    network.vm_bytes = std::max(network.vm_bytes, chosen->vm_bytes);
  }
  return network;
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

ParetoDesign pareto_values(const Device& device, const Layer& layer, const Design& design) {
  require_intermittent(device);
  return values_of(device, layer, design, continuous_fetch_s(device, layer, design));
}

LayerFront layer_front(const Device& device, const Layer& layer, const ExplorerSettings& settings) {
  require_intermittent(device);
  return front_of(device, layer, settings, five_values);
}

NetworkFront network_front(const Device& device, const Network& network,
                           const ExplorerSettings& settings, std::int64_t most_networks,
                           const RoundsDone& done) {
  require_intermittent(device);
  validate(network);
  if (most_networks < 1) {
    throw InvalidArgument(fmt::format("most_networks: found {}, allowed: from 1", most_networks));
  }
  NetworkFront result;

  std::vector<LayerFront> layers;
  std::vector<double> energies;
  std::vector<double> vms;
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    layers.push_back(front_of(device, network.layers[index], settings, three_values));
    LayerFront& front = layers.back();
    if (front.why) {
      result.why = std::move(front.why);
      result.why->layer_index = static_cast<std::int64_t>(index);
      return result;
    }
    for (const ParetoDesign& design : front.designs) {
      energies.push_back(design.energy_per_cycle_j);
      vms.push_back(static_cast<double>(design.vm_bytes));
    }
    if (done) done(static_cast<std::int64_t>(index) + 1, std::ssize(network.layers));
  }
  sort_unique(energies);
  sort_unique(vms);

  constexpr double kLeastEpsilon = 1e-4;
  constexpr double kLargestEpsilon = 1e9;
  const auto most = static_cast<std::size_t>(most_networks);
  std::optional<std::vector<Bounds>> bounds;
  while (!(bounds = front_bounds(layers, energies, vms, result.epsilon, most))) {
    result.epsilon = result.epsilon == 0 ? kLeastEpsilon : 2 * result.epsilon;
    if (result.epsilon > kLargestEpsilon) {
      throw InvalidArgument(fmt::format(
          "most_networks: found {}, allowed: more, because no coarser latency joins so many "
          "different bounds of energy and VM",
          most_networks));
    }
  }
  std::int64_t least_bytes = std::numeric_limits<std::int64_t>::max();
  for (const Bounds& point : *bounds) {
    ParetoNetwork found = network_within(layers, point);
    const std::int64_t bytes = nvm_bytes(device, network, found.designs);
    least_bytes = std::min(least_bytes, bytes);
    if (bytes <= device.platform.nvm_bytes) {
      result.networks.push_back(std::move(found));
    } else {
      ++result.left_out;
    }
  }
  if (result.networks.empty()) result.why = broken_nvm_capacity(device, least_bytes);
  std::sort(result.networks.begin(), result.networks.end(), [](const auto& a, const auto& b) {
    return std::tie(a.latency_s, a.energy_per_cycle_j, a.vm_bytes) <
           std::tie(b.latency_s, b.energy_per_cycle_j, b.vm_bytes);
  });
  return result;
}

}  // namespace inas::explorer
