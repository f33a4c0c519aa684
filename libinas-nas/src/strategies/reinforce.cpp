#include <memory>
#include <span>
#include <utility>

#include <inas/nas/controller.hpp>
#include <inas/nas/reward.hpp>

#include "factories.hpp"
#include "feasible_space.hpp"

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

}  // namespace

std::unique_ptr<Strategy> make_reinforce(const Settings& settings, explorer::Explorer& explorer) {
  ProposalFilter filter;
  if (settings.search.feasible_only) {
    filter = [space = FeasibleSpace(settings, explorer)](std::span<const std::int64_t> beginning) {
      return space.contains(beginning);
    };
  }
  return std::make_unique<Reinforce>(settings, std::move(filter));
}

}  // namespace inas::nas
