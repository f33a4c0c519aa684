#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <inas/core/random_draw.hpp>

#include "factories.hpp"
#include "feasible_space.hpp"

namespace inas::nas {
namespace {

/// The paper's behaviour: what breaks a constraint is found out after the proposal.
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
  RandomFeasibleStrategy(const Settings& settings, const explorer::Explorer& explorer)
      : space_(settings, explorer), effort_(full_effort(settings)), random_(settings.search.seed) {}

  Proposal propose() override { return {space_.draw(random_), effort_}; }

 private:
  FeasibleSpace space_;
  Effort effort_;
  std::mt19937_64 random_;
};

}  // namespace

std::unique_ptr<Strategy> make_random(const Settings& settings, explorer::Explorer& explorer) {
  if (settings.search.feasible_only) {
    return std::make_unique<RandomFeasibleStrategy>(settings, explorer);
  }
  return std::make_unique<RandomStrategy>(settings);
}

}  // namespace inas::nas
