#include "random_strategies.hpp"

#include <optional>
#include <random>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>

namespace inas::nas {
namespace {

using explorer::SpaceMap;

class RandomStrategy final : public Strategy {
 public:
  explicit RandomStrategy(const Settings& settings)
      : decisions_(decisions(settings.space)),
        effort_(full_effort(settings)),
        random_(settings.search.seed) {}

  Proposal propose() override {
    Architecture architecture;
    for (const Decision& decision : decisions_) {
      architecture.push_back(decision.values[draw_below(random_, decision.values.size())]);
    }
    return {std::move(architecture), effort_};
  }

 private:
  std::vector<Decision> decisions_;
  Effort effort_;
  std::mt19937_64 random_;
};

class RandomFeasibleStrategy final : public Strategy {
 public:
  RandomFeasibleStrategy(std::shared_ptr<const SpaceMap> map, const Settings& settings)
      : map_(std::move(map)), effort_(full_effort(settings)), random_(settings.search.seed) {}

  Proposal propose() override {
    if (std::optional<Architecture> drawn = map_->sample_feasible(random_)) {
      return {*std::move(drawn), effort_};
    }
    throw NoFeasibleNetwork(fmt::format(
        "none of the {} networks of the search space satisfies every constraint; a longer "
        "search.latency_requirement_s, a larger power.capacitance_f or platform.vm_bytes may help",
        map_->counts().networks.text()));
  }

 private:
  std::shared_ptr<const SpaceMap> map_;
  Effort effort_;
  std::mt19937_64 random_;
};

}  // namespace

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

std::unique_ptr<Strategy> make_random_feasible(const Settings& settings,
                                               const explorer::Explorer& explorer) {
  return std::make_unique<RandomFeasibleStrategy>(map_space(settings, explorer), settings);
}

std::unique_ptr<Strategy> make_random(const Settings& settings,
                                      const explorer::Explorer& explorer) {
  if (settings.search.feasible_only) return make_random_feasible(settings, explorer);
  return std::make_unique<RandomStrategy>(settings);
}

}  // namespace inas::nas
