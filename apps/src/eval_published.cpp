#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/explorer/explorer.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "published_solutions.hpp"

namespace inas::apps {
namespace {

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
  std::vector<Row> rows;
  for (const PublishedSolution& published : read_published_solutions(folder)) {
    rows.push_back(explore_published(published));
  }

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

const Usage kUsage{"inas-eval published", "inas-eval published --reference DIR [--json]",
                   "Explores every network published with the paper, with the published profile "
                   "and lists, and prints how\n"
                   "many layers get the published design, and the latency.\n"
                   "Exit code: 0 all designs equal, 1 a design differs, 2 bad input."};

}  // namespace

int eval_published(int argc, const char* const* argv) {
  boost::program_options::options_description described("options", 100);
  described.add_options()("reference",
                          boost::program_options::value<std::string>()->value_name("DIR"),
                          "folder with published-solutions.jsonl (required)")(
      "json", boost::program_options::bool_switch(), "print JSON instead of a table");
  const auto options = parse_command_line(argc, argv, kUsage, described);
  if (!options) return kDone;
  if (options->count("reference") == 0) {
    throw Error("published needs --reference DIR, the folder with published-solutions.jsonl");
  }
  return print_published((*options)["reference"].as<std::string>(), (*options)["json"].as<bool>())
             ? kDone
             : kNoFeasibleSolution;
}

}  // namespace inas::apps
