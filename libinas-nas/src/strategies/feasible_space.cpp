#include "feasible_space.hpp"

#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/nas/strategy.hpp>

namespace inas::nas {
namespace {

using explorer::SpaceMap;

std::shared_ptr<const SpaceMap> map_space(const Settings& settings,
                                          const explorer::Explorer& explorer) {
  explorer::SpaceMapOptions options;
  options.latency_requirement_s = settings.search.latency_requirement_s;
  try {
    return std::make_shared<SpaceMap>(settings.space, explorer.device(), explorer.settings(),
                                      options);
  } catch (const InvalidArgument&) {
    throw;
  } catch (const Error& error) {
    throw Error(fmt::format(
        "{}; with search.feasible_only = false, reinforce and random search without a map",
        error.what()));
  }
}

}  // namespace

FeasibleSpace::FeasibleSpace(const Settings& settings, const explorer::Explorer& explorer)
    : map_(map_space(settings, explorer)), decisions_(inas::decisions(settings.space)) {}

Architecture FeasibleSpace::draw(std::mt19937_64& random) const {
  if (std::optional<Architecture> drawn = map_->sample_feasible(random)) return *std::move(drawn);
  throw NoFeasibleNetwork(fmt::format(
      "none of the {} networks of the search space satisfies every constraint; a longer "
      "search.latency_requirement_s, a larger power.capacitance_f or platform.vm_bytes may help",
      map_->counts().networks.text()));
}

Architecture FeasibleSpace::draw_new(const std::set<Architecture>& known,
                                     std::mt19937_64& random) const {
  constexpr int kMostDraws = 100;
  Architecture drawn = draw(random);
  for (int draws = 1; draws < kMostDraws && known.contains(drawn); ++draws) drawn = draw(random);
  return drawn;
}

std::vector<Architecture> FeasibleSpace::neighbours(const Architecture& architecture) const {
  std::vector<Architecture> all;
  for (std::size_t decision = 0; decision < decisions_.size(); ++decision) {
    for (const std::int64_t value : decisions_[decision].values) {
      if (value == architecture.at(decision)) continue;
      Architecture neighbour = architecture;
      neighbour[decision] = value;
      if (contains(neighbour)) all.push_back(std::move(neighbour));
    }
  }
  return all;
}

std::optional<Architecture> FeasibleSpace::new_neighbour(const Architecture& architecture,
                                                         const std::set<Architecture>& known,
                                                         std::mt19937_64& random) const {
  std::vector<Architecture> all = neighbours(architecture);
  std::erase_if(all, [&](const Architecture& neighbour) { return known.contains(neighbour); });
  if (all.empty()) return std::nullopt;
  return std::move(all[draw_below(random, all.size())]);
}

}  // namespace inas::nas
