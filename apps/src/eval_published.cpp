#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/explorer/explorer.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"

namespace inas::apps {
namespace {

using nlohmann::json;

Shape shape_of(const json& extents) {
  return {extents.at(0).get<std::int64_t>(), extents.at(1).get<std::int64_t>(),
          extents.at(2).get<std::int64_t>()};
}

Layer layer_of(const json& record) {
  const LayerType type = parse_layer_type(record.at("type").get<std::string>());
  if (type == LayerType::global_average_pool) {  // the published tables give pooling no kernel
    return make_global_average_pool(record.at("name").get<std::string>(),
                                    shape_of(record.at("ifm")));
  }
  const json& kernel = record.at("K");
  return {.name = record.at("name").get<std::string>(),
          .type = type,
          .ifm = shape_of(record.at("ifm")),
          .ofm = shape_of(record.at("ofm")),
          .kernel_height = kernel.at(2).get<std::int64_t>(),
          .kernel_width = kernel.at(3).get<std::int64_t>()};
}

Design design_of(const json& record) {
  return parse_design(fmt::format("{}_{}_{}_{}_{}_S{}", record.at("Tr").get<int>(),
                                  record.at("Tc").get<int>(), record.at("Tm").get<int>(),
                                  record.at("Tn").get<int>(), record.at("reuse").get<std::string>(),
                                  record.at("S").get<int>()));
}

/// The paper's supplies; its three KWS networks at 1 mF are feasible only with a margin near 0.7
/// instead of its 0.55 (reference page paper.md).
PowerSupply supply_of(const json& record) {
  PowerSupply supply;
  if (record.at("power_type").get<std::string>() == "contpow") {
    supply.kind = PowerKind::continuous;
    return supply;
  }
  supply.capacitance_f = record.at("capacitance_F").get<double>();
  supply.ehm_resistance_ohm = record.at("rehm_ohm").get<double>();
  if (record.at("dataset").get<std::string>() == "kws" && supply.capacitance_f == 0.001) {
    supply.margin = 0.70;
  }
  return supply;
}

struct Row {
  std::string network;
  std::int64_t equal = 0;
  std::int64_t layers = 0;
  double latency_s = 0;
};

Row explore_record(const json& record) {
  Network network;
  std::vector<Design> published;
  for (const json& layer : record.at("layers")) {
    network.layers.push_back(layer_of(layer));
    published.push_back(design_of(layer));
  }
  const PowerSupply supply = supply_of(record);
  Platform platform;
  platform.profile = "msp430fr5994-published";
  explorer::Explorer explorer(costmodel::make_device(platform, supply),
                              {.legal = Divisors::published});
  const explorer::NetworkResult result = explorer.explore(network);

  Row row;
  row.network = fmt::format(
      "{} {} TS{}{}", record.at("dataset").get<std::string>(),
      supply.kind == PowerKind::continuous ? std::string("continuous")
                                           : fmt::format("{:g} mF", supply.capacitance_f * 1e3),
      record.at("ts").get<int>(), supply.margin == 0.70 ? " (margin 0.70)" : "");
  row.layers = static_cast<std::int64_t>(published.size());
  row.latency_s = result.latency_s;
  for (std::size_t index = 0; index < result.layers.size(); ++index) {
    if (result.layers[index].design == published[index]) ++row.equal;
  }
  return row;
}

/// Prints the table and returns whether every design is the published one.
bool print_published(const std::filesystem::path& folder, bool as_json) {
  const std::filesystem::path path = folder / "published-solutions.jsonl";
  const std::string text = read_file(path);
  std::vector<Row> rows;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) {
      try {
        rows.push_back(explore_record(json::parse(text.substr(begin, end - begin))));
      } catch (const json::exception& error) {
        throw Error(fmt::format("{}: line {}: {}", path.string(), line + 1, error.what()));
      }
    }
    begin = end + 1;
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
