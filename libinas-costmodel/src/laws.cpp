#include <functional>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/execution/design_check.hpp>

#include "kernel_laws.hpp"

namespace inas::costmodel {
namespace {

/// A law, or a parameter of one, as two numbers of a profile: joules and seconds for one of it.
struct Law {
  std::string name;
  std::function<double(const Profile&)> cycles;
  std::function<void(Profile&, double cycles, double energy_j)> set;
  bool of_lea = false;  ///< not in profiles without one
};

template <class Member>
void add_linear(std::vector<Law>& laws, const std::string& name, Member member,
                bool of_lea = false) {
  for (const auto& [suffix, part] :
       {std::pair{".intercept", &LinearLaw::intercept}, std::pair{".slope", &LinearLaw::slope}}) {
    laws.push_back(
        {name + suffix,
         [member, part = part](const Profile& profile) { return member(profile).latency_s.*part; },
         [member, part = part](Profile& profile, double cycles, double energy_j) {
           LinearCost& cost = member(profile);
           cost.latency_s.*part = cycles;
           cost.latency_s.divisor = profile.clock_hz;
           cost.energy_j.*part = energy_j;
         },
         of_lea});
  }
}

template <class Member>
void add_cost(std::vector<Law>& laws, const std::string& name, Member member, bool of_lea = false) {
  laws.push_back(
      {name,
       [member](const Profile& profile) { return cycles_of(member(profile), profile.clock_hz); },
       [member](Profile& profile, double cycles, double energy_j) {
         member(profile) = {energy_j, cycles / profile.clock_hz};
       },
       of_lea});
}

std::vector<Law> make_laws() {
  std::vector<Law> laws;
  add_linear(
      laws, "nvm_read", [](auto& profile) -> auto& { return profile.nvm_read; });
  add_linear(
      laws, "nvm_write", [](auto& profile) -> auto& { return profile.nvm_write; });
  add_linear(
      laws, "cpu_mac", [](auto& profile) -> auto& { return *profile.cpu_mac; });
  add_linear(
      laws, "vector_mac", [](auto& profile) -> auto& { return profile.vector_mac; }, true);
  add_cost(
      laws, "cycle", [](auto& profile) -> auto& { return profile.runtime.cycle; });
  add_cost(
      laws, "block", [](auto& profile) -> auto& { return profile.runtime.block; });
  add_cost(
      laws, "block_row", [](auto& profile) -> auto& { return profile.runtime.block_row; });
  add_cost(
      laws, "weights", [](auto& profile) -> auto& { return profile.runtime.weights; });
  add_cost(
      laws, "window", [](auto& profile) -> auto& { return profile.runtime.window; });
  add_cost(
      laws, "border", [](auto& profile) -> auto& { return profile.runtime.border; });
  add_cost(
      laws, "fill", [](auto& profile) -> auto& { return profile.runtime.fill; });
  add_cost(
      laws, "fill_run", [](auto& profile) -> auto& { return profile.runtime.fill_run; });
  add_cost(
      laws, "cap", [](auto& profile) -> auto& { return profile.runtime.cap; });
  for (const KernelObject& object : kernel_objects()) {
    for (const KernelLaw& law : object.laws) {
      add_cost(
          laws, std::string(object.key) + "." + law.key,
          [&object, member = law.law ](auto& profile) -> auto& {
            return object.in(profile.runtime).*member;
          },
          object.of_lea);
    }
  }
  return laws;
}

const std::vector<Law>& laws() {
  static const std::vector<Law> all = make_laws();
  return all;
}

/// A runtime's profile whose laws are all zero.
Profile profile_of_nothing() {
  Profile profile;
  profile.clock_hz = 1;
  profile.cpu_mac.emplace();
  profile.progress_values = kRuntimeProgressValues;
  profile.count_values = kRuntimeCountValues;
  profile.runtime.priced.fill(true);
  return profile;
}

}  // namespace

const std::vector<std::string>& law_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Law& law : laws()) all.push_back(law.name);
    return all;
  }();
  return names;
}

std::vector<double> law_counts(const Layer& layer, const Design& design) {
  execution::check_design(layer, design);
  Device device;
  device.supply.capacitance_f = 1e3;  // whatever the design, a cycle's energy is within the budget
  std::vector<double> counts;
  for (const Law& law : laws()) {
    device.profile = profile_of_nothing();
    law.set(device.profile, 1, 0);
    const IntermittentCost cost = intermittent_cost(device, layer, design);
    counts.push_back(cost.sum([](const CycleCost& cycle) { return cycle.total(); }).latency_s);
  }
  return counts;
}

std::vector<double> law_counts(const Device& device, std::span<const Layer> layers,
                               std::span<const Design> designs) {
  const std::vector<ScheduledCycle> cycles = scheduled_cycles(device, layers, designs);
  std::vector<double> counts;
  for (const Law& law : laws()) {
    Profile profile = profile_of_nothing();
    law.set(profile, 1, 0);
    std::vector<BatchSums> sums;
    for (std::size_t index = 0; index < layers.size(); ++index) {
      sums.emplace_back(profile, layers[index], designs[index]);
    }
    const CycleOverheads overheads = cycle_overheads(profile);
    double count = 0;
    for (const ScheduledCycle& cycle : cycles) {
      count += overheads.of_cycle().latency_s;
      for (const execution::CycleSegment& segment : cycle.segments) {
        count += sums[segment.layer].of(segment.begin, segment.end).latency_s;
      }
    }
    counts.push_back(count);
  }
  return counts;
}

std::vector<double> law_cycles(const Profile& profile) {
  if (!profile.cpu_mac) {
    throw InvalidArgument(fmt::format(
        "profile: found {}, allowed: one of the runtime, which has cpu_mac", profile.name));
  }
  std::vector<double> cycles;
  for (const Law& law : laws()) cycles.push_back(law.cycles(profile));
  return cycles;
}

Profile with_law_cycles(Profile base, const std::vector<double>& cycles,
                        double energy_per_cycle_j) {
  if (cycles.size() != laws().size()) {
    throw InvalidArgument(
        fmt::format("cycles: found {} laws, allowed: {}", cycles.size(), laws().size()));
  }
  if (!base.cpu_mac) base.cpu_mac.emplace();
  base.runtime.energy_per_cycle_j = energy_per_cycle_j;
  base.runtime.priced.fill(true);
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    if (laws()[i].of_lea && !base.has_lea) continue;
    laws()[i].set(base, cycles[i], cycles[i] * energy_per_cycle_j);
  }
  return base;
}

}  // namespace inas::costmodel
