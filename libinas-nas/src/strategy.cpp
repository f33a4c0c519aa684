#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/nas/strategy.hpp>

#include "strategies/factories.hpp"

namespace inas::nas {
namespace {

struct Factory {
  std::string_view name;
  std::unique_ptr<Strategy> (*make)(const Settings& settings, explorer::Explorer& explorer);
};

std::unique_ptr<Strategy> make_halving_of_its_proposer(const Settings& settings,
                                                       explorer::Explorer& explorer) {
  Settings of_proposer = settings;
  of_proposer.search.strategy = settings.strategies.get<std::string>("halving.proposer");
  return make_halving(settings, make_strategy(of_proposer, explorer));
}

constexpr std::array kFactories{Factory{"screen", make_screen},
                                Factory{"evolution", make_evolution},
                                Factory{"halving", make_halving_of_its_proposer},
                                Factory{"pareto", make_pareto},
                                Factory{"random", make_random},
                                Factory{"reinforce", make_reinforce}};

}  // namespace

std::unique_ptr<Strategy> make_strategy(const Settings& settings, explorer::Explorer& explorer) {
  for (const Factory& factory : kFactories) {
    if (factory.name == settings.search.strategy) return factory.make(settings, explorer);
  }
  throw InvalidArgument(
      fmt::format("search.strategy: found \"{}\", which nobody makes", settings.search.strategy));
}

}  // namespace inas::nas
