#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <published_solutions.hpp>
#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/explorer/explorer.hpp>

#include "emulated_cycles.hpp"
#include "firmware/scheduled_layers.hpp"
#include "laws.hpp"

/// What the shipped laws predict for networks with their best designs, and what the emulated
/// firmware takes, with random weights.
namespace inas::laws {
namespace {

struct Named {
  std::string name;
  costmodel::Device device;
  firmware::ScheduledLayers network;
};

Named explored(const std::string& name, const Network& network, const Settings& settings) {
  const costmodel::Device device = costmodel::make_device(settings.platform, settings.power);
  explorer::Explorer explorer(device, settings.explorer);
  const explorer::NetworkResult result = explorer.explore(network);
  if (!result.feasible()) throw Error(fmt::format("{}: {}", name, describe(*result.why)));
  std::vector<firmware::TestLayer> layers;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    layers.push_back({network.layers[i], result.layers[i].design});
  }
  return {name, device, firmware::with_ledger(device, layers)};
}

Named of_choices(const std::string& choices, Settings settings) {
  const Architecture architecture = parse_architecture(choices);
  settings.space.layers = static_cast<std::int64_t>(architecture.size()) / 2;
  return explored(choices, build_network(settings.space, architecture), settings);
}

std::vector<Named> published(const std::filesystem::path& folder, Settings settings) {
  std::vector<Named> networks;
  for (const apps::PublishedSolution& of : apps::read_published_solutions(folder)) {
    if (of.supply.kind != PowerKind::intermittent) continue;
    settings.power = of.supply;
    networks.push_back(explored(of.name, of.network, settings));
  }
  return networks;
}

void predict(const std::vector<Named>& networks) {
  std::vector<std::unique_ptr<firmware::TestModel>> models;
  for (const Named& of : networks) {
    models.push_back(std::make_unique<firmware::TestModel>(
        of.network.layers, 1, 0, firmware::Placement::shared, of.network.ledger_budget));
  }
  const std::vector<std::uint64_t> cycles = emulated_cycles(models);
  fmt::print("{:<24} {:>12} {:>12} {:>8}\n", "network", "emulated", "predicted", "error");
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const Named& named = networks[i];
    const std::vector<double> counts =
        costmodel::law_counts(named.device, named.network.plain(), named.network.designs());
    const Eigen::VectorXd laws = laws_of(named.device.profile);
    const Observation of{vector_of(counts), static_cast<double>(cycles[i])};
    fmt::print("{:<24} {:>12} {:>12.0f} {:>+6.2f} %\n", named.name, cycles[i], laws.dot(of.counts),
               100 * relative_error(laws, of));
  }
}

}  // namespace
}  // namespace inas::laws

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-predict-cycles",
      .arguments = "CHOICES... | --published FOLDER",
      .description =
          "Active cycles of an inference, on the emulator of the FR5994 with random weights,\n"
          "and by the default profile: of the networks CHOICES (as 5,8,5,8) of the default\n"
          "space, or of the intermittent ones published with the paper, FOLDER being that of\n"
          "published-solutions.jsonl, each with its best designs.\n"
          "Exit code: 0 done, 2 bad input.",
      .most_words = 1000,
      .options = {"--published"}};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    const inas::Settings settings;
    std::vector<inas::laws::Named> networks;
    if (given.words.empty() != given.has("--published")) {
      throw inas::Error("allowed: either CHOICES or --published FOLDER");
    }
    if (given.has("--published")) {
      networks = inas::laws::published(given.options.at("--published"), settings);
    }
    for (const std::string& choices : given.words) {
      networks.push_back(inas::laws::of_choices(choices, settings));
    }
    inas::laws::predict(networks);
    return 0;
  });
}
