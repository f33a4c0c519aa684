#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/explorer/explorer.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "long_work.hpp"
#include "published_solutions.hpp"
#include "tinas_networks.hpp"
#include "tinas_report.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;

struct Row {
  std::string network;
  std::int64_t equal = 0;
  std::int64_t layers = 0;
  double latency_s = 0;
};

Row explore_published(const PublishedSolution& published) {
  const Platform platform = published_platform("msp430fr5994-published");
  explorer::Explorer explorer(costmodel::make_device(platform, published.supply),
                              published_space());
  const explorer::NetworkResult result = explorer.explore(published.network);

  Row row;
  row.network = published.name + (published.supply.margin == 0.70 ? " (margin 0.70)" : "");
  row.layers = static_cast<std::int64_t>(published.designs.size());
  row.latency_s = result.latency_s;
  for (std::size_t index = 0; index < result.layers.size(); ++index) {
    if (result.layers[index].design == published.designs[index]) ++row.equal;
  }
  return row;
}

/// Prints the table and returns whether every design is the published one.
bool print_published(const std::filesystem::path& folder, bool as_json) {
  const std::vector<Row> rows = one_by_one<Row>(
      "exploring the published networks", read_published_solutions(folder), explore_published);

  std::int64_t equal_networks = 0;
  for (const Row& row : rows) equal_networks += row.equal == row.layers ? 1 : 0;
  if (as_json) {
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (const Row& row : rows) {
      document.push_back({{"network", row.network},
                          {"designs_equal", row.equal},
                          {"layers", row.layers},
                          {"latency_s", row.latency_s}});
    }
    fmt::print("{}\n", document.dump(2));
  } else {
    fmt::print("{:<28} {:>13} {:>12}\n", "network", "designs equal", "latency s");
    for (const Row& row : rows) {
      fmt::print("{:<28} {:>13} {:>12.3f}\n", row.network,
                 fmt::format("{} of {}", row.equal, row.layers), row.latency_s);
    }
    fmt::print("{} of {} networks have every design as published\n", equal_networks, rows.size());
  }
  return equal_networks == static_cast<std::int64_t>(rows.size());
}

void print_or_write(const po::variables_map& options, const std::string& table,
                    const std::string& json, const std::string& csv) {
  if (options.count("csv") > 0) write_file(options["csv"].as<std::string>(), csv);
  fmt::print("{}", options["json"].as<bool>() ? json : table);
}

int print_tinas_layers(const po::variables_map& options, const TinasNetwork& network,
                       const Platform& platform) {
  const TinasPrice price = tinas_price(network, platform);
  if (price.result.why) {
    fmt::print(stderr, "infeasible: {}\n", describe(*price.result.why));
    return kNoFeasibleSolution;
  }
  print_or_write(options, tinas_layer_table(price), tinas_layer_json(price),
                 tinas_layer_csv(price));
  return kDone;
}

const TinasNetwork& named(const std::vector<TinasNetwork>& networks, const std::string& name) {
  std::vector<std::string> names;
  for (const TinasNetwork& network : networks) {
    if (network.name == name) return network;
    names.push_back(network.name);
  }
  throw Error(fmt::format("--layers: found \"{}\", allowed: {}", name, fmt::join(names, ", ")));
}

int print_tinas(const po::variables_map& options, const po::options_description& described,
                const std::filesystem::path& folder) {
  Settings settings;
  apply_settings(options, described, settings);
  const std::vector<TinasNetwork> networks = read_tinas_networks(folder);
  if (options.count("layers") > 0) {
    const std::string& name = options["layers"].as<std::string>();
    return print_tinas_layers(options, named(networks, name), settings.platform);
  }
  const std::vector<TinasPrice> prices = one_by_one<TinasPrice>(
      "pricing the published networks", networks,
      [&](const TinasNetwork& network) { return tinas_price(network, settings.platform); });
  print_or_write(options, tinas_table(prices), tinas_json(prices), tinas_csv(prices));
  const bool all = std::all_of(prices.begin(), prices.end(),
                               [](const TinasPrice& price) { return price.result.feasible(); });
  return all ? kDone : kNoFeasibleSolution;
}

const Usage kUsage{
    "inas-eval published",
    "inas-eval published --reference DIR [--json]\n"
    "       inas-eval published --reference DIR --tinas [--layers NAME] [--json] [--csv FILE]",
    "Explores every network published with the paper, with the published profile and lists, and "
    "prints how\n"
    "many layers get the published design, and the latency. With --tinas: prices those published "
    "with TiNAS\n"
    "on this runtime, at their supply, beside what was published.\n"
    "Exit code: 0 all designs equal, with --tinas all networks priced; 1 not so; 2 bad input."};

po::options_description published_options() {
  po::options_description described("options", 100);
  described.add_options()("reference", po::value<std::string>()->value_name("DIR"),
                          "folder with published-solutions.jsonl (required); with --tinas, with "
                          "tinas-networks.jsonl")("json", po::bool_switch(),
                                                  "print JSON instead of a table")(
      "tinas", po::bool_switch(), "the networks published with TiNAS")(
      "layers", po::value<std::string>()->value_name("NAME"),
      "with --tinas: this network, layer by layer")("csv",
                                                    po::value<std::string>()->value_name("FILE"),
                                                    "with --tinas: write the table to a CSV file");
  add_setting(described, "vm", "BYTES", "platform.vm_bytes",
              "with --tinas: volatile memory for tiles in bytes");
  add_setting(described, "nvm", "BYTES", "platform.nvm_bytes",
              "with --tinas: non-volatile memory in bytes");
  return described;
}

void refuse_without_tinas(const po::variables_map& options) {
  for (const char* name : {"layers", "csv", "vm", "nvm"}) {
    if (options.count(name) > 0) {
      throw Error(fmt::format("--{}: found without --tinas, allowed: with it", name));
    }
  }
}

}  // namespace

int eval_published(int argc, const char* const* argv) {
  const po::options_description described = published_options();
  const auto options = parse_command_line(argc, argv, kUsage, described);
  if (!options) return kDone;
  const bool tinas = (*options)["tinas"].as<bool>();
  if (!tinas) refuse_without_tinas(*options);
  if (options->count("reference") == 0) {
    throw Error(fmt::format("--reference: found none, allowed: the folder with {}",
                            tinas ? "tinas-networks.jsonl" : "published-solutions.jsonl"));
  }
  check_outputs(*options, {"csv"});
  const std::filesystem::path folder = (*options)["reference"].as<std::string>();
  if (tinas) return print_tinas(*options, described, folder);
  return print_published(folder, (*options)["json"].as<bool>()) ? kDone : kNoFeasibleSolution;
}

}  // namespace inas::apps
