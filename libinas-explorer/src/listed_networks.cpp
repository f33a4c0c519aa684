#include "listed_networks.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <queue>
#include <utility>

#include <inas/core/random_draw.hpp>

namespace inas::explorer {
namespace {

/// Networks whose feasible ones are counted together, to find the n-th one.
constexpr std::size_t kBlock = 1024;

/// The fastest of many networks.
class Fastest {
 public:
  using Entry = std::pair<double, std::size_t>;  ///< latency and index: the order of ties

  void add(const Entry& entry, std::size_t most) {
    ++networks_;
    if (kept_.size() == most) {
      if (!(entry < kept_.top())) return;
      kept_.pop();
    }
    kept_.push(entry);
  }

  [[nodiscard]] std::uint64_t networks() const { return networks_; }

  /// Ascending.
  [[nodiscard]] std::vector<Entry> take() {
    std::vector<Entry> entries(kept_.size());
    for (auto place = entries.rbegin(); place != entries.rend(); ++place, kept_.pop()) {
      *place = kept_.top();
    }
    return entries;
  }

 private:
  std::uint64_t networks_ = 0;
  std::priority_queue<Entry> kept_;  ///< the slowest on top
};

}  // namespace

ListedNetworks::ListedNetworks(const MappedSpace& mapped)
    : mapped_(mapped),
      below_(networks_below(mapped.priced)),
      listing_(list_space(mapped.priced,
                          mapped.nvm_matters() ? std::optional(mapped.nvm_bytes) : std::nullopt,
                          mapped.options.threads, mapped.options.networks_done)) {
  std::uint32_t before = 0;
  for (std::size_t index = 0; index < listing_.latency_s.size(); ++index) {
    if (index % kBlock == 0) feasible_before_.push_back(before);
    before += feasible(index) ? 1 : 0;
  }
  feasible_before_.push_back(before);
}

bool ListedNetworks::feasible(std::size_t index) const {
  const double latency_s = listing_.latency_s[index];
  return latency_s <= mapped_.requirement_s() && latency_s != kNever;
}

void ListedNetworks::count(SpaceCounts& counts) const {
  counts.nvm_capacity = listing_.beyond_nvm;
  counts.feasible = counts.feasible_least = counts.feasible_most = feasible_before_.back();
  counts.responsiveness =
      NetworkCount(static_cast<std::uint64_t>(listing_.sorted_s.size())) - counts.feasible;
}

double ListedNetworks::within(double latency_s) const {
  const auto& sorted_s = listing_.sorted_s;
  return static_cast<double>(std::upper_bound(sorted_s.begin(), sorted_s.end(), latency_s) -
                             sorted_s.begin());
}

void ListedNetworks::for_each(const std::function<void(double, double)>& visit) const {
  for (const double latency_s : listing_.sorted_s) visit(latency_s, 1);
}

double ListedNetworks::least_s(const PathStart& start) const {
  if (additive()) return best_latency_s<std::less<>>(mapped_.priced, start);
  std::size_t first = start.first_choice * below_[start.level + 1];
  for (std::size_t level = 0; level < start.level; ++level) {
    first += start.chosen[level] * below_[level + 1];
  }
  const std::size_t count = (start.last_choice - start.first_choice) * below_[start.level + 1];
  const auto from = listing_.latency_s.begin() + static_cast<std::ptrdiff_t>(first);
  return *std::min_element(from, from + static_cast<std::ptrdiff_t>(count));
}

bool ListedNetworks::can_be_feasible(const PathStart& start) const {
  if (additive()) {
    return one_is_within(mapped_.priced, start, mapped_.requirement_s());
  }
  const double latency_s = least_s(start);
  return latency_s != kNever && latency_s <= mapped_.requirement_s();
}

std::optional<Architecture> ListedNetworks::sample_feasible(std::mt19937_64& random) const {
  if (feasible_before_.back() == 0) return std::nullopt;
  auto wanted = static_cast<std::uint32_t>(draw_below(random, feasible_before_.back()));
  const auto block = std::upper_bound(feasible_before_.begin(), feasible_before_.end(), wanted) - 1;
  wanted -= *block;
  auto index = static_cast<std::size_t>(block - feasible_before_.begin()) * kBlock;
  while (!feasible(index) || wanted-- > 0) ++index;
  return architecture(index);
}

std::vector<SizeClass> ListedNetworks::fastest(std::size_t count, SizeMeasure measure) const {
  const PricedGraph& priced = mapped_.priced;
  const auto size_of = [&](std::size_t level, std::size_t edge) {
    std::int64_t size = 0;
    for (const SpaceGraph::Placed& placed : priced.placed(level, edge)) {
      const Layer& layer = priced.layer(placed);
      size += measure == SizeMeasure::weights ? weight_count(layer) : mac_count(layer);
    }
    return size;
  };
  std::map<std::int64_t, Fastest> classes;  // by the exponent of the size
  const std::function<void(std::size_t, std::size_t, std::int64_t, std::size_t)> visit =
      [&](std::size_t level, std::size_t node, std::int64_t size, std::size_t index) {
        if (level == priced.levels()) {
          const double latency_s = listing_.latency_s[index];
          if (latency_s == kNever) return;
          const auto exponent =
              static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(size)));
          classes[exponent].add({latency_s, index}, count);
          return;
        }
        for (std::size_t choice = 0; choice < priced.choices(level); ++choice) {
          const std::size_t edge = priced.edge(level, node, choice);
          if (priced.edge_s[level][edge] != kNever) {
            visit(level + 1, priced.next(level, edge), size + size_of(level, edge), index);
          }
          index += below_[level + 1];
        }
      };
  visit(0, 0, 0, 0);

  std::vector<SizeClass> result;
  for (auto& [exponent, found] : classes) {
    SizeClass size_class;
    size_class.at_least = std::int64_t{1} << (exponent - 1);
    size_class.below = std::int64_t{1} << exponent;
    size_class.networks = found.networks();
    for (const auto& [latency_s, index] : found.take()) {
      size_class.fastest.push_back(mapped_.ranked(architecture(index), latency_s));
    }
    result.push_back(std::move(size_class));
  }
  return result;
}

Architecture ListedNetworks::architecture(std::size_t index) const {
  std::vector<std::size_t> choices;
  for (std::size_t level = 0; level < mapped_.priced.levels(); ++level) {
    choices.push_back(index / below_[level + 1]);
    index %= below_[level + 1];
  }
  return architecture_of(mapped_.priced, choices);
}

}  // namespace inas::explorer
