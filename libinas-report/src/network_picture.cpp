#include "network_picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <inas/core/network.hpp>
#include <inas/core/shape_text.hpp>
#include <inas/core/text.hpp>
#include <inas/report/number_text.hpp>

#include "html.hpp"

namespace inas::report {
namespace {

constexpr std::int64_t kLaneWidth = 12;
/// Above so many layers the picture scrolls by itself.
constexpr std::size_t kLongNetwork = 20;

const char* words_of(LayerType type) {
  switch (type) {
    case LayerType::convolution:
      return "convolution";
    case LayerType::fully_connected:
      return "fully connected";
    case LayerType::global_average_pool:
      return "global average pooling";
    case LayerType::max_pool:
      return "max pooling";
    case LayerType::depthwise_convolution:
      return "depthwise convolution";
    case LayerType::average_pool:
      return "average pooling";
    case LayerType::add:
      return "addition";
  }
  return "";
}

const char* css_class(LayerType type) {
  switch (type) {
    case LayerType::convolution:
      return "convolution";
    case LayerType::depthwise_convolution:
      return "depthwise";
    case LayerType::fully_connected:
      return "connected";
    case LayerType::add:
      return "add";
    case LayerType::global_average_pool:
    case LayerType::max_pool:
    case LayerType::average_pool:
      return "pool";
  }
  return "";
}

bool has_window(LayerType type) {
  return type != LayerType::fully_connected && type != LayerType::global_average_pool &&
         type != LayerType::add;
}

/// "convolution 5×5, stride 2, padded, relu".
std::string layer_words(const Layer& layer) {
  std::string words = words_of(layer.type);
  if (has_window(layer.type)) {
    words += fmt::format(" {}×{}", layer.kernel_height, layer.kernel_width);
    if (layer.stride > 1) words += fmt::format(", stride {}", layer.stride);
  }
  if (layer.padding != Padding{}) words += ", padded";
  if (layer.activation != Activation::none) {
    words += fmt::format(", {}", to_string(layer.activation));
  }
  return words;
}

/// What runs in the lanes beside one box: past it, out of it, into it. The picture is stretched to
/// the box's height; lines keep their width.
std::string lanes_beside(std::span<const Lane> lanes, std::int64_t box, std::int64_t width) {
  std::string paths;
  for (const Lane& lane : lanes) {
    if (box < lane.from || box > lane.to) continue;
    const std::int64_t x = width - kLaneWidth * (lane.lane + 1);
    if (box == lane.from) {
      paths += fmt::format("M{} 50Q{} 50 {} 100", width, x, x);
    } else if (box == lane.to) {
      paths += fmt::format("M{} 0Q{} 50 {} 50", x, x, width);
    } else {
      paths += fmt::format("M{} 0V100", x);
    }
  }
  return fmt::format(
      "<svg aria-hidden=\"true\" width=\"{0}\" viewBox=\"0 0 {0} 100\" "
      "preserveAspectRatio=\"none\"><path d=\"{1}\"/></svg>",
      width, paths);
}

std::string layer_box(const WinnerLayer& of, double total_s, bool reads_lane) {
  const Layer& layer = of.layer;
  const double share = std::isfinite(of.latency_s) && total_s > 0 ? of.latency_s / total_s : 0;
  std::string more = fmt::format("{} → {}", shape_text(layer.ifm, "×"), shape_text(layer.ofm, "×"));
  if (const std::int64_t weights = weight_count(layer); weights > 0) {
    more += fmt::format(", {} weights", weights);
  }
  for (std::size_t index = 0; index < layer.inputs.size(); ++index) {
    more += fmt::format("{} {}", index == 0 ? "; reads" : " and", escaped(layer.inputs[index]));
  }
  return fmt::format(
      "<div class=\"box {0}{7}\"><b title=\"{1}\">{1}</b><span class=\"n\">{2}</span>"
      "<span>{3}</span><span class=\"n\">{4}</span><small>{5}</small>"
      "<i style=\"width:{6:.1f}%\"></i></div>",
      css_class(layer.type), escaped(layer.name), latency_text(of.latency_s), layer_words(layer),
      fmt::format("{:.1f} %", 100 * share), more, 100 * share, reads_lane ? " reads" : "");
}

}  // namespace

std::vector<Lane> lanes_of(std::span<const std::vector<std::int64_t>> inputs) {
  std::vector<Lane> lanes;
  for (std::size_t reader = 0; reader < inputs.size(); ++reader) {
    const auto to = static_cast<std::int64_t>(reader) + 1;
    for (const std::int64_t input : inputs[reader]) {
      if (input + 1 < to - 1) lanes.push_back({.from = input + 1, .to = to, .lane = 0});
    }
  }
  // In the order of their beginnings each takes the innermost lane that is free again.
  std::stable_sort(lanes.begin(), lanes.end(),
                   [](const Lane& a, const Lane& b) { return a.from < b.from; });
  std::vector<std::int64_t> busy_until;
  for (Lane& lane : lanes) {
    std::size_t at = 0;
    while (at < busy_until.size() && busy_until[at] > lane.from) ++at;
    if (at == busy_until.size()) busy_until.push_back(0);
    busy_until[at] = lane.to;
    lane.lane = static_cast<std::int64_t>(at);
  }
  return lanes;
}

std::string network_picture(std::span<const WinnerLayer> layers) {
  std::vector<Layer> plain;
  double total_s = 0;
  for (const WinnerLayer& layer : layers) {
    plain.push_back(layer.layer);
    if (std::isfinite(layer.latency_s)) total_s += layer.latency_s;
  }
  const std::vector<std::vector<std::int64_t>> inputs = input_indices(plain);
  const std::vector<Lane> lanes = lanes_of(inputs);
  std::int64_t width = 0;
  for (const Lane& lane : lanes) width = std::max(width, kLaneWidth * (lane.lane + 2));

  std::string rows;
  const auto add_row = [&](std::int64_t box, const std::string& content) {
    const auto next = static_cast<std::size_t>(box);
    const bool goes_on = next < inputs.size() && std::find(inputs[next].begin(), inputs[next].end(),
                                                           box - 1) != inputs[next].end();
    rows += goes_on ? "<li class=\"on\">" : "<li>";
    if (width > 0) rows += lanes_beside(lanes, box, width);
    rows += content + "</li>\n";
  };
  if (!layers.empty()) {
    add_row(0, fmt::format("<div class=\"box\"><b>input</b><span class=\"n\">{}</span></div>",
                           shape_text(layers.front().layer.ifm, "×")));
  }
  for (std::size_t index = 0; index < layers.size(); ++index) {
    const auto box = static_cast<std::int64_t>(index) + 1;
    const bool reads_lane =
        std::any_of(lanes.begin(), lanes.end(), [box](const Lane& lane) { return lane.to == box; });
    add_row(box, layer_box(layers[index], total_s, reads_lane));
  }
  return fmt::format(
      "<ol class=\"net{}\" style=\"--gutter:{}px\" aria-label=\"layers of the "
      "network\"{}>\n{}</ol>\n",
      layers.size() > kLongNetwork ? " long" : "", width,
      layers.size() > kLongNetwork ? " tabindex=\"0\"" : "", rows);
}

}  // namespace inas::report
