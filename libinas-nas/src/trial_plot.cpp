#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include <inas/nas/pareto.hpp>
#include <inas/nas/trial_plot.hpp>

namespace inas::nas {
namespace {

constexpr double kWidth = 720;
constexpr double kHeight = 420;
constexpr double kLeft = 64;
constexpr double kRight = 24;
constexpr double kTop = 44;
constexpr double kBottom = 56;
constexpr const char* kInk = "#333333";
constexpr const char* kPoint = "#1f6f8b";
constexpr const char* kRefused = "#b0b0b0";
constexpr const char* kAccent = "#c8553d";
/// What keeps a text legible where it lies on marks.
constexpr const char* kHalo = "stroke='#ffffff' stroke-width='3' paint-order='stroke'";

/// A linear axis over [low, high] with round tick marks.
struct Axis {
  double low = 0;
  double high = 1;
  double from_px = 0;
  double to_px = 1;

  [[nodiscard]] double at(double value) const {
    return from_px + (value - low) / (high - low) * (to_px - from_px);
  }

  /// 1, 2 or 5 times a power of ten, so that there are four to ten ticks.
  [[nodiscard]] double step() const {
    const double power = std::pow(10, std::floor(std::log10((high - low) / 4)));
    for (const double factor : {5.0, 2.0}) {
      if ((high - low) / (factor * power) >= 4) return factor * power;
    }
    return power;
  }
};

Axis latency_axis(const std::vector<Trial>& trials, double requirement_s) {
  double high = requirement_s;
  if (!std::any_of(trials.begin(), trials.end(),
                   [](const Trial& trial) { return trial.outcome == Outcome::too_slow; })) {
    high = 0;
    for (const Trial& trial : trials) high = std::max(high, trial.network.latency_s);
  }
  return {0, high > 0 ? high * 1.25 : 1, kLeft, kWidth - kRight};
}

Axis accuracy_axis(const std::vector<Trial>& trials, const Effort& most) {
  double low = 1;
  double high = 0;
  for (const Trial& trial : trials) {
    if (!trial.accuracy || trial.effort != most) continue;
    low = std::min(low, *trial.accuracy);
    high = std::max(high, *trial.accuracy);
  }
  if (high < low) return {0, 1, kHeight - kBottom, kTop};
  const double margin = std::max(0.02, 0.1 * (high - low));
  return {std::max(0.0, low - margin), std::min(1.0, high + margin), kHeight - kBottom, kTop};
}

template <class Out>
void draw_axes(Out& out, const Axis& x, const Axis& y) {
  for (double value = std::ceil(x.low / x.step()) * x.step(); value <= x.high; value += x.step()) {
    fmt::format_to(out,
                   "<line x1='{0:.1f}' y1='{1}' x2='{0:.1f}' y2='{2}' stroke='#e8e8e8'/>\n"
                   "<text x='{0:.1f}' y='{3}' text-anchor='middle'>{4:.6g}</text>\n",
                   x.at(value), kTop, kHeight - kBottom, kHeight - kBottom + 18, value);
  }
  for (double value = std::ceil(y.low / y.step()) * y.step(); value <= y.high; value += y.step()) {
    fmt::format_to(out,
                   "<line x1='{0}' y1='{1:.1f}' x2='{2}' y2='{1:.1f}' stroke='#e8e8e8'/>\n"
                   "<text x='{3}' y='{4:.1f}' text-anchor='end'>{5:.6g} %</text>\n",
                   kLeft, y.at(value), kWidth - kRight, kLeft - 6, y.at(value) + 4, 100 * value);
  }
  fmt::format_to(
      out,
      "<rect x='{}' y='{}' width='{}' height='{}' fill='none' stroke='{}'/>\n"
      "<text x='{}' y='{}' text-anchor='middle'>end-to-end latency of one inference (s)</text>\n",
      kLeft, kTop, kWidth - kLeft - kRight, kHeight - kTop - kBottom, kInk,
      (kLeft + kWidth - kRight) / 2, kHeight - 16);
}

}  // namespace

std::string trial_plot_svg(const std::vector<Trial>& trials, double latency_requirement_s,
                           std::int64_t best) {
  const Axis x = latency_axis(trials, latency_requirement_s);
  const Effort most = most_effort(trials);
  const Axis y = accuracy_axis(trials, most);
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  fmt::format_to(
      out,
      "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{1}' viewBox='0 0 {0} {1}' "
      "font-family='sans-serif' font-size='12' fill='{2}'>\n"
      "<rect width='100%' height='100%' fill='white'/>\n",
      kWidth, kHeight, kInk);
  const auto trained = std::count_if(trials.begin(), trials.end(), [&](const Trial& trial) {
    return is_trained(trial.outcome) && trial.effort == most;
  });
  fmt::format_to(
      out,
      "<text x='{}' y='24' font-size='14'>{} trials, {} networks trained: validation accuracy "
      "by latency</text>\n",
      kLeft, trials.size(), trained);
  draw_axes(out, x, y);
  const bool has_requirement = latency_requirement_s <= x.high;
  if (has_requirement) {
    fmt::format_to(
        out,
        "<line x1='{0:.1f}' y1='{1}' x2='{0:.1f}' y2='{2}' stroke='{3}' stroke-width='1.5' "
        "stroke-dasharray='5 4'/>\n",
        x.at(latency_requirement_s), kTop, kHeight - kBottom, kAccent);
  }
  const Trial* winner = nullptr;
  for (const Trial& trial : trials) {
    if (trial.number == best) winner = &trial;
    if (trial.outcome == Outcome::too_slow && trial.network.latency_s <= x.high) {
      fmt::format_to(out, "<line x1='{0:.1f}' y1='{1}' x2='{0:.1f}' y2='{2}' stroke='{3}'/>\n",
                     x.at(trial.network.latency_s), kHeight - kBottom - 8, kHeight - kBottom,
                     kRefused);
    }
    if (is_trained(trial.outcome) && trial.effort == most) {
      const double age = static_cast<double>(trial.number) / static_cast<double>(trials.size());
      fmt::format_to(out,
                     "<circle cx='{:.1f}' cy='{:.1f}' r='5' fill='{}' fill-opacity='{:.2f}'>"
                     "<title>trial {}: {}, {:.2f} %, {:.4g} s</title></circle>\n",
                     x.at(trial.network.latency_s), y.at(*trial.accuracy), kPoint, 0.35 + 0.6 * age,
                     trial.number, inas::to_string(trial.architecture), 100 * *trial.accuracy,
                     trial.network.latency_s);
    }
  }
  if (winner != nullptr && winner->accuracy) {
    const double px = x.at(winner->network.latency_s);
    const bool right_half = px > kWidth / 2;
    fmt::format_to(
        out,
        "<circle cx='{:.1f}' cy='{:.1f}' r='9' fill='none' stroke='{}' stroke-width='2'/>\n"
        "<text x='{:.1f}' y='{:.1f}' text-anchor='{}' {}>{} ({:.1f} %)</text>\n",
        px, y.at(*winner->accuracy), kAccent, px + (right_half ? -14 : 14),
        y.at(*winner->accuracy) + 4, right_half ? "end" : "start", kHalo,
        inas::to_string(winner->architecture), 100 * *winner->accuracy);
  }
  if (has_requirement) {
    // Behind the line, where no network was trained, if it fits there; at the foot, away from the
    // winner.
    constexpr double kTextWidth = 124;
    const double px = x.at(latency_requirement_s);
    const bool behind = px + kTextWidth <= kWidth - kRight;
    fmt::format_to(
        out, "<text x='{:.1f}' y='{}' fill='{}' text-anchor='{}' {}>requirement {:.4g} s</text>\n",
        px + (behind ? 6 : -6), kHeight - kBottom - 16, kAccent, behind ? "start" : "end", kHalo,
        latency_requirement_s);
  }
  fmt::format_to(out, "</svg>\n");
  return fmt::to_string(buffer);
}

}  // namespace inas::nas
