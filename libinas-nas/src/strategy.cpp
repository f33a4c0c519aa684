#include <array>
#include <memory>
#include <utility>

#include <inas/core/error.hpp>
#include <inas/explorer/space_map.hpp>
#include <inas/nas/controller.hpp>
#include <inas/nas/reward.hpp>
#include <inas/nas/strategy.hpp>

#include "random_strategies.hpp"

namespace inas::nas {
namespace {

/// The controller, told the paper's reward.
class Reinforce final : public Strategy {
 public:
  Reinforce(const Settings& settings, ProposalFilter filter)
      : controller_(settings.space, settings.controller, settings.search.seed, std::move(filter)),
        reward_(settings.controller),
        requirement_s_(settings.search.latency_requirement_s),
        effort_(full_effort(settings)) {}

  Proposal propose() override { return {controller_.propose(), effort_}; }

  Lesson learn(const Trial& trial) override {
    const double reward = reward_.of(trial, requirement_s_);
    controller_.learn(trial.architecture, reward);
    return {reward, reward_.moving_accuracy()};
  }

 private:
  Controller controller_;
  Reward reward_;
  double requirement_s_;
  Effort effort_;
};

std::unique_ptr<Strategy> make_reinforce(const Settings& settings,
                                         const explorer::Explorer& explorer) {
  ProposalFilter filter;
  if (settings.search.feasible_only) {
    filter = [map = map_space(settings, explorer)](std::span<const std::int64_t> beginning) {
      return map->can_be_feasible(beginning);
    };
  }
  return std::make_unique<Reinforce>(settings, std::move(filter));
}

/// How each strategy of core/strategies.hpp is made.
struct Factory {
  StrategyKind kind;
  std::unique_ptr<Strategy> (*make)(const Settings& settings, const explorer::Explorer& explorer);
};

constexpr std::array kFactories{Factory{StrategyKind::reinforce, make_reinforce},
                                Factory{StrategyKind::random, make_random},
                                Factory{StrategyKind::random_feasible, make_random_feasible}};

}  // namespace

std::unique_ptr<Strategy> make_strategy(const Settings& settings, explorer::Explorer& explorer) {
  for (const Factory& factory : kFactories) {
    if (factory.kind == settings.search.strategy) return factory.make(settings, explorer);
  }
  throw InvalidArgument("search.strategy: not a known strategy");
}

}  // namespace inas::nas
