#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/text.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/sweep.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "heat_map.hpp"
#include "long_work.hpp"
#include "network_option.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;
using explorer::SweepGrid;
using explorer::SweepPoint;

const Usage kUsage{
    "inas-eval sweep",
    "inas-eval sweep --choices LIST [--ccaps LIST] [--vms LIST] [--rehms LIST] [--orders LIST]\n"
    "       inas-eval sweep --solution DIR [the same lists]",
    "Explores a network anew at every combination of capacitance, VM size, EHM resistance and\n"
    "loop orders, and says which capacitor is the smallest that meets the latency requirement.\n"
    "The latency is not monotone in the capacitance, so every capacitance is looked at.\n"
    "Exit code: 0 some combination is feasible, 1 none is, 2 bad input."};

/// Splits "a,b,c" and converts each part with `convert(part)`.
template <class T, class Convert>
std::vector<T> parse_list(const po::variables_map& options, const char* option, Convert&& convert) {
  std::vector<T> values;
  if (options.count(option) == 0) return values;
  for (const std::string& part : split_at_commas(options[option].as<std::string>())) {
    values.push_back(convert(part));
  }
  return values;
}

/// The E6 series from 100 µF to 68 mF.
std::vector<double> standard_capacitances() {
  std::vector<double> all;
  for (const double unit : {1e5, 1e4, 1e3}) {  // divided by, so that 22/1e5 is exactly 0.00022
    for (const int value : {10, 15, 22, 33, 47, 68}) all.push_back(value / unit);
  }
  return all;
}

SweepGrid grid_from(const po::variables_map& options) {
  SweepGrid grid;
  if (options["ccaps"].as<std::string>() == "e6") {
    grid.capacitances_f = standard_capacitances();
  } else {
    grid.capacitances_f = parse_list<double>(options, "ccaps", [](const std::string& part) {
      return with_setting("ccaps", "power.capacitance_f", part).power.capacitance_f;
    });
  }
  grid.vm_bytes = parse_list<std::int64_t>(options, "vms", [](const std::string& part) {
    return with_setting("vms", "platform.vm_bytes", part).platform.vm_bytes;
  });
  grid.ehm_resistances_ohm = parse_list<double>(options, "rehms", [](const std::string& part) {
    return with_setting("rehms", "power.ehm_resistance_ohm", part).power.ehm_resistance_ohm;
  });
  grid.loop_orders = parse_list<LoopOrders>(options, "orders", [](const std::string& part) {
    try {
      return parse_loop_orders(part);
    } catch (const InvalidArgument& error) {
      throw Error(fmt::format("--orders: {}", error.what()));
    }
  });
  return grid;
}

/// Has every layer a design, whether or not the network meets the latency requirement?
bool runs(const SweepPoint& point) {
  return point.result.feasible() ||
         point.result.why->constraint == explorer::Constraint::responsiveness;
}

std::string harvester_text(const SweepPoint& point, const PowerSupply& supply) {
  return supply.harvester == Harvester::resistance
             ? fmt::format("REHM {:g} ohm", point.ehm_resistance_ohm)
             : fmt::format("harvest {:g} W", supply.harvest_w);
}

std::string status(const SweepPoint& point) {
  return point.result.feasible() ? "feasible"
                                 : std::string(to_string(point.result.why->constraint));
}

std::string table_text(const std::vector<SweepPoint>& points, Harvester harvester) {
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{:>12} {:>7} {:>9} {:>6} {:>13}  {}\n", "capacitor F", "VM B", "REHM ohm",
                 "orders", "latency s", "feasible, or what it breaks");
  for (const SweepPoint& point : points) {
    fmt::format_to(
        out, "{:>12g} {:>7} {:>9} {:>6} {:>13}  {}\n", point.capacitance_f, point.vm_bytes,
        harvester == Harvester::resistance ? fmt::format("{:g}", point.ehm_resistance_ohm) : "-",
        to_string(point.loop_orders),
        runs(point) ? fmt::format("{:.4f}", point.result.latency_s) : "-", status(point));
  }
  return text;
}

std::string csv_text(const std::vector<SweepPoint>& points, Harvester harvester) {
  std::string text = "capacitance_f,vm_bytes,ehm_resistance_ohm,loop_orders,latency_s,status\n";
  auto out = std::back_inserter(text);
  for (const SweepPoint& point : points) {
    fmt::format_to(
        out, "{},{},{},{},{},{}\n", point.capacitance_f, point.vm_bytes,
        harvester == Harvester::resistance ? fmt::format("{}", point.ehm_resistance_ohm) : "",
        to_string(point.loop_orders), runs(point) ? fmt::format("{}", point.result.latency_s) : "",
        status(point));
  }
  return text;
}

nlohmann::ordered_json json_of(const SweepPoint& point, Harvester harvester) {
  nlohmann::ordered_json row{
      {"capacitance_f", point.capacitance_f}, {"vm_bytes", point.vm_bytes},
      {"ehm_resistance_ohm", nullptr},        {"loop_orders", to_string(point.loop_orders)},
      {"feasible", point.result.feasible()},  {"latency_s", nullptr}};
  if (harvester == Harvester::resistance) row["ehm_resistance_ohm"] = point.ehm_resistance_ohm;
  if (runs(point)) row["latency_s"] = point.result.latency_s;
  if (point.result.why) row["infeasible"] = explorer::describe(*point.result.why);
  row["designs"] = nlohmann::ordered_json::array();
  for (const explorer::DesignEvaluation& layer : point.result.layers) {
    row["designs"].push_back(to_string(layer.design));
  }
  return row;
}

/// What is said of a combination with which the network is feasible.
std::string meeting(const SearchSettings& search) {
  return search.has_latency_requirement()
             ? fmt::format("meets {:g} s", search.latency_requirement_s)
             : std::string("is feasible");
}

/// Latency over capacitance and VM, or, with one VM size, EHM resistance. What is left is taken at
/// its first value, which the title says.
HeatMap heat_map(const std::vector<SweepPoint>& points, const Settings& settings) {
  const SweepPoint& first = points.front();
  const bool over_vm = settings.power.harvester != Harvester::resistance ||
                       std::any_of(points.begin(), points.end(), [&](const SweepPoint& point) {
                         return point.vm_bytes != first.vm_bytes;
                       });
  HeatMap map;
  map.x_label = "capacitance, F";
  map.y_label = over_vm ? "VM, bytes" : "REHM, ohm";
  map.title = fmt::format(
      "End-to-end latency, s; loop orders {}, {}", to_string(first.loop_orders),
      over_vm ? harvester_text(first, settings.power) : fmt::format("VM {} bytes", first.vm_bytes));
  map.mark_meaning = meeting(settings.search);
  std::vector<const SweepPoint*> shown;
  for (const SweepPoint& point : points) {
    if (point.loop_orders != first.loop_orders) continue;
    if (over_vm && point.ehm_resistance_ohm != first.ehm_resistance_ohm) continue;
    shown.push_back(&point);
  }
  // Points come capacitance by capacitance; the map is drawn row by row.
  for (const SweepPoint* point : shown) {
    if (point->capacitance_f == first.capacitance_f) {
      map.rows.push_back(over_vm ? fmt::format("{}", point->vm_bytes)
                                 : fmt::format("{:g}", point->ehm_resistance_ohm));
    }
  }
  const std::size_t rows = map.rows.size();
  const std::size_t columns = shown.size() / rows;
  for (std::size_t column = 0; column < columns; ++column) {
    map.columns.push_back(fmt::format("{:g}", shown[column * rows]->capacitance_f));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const SweepPoint& point = *shown[column * rows + row];
      map.cells.push_back({runs(point) ? std::optional(point.result.latency_s) : std::nullopt,
                           point.result.feasible()});
    }
  }
  return map;
}

}  // namespace

int eval_sweep(int argc, const char* const* argv) {
  po::options_description what("what to combine", 100);
  what.add_options()(
      "ccaps", po::value<std::string>()->default_value("e6")->value_name("LIST"),
      "capacitances in F, as 0.001,0.005; e6: the standard values from 100 µF to 68 mF")(
      "vms", po::value<std::string>()->value_name("LIST"),
      "VM sizes in bytes (default: the settings')")(
      "rehms", po::value<std::string>()->value_name("LIST"),
      "EHM resistances in ohm (default: the settings')")(
      "orders", po::value<std::string>()->value_name("LIST"),
      "loop-order subsets, as IWO,IW,O (default: the settings')")(
      "csv", po::value<std::string>()->value_name("FILE"), "write the points to a CSV file")(
      "svg", po::value<std::string>()->value_name("FILE"),
      "write a heat map of the latency over capacitance and VM size (with one size: resistance)")(
      "json", po::bool_switch(), "print JSON instead of a table");
  add_threads(what);
  what.add(network_options()).add(settings_options());
  const auto options = parse_command_line(argc, argv, kUsage, what);
  if (!options) return kDone;

  const SweepGrid grid = grid_from(*options);
  const NamedNetwork named = network_from(*options, kUsage.name);
  const Settings& settings = named.settings;
  if (settings.power.kind == PowerKind::continuous) {
    throw Error(
        "power.kind: found continuous, allowed for a sweep over capacitances: intermittent");
  }
  const costmodel::Device device = costmodel::make_device(settings.platform, settings.power);
  check_outputs(*options, {"csv", "svg"});
  const Harvester harvester = settings.power.harvester;
  const double requirement_s = settings.search.latency_requirement_s;
  std::optional<LongWork> shown(std::in_place, "sweep", "combinations");
  const std::vector<SweepPoint> points =
      explorer::sweep(device, named.network, settings.explorer, grid, requirement_s,
                      (*options)["threads"].as<std::int64_t>(), shown->rounds());
  shown.reset();
  const SweepPoint* smallest = explorer::smallest_capacitance(points);

  if (options->count("csv") > 0) {
    write_file((*options)["csv"].as<std::string>(), csv_text(points, harvester));
  }
  if (options->count("svg") > 0) {
    write_file((*options)["svg"].as<std::string>(), svg(heat_map(points, settings)));
  }
  if ((*options)["json"].as<bool>()) {
    nlohmann::ordered_json document;
    document["latency_requirement_s"] = requirement_s;
    document["smallest"] =
        smallest == nullptr ? nlohmann::ordered_json(nullptr) : json_of(*smallest, harvester);
    document["points"] = nlohmann::ordered_json::array();
    for (const SweepPoint& point : points) {
      document["points"].push_back(json_of(point, harvester));
    }
    fmt::print("{}\n", document.dump(2));
  } else {
    fmt::print("{}", table_text(points, harvester));
    if (smallest != nullptr) {
      fmt::print("smallest capacitor that {}: {:g} F (VM {} B, {}, orders {}: {:.4f} s)\n",
                 meeting(settings.search), smallest->capacitance_f, smallest->vm_bytes,
                 harvester_text(*smallest, settings.power), to_string(smallest->loop_orders),
                 smallest->result.latency_s);
    } else {
      fmt::print("no combination {}\n", meeting(settings.search));
    }
  }
  return smallest != nullptr ? kDone : kNoFeasibleSolution;
}

}  // namespace inas::apps
