#include "network_option.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/solution.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/make_solution.hpp>

#include "command_line.hpp"

namespace inas::apps {

namespace po = boost::program_options;

po::options_description network_options() {
  po::options_description options("the network", 100);
  options.add_options()("choices", po::value<std::string>()->value_name("LIST"), kChoicesHelp)(
      "solution", po::value<std::string>()->value_name("DIR"),
      "the network of a solution folder, under the settings that it was found with");
  return options;
}

NamedNetwork network_from(const po::variables_map& options, const std::string& command) {
  if (options.count("choices") + options.count("solution") != 1) {
    throw Error(fmt::format("--choices, --solution: found {}, allowed: one of them; see {} --help",
                            options.count("choices") == 0 ? "none" : "both", command));
  }
  NamedNetwork named;
  if (options.count("solution") > 0) {
    const po::options_description of_settings = settings_options();
    for (const auto& option : of_settings.options()) {
      const auto& value = options[option->long_name()];
      if (!value.empty() && !value.defaulted()) {
        throw Error(fmt::format(
            "--{}: found with --solution, which has its settings, allowed: with --choices",
            option->long_name()));
      }
    }
    const std::string& folder = options["solution"].as<std::string>();
    Solution solution = read_solution(folder);
    // Of one without designs the network will do.
    if (solution.explored) solution = execution::read_checked_solution(folder);
    named = {solution.settings, solution.architecture, network_of(solution)};
  } else {
    named.settings = settings_from(options);
    const std::string text = options["choices"].as<std::string>();
    named.architecture = parse_architecture(text);
    validate(named.settings.space, named.architecture);
    try {
      named.network = build_network(named.settings.space, named.architecture);
    } catch (const InvalidArgument& error) {
      throw Error(fmt::format("--choices {}: {}", text, error.what()));
    }
  }
  return named;
}

namespace {

constexpr const char* kElsewhere =
    "what is deployed from it ends its power cycles elsewhere than priced here";

void remark_on_ledger(const Solution& solution, const explorer::NetworkResult& priced) {
  // As read from a file a unit's energy may be off in its last digits.
  const Ledger& stored_ledger = solution.ledger;
  const double unit_error_j = std::abs(stored_ledger.unit_j - priced.ledger.unit_j);
  if (stored_ledger.budget != priced.ledger.budget ||
      !(unit_error_j <= 1e-9 * priced.ledger.unit_j)) {
    fmt::print(stderr,
               "ledger: solution.json has a budget of {} units of {:.4g} J, its settings give {} "
               "of {:.4g} "
               "J: {}\n",
               stored_ledger.budget, stored_ledger.unit_j, priced.ledger.budget,
               priced.ledger.unit_j, kElsewhere);
  }
  for (std::size_t index = 0; index < priced.units.size(); ++index) {
    const LedgerUnits& stored = solution.layers[index].units;
    const LedgerUnits& units = priced.units[index];
    if (stored == units) continue;
    const auto text = [](const LedgerUnits& of) {
      return fmt::format("entry {}, fetched {}, kept {}", of.entry, of.fetched, of.kept);
    };
    fmt::print(stderr, "{}: solution.json has {} units of the ledger, its settings give {}: {}\n",
               solution.layers[index].layer.name, text(stored), text(units), kElsewhere);
  }
}

}  // namespace

PricedSolution priced_solution(const po::variables_map& options) {
  PricedSolution priced;
  Solution& solution = priced.solution;
  solution = execution::read_checked_solution(options["solution"].as<std::string>());
  const Platform platform = solution.settings.platform;
  const PowerSupply power = solution.settings.power;
  solution.settings = on_other_device(std::move(solution.settings), options);
  priced.result = explorer::price_solution(solution);
  if (solution.settings.platform == platform && solution.settings.power == power) {
    remark_on_ledger(solution, priced.result);
  }
  return priced;
}

}  // namespace inas::apps
