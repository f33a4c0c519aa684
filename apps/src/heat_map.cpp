#include "heat_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/text.hpp>

namespace inas::apps {
namespace {

struct Colour {
  double red;
  double green;
  double blue;
};

/// Light to dark, readable in print and by the colour-blind.
constexpr std::array<Colour, 5> kScale{Colour{255, 247, 188}, Colour{254, 196, 79},
                                       Colour{236, 112, 20}, Colour{153, 52, 4}, Colour{74, 20, 6}};

Colour colour_at(double share) {
  const double position = std::clamp(share, 0.0, 1.0) * (static_cast<double>(kScale.size()) - 1);
  const auto below = std::min(static_cast<std::size_t>(position), kScale.size() - 2);
  const double rest = position - static_cast<double>(below);
  const Colour& a = kScale[below];
  const Colour& b = kScale[below + 1];
  return {a.red + rest * (b.red - a.red), a.green + rest * (b.green - a.green),
          a.blue + rest * (b.blue - a.blue)};
}

std::string text_of(const Colour& colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", static_cast<int>(colour.red),
                     static_cast<int>(colour.green), static_cast<int>(colour.blue));
}

}  // namespace

std::string svg(const HeatMap& map) {
  if (map.cells.empty() || map.cells.size() != map.rows.size() * map.columns.size()) {
    throw InvalidArgument(fmt::format("heat map of {} × {}: found {} cells, allowed: one for each",
                                      map.rows.size(), map.columns.size(), map.cells.size()));
  }
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const HeatCell& cell : map.cells) {
    if (!cell.value) continue;
    low = std::min(low, *cell.value);
    high = std::max(high, *cell.value);
  }
  const bool any = high > 0;
  const auto share = [&](double value) {
    return high > low ? std::log(value / low) / std::log(high / low) : 0.0;
  };

  constexpr int kCellWidth = 64;
  constexpr int kCellHeight = 32;
  constexpr int kLeft = 110;
  constexpr int kTop = 50;
  const int grid_width = kCellWidth * static_cast<int>(map.columns.size());
  const int grid_height = kCellHeight * static_cast<int>(map.rows.size());
  const int width = kLeft + std::max(grid_width, 420) + 20;
  const int height = kTop + grid_height + 110;

  std::string document;
  auto out = std::back_inserter(document);
  fmt::format_to(out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
                 "height=\"{1}\" font-family=\"sans-serif\" font-size=\"12\">\n"
                 "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n"
                 "<text x=\"{2}\" y=\"24\" font-size=\"14\">{3}</text>\n",
                 width, height, kLeft, escaped(map.title));
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    const int y = kTop + kCellHeight * static_cast<int>(row);
    fmt::format_to(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft - 8,
                   y + kCellHeight / 2 + 4, escaped(map.rows[row]));
    for (std::size_t column = 0; column < map.columns.size(); ++column) {
      const int x = kLeft + kCellWidth * static_cast<int>(column);
      const HeatCell& cell = map.cells[row * map.columns.size() + column];
      const std::string fill = cell.value ? text_of(colour_at(share(*cell.value))) : "#d9d9d9";
      fmt::format_to(out,
                     "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" "
                     "stroke=\"#ffffff\"/>\n",
                     x, y, kCellWidth, kCellHeight, fill);
      if (cell.marked) {
        fmt::format_to(out,
                       "<rect class=\"marked\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
                       "fill=\"none\" stroke=\"#1f78b4\" stroke-width=\"2.5\"/>\n",
                       x + 2, y + 2, kCellWidth - 4, kCellHeight - 4);
      }
      if (!cell.value) continue;
      fmt::format_to(out,
                     "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{}\">{:.4g}</text>\n",
                     x + kCellWidth / 2, y + kCellHeight / 2 + 4,
                     share(*cell.value) > 0.55 ? "#ffffff" : "#000000", *cell.value);
    }
  }
  for (std::size_t column = 0; column < map.columns.size(); ++column) {
    fmt::format_to(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                   kLeft + kCellWidth * static_cast<int>(column) + kCellWidth / 2,
                   kTop + grid_height + 16, escaped(map.columns[column]));
  }
  fmt::format_to(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                 kLeft + grid_width / 2, kTop + grid_height + 36, escaped(map.x_label));
  fmt::format_to(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft - 8,
                 kTop - 8, escaped(map.y_label));

  const int scale_y = kTop + grid_height + 54;
  if (any) {
    constexpr int kSteps = 40;
    for (int step = 0; step < kSteps; ++step) {
      fmt::format_to(out, "<rect x=\"{}\" y=\"{}\" width=\"5\" height=\"12\" fill=\"{}\"/>\n",
                     kLeft + 5 * step, scale_y,
                     text_of(colour_at(static_cast<double>(step) / (kSteps - 1))));
    }
    fmt::format_to(out, "<text x=\"{}\" y=\"{}\">{:.4g} to {:.4g}, logarithmic</text>\n",
                   kLeft + 5 * kSteps + 8, scale_y + 11, low, high);
  }
  fmt::format_to(out, "<text x=\"{}\" y=\"{}\">grey: infeasible{}{}</text>\n", kLeft, scale_y + 32,
                 map.mark_meaning.empty() ? "" : "; framed: ", escaped(map.mark_meaning));
  document += "</svg>\n";
  return document;
}

}  // namespace inas::apps
