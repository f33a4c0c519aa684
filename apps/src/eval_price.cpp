#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/solution.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "network_option.hpp"
#include "report.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;

Usage usage() {
  std::string commands;
  for (const Command& command : eval_commands()) {
    commands += fmt::format("\n  inas-eval {:<10} {}", command.name, command.help);
  }
  return {
      "inas-eval",
      "inas-eval --choices LIST [options]        price a network of the settings' search space\n"
      "       inas-eval --solution DIR [options]        price the designs of a solution folder, on "
      "another\n"
      "                                                 device if options or --settings name one\n"
      "       inas-eval COMMAND [options]               one of the commands below",
      fmt::format("Prints, for every layer, its design, the energy of its dearest power cycle, the "
                  "share of the\n"
                  "budget, the end-to-end latency, the power cycles and the VM bytes.\n"
                  "Exit code: 0 feasible, 1 infeasible or a design of --solution no longer fits, "
                  "2 bad input.\n\n"
                  "Commands, each with its own --help:{}",
                  commands)};
}

int price_choices(const Settings& settings, const std::string& text, bool json) {
  const Architecture architecture = parse_architecture(text);
  validate(settings.space, architecture);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const explorer::NetworkResult result =
      explorer.explore(settings.space, architecture, settings.search.latency_requirement_s);
  if (result.why && result.why->constraint == explorer::Constraint::geometry) {
    throw Error(fmt::format("--choices {}: {}", text, describe(*result.why)));
  }
  const Network network = build_network(settings.space, architecture);
  fmt::print("{}", json ? layer_json(settings, architecture, network, result)
                        : layer_table(settings, network, result));
  return result.feasible() ? kDone : kNoFeasibleSolution;
}

int price_folder(const po::variables_map& options, bool json) {
  const auto [solution, result] = priced_solution(options);
  const Network network = network_of(solution);
  const auto broken = explorer::broken_constraints(solution, result);
  if (json) {
    fmt::print("{}", layer_json(solution.settings, solution.architecture, network, result, broken));
  } else {
    fmt::print("{}", layer_table(solution.settings, network, result, broken));
    const auto percent = [](const std::optional<double>& share) {
      return share ? fmt::format("{:.2f} %", 100 * *share) : std::string("not measured");
    };
    fmt::print("accuracy: validation {}, test {}, test as deployed in 16 bits {}\n",
               percent(solution.accuracy.validation), percent(solution.accuracy.test),
               percent(solution.accuracy.deployed));
  }
  return result.feasible() ? kDone : kNoFeasibleSolution;
}

}  // namespace

int eval_price(int argc, const char* const* argv) {
  po::options_description what("what to price", 100);
  what.add_options()("choices", po::value<std::string>()->value_name("LIST"), kChoicesHelp)(
      "solution", po::value<std::string>()->value_name("DIR"), "a solution folder")(
      "json", po::bool_switch(), "print JSON instead of a table");
  what.add(settings_options());
  const auto options = parse_command_line(argc, argv, usage(), what);
  if (!options) return kDone;

  const bool json = (*options)["json"].as<bool>();
  if (options->count("choices") + options->count("solution") != 1) {
    throw Error(
        fmt::format("--choices, --solution: found {}, allowed: one of them; see inas-eval --help",
                    options->count("choices") == 0 ? "none" : "both"));
  }
  if (options->count("solution") > 0) {
    return price_folder(*options, json);
  }
  return price_choices(settings_from(*options), (*options)["choices"].as<std::string>(), json);
}

}  // namespace inas::apps
