#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/pareto.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "long_work.hpp"
#include "network_option.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;

const Usage kUsage{
    "inas-eval pareto",
    "inas-eval pareto --choices LIST [--layer NAME] [options]\n"
    "       inas-eval pareto --solution DIR [--layer NAME]",
    "Prints what can be traded: the designs of a layer that no other beats in latency, energy of\n"
    "the dearest power cycle, VM bytes, energy of NVM traffic and intermittency management\n"
    "overhead (IMO, share of the time that the device is on); or, without --layer, the ways to\n"
    "execute the whole network that none beats in latency, energy per power cycle and VM bytes.\n"
    "Of these, such as need more NVM than there is are left out, and counted. Latencies are by\n"
    "layers, which begin and end with a power cycle.\n"
    "Exit code: 0 feasible, 1 infeasible, 2 bad input."};

constexpr std::size_t kTableRows = 40;

/// Calls `row(index)` for all indices below `count`, or for kTableRows of them spread evenly, first
/// and last included.
template <class Row>
void for_table_rows(std::size_t count, Row&& row) {
  if (count <= kTableRows) {
    for (std::size_t index = 0; index < count; ++index) row(index);
    return;
  }
  for (std::size_t line = 0; line < kTableRows; ++line) {
    row(line * (count - 1) / (kTableRows - 1));
  }
}

std::string count_line(std::size_t count) {
  if (count <= kTableRows) return fmt::format("{} on the front\n", count);
  return fmt::format("{} on the front, {} shown; --csv and --json have them all\n", count,
                     kTableRows);
}

std::vector<std::string> design_texts(const std::vector<Design>& designs) {
  std::vector<std::string> texts;
  for (const Design& design : designs) texts.push_back(to_string(design));
  return texts;
}

struct Report {
  std::string table;
  std::string csv;
  nlohmann::ordered_json json;
};

Report report_layer(const explorer::LayerFront& front) {
  Report report;
  auto table = std::back_inserter(report.table);
  auto csv = std::back_inserter(report.csv);
  std::size_t wide = std::string_view("design").size();
  for (const explorer::ParetoDesign& of : front.designs) {
    wide = std::max(wide, to_string(of.design).size());
  }
  fmt::format_to(table, "{:<{}} {:>12} {:>10} {:>7} {:>11} {:>7}\n", "design", wide, "latency s",
                 "E_pc mJ", "VM B", "NVM mJ", "IMO");
  for_table_rows(front.designs.size(), [&](std::size_t index) {
    const explorer::ParetoDesign& of = front.designs[index];
    fmt::format_to(table, "{:<{}} {:>12.4f} {:>10.4f} {:>7} {:>11.4f} {:>5.1f} %\n",
                   to_string(of.design), wide, of.latency_s, 1e3 * of.energy_per_cycle_j,
                   of.vm_bytes, 1e3 * of.nvm_energy_j, 100 * of.management_overhead);
  });
  report.table += count_line(front.designs.size());
  report.csv = "design,latency_s,energy_per_cycle_j,vm_bytes,nvm_energy_j,management_overhead\n";
  report.json["designs"] = nlohmann::ordered_json::array();
  for (const explorer::ParetoDesign& of : front.designs) {
    fmt::format_to(csv, "{},{},{},{},{},{}\n", to_string(of.design), of.latency_s,
                   of.energy_per_cycle_j, of.vm_bytes, of.nvm_energy_j, of.management_overhead);
    report.json["designs"].push_back({{"design", to_string(of.design)},
                                      {"latency_s", of.latency_s},
                                      {"energy_per_cycle_j", of.energy_per_cycle_j},
                                      {"vm_bytes", of.vm_bytes},
                                      {"nvm_energy_j", of.nvm_energy_j},
                                      {"management_overhead", of.management_overhead}});
  }
  return report;
}

Report report_network(const Network& network, const explorer::NetworkFront& front) {
  Report report;
  auto table = std::back_inserter(report.table);
  auto csv = std::back_inserter(report.csv);
  fmt::format_to(table, "{:>12} {:>10} {:>7}\n", "latency s", "E_pc mJ", "VM B");
  for_table_rows(front.networks.size(), [&](std::size_t index) {
    const explorer::ParetoNetwork& of = front.networks[index];
    fmt::format_to(table, "{:>12.4f} {:>10.4f} {:>7}\n", of.latency_s, 1e3 * of.energy_per_cycle_j,
                   of.vm_bytes);
  });
  report.table += count_line(front.networks.size());
  if (front.epsilon > 0) {
    fmt::format_to(table, "thinned: latencies within a factor of {} of the exact front\n",
                   1 + front.epsilon);
  }
  if (front.left_out > 0) {
    fmt::format_to(table,
                   "{} more need more NVM than there is; others that they dominate may need less\n",
                   front.left_out);
  }
  report.csv = "latency_s,energy_per_cycle_j,vm_bytes";
  for (const Layer& layer : network.layers) fmt::format_to(csv, ",{}", layer.name);
  report.csv += "\n";
  report.json["epsilon"] = front.epsilon;
  report.json["left_out"] = front.left_out;
  report.json["networks"] = nlohmann::ordered_json::array();
  for (const explorer::ParetoNetwork& of : front.networks) {
    const std::vector<std::string> designs = design_texts(of.designs);
    fmt::format_to(csv, "{},{},{},{}\n", of.latency_s, of.energy_per_cycle_j, of.vm_bytes,
                   fmt::join(designs, ","));
    report.json["networks"].push_back({{"latency_s", of.latency_s},
                                       {"energy_per_cycle_j", of.energy_per_cycle_j},
                                       {"vm_bytes", of.vm_bytes},
                                       {"designs", designs}});
  }
  return report;
}

const Layer& named_layer(const Network& network, const std::string& name) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers) {
    if (layer.name == name) return layer;
    names.push_back(layer.name);
  }
  throw Error(fmt::format("--layer: found \"{}\", allowed: {}", name, fmt::join(names, ", ")));
}

}  // namespace

int eval_pareto(int argc, const char* const* argv) {
  po::options_description what("what to print", 100);
  what.add_options()("layer", po::value<std::string>()->value_name("NAME"),
                     "one layer of the network instead of all, as CONV_0")(
      "csv", po::value<std::string>()->value_name("FILE"), "write the whole front to a CSV file")(
      "json", po::bool_switch(), "print JSON instead of a table");
  add_number(what, "most", "COUNT", 1, 1'000'000'000, 10'000,
             "thin the network's front to so many points, within a stated factor of latency");
  what.add(network_options()).add(settings_options());
  const auto options = parse_command_line(argc, argv, kUsage, what);
  if (!options) return kDone;

  const NamedNetwork named = network_from(*options, kUsage.name);
  const costmodel::Device device =
      costmodel::make_device(named.settings.platform, named.settings.power);
  check_outputs(*options, {"csv"});
  Report report;
  std::optional<explorer::Infeasibility> why;
  std::optional<LongWork> shown(std::in_place, "looking for the front", "layers");
  if (options->count("layer") > 0) {
    const Layer& layer = named_layer(named.network, (*options)["layer"].as<std::string>());
    explorer::LayerFront front = explorer::layer_front(device, layer, named.settings.explorer);
    report = report_layer(front);
    why = std::move(front.why);
  } else {
    explorer::NetworkFront front =
        explorer::network_front(device, named.network, named.settings.explorer,
                                (*options)["most"].as<std::int64_t>(), shown->rounds());
    report = report_network(named.network, front);
    why = std::move(front.why);
  }
  shown.reset();
  if (why) {
    report.json["infeasible"] = explorer::describe(*why);
    report.table = fmt::format("infeasible: {}\n", explorer::describe(*why));
  }
  if (options->count("csv") > 0) write_file((*options)["csv"].as<std::string>(), report.csv);
  fmt::print("{}", (*options)["json"].as<bool>() ? report.json.dump(2) + "\n" : report.table);
  return why ? kNoFeasibleSolution : kDone;
}

}  // namespace inas::apps
