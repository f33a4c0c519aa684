#include <array>
#include <functional>
#include <utility>

#include <inas/costmodel/breakdown.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::costmodel {
namespace {

/// A law as the JSON form has it: takes what belongs to it from a profile.
struct LawOfProfile {
  const char* key;
  void (*copy)(const Profile& from, Profile& to);
};

constexpr std::array kLaws{
    LawOfProfile{"reboot", [](const Profile& from, Profile& to) { to.reboot = from.reboot; }},
    LawOfProfile{"nvm_start",
                 [](const Profile& from, Profile& to) { to.nvm_start = from.nvm_start; }},
    LawOfProfile{"nvm_read", [](const Profile& from, Profile& to) { to.nvm_read = from.nvm_read; }},
    LawOfProfile{"nvm_write",
                 [](const Profile& from, Profile& to) { to.nvm_write = from.nvm_write; }},
    LawOfProfile{"vector_mac",
                 [](const Profile& from, Profile& to) { to.vector_mac = from.vector_mac; }},
    LawOfProfile{"cpu_mac", [](const Profile& from, Profile& to) { to.cpu_mac = from.cpu_mac; }},
    LawOfProfile{"add", [](const Profile& from, Profile& to) { to.add = from.add; }},
    LawOfProfile{"max_compare",
                 [](const Profile& from, Profile& to) { to.max_compare = from.max_compare; }},
    LawOfProfile{"overheads",
                 [](const Profile& from, Profile& to) {
                   to.fetch_input = from.fetch_input;
                   to.fetch_weights = from.fetch_weights;
                   to.fetch_output = from.fetch_output;
                   to.backup_output = from.backup_output;
                   to.partial_sum = from.partial_sum;
                   to.accumulate = from.accumulate;
                   to.max_address = from.max_address;
                 }},
    LawOfProfile{"runtime", [](const Profile& from, Profile& to) { to.runtime = from.runtime; }}};

/// What the model counts is linear in the laws: with all others zero it is what this one takes.
Profile with_law_only(const Profile& profile, const LawOfProfile& law) {
  Profile only;
  only.reboot = {};
  only.has_lea = profile.has_lea;
  if (profile.cpu_mac) only.cpu_mac.emplace();
  only.longest_vector = profile.longest_vector;
  only.progress_values = profile.progress_values;
  only.count_values = profile.count_values;
  only.faults = profile.faults;
  only.runtime.priced = profile.runtime.priced;
  law.copy(profile, only);
  return only;
}

Breakdown parts_of(const CycleCost& cycle) {
  return {.boot = cycle.boot,
          .fetch = cycle.fetch,
          .compute = cycle.compute,
          .bookkeeping = cycle.index_fetch + cycle.index_backup + cycle.count + cycle.bookkeeping,
          .backup = cycle.backup};
}

Breakdown parts_of(const ContinuousCost& cost) {
  return {.fetch = cost.fetch,
          .compute = cost.compute,
          .bookkeeping = cost.bookkeeping,
          .backup = cost.backup};
}

void note_dominating(LayerBreakdown& layer, const char* law, double energy_j) {
  const double share = energy_j / layer.parts.active().energy_j;
  if (share > layer.law_share) {
    layer.law = law;
    layer.law_share = share;
  }
}

std::vector<BatchSums> sums_of(const Profile& profile, std::span<const Layer> layers,
                               std::span<const Design> designs) {
  std::vector<BatchSums> sums;
  for (std::size_t index = 0; index < layers.size(); ++index) {
    sums.emplace_back(profile, layers[index], designs[index]);
  }
  return sums;
}

/// What a layer runs in a power cycle, and its share of what the cycle has once.
struct Segment {
  std::size_t layer = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  double share = 0;
};

class ScheduleBreakdown {
 public:
  ScheduleBreakdown(const Device& device, std::span<const Layer> layers,
                    std::span<const Design> designs)
      : device_(device), layers_(layers), designs_(designs) {}

  [[nodiscard]] NetworkBreakdown make() {
    NetworkBreakdown network;
    network.layers.resize(layers_.size());
    const std::vector<BatchSums> sums = sums_of(device_.profile, layers_, designs_);
    for (const ScheduledCycle& cycle : scheduled_cycles(device_, layers_, designs_)) {
      add(cycle, sums, network);
      ++network.power_cycles;
    }
    for (const LawOfProfile& law : kLaws) add(law, network);
    return network;
  }

 private:
  void add(const ScheduledCycle& cycle, const std::vector<BatchSums>& sums,
           NetworkBreakdown& network) {
    CycleCost once;
    once.boot = cycle.cost.boot;
    once.index_fetch = cycle.cost.index_fetch;
    once.count = cycle.cost.count;
    const double work_j = cycle.cost.work().energy_j;
    for (const auto& segment : cycle.segments) {
      const CycleCost work = sums[segment.layer].parts_of(segment.begin, segment.end);
      const double share = work.work().energy_j / work_j;
      Breakdown& parts = network.layers[segment.layer].parts;
      parts = parts + parts_of(work) + scaled(share, parts_of(once));
      parts.recharge_s += share * cycle.recharge_s;
      segments_.push_back({segment.layer, segment.begin, segment.end, share});
    }
  }

  static Breakdown scaled(double factor, const Breakdown& of) {
    return {factor * of.boot,        factor * of.fetch,  factor * of.compute,
            factor * of.bookkeeping, factor * of.backup, factor * of.recharge_s};
  }

  /// The segments by this law alone.
  void add(const LawOfProfile& law, NetworkBreakdown& network) const {
    const Profile only = with_law_only(device_.profile, law);
    const std::vector<BatchSums> sums = sums_of(only, layers_, designs_);
    const double once_j = cycle_overheads(only).of_cycle().energy_j;
    std::vector<double> energies_j(layers_.size(), 0);
    for (const Segment& segment : segments_) {
      energies_j[segment.layer] +=
          segment.share * once_j + sums[segment.layer].of(segment.begin, segment.end).energy_j;
    }
    for (std::size_t index = 0; index < layers_.size(); ++index) {
      note_dominating(network.layers[index], law.key, energies_j[index]);
    }
  }

  const Device& device_;
  std::span<const Layer> layers_;
  std::span<const Design> designs_;
  std::vector<Segment> segments_;
};

LayerBreakdown continuous_breakdown(const Profile& profile, const Layer& layer,
                                    const Design& design) {
  LayerBreakdown broken_down;
  broken_down.parts = parts_of(continuous_cost(profile, layer, design));
  for (const LawOfProfile& law : kLaws) {
    const ContinuousCost only = continuous_cost(with_law_only(profile, law), layer, design);
    note_dominating(broken_down, law.key, only.total().energy_j);
  }
  return broken_down;
}

}  // namespace

NetworkBreakdown breakdown_by_layers(const Device& device, std::span<const Layer> layers,
                                     std::span<const Design> designs) {
  NetworkBreakdown network;
  for (std::size_t index = 0; index < layers.size(); ++index) {
    if (device.supply.kind == PowerKind::continuous) {
      network.layers.push_back(continuous_breakdown(device.profile, layers[index], designs[index]));
      continue;
    }
    const NetworkBreakdown layer =
        breakdown_as_scheduled(device, layers.subspan(index, 1), designs.subspan(index, 1));
    network.layers.push_back(layer.layers.front());
    network.power_cycles += layer.power_cycles;
  }
  return network;
}

NetworkBreakdown breakdown_as_scheduled(const Device& device, std::span<const Layer> layers,
                                        std::span<const Design> designs) {
  return ScheduleBreakdown(device, layers, designs).make();
}

NetworkBreakdown breakdown(const Device& device, std::span<const Layer> layers,
                           std::span<const Design> designs) {
  return runs_on_ledger(device.supply, designs) ? breakdown_as_scheduled(device, layers, designs)
                                                : breakdown_by_layers(device, layers, designs);
}

}  // namespace inas::costmodel
