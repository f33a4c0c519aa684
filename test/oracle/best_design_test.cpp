#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <oracle/legal.hpp>

#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/layer_search.hpp>

#include "any_case.hpp"

/// The explorer's best designs of layers of all types, by layers and by the ledger, are the fastest
/// of all that a walk through the loop nests finds, and those of the sweep.
namespace oracle {
namespace {

using inas::costmodel::Device;
using inas::explorer::LayerResult;

constexpr double kNone = std::numeric_limits<double>::infinity();
constexpr double kLedgerUnits = 65'535;

/// Prices designs on a device by walking. The legal ones, all ways to execute them.
class WalkingPricer {
 public:
  WalkingPricer(const Device& device, const Layer& layer)
      : device_(device),
        layer_(layer),
        law_cycles_(inas::costmodel::law_cycles(device.profile)),
        budget_j_(inas::costmodel::energy_budget_j(device.supply)) {}

  /// By layers, beginning and ending with a power cycle; nothing if one exceeds the budget.
  [[nodiscard]] std::optional<double> latency_s(const WideDesign& wide) const {
    double latency_s = 0;
    for (const Events& did : walk_runtime(layer_, wide)) {
      const double cycles = cycles_of(wide, did);
      const double energy_j = boot().energy_j + joules(cycles);
      if (energy_j > budget_j_) return std::nullopt;
      latency_s +=
          boot().latency_s + seconds(cycles) +
          inas::costmodel::recharge_time_s(device_.profile.faults, device_.supply, energy_j);
    }
    return latency_s;
  }

  /// What the layer adds to a schedule if its cycles could be cut anywhere; nothing if the ledger
  /// does not hold its dearest batch.
  [[nodiscard]] std::optional<double> fluid_s(WideDesign wide) const {
    const double entry = law("entry");
    const double start = 9 * slope("nvm_read") + intercept("nvm_read") + slope("nvm_write") +
                         intercept("nvm_write") + cycle_;
    const double start_j = boot().energy_j + joules(start);
    if (budget_j_ <= start_j) return std::nullopt;
    const double unit_j = (budget_j_ - start_j) / kLedgerUnits;
    const double entry_units = std::ceil(joules(entry) / unit_j);
    wide.K = 1;
    for (const Events& did : walk_runtime(layer_, wide)) {
      const double batch_j = joules(cycles_of(wide, did) - start - entry);
      if (entry_units + std::ceil(batch_j / unit_j) > kLedgerUnits) return std::nullopt;
    }
    const double work = cycles_of(wide, walk_runtime(layer_, wide, {0}).front()) - start;
    const double start_s = boot().latency_s + seconds(start);
    // The supplies here recharge concavely.
    const double s_per_j =
        inas::costmodel::recharge_time_s(device_.profile.faults, device_.supply, budget_j_) /
        budget_j_;
    return seconds(work) + joules(work) * (start_s + s_per_j * budget_j_) / (budget_j_ - start_j);
  }

 private:
  [[nodiscard]] const inas::costmodel::Cost& boot() const { return device_.profile.reboot; }
  [[nodiscard]] double joules(double cycles) const {
    return device_.profile.runtime.energy_per_cycle_j * cycles;
  }
  [[nodiscard]] double seconds(double cycles) const { return cycles / device_.profile.clock_hz; }
  [[nodiscard]] double cycles_of(const WideDesign& wide, const Events& did) const {
    return oracle::cycles_of(did, case_of(layer_, wide), law_cycles_);
  }
  [[nodiscard]] double named(const std::string& name) const {
    const auto& names = inas::costmodel::law_names();
    return law_cycles_[static_cast<std::size_t>(std::find(names.begin(), names.end(), name) -
                                                names.begin())];
  }
  [[nodiscard]] double slope(const std::string& name) const { return named(name + ".slope"); }
  [[nodiscard]] double intercept(const std::string& name) const {
    return named(name + ".intercept");
  }
  /// Of the layer's kernel.
  [[nodiscard]] double law(const std::string& name) const {
    Events one;
    if (name == "entry") one.entry = 1;
    return cycles_of({}, one);
  }

  const Device& device_;
  const Layer& layer_;
  std::vector<double> law_cycles_;
  double budget_j_;
  double cycle_ = named("cycle");
};

/// The ways to execute a design that `units` allow. A unit that is not there is not named.
std::vector<WideDesign> ways(const Layer& layer, const Design& design, inas::Units units) {
  std::vector<WideDesign> all;
  const bool own = layer.kind != Kind::conv && layer.kind != Kind::fc;
  for (const bool coalesced : {false, true}) {
    WideDesign wide{design, false, coalesced};
    if (own) {
      all.push_back(wide);
      continue;
    }
    if (units.lea) {
      all.push_back(wide);
      wide.row = true;
      all.push_back(wide);
    }
    wide.row = false;
    wide.cpu = true;
    if (units.cpu) all.push_back(wide);
  }
  return all;
}

/// A device of the runtime whose budget is near what a random design of the layer needs.
Device random_device(Generator& generator, const Layer& layer, bool shipped) {
  Device device;
  device.profile = shipped ? uniform_profile() : random_profile(generator);
  const AnyCase some = case_of(layer, random_wide_design(generator, layer));
  const std::vector<double> law_cycles = inas::costmodel::law_cycles(device.profile);
  double dearest_j = 0;
  for (const Events& did : walk_runtime(layer, some.wide)) {
    dearest_j = std::max(
        dearest_j, device.profile.runtime.energy_per_cycle_j * cycles_of(did, some, law_cycles));
  }
  const double wanted_j = device.profile.reboot.energy_j +
                          dearest_j * static_cast<double>(random_from(generator, 60, 300)) / 100;
  device.supply.capacitance_f *= wanted_j / inas::costmodel::energy_budget_j(device.supply);
  device.platform.vm_bytes =
      random_from(generator, 0, 2) == 0
          ? vm_bytes(layer, some.wide.design, 2) + random_from(generator, -1, 8)
          : 4096;
  device.platform.vm_bytes = std::max<std::int64_t>(device.platform.vm_bytes, 1);
  return device;
}

TEST(BestDesign, IsTheFastestOfAllThatAreWalked) {
  std::map<Kind, int> feasible;
  int infeasible = 0;
  int several = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    Generator generator(seed);
    const Layer layer = random_any_layer(generator, seed % 2 == 0 ? 4 : 5, 3);
    const Device device = random_device(generator, layer, seed % 3 == 0);
    inas::ExplorerSettings settings;
    settings.units = {.lea = random_from(generator, 0, 1) == 0, .cpu = true};
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(layer));

    const WalkingPricer pricer(device, layer);
    double by_layers_s = kNone;
    double fluid_s = kNone;
    for (const Design& design : legal_designs(layer)) {
      if (vm_bytes(layer, design, 2) > device.platform.vm_bytes) continue;
      for (WideDesign wide : ways(layer, design, settings.units)) {
        fluid_s = std::min(fluid_s, pricer.fluid_s(wide).value_or(kNone));
        // Of the K that a budget carries the largest.
        for (const Int K : legal_batches_per_cycle(layer, design)) {
          wide.K = K;
          const auto latency_s = pricer.latency_s(wide);
          if (!latency_s) break;
          by_layers_s = std::min(by_layers_s, *latency_s);
        }
      }
    }
    const LayerResult found =
        inas::explorer::best_design(device, library::layer_of(layer), settings);
    ASSERT_EQ(found.best.has_value(), by_layers_s < kNone);
    ASSERT_EQ(found.fluid.has_value(), fluid_s < kNone);
    if (found.fluid) {
      ASSERT_NEAR(found.fluid->fluid_s, fluid_s, 1e-9 * fluid_s) << to_string(found.fluid->design);
    }
    if (!found.best) {
      ++infeasible;
      continue;
    }
    ASSERT_NEAR(found.best->latency_s, by_layers_s, 1e-9 * by_layers_s)
        << to_string(found.best->design);
    ++feasible[layer.kind];
    several += found.best->design.batches_per_cycle > 1 ? 1 : 0;
  }
  for (int kind = 0; kind < 7; ++kind) EXPECT_GT(feasible[static_cast<Kind>(kind)], 5) << kind;
  EXPECT_GT(infeasible, 5);
  EXPECT_GT(several, 30);
}

TEST(BestDesign, EqualsTheSweepForEveryType) {
  int feasible = 0;
  int padded = 0;
  for (std::uint64_t seed = 1; seed <= 2500; ++seed) {
    Generator generator(seed);
    const Layer layer = random_any_layer(generator, 13, 12);
    const Device device = random_device(generator, layer, seed % 3 == 0);
    inas::ExplorerSettings settings;
    settings.legal = seed % 5 == 0 ? inas::Divisors::published : inas::Divisors::all;
    settings.row_mac = random_from(generator, 0, 1) == 0;
    settings.coalesced_dma = random_from(generator, 0, 3) != 0;
    settings.multiple_batches = random_from(generator, 0, 3) != 0;
    settings.ragged_tiles = random_from(generator, 0, 3) != 0;
    settings.units = {.lea = random_from(generator, 0, 1) == 0,
                      .cpu = random_from(generator, 0, 1) == 0};
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(layer));
    const inas::Layer of_library = library::layer_of(layer);
    const LayerResult fast = inas::explorer::best_design(device, of_library, settings);
    const LayerResult swept = inas::explorer::best_design_by_sweep(device, of_library, settings);
    ASSERT_EQ(fast, swept) << (fast.best ? to_string(fast.best->design) : "none") << " instead of "
                           << (swept.best ? to_string(swept.best->design) : "none") << ", fluid "
                           << (fast.fluid ? to_string(fast.fluid->design) : "none")
                           << " instead of "
                           << (swept.fluid ? to_string(swept.fluid->design) : "none");
    feasible += fast.best ? 1 : 0;
    padded += fast.best && layer.top + layer.left + layer.bottom + layer.right > 0 ? 1 : 0;
  }
  EXPECT_GT(feasible, 1000);
  EXPECT_GT(padded, 200);
}

/// Under continuous power, too, and by the published firmware's laws.
TEST(BestDesign, EqualsTheSweepForEveryTypeByOtherProfiles) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    Generator generator(seed);
    const Layer layer = random_any_layer(generator, 12, 8);
    Device device = random_device(generator, layer, true);
    if (seed % 2 == 0) {
      device.supply.kind = inas::PowerKind::continuous;
    } else if (layer.kind <= Kind::max) {  // the published firmware's have no laws of the others
      device.profile = library::profile_of(random_rules(generator));
      device.supply.capacitance_f *= 10;
    }
    inas::ExplorerSettings settings;
    settings.ragged_tiles = seed % 3 != 0;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(layer));
    const inas::Layer of_library = library::layer_of(layer);
    ASSERT_EQ(inas::explorer::best_design(device, of_library, settings),
              inas::explorer::best_design_by_sweep(device, of_library, settings));
  }
}

}  // namespace
}  // namespace oracle
