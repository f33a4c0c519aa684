#include <random>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/nas/controller.hpp>
#include <inas/nas/strategy.hpp>

#include "random_draw.hpp"

namespace inas::nas {
namespace {

Architecture draw_architecture(const std::vector<Decision>& decisions, std::mt19937_64& random) {
  Architecture architecture;
  for (const Decision& decision : decisions) {
    architecture.push_back(decision.values[draw_below(random, decision.values.size())]);
  }
  return architecture;
}

class RandomStrategy final : public Strategy {
 public:
  RandomStrategy(const SearchSpace& space, std::uint64_t seed)
      : decisions_(decisions(space)), random_(seed) {}

  Architecture propose() override { return draw_architecture(decisions_, random_); }
  void learn(const Architecture&, double) override {}

 private:
  std::vector<Decision> decisions_;
  std::mt19937_64 random_;
};

class RandomFeasibleStrategy final : public Strategy {
 public:
  RandomFeasibleStrategy(const Settings& settings, explorer::Explorer& explorer)
      : space_(settings.space),
        requirement_s_(settings.search.latency_requirement_s),
        decisions_(decisions(settings.space)),
        explorer_(explorer),
        random_(settings.search.seed) {}

  Architecture propose() override {
    constexpr int kMaxDraws = 1'000'000;
    for (int draw = 0; draw < kMaxDraws; ++draw) {
      Architecture architecture = draw_architecture(decisions_, random_);
      if (explorer_.explore(space_, architecture, requirement_s_).feasible()) return architecture;
    }
    throw Error(fmt::format(
        "none of {} random networks of the search space satisfies every constraint; a longer "
        "search.latency_requirement_s, a larger power.capacitance_f or platform.vm_bytes may help",
        kMaxDraws));
  }
  void learn(const Architecture&, double) override {}

 private:
  SearchSpace space_;
  double requirement_s_;
  std::vector<Decision> decisions_;
  explorer::Explorer& explorer_;
  std::mt19937_64 random_;
};

}  // namespace

std::unique_ptr<Strategy> make_strategy(const Settings& settings, explorer::Explorer& explorer) {
  switch (settings.search.strategy) {
    case StrategyKind::reinforce:
      return std::make_unique<Controller>(settings.space, settings.controller,
                                          settings.search.seed);
    case StrategyKind::random:
      return std::make_unique<RandomStrategy>(settings.space, settings.search.seed);
    case StrategyKind::random_feasible:
      return std::make_unique<RandomFeasibleStrategy>(settings, explorer);
  }
  throw InvalidArgument("search.strategy: not a known strategy");
}

}  // namespace inas::nas
