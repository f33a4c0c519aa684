#include "breakdown_report.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/text.hpp>
#include <inas/costmodel/laws.hpp>

#include "name_width.hpp"

namespace inas::apps {
namespace {

using costmodel::Breakdown;
using costmodel::Cost;
using costmodel::LayerBreakdown;
using costmodel::NetworkBreakdown;
using Json = nlohmann::ordered_json;

/// A part of the time and of the energy.
struct Part {
  const char* key;
  const char* title;
  const char* colour;  ///< told apart in print and by the colour-blind
  bool takes_energy;
  Cost (*of)(const Breakdown& parts);
};

/// Recharging takes time alone: what it puts in, the other parts spend.
constexpr std::array kParts{
    Part{"boot", "boot", "#4477aa", true, [](const Breakdown& of) { return of.boot; }},
    Part{"fetch", "fetch", "#66ccee", true, [](const Breakdown& of) { return of.fetch; }},
    Part{"compute", "compute", "#228833", true, [](const Breakdown& of) { return of.compute; }},
    Part{"bookkeeping", "bookkeep", "#ccbb44", true,
         [](const Breakdown& of) { return of.bookkeeping; }},
    Part{"backup", "back-up", "#ee6677", true, [](const Breakdown& of) { return of.backup; }},
    Part{"recharge", "recharge", "#bbbbbb", false, [](const Breakdown& of) {
           return Cost{0, of.recharge_s};
         }}};

const char* word_of(const costmodel::Profile& profile, const std::string& law) {
  const auto origin = profile.origins.find(law);
  return origin == profile.origins.end() ? "not said" : costmodel::to_string(origin->second).data();
}

std::string law_text(const costmodel::Profile& profile, const LayerBreakdown& layer) {
  return fmt::format("{} {:.0f} %, {}", layer.law, 100 * layer.law_share,
                     word_of(profile, layer.law));
}

template <class Out>
void add_rows(Out& out, const BreakdownReport& report, const NetworkBreakdown& of, bool energy) {
  const bool has_laws = !energy;
  const std::size_t names = name_width(report.network, 11);
  fmt::format_to(out, "{:<{}}", energy ? "energy mJ" : "time s", names);
  for (const Part& part : kParts) {
    if (!energy || part.takes_energy) fmt::format_to(out, " {:>9}", part.title);
  }
  fmt::format_to(out, " {:>10}{}\n", "total", has_laws ? "  most of the energy" : "");
  const auto add_row = [&](const std::string& name, const Breakdown& parts,
                           const std::string& law) {
    fmt::format_to(out, "{:<{}}", name, names);
    for (const Part& part : kParts) {
      const Cost cost = part.of(parts);
      if (!energy) fmt::format_to(out, " {:>9.4f}", cost.latency_s);
      if (energy && part.takes_energy) {
        fmt::format_to(out, " {:>9.4f}", 1e3 * cost.energy_j);
      }
    }
    const double total = energy ? 1e3 * parts.active().energy_j : parts.latency_s();
    fmt::format_to(out, " {:>10.4f}{}{}\n", total, law.empty() ? "" : "  ", law);
  };
  for (std::size_t index = 0; index < of.layers.size(); ++index) {
    add_row(report.network.layers[index].name, of.layers[index].parts,
            has_laws ? law_text(report.profile, of.layers[index]) : "");
  }
  add_row("total", of.total(), "");
}

std::string title_of(const BreakdownReport& report, const NetworkBreakdown& of) {
  if (!report.as_scheduled) {
    return fmt::format("continuous power: {:.4f} s", of.total().latency_s());
  }
  return fmt::format("{}: {:.4f} s, {}", &of == &report.by_layers ? "by layers" : "as scheduled",
                     of.total().latency_s(), counted(of.power_cycles, "power cycle"));
}

std::vector<const NetworkBreakdown*> breakdowns_of(const BreakdownReport& report) {
  std::vector<const NetworkBreakdown*> all{&report.by_layers};
  if (report.as_scheduled) all.push_back(&*report.as_scheduled);
  return all;
}

Json json_of(const Breakdown& parts) {
  Json time;
  Json energy;
  for (const Part& part : kParts) {
    const Cost cost = part.of(parts);
    time[part.key] = cost.latency_s;
    if (part.takes_energy) energy[part.key] = cost.energy_j;
  }
  return {{"latency_s", parts.latency_s()},
          {"energy_j", parts.active().energy_j},
          {"time_s", std::move(time)},
          {"energy_of_j", std::move(energy)}};
}

Json json_of(const BreakdownReport& report, const NetworkBreakdown& of) {
  Json json = json_of(of.total());
  json["power_cycles"] = of.power_cycles;
  json["layers"] = Json::array();
  for (std::size_t index = 0; index < of.layers.size(); ++index) {
    const LayerBreakdown& layer = of.layers[index];
    Json row{{"name", report.network.layers[index].name},
             {"design", to_string(report.designs[index])}};
    row.update(json_of(layer.parts));
    row["law"] = {{"key", layer.law},
                  {"origin", word_of(report.profile, layer.law)},
                  {"share", layer.law_share}};
    json["layers"].push_back(std::move(row));
  }
  return json;
}

constexpr double kBarsWidth = 560;
constexpr double kRow = 24;
constexpr double kTop = 64;

/// Where the bars begin, and how long a second is.
struct Bars {
  double left = 0;
  double seconds_per_unit = 0;
};

/// About what a text takes that is 12 units high.
double width_of(std::string_view text) { return 7.5 * static_cast<double>(text.size()); }

std::string label_of(const BreakdownReport& report, const LayerBreakdown& layer) {
  return fmt::format("{:.4g} s; {}", layer.parts.latency_s(), law_text(report.profile, layer));
}

/// The bars of one breakdown from `y` on, below its title. Returns where they end.
template <class Out>
double draw_bars(Out& out, const BreakdownReport& report, const NetworkBreakdown& of,
                 const Bars& bars, double y) {
  fmt::format_to(out, "<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>\n", bars.left, y + 16,
                 escaped(title_of(report, of)));
  y += kRow;
  for (std::size_t index = 0; index < of.layers.size(); ++index, y += kRow) {
    const LayerBreakdown& layer = of.layers[index];
    const std::string& name = report.network.layers[index].name;
    fmt::format_to(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", bars.left - 8,
                   y + 15, escaped(name));
    double x = bars.left;
    for (const Part& part : kParts) {
      const double seconds = part.of(layer.parts).latency_s;
      const double width = seconds / bars.seconds_per_unit;
      fmt::format_to(out,
                     "<rect class=\"{}\" x=\"{:.6f}\" y=\"{}\" width=\"{:.6f}\" height=\"18\" "
                     "fill=\"{}\"><title>{}: {} {:.4g} s</title></rect>\n",
                     part.key, x, y, width, part.colour, escaped(name), part.title, seconds);
      x += width;
    }
    fmt::format_to(out, "<text x=\"{:.1f}\" y=\"{}\" fill=\"#555555\">{}</text>\n", x + 6, y + 14,
                   escaped(label_of(report, layer)));
  }
  return y;
}

}  // namespace

std::string breakdown_table(const BreakdownReport& report) {
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  for (const NetworkBreakdown* of : breakdowns_of(report)) {
    fmt::format_to(out, "{}{}\n\n", buffer.size() > 0 ? "\n" : "", title_of(report, *of));
    add_rows(out, report, *of, false);
    fmt::format_to(out, "\n");
    add_rows(out, report, *of, true);
  }
  return fmt::to_string(buffer);
}

std::string breakdown_json(const BreakdownReport& report) {
  Json document{{"format", 1},
                {"architecture", report.architecture},
                {"profile", report.profile.name},
                {"by_layers", json_of(report, report.by_layers)},
                {"as_scheduled", nullptr}};
  if (report.as_scheduled) document["as_scheduled"] = json_of(report, *report.as_scheduled);
  return document.dump(2) + "\n";
}

std::string breakdown_svg(const BreakdownReport& report) {
  const std::vector<const NetworkBreakdown*> all = breakdowns_of(report);
  double longest_s = 0;
  double names = 110;
  double labels = 260;
  for (const Layer& layer : report.network.layers) names = std::max(names, width_of(layer.name));
  for (const NetworkBreakdown* of : all) {
    for (const LayerBreakdown& layer : of->layers) {
      longest_s = std::max(longest_s, layer.parts.latency_s());
      labels = std::max(labels, width_of(label_of(report, layer)));
    }
  }
  const Bars bars{.left = names + 10, .seconds_per_unit = longest_s / kBarsWidth};
  const double rows = static_cast<double>(all.size() * (report.network.layers.size() + 2));
  const double height = kTop + kRow * rows;
  const double width = bars.left + kBarsWidth + labels + 10;
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  fmt::format_to(out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
                 "height=\"{1}\" font-family=\"sans-serif\" font-size=\"12\" "
                 "data-seconds-per-unit=\"{2}\">\n"
                 "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n"
                 "<text x=\"{3}\" y=\"24\" font-size=\"14\">Where the time goes: {4}, {5}</text>\n",
                 width, height, bars.seconds_per_unit, bars.left,
                 escaped(inas::to_string(report.architecture)), escaped(report.profile.name));
  double x = bars.left;
  for (const Part& part : kParts) {
    fmt::format_to(out,
                   "<rect x=\"{0}\" y=\"38\" width=\"12\" height=\"12\" fill=\"{1}\"/>\n"
                   "<text x=\"{2}\" y=\"48\">{3}</text>\n",
                   x, part.colour, x + 16, part.title);
    x += 90;
  }
  double y = kTop;
  for (const NetworkBreakdown* of : all) {
    y = draw_bars(out, report, *of, bars, y) + kRow;
  }
  fmt::format_to(out, "</svg>\n");
  return fmt::to_string(buffer);
}

}  // namespace inas::apps
