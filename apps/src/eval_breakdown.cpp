#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>
#include <inas/costmodel/breakdown.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>

#include "breakdown_report.hpp"
#include "command_line.hpp"
#include "eval_commands.hpp"
#include "network_option.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;

const Usage kUsage{
    "inas-eval breakdown",
    "inas-eval breakdown --choices LIST [options]\n"
    "       inas-eval breakdown --solution DIR [options]      its designs, on another device if "
    "options name one",
    "Prints where the time and the energy of an inference go: for each layer what boots, "
    "fetching,\n"
    "computing, bookkeeping and back-ups take, and the time of recharging, by layers and as\n"
    "scheduled; and which law of the profile takes most of a layer's energy, with its share and "
    "where\n"
    "it comes from. What a power cycle has once belongs to its layers by the energy of their "
    "work.\n"
    "Exit code: 0 done, also of a network that is too slow; 1 it cannot run, 2 bad input."};

/// A network with a design for each layer, and the settings that it is priced under.
struct Designed {
  Settings settings;
  Architecture architecture;
  Network network;
  explorer::NetworkResult result;
};

Designed designed(const po::variables_map& options) {
  if (options.count("solution") > 0 && options.count("choices") == 0) {
    auto [solution, result] = priced_solution(options);
    return {solution.settings, solution.architecture, network_of(solution), std::move(result)};
  }
  const NamedNetwork named = network_from(options, kUsage.name);
  explorer::Explorer explorer(costmodel::make_device(named.settings.platform, named.settings.power),
                              named.settings.explorer);
  return {named.settings, named.architecture, named.network,
          explorer.explore(named.network, named.settings.search.latency_requirement_s)};
}

}  // namespace

int eval_breakdown(int argc, const char* const* argv) {
  po::options_description what = network_options();
  what.add_options()("json", po::bool_switch(), "print JSON instead of tables")(
      "svg", po::value<std::string>()->value_name("FILE"), "draw the time as bars");
  what.add(settings_options());
  const auto options = parse_command_line(argc, argv, kUsage, what);
  if (!options) return kDone;
  check_outputs(*options, {"svg"});

  const Designed of = designed(*options);
  // Too slow is no reason not to ask where the time goes.
  if (of.result.why && of.result.why->constraint != explorer::Constraint::responsiveness) {
    fmt::print(stderr, "infeasible: {}\n", describe(*of.result.why));
    return kNoFeasibleSolution;
  }
  const costmodel::Device device = costmodel::make_device(of.settings.platform, of.settings.power);
  BreakdownReport report{of.architecture, of.network, {}, device.profile, {}, {}};
  for (const explorer::DesignEvaluation& layer : of.result.layers) {
    report.designs.push_back(layer.design);
  }
  report.by_layers = costmodel::breakdown_by_layers(device, report.network.layers, report.designs);
  if (of.settings.power.kind == PowerKind::intermittent) {
    report.as_scheduled =
        costmodel::breakdown_as_scheduled(device, report.network.layers, report.designs);
  }
  if (options->count("svg") > 0) {
    write_file((*options)["svg"].as<std::string>(), breakdown_svg(report));
  }
  fmt::print("{}",
             (*options)["json"].as<bool>() ? breakdown_json(report) : breakdown_table(report));
  return kDone;
}

}  // namespace inas::apps
