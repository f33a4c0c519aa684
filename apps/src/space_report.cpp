#include "space_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/percentile.hpp>

namespace inas::apps {
namespace {

using explorer::LatencyBin;
using explorer::LayerFailures;
using explorer::NetworkCount;
using explorer::RankedNetwork;
using explorer::SizeClass;
using explorer::SizeMeasure;
using explorer::SpaceCounts;

constexpr std::array kPercentiles{0.0, 1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 99.0, 100.0};

/// "1,048,576": digits in groups of three.
std::string grouped(const NetworkCount& count) {
  std::string text = count.text();
  const std::size_t digits = text.find_first_of("0123456789");
  for (std::size_t place = text.size(); place > digits + 3;) {
    place -= 3;
    text.insert(place, 1, ',');
  }
  return text;
}

std::string percent_of(const NetworkCount& part, const NetworkCount& whole) {
  if (!part.exact() || !whole.exact()) return "";
  const double share = 100 * part.approximate() / whole.approximate();
  return share > 0 && share < 0.01 ? "under 0.01 %" : fmt::format("{:.2f} %", share);
}

double total(const std::vector<LatencyBin>& bins) {
  double sum = 0;
  for (const LatencyBin& bin : bins) sum += bin.networks;
  return sum;
}

const char* name_of(SizeMeasure measure) {
  return measure == SizeMeasure::weights ? "weights" : "MACs";
}

/// Of values in ascending order.
double percentile_of(const std::vector<double>& sorted, double percent) {
  return percentile(static_cast<double>(sorted.size()), percent,
                    [&](double rank) { return sorted[static_cast<std::size_t>(rank)]; });
}

/// The networks of a sample that do not exceed NVM.
std::vector<double> within_nvm(std::vector<double> sorted) {
  while (!sorted.empty() && std::isinf(sorted.back())) sorted.pop_back();
  return sorted;
}

/// What a sample says of the share of all networks that are within the requirement.
struct SampledShare {
  double share = 0;
  double error = 0;  ///< twice the standard error; of no network or all, what 1 in 20 would show
};

SampledShare share_within(const std::vector<double>& sorted, double latency_s) {
  const auto drawn = static_cast<double>(sorted.size());
  const auto within = static_cast<double>(
      std::upper_bound(sorted.begin(), sorted.end(), latency_s) - sorted.begin());
  const double share = within / drawn;
  if (within == 0 || within == drawn) return {share, 3 / drawn};
  return {share, 2 * std::sqrt(share * (1 - share) / drawn)};
}

template <class Out>
void print_percentiles(Out& out, const SpaceReport& report) {
  const std::vector<double> scheduled_s = within_nvm(report.scheduled_s);
  const char* const what = report.map.scheduled() ? "as scheduled" : "by layers";
  fmt::format_to(out, "\nend-to-end latency of the networks that can run, {}, s\n",
                 scheduled_s.empty() ? what : "by layers and as scheduled");
  for (const double percent : kPercentiles) {
    fmt::format_to(out, "  {:>4} % {:>12.4f}", percent,
                   report.map.latency_percentile(percent).value_or(0));
    if (!scheduled_s.empty()) {
      fmt::format_to(out, " {:>12.4f}", percentile_of(scheduled_s, percent));
    }
    fmt::format_to(out, "\n");
  }
  if (report.scheduled_s.empty()) return;
  const double requirement_s = report.settings.search.latency_requirement_s;
  const auto [share, error] = share_within(report.scheduled_s, requirement_s);
  fmt::format_to(
      out,
      "  as scheduled: {} networks drawn at random, each equally likely; {:.2f} ± {:.2f} "
      "% take up to {:.6g} s\n",
      report.scheduled_s.size(), 100 * share, 100 * error, requirement_s);
  if (const std::size_t beyond = report.scheduled_s.size() - scheduled_s.size(); beyond > 0) {
    fmt::format_to(out, "  {} of them exceed NVM and are not among these percentiles\n", beyond);
  }
}

template <class Out>
void print_counts(Out& out, const SpaceReport& report) {
  const SpaceCounts& counts = report.map.counts();
  // C2 of a counted space is rounded: the numbers say so with a ≈.
  const bool about = !report.map.exact() && counts.feasible_least != counts.feasible_most;
  const auto line = [&](const std::string& what, const NetworkCount& count, bool rounded = false) {
    fmt::format_to(out, "  {:<42} {}{:>20}  {:>12}\n", what, rounded ? "≈" : " ", grouped(count),
                   percent_of(count, counts.networks));
  };
  line("networks", counts.networks);
  line("kernel or window larger than its map", counts.geometry);
  if (report.map.nvm_left_out()) {
    fmt::format_to(out, "  {:<42} {:>21}\n", "NVM capacity", "not counted");
  } else {
    line("NVM capacity", counts.nvm_capacity);
  }
  line("C0: no design fits VM", counts.spatial);
  line("C1: no design stays within the budget", counts.atomicity);
  const char* const by_layers = report.scheduled_s.empty() ? "" : ", by layers";
  line(fmt::format("C2: slower than {:.6g} s{}", report.settings.search.latency_requirement_s,
                   by_layers),
       counts.responsiveness, about);
  line(fmt::format("feasible{}", by_layers), counts.feasible, about);
  if (about) {
    fmt::format_to(out, "  {:<42}  from {} to {}{}\n", "", grouped(counts.feasible_least),
                   grouped(counts.feasible_most),
                   report.scheduled_s.empty() ? "" : " as scheduled");
  }
  for (const LayerFailures& layer : counts.by_layer) {
    if (layer.spatial == NetworkCount(0) && layer.atomicity == NetworkCount(0)) continue;
    fmt::format_to(out, "  first to fail: {:<27} C0 {}, C1 {}\n", layer.layer,
                   grouped(layer.spatial), grouped(layer.atomicity));
  }
  if (report.map.nvm_left_out()) {
    fmt::format_to(
        out,
        "  NVM capacity is not counted: the space is too large to list, and its neediest "
        "network takes {} of {} bytes.\n  Counts and percentiles are those of a device "
        "with enough NVM.\n",
        report.map.max_nvm_bytes(), report.settings.platform.nvm_bytes);
  }
}

template <class Out>
void print_histogram(Out& out, const SpaceReport& report) {
  constexpr double kColumns = 50;
  double most = 0;
  for (const LatencyBin& bin : report.histogram) most = std::max(most, bin.networks);
  const double requirement_s = report.settings.search.latency_requirement_s;
  for (const LatencyBin& bin : report.histogram) {
    // Full blocks and an eighth-block, so that small bins are seen, too.
    static constexpr std::array kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const auto eighths = static_cast<std::size_t>(std::ceil(bin.networks / most * kColumns * 8));
    std::string bar;
    for (std::size_t block = 0; block < eighths / 8; ++block) bar += "█";
    bar += kEighths[eighths % 8];
    fmt::format_to(
        out, "  {:>9.5g} – {:<9.5g} {:>12.6g} {}{}\n", bin.from_s, bin.to_s, bin.networks, bar,
        requirement_s >= bin.from_s && requirement_s < bin.to_s ? "  ← requirement" : "");
  }
}

template <class Out>
void print_fastest(Out& out, const SpaceReport& report) {
  for (const SizeClass& size_class : report.fastest) {
    if (report.map.exact()) {
      fmt::format_to(out, "  {} to {} {}: {} networks\n", size_class.at_least, size_class.below - 1,
                     name_of(report.measure), grouped(size_class.networks));
    }
    for (const RankedNetwork& network : size_class.fastest) {
      fmt::format_to(out, "    {:<34} {:>10.4f} s {:>9} weights {:>11} MACs\n",
                     to_string(network.architecture), network.latency_s, network.weights,
                     network.macs);
    }
  }
}

}  // namespace

std::string space_text(const SpaceReport& report) {
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  fmt::format_to(out, "{} different layers, {}\n", report.map.layers().layers.size(),
                 report.map.exact()
                     ? std::string("every network listed")
                     : fmt::format("too many networks to list: counted, latencies to ±{:.3g} s "
                                   "({} steps)",
                                   report.map.latency_error_s(), report.map.bins()));
  print_counts(out, report);
  if (report.histogram.empty()) {
    fmt::format_to(out, "no network of the space can run on this device\n");
    return fmt::to_string(buffer);
  }
  print_percentiles(out, report);
  fmt::format_to(out, "\n");
  print_histogram(out, report);
  if (!report.why_no_fastest.empty()) {
    fmt::format_to(out, "\nfastest networks: none is shown: {}\n", report.why_no_fastest);
  }
  if (!report.fastest.empty()) {
    fmt::format_to(out, "\nfastest networks{}\n",
                   report.map.exact() ? fmt::format(" by number of {}", name_of(report.measure))
                                      : std::string(" of all"));
    print_fastest(out, report);
  }
  return fmt::to_string(buffer);
}

std::string space_json(const SpaceReport& report) {
  const SpaceCounts& counts = report.map.counts();
  nlohmann::ordered_json document;
  document["exact"] = report.map.exact();
  document["as_scheduled"] = report.map.scheduled();
  document["latency_error_s"] = report.map.latency_error_s();
  document["bins"] = report.map.bins();
  document["layers"] = report.map.layers().layers.size();
  document["latency_requirement_s"] = report.settings.search.latency_requirement_s;
  document["networks"] = counts.networks.text();
  document["ruled_out"] = {{"geometry", counts.geometry.text()},
                           {"nvm_capacity", counts.nvm_capacity.text()},
                           {"spatial", counts.spatial.text()},
                           {"atomicity", counts.atomicity.text()},
                           {"responsiveness", counts.responsiveness.text()}};
  if (report.map.nvm_left_out()) document["ruled_out"]["nvm_capacity"] = nullptr;
  document["executable"] = counts.executable().text();
  document["feasible"] = counts.feasible.text();
  document["feasible_least"] = counts.feasible_least.text();
  document["feasible_most"] = counts.feasible_most.text();
  document["max_nvm_bytes"] = report.map.max_nvm_bytes();
  document["nvm_left_out"] = report.map.nvm_left_out();
  document["first_to_fail"] = nlohmann::ordered_json::array();
  for (const LayerFailures& layer : counts.by_layer) {
    document["first_to_fail"].push_back({{"layer", layer.layer},
                                         {"spatial", layer.spatial.text()},
                                         {"atomicity", layer.atomicity.text()}});
  }
  document["percentiles"] = nlohmann::ordered_json::array();
  for (const double percent : kPercentiles) {
    const std::optional<double> latency_s = report.map.latency_percentile(percent);
    if (latency_s) {
      document["percentiles"].push_back({{"percent", percent}, {"latency_s", *latency_s}});
    }
  }
  if (!report.scheduled_s.empty()) {
    const auto [share, error] =
        share_within(report.scheduled_s, report.settings.search.latency_requirement_s);
    const std::vector<double> scheduled_s = within_nvm(report.scheduled_s);
    nlohmann::ordered_json& sample = document["scheduled_sample"];
    sample = {{"networks", report.scheduled_s.size()},
              {"beyond_nvm", report.scheduled_s.size() - scheduled_s.size()},
              {"feasible_share", share},
              {"feasible_share_error", error},
              {"percentiles", nlohmann::ordered_json::array()}};
    for (const double percent : kPercentiles) {
      if (scheduled_s.empty()) break;
      sample["percentiles"].push_back(
          {{"percent", percent}, {"latency_s", percentile_of(scheduled_s, percent)}});
    }
  }
  document["histogram"] = nlohmann::ordered_json::array();
  for (const LatencyBin& bin : report.histogram) {
    document["histogram"].push_back(
        {{"from_s", bin.from_s}, {"to_s", bin.to_s}, {"networks", bin.networks}});
  }
  document["fastest"] = nlohmann::ordered_json::array();
  for (const SizeClass& size_class : report.fastest) {
    nlohmann::ordered_json row;
    row["measure"] = report.map.exact() ? name_of(report.measure) : "none";
    row["at_least"] = size_class.at_least;
    row["below"] = size_class.below;
    row["networks"] = size_class.networks.text();
    row["fastest"] = nlohmann::ordered_json::array();
    for (const RankedNetwork& network : size_class.fastest) {
      row["fastest"].push_back({{"architecture", network.architecture},
                                {"latency_s", network.latency_s},
                                {"weights", network.weights},
                                {"macs", network.macs}});
    }
    document["fastest"].push_back(row);
  }
  return document.dump(2) + "\n";
}

std::string space_csv(const SpaceReport& report) {
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  fmt::format_to(out, "from_s,to_s,networks,share_up_to\n");
  const double all = total(report.histogram);
  double sum = 0;
  for (const LatencyBin& bin : report.histogram) {
    sum += bin.networks;
    fmt::format_to(out, "{},{},{},{}\n", bin.from_s, bin.to_s, bin.networks, sum / all);
  }
  return fmt::to_string(buffer);
}

std::string space_svg(const SpaceReport& report) {
  constexpr double kWidth = 720;
  constexpr double kHeight = 460;
  constexpr double kLeft = 64;
  constexpr double kRight = 24;
  constexpr double kMarks = 48;  // labels of the marks, one below the other, above the bars
  constexpr double kTop = 112;
  constexpr double kBottom = 56;
  constexpr const char* kInk = "#333333";
  constexpr const char* kBar = "#8ab8c6";
  constexpr const char* kAccent = "#c8553d";
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  fmt::format_to(
      out,
      "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{1}' viewBox='0 0 {0} {1}' "
      "font-family='sans-serif' font-size='12' fill='{2}'>\n"
      "<rect width='100%' height='100%' fill='white'/>\n"
      "<text x='{3}' y='24' font-size='14'>{4} networks, {5} feasible{6}</text>\n",
      kWidth, kHeight, kInk, kLeft, grouped(report.map.counts().networks),
      grouped(report.map.counts().feasible),
      report.map.exact() ? ""
                         : fmt::format(" (latencies to ±{:.3g} s)", report.map.latency_error_s()));
  if (report.histogram.empty()) {
    fmt::format_to(out, "<text x='{}' y='{}'>no network can run</text>\n</svg>\n", kLeft, kTop);
    return fmt::to_string(buffer);
  }
  double most = 0;
  for (const LatencyBin& bin : report.histogram) most = std::max(most, bin.networks);
  const double low = report.histogram.front().from_s;
  const double range = std::max(report.histogram.back().to_s - low, 1e-300);
  const auto x_at = [&](double latency_s) {
    return kLeft + (latency_s - low) / range * (kWidth - kLeft - kRight);
  };
  const double floor = kHeight - kBottom;
  for (const LatencyBin& bin : report.histogram) {
    const double height = bin.networks / most * (floor - kTop);
    fmt::format_to(out,
                   "<rect x='{:.2f}' y='{:.2f}' width='{:.2f}' height='{:.2f}' fill='{}' "
                   "stroke='white' stroke-width='0.5'><title>{:.6g} to {:.6g} s: {:.12g} networks"
                   "</title></rect>\n",
                   x_at(bin.from_s), floor - height,
                   std::max(x_at(bin.to_s) - x_at(bin.from_s), 1.0), height, kBar, bin.from_s,
                   bin.to_s, bin.networks);
  }
  constexpr int kTicks = 6;
  for (int tick = 0; tick <= kTicks; ++tick) {
    const double value = low + range * tick / kTicks;
    fmt::format_to(out, "<text x='{:.1f}' y='{}' text-anchor='middle'>{:.4g}</text>\n", x_at(value),
                   floor + 18, value);
  }
  fmt::format_to(out,
                 "<line x1='{0}' y1='{1}' x2='{2}' y2='{1}' stroke='{3}'/>\n"
                 "<text x='{4}' y='{5}' text-anchor='end'>{6:.6g}</text>\n"
                 "<text x='{7}' y='{8}' text-anchor='middle'>end-to-end latency of one inference "
                 "(s), networks per bar</text>\n",
                 kLeft, floor, kWidth - kRight, kInk, kLeft - 6, kTop + 4, most,
                 (kLeft + kWidth - kRight) / 2, kHeight - 16);
  struct Mark {
    double latency_s;
    std::string label;
    const char* colour;
  };
  std::vector<Mark> marks;
  for (const double percent : {25.0, 50.0, 75.0}) {
    const double latency_s = report.map.latency_percentile(percent).value_or(low);
    marks.push_back({latency_s, fmt::format("{} %: {:.4g} s", percent, latency_s), kInk});
  }
  const double requirement_s = report.settings.search.latency_requirement_s;
  if (requirement_s >= low && requirement_s <= low + range) {
    marks.push_back({requirement_s, fmt::format("requirement {:.4g} s", requirement_s), kAccent});
  }
  // From left to right and from top to bottom, so that no line crosses a label.
  std::stable_sort(marks.begin(), marks.end(),
                   [](const Mark& a, const Mark& b) { return a.latency_s < b.latency_s; });
  double y = kMarks;
  for (const Mark& mark : marks) {
    constexpr double kTextWidth = 130;
    const double x = x_at(mark.latency_s);
    const bool behind = x + kTextWidth <= kWidth;
    fmt::format_to(out,
                   "<line x1='{0:.1f}' y1='{1}' x2='{0:.1f}' y2='{2}' stroke='{3}' "
                   "stroke-width='1.5' stroke-dasharray='5 4'/>\n"
                   "<text x='{4:.1f}' y='{5}' fill='{3}' text-anchor='{6}'>{7}</text>\n",
                   x, y, floor, mark.colour, x + (behind ? 4 : -4), y + 4, behind ? "start" : "end",
                   mark.label);
    y += 16;
  }
  fmt::format_to(out, "</svg>\n");
  return fmt::to_string(buffer);
}

}  // namespace inas::apps
