#include "report.hpp"

#include <cmath>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/shape_text.hpp>
#include <inas/costmodel/recharge.hpp>

#include "name_width.hpp"

namespace inas::apps {
namespace {

std::string kernel_text(const Layer& layer) {
  if (layer.type == LayerType::global_average_pool) return "-";
  return fmt::format("{}x{}", layer.kernel_height, layer.kernel_width);
}

/// JSON has no infinity: a layer that never finishes has the latency null.
nlohmann::json number_or_null(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

nlohmann::ordered_json json_of(const explorer::Infeasibility& why) {
  return {{"constraint", to_string(why.constraint)},
          {"layer", why.layer},
          {"nearest_design", why.nearest ? to_string(*why.nearest) : ""},
          {"needed", number_or_null(why.needed)},
          {"available", number_or_null(why.available)},
          {"sentence", describe(why)}};
}

/// What a design that does not stay within the budget takes has no number.
std::string latency_text(double latency_s) {
  return std::isfinite(latency_s) ? fmt::format("{:.4f}", latency_s) : "never";
}

std::string share_text(double energy_j, double budget_j) {
  const double percent = 100 * energy_j / budget_j;
  if (percent < 1e5) return fmt::format("{:.1f} %", percent);
  return std::isfinite(percent) ? fmt::format("{:.0e} %", percent) : "over";
}

std::vector<explorer::Infeasibility> reasons_of(const explorer::NetworkResult& result) {
  if (result.why) return {*result.why};
  return {};
}

}  // namespace

std::string layer_table(const Settings& settings, const Network& network,
                        const explorer::NetworkResult& result) {
  return layer_table(settings, network, result, reasons_of(result));
}

std::string layer_table(const Settings& settings, const Network& network,
                        const explorer::NetworkResult& result,
                        std::span<const explorer::Infeasibility> broken) {
  const bool intermittent = settings.power.kind == PowerKind::intermittent;
  const double budget_j = intermittent ? costmodel::energy_budget_j(settings.power) : 0;
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);

  const std::size_t names = name_width(network, std::string_view("max / total").size());
  std::size_t wide = std::string_view("design").size();
  for (const explorer::DesignEvaluation& priced : result.layers) {
    wide = std::max(wide, to_string(priced.design).size());
  }
  fmt::format_to(out, "{:<{}} {:<11} {:<7} {:<{}} {:>9} {:>7} {:>10} {:>7} {:>6}\n", "layer", names,
                 "output", "kernel", "design", wide, intermittent ? "E_pc mJ" : "E mJ",
                 intermittent ? "budget" : "", "latency s", "cycles", "VM B");
  std::int64_t cycles = 0;
  double alone_s = 0;
  std::int64_t vm = 0;
  double energy_j = 0;
  for (std::size_t index = 0; index < result.layers.size(); ++index) {
    const Layer& layer = network.layers[index];
    const explorer::DesignEvaluation& priced = result.layers[index];
    cycles += priced.cycles.all();
    alone_s += priced.latency_s;
    vm = std::max(vm, priced.vm_bytes);
    energy_j =
        intermittent ? std::max(energy_j, priced.energy_max_j) : energy_j + priced.energy_max_j;
    fmt::format_to(
        out, "{:<{}} {:<11} {:<7} {:<{}} {:>9.4f} {:>7} {:>10} {:>7} {:>6}\n", layer.name, names,
        shape_text(layer.ofm), kernel_text(layer), to_string(priced.design), wide,
        priced.energy_max_j * 1e3, intermittent ? share_text(priced.energy_max_j, budget_j) : "",
        latency_text(priced.latency_s),
        intermittent && std::isfinite(priced.latency_s) ? fmt::format("{}", priced.cycles.all())
                                                        : "-",
        priced.vm_bytes);
  }
  if (result.layers.size() == network.layers.size()) {
    fmt::format_to(out, "{:<{}} {:<11} {:<7} {:<{}} {:>9.4f} {:>7} {:>10} {:>7} {:>6}\n",
                   result.ledger.kept() ? "each alone"
                   : intermittent       ? "max / total"
                                        : "total",
                   names, "", "", "", wide, energy_j * 1e3,
                   intermittent ? share_text(energy_j, budget_j) : "", latency_text(alone_s),
                   intermittent && std::isfinite(alone_s) ? fmt::format("{}", cycles) : "-", vm);
    if (result.ledger.kept()) {
      fmt::format_to(out, "{:<{}} {:>9.4f} {:>7} {:>10} {:>7}\n", "as scheduled", wide + names + 21,
                     result.energy_max_j * 1e3, share_text(result.energy_max_j, budget_j),
                     latency_text(result.latency_s), result.power_cycles);
    }
  }
  fmt::format_to(out, "\n{} weights, {} MACs, {} of {} bytes of NVM", weight_count(network),
                 mac_count(network),
                 result.nvm_bytes > 0 ? fmt::format("{}", result.nvm_bytes) : "an unknown number",
                 settings.platform.nvm_bytes);
  if (intermittent) {
    fmt::format_to(out, ", budget {:.4f} mJ per power cycle", budget_j * 1e3);
  }
  fmt::format_to(out, "; {}\n", requirement_text(settings.search));
  if (result.ledger.kept()) {
    fmt::format_to(
        out, "power cycles run on over the ends of layers: {} s as scheduled, {} s by layers {}",
        latency_text(result.latency_s), latency_text(result.by_layers_s),
        result.bound_s ? "at best" : "with these designs");
    if (result.bound_s) {
      fmt::format_to(out, "; no schedule is below {} s", latency_text(*result.bound_s));
    }
    fmt::format_to(out, "\n");
  }
  if (intermittent) {
    fmt::format_to(out,
                   "first charge of the capacitor, from 0 V: {:.4g} s (not part of the latency)\n",
                   costmodel::first_charge_s(settings.power));
  }
  for (const explorer::Infeasibility& why : broken) {
    fmt::format_to(out, "infeasible: {}\n", describe(why));
  }
  return fmt::to_string(buffer);
}

std::string layer_json(const Settings& settings, const Architecture& architecture,
                       const Network& network, const explorer::NetworkResult& result) {
  return layer_json(settings, architecture, network, result, reasons_of(result));
}

std::string layer_json(const Settings& settings, const Architecture& architecture,
                       const Network& network, const explorer::NetworkResult& result,
                       std::span<const explorer::Infeasibility> broken) {
  const bool intermittent = settings.power.kind == PowerKind::intermittent;
  nlohmann::ordered_json document;
  document["architecture"] = architecture;
  document["feasible"] = result.feasible();
  document["infeasible_because"] = nullptr;
  if (result.why) document["infeasible_because"] = json_of(*result.why);
  document["broken"] = nlohmann::ordered_json::array();
  for (const explorer::Infeasibility& why : broken) document["broken"].push_back(json_of(why));
  document["latency_s"] = number_or_null(result.latency_s);
  document["by_layers_s"] = number_or_null(result.by_layers_s);
  document["bound_s"] = nullptr;
  if (result.bound_s) document["bound_s"] = *result.bound_s;
  document["power_cycles"] = result.power_cycles;
  document["ledger"] = nullptr;
  if (result.ledger.kept()) {
    document["ledger"] = {{"budget", result.ledger.budget}, {"unit_j", result.ledger.unit_j}};
  }
  document["latency_requirement_s"] = settings.search.latency_requirement_s;
  document["energy_budget_j"] = nullptr;
  document["first_charge_s"] = nullptr;
  if (intermittent) {
    document["energy_budget_j"] = costmodel::energy_budget_j(settings.power);
    document["first_charge_s"] = number_or_null(costmodel::first_charge_s(settings.power));
  }
  document["weights"] = weight_count(network);
  document["macs"] = mac_count(network);
  document["nvm_bytes"] = nullptr;
  if (result.nvm_bytes > 0) document["nvm_bytes"] = result.nvm_bytes;
  document["layers"] = nlohmann::ordered_json::array();
  for (std::size_t index = 0; index < result.layers.size(); ++index) {
    const Layer& layer = network.layers[index];
    const explorer::DesignEvaluation& priced = result.layers[index];
    nlohmann::ordered_json row;
    row["name"] = layer.name;
    row["type"] = to_string(layer.type);
    row["ofm"] = {layer.ofm.channels, layer.ofm.height, layer.ofm.width};
    row["kernel"] = {layer.kernel_height, layer.kernel_width};
    row["design"] = to_string(priced.design);
    row["energy_max_j"] = priced.energy_max_j;
    row["energy_min_j"] = priced.energy_min_j;
    row["latency_s"] = number_or_null(priced.latency_s);
    row["power_cycles"] = priced.cycles.all();
    row["vm_bytes"] = priced.vm_bytes;
    if (result.ledger.kept() && index < result.units.size()) {
      const LedgerUnits& units = result.units[index];
      row["ledger_units"] = {
          {"entry", units.entry}, {"fetched", units.fetched}, {"kept", units.kept}};
    }
    document["layers"].push_back(row);
  }
  return document.dump(2) + "\n";
}

std::string requirement_text(const SearchSettings& search) {
  return search.has_latency_requirement()
             ? fmt::format("latency requirement {:.6g} s", search.latency_requirement_s)
             : "no latency requirement";
}

}  // namespace inas::apps
