#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include <inas/core/text.hpp>
#include <inas/core/weights.hpp>
#include <inas/report/number_text.hpp>

#include "findings.hpp"
#include "html.hpp"
#include "network_picture.hpp"
#include "page_data.hpp"
#include "sections.hpp"

namespace inas::report {
namespace {

std::string share_text(double part, double whole) {
  return whole > 0 && std::isfinite(part / whole) ? fmt::format("{:.1f} %", 100 * part / whole)
                                                  : "–";
}

HtmlTable design_table(const StudyPage& page, const Winner& winner) {
  const bool intermittent = winner.power_cycles > 0;
  HtmlTable table{.caption = "designs of the layers", .columns = {}, .numbers = {}, .rows = {}};
  table.rows.resize(winner.layers.size());
  const auto add = [&](const char* name, bool number, const auto& cell_of) {
    table.columns.emplace_back(name);
    table.numbers.push_back(number);
    for (std::size_t index = 0; index < winner.layers.size(); ++index) {
      table.rows[index].push_back(cell_of(winner.layers[index]));
    }
  };
  const auto number = [](std::int64_t value) { return fmt::format("{}", value); };

  add("layer", false, [](const WinnerLayer& of) { return escaped(of.layer.name); });
  add("tile", true, [](const WinnerLayer& of) {
    const Tile& tile = of.design.tile;
    return fmt::format("{}×{}×{}×{}", tile.rows, tile.columns, tile.out_channels, tile.in_channels);
  });
  add("order", false,
      [](const WinnerLayer& of) { return fmt::format("reuse_{}", letter(of.design.order)); });
  add("S", true, [&](const WinnerLayer& of) { return number(of.design.batch); });
  add("K", true, [&](const WinnerLayer& of) { return number(of.design.batches_per_cycle); });
  add("unit", false, [](const WinnerLayer& of) {
    // What has no weights multiplies nothing.
    return tensors_of(of.layer).empty() ? std::string("–") : std::string(to_string(of.design.unit));
  });
  add("VM B", true, [&](const WinnerLayer& of) { return number(of.vm_bytes); });
  if (intermittent) {
    add("cycles", true, [&](const WinnerLayer& of) { return number(of.power_cycles); });
  }
  add(intermittent ? "E_pc mJ" : "E mJ", true, [](const WinnerLayer& of) {
    return std::isfinite(of.energy_per_cycle_max_j)
               ? fmt::format("{:.4f}", 1e3 * of.energy_per_cycle_max_j)
               : "–";
  });
  if (intermittent && page.energy_budget_j) {
    add("budget", true, [&](const WinnerLayer& of) {
      return share_text(of.energy_per_cycle_max_j, *page.energy_budget_j);
    });
  }
  add("latency s", true, [](const WinnerLayer& of) {
    return std::isfinite(of.latency_s) ? fmt::format("{:.4f}", of.latency_s) : "never";
  });
  return table;
}

std::string first_sentence(const Winner& winner) {
  std::string text = winner.trial > 0 ? fmt::format("Trial {}: ", winner.trial) : std::string();
  text += fmt::format("{} layers, {} MACs, {} B of weights", winner.layers.size(), winner.macs,
                      winner.weight_bytes);
  if (winner.nvm_bytes > 0) text += fmt::format(", {} B of NVM", winner.nvm_bytes);
  text += fmt::format("; {}", latency_text(winner.latency_s));
  if (winner.power_cycles > 0) {
    text += " in " + counted(winner.power_cycles, "power cycle");
  }
  if (winner.energy_j) text += fmt::format(", {} an inference", energy_text(*winner.energy_j));
  return "<p>" + text + ".</p>\n";
}

std::string cycle_figure(const StudyPage& page, const Winner& winner) {
  if (!page.energy_budget_j || winner.layers.empty()) return "";
  const double budget_j = *page.energy_budget_j;
  const bool of_layers = winner.cycle_energy_j.empty();
  CycleBars bars = cycle_bars(winner.cycle_energy_j, kCycleBars);
  HtmlTable table{.caption = of_layers ? "energy of each layer's dearest power cycle"
                                       : "energy of power cycles",
                  .columns = {of_layers ? "layer" : "power cycle", "energy", "of budget"},
                  .numbers = {!of_layers, true, true},
                  .rows = {}};
  if (of_layers) {
    for (const WinnerLayer& layer : winner.layers) {
      bars.energy_j.push_back(layer.energy_per_cycle_max_j);
    }
  }
  double dearest_j = 0;
  for (std::size_t index = 0; index < bars.energy_j.size(); ++index) {
    const double energy_j = bars.energy_j[index];
    const std::int64_t first = static_cast<std::int64_t>(index) * bars.each + 1;
    const std::string name = of_layers       ? escaped(winner.layers[index].layer.name)
                             : bars.each > 1 ? fmt::format("{} to {}", first, first + bars.each - 1)
                                             : fmt::format("{}", first);
    table.rows.push_back({name, energy_text(energy_j), share_text(energy_j, budget_j)});
    dearest_j = std::max(dearest_j, energy_j);
  }
  std::string description =
      of_layers ? "Of each layer the dearest power cycle, alone; none may be above the budget."
                : "Each power cycle as scheduled; none may be above the budget.";
  if (bars.each > 1) {
    description = fmt::format(
        "Of each {} consecutive power cycles the dearest; none may be above the budget.",
        bars.each);
  }
  return html(
      Figure{.id = "cycles",
             .title = "Energy per power cycle",
             .description = std::move(description),
             .label = fmt::format("The dearest power cycle takes {}, {} of the budget of {}.",
                                  energy_text(dearest_j), share_text(dearest_j, budget_j),
                                  energy_text(budget_j)),
             .data = html(table)});
}

std::string part_figure(const Winner& winner) {
  if (winner.parts.empty()) return "";
  double time_s = 0;
  double energy_j = 0;
  for (const CostPart& part : winner.parts) {
    time_s += part.time_s;
    energy_j += part.energy_j;
  }
  HtmlTable table{.caption = "parts of time and energy",
                  .columns = {"part", "time", "share", "energy", "share"},
                  .numbers = {false, true, true, true, true},
                  .rows = {}};
  std::string label = "Shares of the time:";
  for (const CostPart& part : winner.parts) {
    table.rows.push_back({escaped(part.name), latency_text(part.time_s),
                          share_text(part.time_s, time_s), energy_text(part.energy_j),
                          share_text(part.energy_j, energy_j)});
    label += fmt::format(" {} {};", part.name, share_text(part.time_s, time_s));
  }
  table.rows.push_back({"total", latency_text(time_s), "", energy_text(energy_j), ""});
  label.back() = '.';
  return html(
      Figure{.id = "parts",
             .title = "Where time and energy go",
             .description = fmt::format("Of one inference: {} and {}. Recharging takes time "
                                        "alone: what it stores, the other parts spend.",
                                        latency_text(time_s), energy_text(energy_j)),
             .label = std::move(label),
             .data = html(table),
             .low = true});
}

std::string layer_part_figure(const Winner& winner) {
  HtmlTable table{.caption = "time of the layers by parts",
                  .columns = {"layer"},
                  .numbers = {false},
                  .rows = {}};
  for (const WinnerLayer& layer : winner.layers) {
    if (layer.parts.empty()) continue;
    std::vector<std::string> row{escaped(layer.layer.name)};
    for (const CostPart& part : layer.parts) {
      if (table.rows.empty()) {
        table.columns.push_back(escaped(part.name));
        table.numbers.push_back(true);
      }
      row.push_back(latency_text(part.time_s));
    }
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return "";
  return html(Figure{.id = "layer-parts",
                     .title = "Time by layer",
                     .description = "The same parts, layer by layer.",
                     .label = "Times of the parts of each layer; the table below has them.",
                     .data = html(table)});
}

}  // namespace

std::string winner_html(const StudyPage& page) {
  if (!page.winner) return "";
  const Winner& winner = *page.winner;
  return first_sentence(winner) + "<div class=\"winner\">\n" + network_picture(winner.layers) +
         "<div>" + html(design_table(page, winner)) +
         "<p class=\"note\">A design is the tile Tr×Tc×Tm×Tn (rows, columns, output channels, "
         "input channels "
         "that are computed at once), the loop order, S tiles per preserved batch, K batches per "
         "power cycle (0: the energy ledger alone ends cycles) and the unit that multiplies. E_pc "
         "is "
         "the energy of the dearest power cycle, budget its share of what the capacitor gives. "
         "What "
         "a layer takes is that of the layer alone, beginning and ending with a power cycle.</p>"
         "</div>\n</div>\n";
}

std::string costs_html(const StudyPage& page) {
  if (!page.winner) return "";
  const std::string figures = cycle_figure(page, *page.winner) + part_figure(*page.winner) +
                              layer_part_figure(*page.winner);
  return figures.empty() ? "" : "<div class=\"figures\">\n" + figures + "</div>\n";
}

}  // namespace inas::report
