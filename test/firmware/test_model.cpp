#include "firmware/test_model.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include <inas/core/network.hpp>
#include <inas/execution/nvm_layout.hpp>

namespace inas::firmware {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t random_divisor(Generator& generator, std::int64_t n) {
  std::vector<std::int64_t> divisors;
  for (std::int64_t d = 1; d <= n; ++d) {
    if (n % d == 0) divisors.push_back(d);
  }
  const auto last = static_cast<std::int64_t>(divisors.size()) - 1;
  return divisors[static_cast<std::size_t>(random_from(generator, 0, last))];
}

std::int16_t saturated(std::int64_t value) {
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, -32768, 32767));
}

/// ⌊a/b + 1/2⌋ for b > 0
std::int64_t rounded_quotient(std::int64_t a, std::int64_t b) {
  const std::int64_t doubled = 2 * a + b;
  std::int64_t quotient = doubled / (2 * b);
  if (doubled % (2 * b) < 0) --quotient;
  return quotient;
}

void put16(std::vector<std::uint8_t>& nvm, std::int64_t address, std::int16_t value) {
  const auto bits = static_cast<std::uint16_t>(value);
  nvm.at(static_cast<std::size_t>(address)) = static_cast<std::uint8_t>(bits & 0xFF);
  nvm.at(static_cast<std::size_t>(address) + 1) = static_cast<std::uint8_t>(bits >> 8);
}

std::int16_t get16(const std::vector<std::uint8_t>& nvm, std::int64_t address) {
  const auto at = static_cast<std::size_t>(address);
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(nvm.at(at) | nvm.at(at + 1) << 8));
}

/// Weights whose Σ|weight| per output channel is at most 32767.
std::vector<std::int16_t> random_weights(Generator& generator, const Layer& layer) {
  std::vector<std::int16_t> weights;
  if (!has_weights(layer)) return weights;
  const std::int64_t largest = 32767 / (weight_count(layer) / layer.ofm.channels);
  for (std::int64_t i = 0; i < weight_count(layer); ++i) {
    weights.push_back(static_cast<std::int16_t>(random_from(generator, -largest, largest)));
  }
  return weights;
}

/// Of any size that model.h allows beside the weights.
std::vector<std::int32_t> random_biases(Generator& generator, const Layer& layer,
                                        const std::vector<std::int16_t>& weights) {
  std::vector<std::int32_t> biases;
  const std::size_t per_output = weights.size() / static_cast<std::size_t>(layer.ofm.channels);
  for (std::size_t m = 0; m < static_cast<std::size_t>(layer.ofm.channels); ++m) {
    std::int64_t left = (std::int64_t{1} << 30) - (1 << 15);
    for (std::size_t i = 0; i < per_output; ++i) {
      left -= 32768 * std::abs(std::int64_t{weights[m * per_output + i]});
    }
    const std::int64_t largest = left >> random_from(generator, 0, 12);
    biases.push_back(static_cast<std::int32_t>(random_from(generator, -largest, largest)));
  }
  return biases;
}

/// Calls `visit(tap, row, column)` for the positions of a window that lie inside the map.
template <typename Visit>
void for_window(const Layer& l, std::int64_t row, std::int64_t column, const Visit& visit) {
  for (std::int64_t kr = 0; kr < l.kernel_height; ++kr) {
    for (std::int64_t kc = 0; kc < l.kernel_width; ++kc) {
      const std::int64_t r = row * l.stride - l.padding.top + kr;
      const std::int64_t c = column * l.stride - l.padding.left + kc;
      if (r < 0 || r >= l.ifm.height || c < 0 || c >= l.ifm.width) continue;
      visit(kr * l.kernel_width + kc, r, c);
    }
  }
}

std::int64_t value_at(const Layer& l, const std::vector<std::int16_t>& input, std::int64_t row,
                      std::int64_t column, std::int64_t channel) {
  return input.at(
      static_cast<std::size_t>((row * l.ifm.width + column) * l.ifm.channels + channel));
}

/// Output values by `output(row, column, channel)`.
template <typename Output>
std::vector<std::int16_t> map_of(const Layer& l, const Output& output) {
  std::vector<std::int16_t> map;
  for (std::int64_t row = 0; row < l.ofm.height; ++row) {
    for (std::int64_t column = 0; column < l.ofm.width; ++column) {
      for (std::int64_t m = 0; m < l.ofm.channels; ++m) map.push_back(output(row, column, m));
    }
  }
  return map;
}

/// Of either kind: a depthwise one has one step, of one input channel.
std::vector<std::int16_t> convolution(const TestLayer& of, const std::vector<std::int16_t>& weights,
                                      const std::vector<std::uint8_t>& shifts,
                                      const std::vector<std::int32_t>& biases,
                                      const std::vector<std::int16_t>& input) {
  const Layer& l = of.layer;
  const bool depthwise = l.type == LayerType::depthwise_convolution;
  const std::int64_t N = depthwise ? 1 : l.ifm.channels;
  const std::int64_t taps = l.kernel_height * l.kernel_width;
  return map_of(l, [&](std::int64_t row, std::int64_t column, std::int64_t m) {
    std::int64_t value = 0;
    for (std::int64_t n0 = 0; n0 < N; n0 += of.design.tile.in_channels) {
      const std::int64_t n1 = std::min(N, n0 + of.design.tile.in_channels);
      std::int64_t sum =
          n0 == 0 && l.bias ? 2 * std::int64_t{biases.at(static_cast<std::size_t>(m))} : 0;
      for_window(l, row, column, [&](std::int64_t tap, std::int64_t r, std::int64_t c) {
        for (std::int64_t n = n0; n < n1; ++n) {
          const auto w = static_cast<std::size_t>((m * taps + tap) * N + n);
          sum += 2 * value_at(l, input, r, c, depthwise ? m : n) * weights.at(w);
        }
      });
      const std::int64_t scale = std::int64_t{1} << shifts.at(static_cast<std::size_t>(m));
      value = saturated(value + rounded_quotient(sum, scale));
    }
    return static_cast<std::int16_t>(value);
  });
}

std::vector<std::int16_t> global_average_pooling(const TestLayer& of,
                                                 const std::vector<std::int16_t>& input) {
  const Layer& l = of.layer;
  const Counts counts = counts_of(of);
  const std::int64_t pixels = l.ifm.height * l.ifm.width;
  std::vector<std::int16_t> output;
  for (std::int64_t m = 0; m < l.ofm.channels; ++m) {
    std::int64_t mean = 0;
    std::int64_t sum = 0;
    for (std::int64_t tile = 0; tile < counts.rows * counts.columns; ++tile) {
      const std::int64_t row0 = tile / counts.columns * of.design.tile.rows;
      const std::int64_t column0 = tile % counts.columns * of.design.tile.columns;
      for (std::int64_t row = row0; row < std::min(l.ifm.height, row0 + of.design.tile.rows);
           ++row) {
        for (std::int64_t column = column0;
             column < std::min(l.ifm.width, column0 + of.design.tile.columns); ++column) {
          const std::int64_t at = (row * l.ifm.width + column) * l.ifm.channels + m;
          sum += input.at(static_cast<std::size_t>(at));
        }
      }
      if ((tile + 1) % of.design.batch == 0) {
        sum += mean * pixels;
        if (sum != std::int32_t(sum) || sum + pixels / 2 != std::int32_t(sum + pixels / 2)) {
          throw std::overflow_error(l.name + ": the running sum does not fit 32 bits");
        }
        mean = saturated(rounded_quotient(sum, pixels));
        sum = 0;
      }
    }
    output.push_back(static_cast<std::int16_t>(mean));
  }
  return output;
}

std::vector<std::int16_t> max_pooling(const Layer& l, const std::vector<std::int16_t>& input) {
  return map_of(l, [&](std::int64_t row, std::int64_t column, std::int64_t m) {
    std::int64_t largest = -32768;
    for_window(l, row, column, [&](std::int64_t, std::int64_t r, std::int64_t c) {
      largest = std::max(largest, value_at(l, input, r, c, m));
    });
    return static_cast<std::int16_t>(largest);
  });
}

std::vector<std::int16_t> average_pooling(const Layer& l, const std::vector<std::int16_t>& input) {
  return map_of(l, [&](std::int64_t row, std::int64_t column, std::int64_t m) {
    std::int64_t sum = 0;
    std::int64_t count = 0;
    for_window(l, row, column, [&](std::int64_t, std::int64_t r, std::int64_t c) {
      sum += value_at(l, input, r, c, m);
      ++count;
    });
    return static_cast<std::int16_t>(rounded_quotient(sum, count));
  });
}

/// ⌊value·2^13/2^shift⌋
std::int64_t shifted(std::int64_t value, int shift) {
  const std::int64_t product = value * (1 << 13);
  const std::int64_t divisor = std::int64_t{1} << shift;
  return product / divisor - (product % divisor < 0 ? 1 : 0);
}

std::vector<std::int16_t> addition(const std::vector<std::int16_t>& first,
                                   const std::vector<std::int16_t>& second,
                                   const std::vector<std::uint8_t>& shifts) {
  std::vector<std::int16_t> output;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const std::int64_t sum =
        2 * (shifted(first[i], shifts.at(0)) + shifted(second.at(i), shifts.at(1)));
    output.push_back(saturated(rounded_quotient(sum, std::int64_t{1} << shifts.at(2))));
  }
  return output;
}

void activate(std::vector<std::int16_t>& map, Activation activation, std::int16_t most) {
  for (std::int16_t& value : map) {
    if (activation != Activation::none) value = std::max<std::int16_t>(value, 0);
    value = std::min(value, most);
  }
}

/// Right shifts that let some outputs saturate and lose nothing of most.
std::vector<std::uint8_t> random_shifts(Generator& generator, const TestLayer& of) {
  const Layer& layer = of.layer;
  std::vector<std::uint8_t> shifts;
  const auto add = [&](std::int64_t low, std::int64_t high) {
    shifts.push_back(static_cast<std::uint8_t>(random_from(generator, low, high)));
  };
  if (layer.type == LayerType::add) {
    const bool any = of.any_shifts;
    add(0, any ? 31 : 0);
    add(0, any ? 31 : 13);
    if (generator() % 2 == 0) std::swap(shifts[0], shifts[1]);
    add(12, 16);
  } else if (has_weights(layer)) {
    // Products of Q15 values with |weights| near 1/n give sums of about 2^31/√n.
    for (std::int64_t m = 0; m < layer.ofm.channels; ++m) add(11, 16);
  }
  return shifts;
}

/// The bound of relu6, which no bound is for the others.
std::int16_t random_most(Generator& generator, const Layer& layer) {
  if (layer.activation != Activation::relu6) return INT16_MAX;
  return static_cast<std::int16_t>(random_from(generator, 0, generator() % 2 == 0 ? 32766 : 2000));
}

/// Of each layer the indices of those that it reads, by their names; −1: the network's input.
std::vector<std::vector<std::int64_t>> sources_of(const std::vector<TestLayer>& layers) {
  std::vector<std::vector<std::int64_t>> sources;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    sources.emplace_back();
    for (const std::string& name : layers[i].layer.inputs) {
      std::int64_t source = -1;
      for (std::size_t j = 0; j < i; ++j) {
        if (layers[j].layer.name == name) source = static_cast<std::int64_t>(j);
      }
      if (source < 0 && name != kNetworkInputName) throw std::invalid_argument(name);
      sources.back().push_back(source);
    }
    if (sources.back().empty()) sources.back().push_back(static_cast<std::int64_t>(i) - 1);
  }
  return sources;
}

/// Names that differ, for layers that nobody names.
void name_apart(std::vector<TestLayer>& layers) {
  for (const TestLayer& of : layers) {
    for (const std::string& name : of.layer.inputs) {
      if (name != kNetworkInputName) return;
    }
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].layer.name += fmt::format("_{}", i);
  }
}

/// What the layer's tile buffers take, in bytes. Source: cost-model page, section 3.
std::int64_t vm_bytes(const TestLayer& of) {
  const Layer& l = of.layer;
  const Tile& t = of.design.tile;
  const std::int64_t output = t.rows * t.columns * t.out_channels;
  if (l.type == LayerType::global_average_pool) {
    return 2 * (output + t.out_channels * of.design.batch);
  }
  const std::int64_t positions =
      ((t.rows - 1) * l.stride + l.kernel_height) * ((t.columns - 1) * l.stride + l.kernel_width);
  const std::int64_t taps = l.kernel_height * l.kernel_width;
  if (!has_vectors(l)) {
    const std::int64_t maps = l.type == LayerType::add ? 2 : 1;
    const std::int64_t weights = has_weights(l) ? taps * t.out_channels : 0;
    return 2 * (maps * positions * t.out_channels + weights + output * of.design.batch);
  }
  return 2 * (positions * t.in_channels + taps * t.out_channels * t.in_channels +
              output * (of.design.order == LoopOrder::reuse_O ? 1 : of.design.batch));
}

/// Every map and every second copy in memory of its own.
execution::MemoryLayout placed_apart(const std::vector<TestLayer>& layers) {
  execution::MemoryLayout layout;
  const auto region = [&](std::int64_t bytes) {
    const execution::Region result{layout.total_bytes, bytes};
    layout.total_bytes += (bytes + 3) / 4 * 4;
    return result;
  };
  const execution::Region input = region(2 * layers.front().layer.ifm.values());
  for (const TestLayer& of : layers) {
    const std::int64_t steps = counts_of(of).steps;
    execution::LayerRegions regions;
    regions.input = input;
    regions.weights = region(2 * weight_count(of.layer));
    regions.outputs[0] = region(2 * of.layer.ofm.values());
    regions.outputs[1] = steps > 1 ? region(2 * of.layer.ofm.values()) : regions.outputs[0];
    regions.finished = static_cast<int>((steps - 1) % 2);
    layout.layers.push_back(regions);
  }
  layout.progress = region(INAS_PROGRESS_BYTES);
  return layout;
}

execution::MemoryLayout placed(const std::vector<TestLayer>& layers, Placement placement) {
  if (placement == Placement::apart) return placed_apart(layers);
  std::vector<execution::ExecutedLayer> executed;
  for (const TestLayer& of : layers) executed.push_back({of.layer, of.design});
  execution::MemoryLayout layout = execution::lay_out(executed);
  if (placement == Placement::input_dies && layers.size() > 1) {
    // Behind what the first layer writes, and over what the second one does.
    execution::LayerRegions& first = layout.layers.front();
    const execution::Region& later = layout.layers[1].output();
    std::int64_t end = std::max(first.outputs[0].end(), first.outputs[1].end());
    end = (end + 3) / 4 * 4;
    first.input.address = std::max(end, later.address);
    layout.total_bytes = std::max(layout.total_bytes, first.input.end());
  }
  return layout;
}

std::uint8_t table_type(LayerType type) {
  switch (type) {
    case LayerType::global_average_pool:
      return INAS_GLOBAL_AVERAGE_POOL;
    case LayerType::max_pool:
      return INAS_MAX_POOL;
    case LayerType::depthwise_convolution:
      return INAS_DEPTHWISE;
    case LayerType::average_pool:
      return INAS_AVERAGE_POOL;
    case LayerType::add:
      return INAS_ADD;
    case LayerType::convolution:
    case LayerType::fully_connected:
      break;
  }
  return INAS_CONVOLUTION;
}

}  // namespace

std::int64_t random_from(Generator& generator, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(generator() % static_cast<std::uint64_t>(high - low + 1));
}

bool has_vectors(const Layer& layer) {
  return layer.type == LayerType::convolution || layer.type == LayerType::fully_connected;
}

bool has_weights(const Layer& layer) {
  return has_vectors(layer) || layer.type == LayerType::depthwise_convolution;
}

bool keeps_operand(const Layer& layer) {
  return has_weights(layer) || layer.type == LayerType::global_average_pool;
}

std::vector<LoopOrder> loop_orders(const Layer& layer) {
  if (layer.type == LayerType::global_average_pool) return {LoopOrder::reuse_O};
  if (!has_vectors(layer)) return {LoopOrder::reuse_W};
  return {LoopOrder::reuse_I, LoopOrder::reuse_W, LoopOrder::reuse_O};
}

Counts counts_of(const TestLayer& of) {
  const Layer& l = of.layer;
  const Tile& t = of.design.tile;
  const std::int64_t S = of.design.batch;
  Counts c{};
  const Shape& map = l.type == LayerType::global_average_pool ? l.ifm : l.ofm;
  c.rows = ceil_div(map.height, t.rows);
  c.columns = ceil_div(map.width, t.columns);
  c.out = ceil_div(l.ofm.channels, t.out_channels);
  c.in = 1;
  if (!has_vectors(l)) {
    c.extent = c.rows * c.columns;
    c.steps = l.type == LayerType::global_average_pool ? c.extent / S : 1;
  } else {
    c.in = ceil_div(l.ifm.channels, t.in_channels);
    switch (of.design.order) {
      case LoopOrder::reuse_I:
        c.extent = c.out;
        break;
      case LoopOrder::reuse_W:
        c.extent = c.rows * c.columns;
        break;
      case LoopOrder::reuse_O:
        c.extent = c.in;
        break;
    }
    c.steps = of.design.order == LoopOrder::reuse_O ? c.in / S : c.in;
  }
  c.batches = c.rows * c.columns * c.out * c.in / S;
  return c;
}

Design random_design(Generator& generator, const Layer& layer) {
  const bool vectors = has_vectors(layer);
  const Shape& map = layer.type == LayerType::global_average_pool ? layer.ifm : layer.ofm;
  TestLayer of{layer, {}};
  Design& design = of.design;
  design.tile.rows = random_from(generator, 1, map.height);
  design.tile.columns = random_from(generator, 1, map.width);
  design.tile.out_channels = random_from(generator, 1, layer.ofm.channels);
  design.tile.in_channels = vectors ? random_from(generator, 1, layer.ifm.channels) : 1;
  design.order = loop_orders(layer)[static_cast<std::size_t>(
      random_from(generator, 0, static_cast<std::int64_t>(loop_orders(layer).size()) - 1))];
  design.batch = random_divisor(generator, counts_of(of).extent);
  if (vectors && random_from(generator, 0, 1) == 1) design.unit = Unit::cpu;
  if (vectors && random_from(generator, 0, 1) == 1) design.mac = MacGranularity::row;
  if (random_from(generator, 0, 1) == 1) design.dma = DmaGranularity::coalesced;
  design.batches_per_cycle = random_divisor(generator, counts_of(of).batches);
  return design;
}

std::int64_t random_ledger(Generator& generator, std::vector<TestLayer>& layers) {
  const std::int64_t budget = random_from(generator, 1, generator() % 2 == 0 ? 65535 : 40);
  const bool any = generator() % 4 == 0;      // also batches that are dearer than the budget
  const bool bounded = generator() % 2 == 0;  // some layers have K as well
  const std::int64_t most = any ? 65535 : budget / random_from(generator, 1, 8);
  for (TestLayer& of : layers) {
    of.units = {random_from(generator, 0, most), random_from(generator, 0, most), 0};
    of.units.kept = random_from(generator, 0, any ? most : of.units.fetched);
    if (!bounded || generator() % 2 == 0) of.design.batches_per_cycle = 0;
  }
  return budget;
}

namespace {

/// Windows of up to `kernel` rows and columns, anywhere in a map of `ifm` and beyond it.
struct Windows {
  std::int64_t height, width, stride;
  Padding padding;
};

Windows random_windows(Generator& generator, const Shape& ifm, std::int64_t kernel) {
  Windows windows{1, 1, random_from(generator, 1, generator() % 2 == 0 ? 1 : 3), {}};
  const bool padded = generator() % 2 == 0;
  const auto choose = [&](std::int64_t extent, std::int64_t& size, std::int64_t& before,
                          std::int64_t& behind) {
    size = random_from(generator, 1, padded ? kernel : std::min(kernel, extent));
    if (extent == 1 && generator() % 2 == 0) size = 1;
    if (padded) {
      before = random_from(generator, 0, size - 1);
      behind = random_from(generator, 0, size - 1);
    }
    if (extent + before + behind < size) before = behind = size - 1;
  };
  choose(ifm.height, windows.height, windows.padding.top, windows.padding.bottom);
  choose(ifm.width, windows.width, windows.padding.left, windows.padding.right);
  return windows;
}

/// A layer of a map of shape `ifm`, of any type but addition.
Layer random_layer_of(Generator& generator, const std::string& name, const Shape& ifm,
                      std::int64_t extent) {
  const auto channels = [&] { return random_from(generator, 1, extent); };
  Windows windows = random_windows(generator, ifm, 4);
  Layer layer;
  switch (random_from(generator, 0, 7)) {
    case 0:
      layer = make_fully_connected(name, ifm, channels());
      break;
    case 1:
      layer = make_global_average_pool(name, ifm);
      break;
    case 2:
      layer = make_max_pooling(name, ifm, windows.height, windows.width, windows.stride,
                               windows.padding);
      break;
    case 3:
      layer = make_average_pooling(name, ifm, windows.height, windows.width, windows.stride,
                                   windows.padding);
      break;
    case 4:
      layer = make_depthwise_convolution(name, ifm, windows.height, windows.width, windows.stride,
                                         windows.padding);
      break;
    default:
      if (generator() % 3 == 0) windows = {windows.height, windows.width, 1, windows.padding};
      layer = make_convolution(name, ifm, channels(), windows.height, windows.width, windows.stride,
                               windows.padding);
  }
  return layer;
}

Layer with_random_rest(Generator& generator, Layer layer) {
  layer.bias = has_weights(layer) && generator() % 2 == 0;
  layer.activation = kActivations[generator() % kActivations.size()];
  return layer;
}

}  // namespace

TestLayer random_layer(Generator& generator, std::int64_t extent) {
  const auto any = [&] { return random_from(generator, 1, extent); };
  const bool one_dimensional = random_from(generator, 0, 3) == 0;
  const Shape ifm{any(), any(), one_dimensional ? 1 : any()};
  const std::string input(kNetworkInputName);
  Layer layer = generator() % 8 == 0 ? make_add("ADD", ifm, input, input)
                                     : random_layer_of(generator, "LAYER", ifm, extent);
  layer = with_random_rest(generator, std::move(layer));
  return {layer, random_design(generator, layer), {}, generator() % 8 == 0};
}

std::vector<TestLayer> random_graph(Generator& generator, std::int64_t extent, std::size_t count) {
  std::vector<Layer> layers;
  const auto any = [&] { return random_from(generator, 1, extent); };
  const Shape input{any(), any(), generator() % 4 == 0 ? 1 : any()};
  // Of the network's input, if `index` is none of a layer's.
  const auto shape_of = [&](std::size_t index) {
    return index < layers.size() ? layers[index].ofm : input;
  };
  const auto name_of = [&](std::size_t index) {
    return index < layers.size() ? layers[index].name : std::string(kNetworkInputName);
  };
  const auto next_name = [&] { return fmt::format("LAYER_{}", layers.size()); };
  while (layers.size() < count) {
    const std::size_t last = layers.empty() ? SIZE_MAX : layers.size() - 1;
    const std::size_t earlier =
        layers.empty() || generator() % 4 == 0 ? SIZE_MAX : generator() % layers.size();
    const Shape map = shape_of(last);
    const Shape skipped = shape_of(earlier);
    const bool same_size = skipped.height == map.height && skipped.width == map.width;
    if (generator() % 2 == 0 && skipped == map) {
      layers.push_back(make_add(next_name(), map, name_of(last), name_of(earlier)));
    } else if (generator() % 2 == 0 && same_size && layers.size() + 2 <= count) {
      // By way of a convolution of its own.
      Layer way = make_convolution(next_name(), skipped, map.channels, 1, 1);
      if (earlier != last) way.inputs = {name_of(earlier)};
      const std::string way_name = way.name;
      const std::string last_name = name_of(last);
      layers.push_back(with_random_rest(generator, std::move(way)));
      layers.push_back(make_add(next_name(), map, way_name, last_name));
    } else if (generator() % 2 == 0) {
      // Keeps the map's extents, so that there is something to add to.
      const std::int64_t kernel = random_from(generator, 1, 3);
      const std::int64_t width = map.width == 1 ? 1 : kernel;
      const Padding padding = same_padding(kernel, width);
      layers.push_back(
          generator() % 2 == 0
              ? make_convolution(next_name(), map, map.channels, kernel, width, 1, padding)
              : make_depthwise_convolution(next_name(), map, kernel, width, 1, padding));
    } else {
      layers.push_back(random_layer_of(generator, next_name(), map, extent));
    }
    layers.back() = with_random_rest(generator, std::move(layers.back()));
  }
  std::vector<TestLayer> graph;
  for (const Layer& layer : layers) {
    graph.push_back({layer, random_design(generator, layer), {}, generator() % 8 == 0});
  }
  return graph;
}

TestModel::TestModel(std::vector<TestLayer> layers, std::uint64_t seed, std::int64_t longest_vector,
                     Placement placement, std::int64_t ledger_budget)
    : layers_(std::move(layers)) {
  name_apart(layers_);
  sources_ = sources_of(layers_);
  Generator generator(seed);
  const auto rubbish = [&] { return static_cast<std::uint8_t>(generator()); };
  const execution::MemoryLayout layout = placed(layers_, placement);
  for (const TestLayer& of : layers_) {
    const Layer& l = of.layer;
    const Counts counts = counts_of(of);
    weights_.push_back(random_weights(generator, l));
    biases_.emplace_back();
    if (l.bias) biases_.back() = random_biases(generator, l, weights_.back());
    shifts_.push_back(random_shifts(generator, of));
    inas_layer table{};
    table.type = table_type(l.type);
    table.order = static_cast<std::uint8_t>(of.design.order);
    table.flags = static_cast<std::uint8_t>(
        (of.design.mac == MacGranularity::row ? INAS_ROW_VECTORS : 0) |
        (of.design.dma == DmaGranularity::coalesced ? INAS_COALESCED : 0) |
        (has_vectors(l) && of.design.unit == Unit::lea ? INAS_LEA : 0) |
        (l.activation != Activation::none ? INAS_RELU : 0));
    const auto u16 = [](std::int64_t value) { return static_cast<std::uint16_t>(value); };
    table.in_rows = u16(l.ifm.height);
    table.in_columns = u16(l.ifm.width);
    table.in_channels = u16(l.ifm.channels);
    table.out_rows = u16(l.ofm.height);
    table.out_columns = u16(l.ofm.width);
    table.out_channels = u16(l.ofm.channels);
    table.kernel_rows = u16(l.kernel_height);
    table.kernel_columns = u16(l.kernel_width);
    table.stride = u16(l.stride);
    table.most = random_most(generator, l);
    table.pad_top = static_cast<std::uint8_t>(l.padding.top);
    table.pad_left = static_cast<std::uint8_t>(l.padding.left);
    table.tile_rows = u16(of.design.tile.rows);
    table.tile_columns = u16(of.design.tile.columns);
    table.tile_out_channels = u16(of.design.tile.out_channels);
    table.tile_in_channels = u16(of.design.tile.in_channels);
    table.batch = u16(of.design.batch);
    table.batches = static_cast<std::uint32_t>(counts.batches);
    table.batches_per_cycle = static_cast<std::uint32_t>(of.design.batches_per_cycle);
    table.entry_units = u16(of.units.entry);
    table.fetched_units = u16(of.units.fetched);
    table.kept_units = u16(of.units.kept);
    const execution::LayerRegions& regions = layout.layers[tables_.size()];
    const auto u32 = [](const execution::Region& region) {
      return static_cast<std::uint32_t>(region.address);
    };
    const auto read = [&](std::int64_t source) {
      return u32(source < 0 ? layout.input()
                            : layout.layers[static_cast<std::size_t>(source)].output());
    };
    table.input = read(sources_[tables_.size()].front());
    table.second_input = l.type == LayerType::add ? read(sources_[tables_.size()].back()) : 0;
    table.weights = u32(regions.weights);
    table.output[0] = u32(regions.outputs[0]);
    table.output[1] = u32(regions.outputs[1]);
    tables_.push_back(table);
    model_.vm_bytes = std::max(model_.vm_bytes, u16(vm_bytes(of)));
  }
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    tables_[i].bias = biases_[i].empty() ? nullptr : biases_[i].data();
    tables_[i].shifts = shifts_[i].empty() ? nullptr : shifts_[i].data();
  }
  model_.layers = tables_.data();
  model_.layer_count = static_cast<std::uint8_t>(tables_.size());
  model_.longest_vector = static_cast<std::uint16_t>(longest_vector);
  model_.ledger_budget = static_cast<std::uint16_t>(ledger_budget);
  model_.progress = static_cast<std::uint32_t>(layout.progress.address);
  model_.output = static_cast<std::uint32_t>(layout.output().address);
  model_.nvm_bytes = static_cast<std::uint32_t>(layout.total_bytes);

  image_.resize(static_cast<std::size_t>(layout.total_bytes));
  std::generate(image_.begin(), image_.end(), rubbish);
  std::fill_n(image_.begin() + model_.progress, INAS_PROGRESS_BYTES, std::uint8_t{0xFF});
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& l = layers_[i].layer;
    const std::int64_t taps = l.kernel_height * l.kernel_width;
    const std::int64_t N = has_vectors(l) ? l.ifm.channels : 1;
    const std::int64_t M = l.ofm.channels;
    if (weights_[i].empty()) continue;
    std::int64_t address = tables_[i].weights;
    const auto put = [&](std::int64_t m, std::int64_t tap, std::int64_t n) {
      put16(image_, address, weights_[i].at(static_cast<std::size_t>((m * taps + tap) * N + n)));
      address += 2;
    };
    const bool coalesced = layers_[i].design.dma == DmaGranularity::coalesced;
    const Tile t = coalesced ? layers_[i].design.tile : Tile{1, 1, M, N};
    if (l.type == LayerType::depthwise_convolution) {
      for (std::int64_t m0 = 0; m0 < M; m0 += t.out_channels) {
        for (std::int64_t tap = 0; tap < taps; ++tap) {
          for (std::int64_t m = m0; m < std::min(M, m0 + t.out_channels); ++m) put(m, tap, 0);
        }
      }
      continue;
    }
    for (std::int64_t m0 = 0; m0 < M; m0 += t.out_channels) {
      for (std::int64_t n0 = 0; n0 < N; n0 += t.in_channels) {
        for (std::int64_t m = m0; m < std::min(M, m0 + t.out_channels); ++m) {
          for (std::int64_t tap = 0; tap < taps; ++tap) {
            for (std::int64_t n = n0; n < std::min(N, n0 + t.in_channels); ++n) {
              put(m, tap, n);
            }
          }
        }
      }
    }
  }
}

std::vector<std::int16_t> TestModel::random_input(std::uint64_t seed) const {
  Generator generator(seed);
  std::vector<std::int16_t> input;
  for (std::int64_t i = 0; i < layers_.front().layer.ifm.values(); ++i) {
    input.push_back(static_cast<std::int16_t>(random_from(generator, -32768, 32767)));
  }
  return input;
}

void TestModel::write_input(std::vector<std::uint8_t>& nvm,
                            const std::vector<std::int16_t>& input) const {
  std::int64_t address = tables_.front().input;
  for (const std::int16_t value : input) {
    put16(nvm, address, value);
    address += 2;
  }
}

std::vector<std::int16_t> TestModel::read_output(const std::vector<std::uint8_t>& nvm) const {
  std::vector<std::int16_t> output;
  for (std::int64_t i = 0; i < layers_.back().layer.ofm.values(); ++i) {
    output.push_back(get16(nvm, model_.output + 2 * i));
  }
  return output;
}

std::vector<std::int16_t> TestModel::expected_output(const std::vector<std::int16_t>& input) const {
  std::vector<std::vector<std::int16_t>> maps;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto read = [&](std::int64_t source) -> const std::vector<std::int16_t>& {
      return source < 0 ? input : maps[static_cast<std::size_t>(source)];
    };
    const std::vector<std::int16_t>& map = read(sources_[i].front());
    const Layer& layer = layers_[i].layer;
    std::vector<std::int16_t> output;
    switch (layer.type) {
      case LayerType::global_average_pool:
        output = global_average_pooling(layers_[i], map);
        break;
      case LayerType::max_pool:
        output = max_pooling(layer, map);
        break;
      case LayerType::average_pool:
        output = average_pooling(layer, map);
        break;
      case LayerType::add:
        output = addition(map, read(sources_[i].back()), shifts_[i]);
        break;
      case LayerType::convolution:
      case LayerType::fully_connected:
      case LayerType::depthwise_convolution:
        output = convolution(layers_[i], weights_[i], shifts_[i], biases_[i], map);
        break;
    }
    activate(output, layer.activation, tables_[i].most);
    maps.push_back(std::move(output));
  }
  return maps.back();
}

std::optional<Position> progress_in(const std::vector<std::uint8_t>& nvm, const inas_model& model) {
  const auto record_at = [&](std::size_t slot) { return nvm.data() + model.progress + 8 * slot; };
  const auto whole = [](const std::uint8_t* record) {
    std::uint32_t crc = 0x1D0F;
    for (int byte = 0; byte < 5; ++byte) {
      crc ^= static_cast<std::uint32_t>(record[byte]) << 8;
      for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000U) != 0 ? 0x11021U : 0U);
    }
    return record[0] == record[7] && record[5] == (crc & 0xFF) && record[6] == (crc >> 8 & 0xFF);
  };
  const std::uint8_t* newest = nullptr;
  for (const std::uint8_t* record : {record_at(0), record_at(1)}) {
    if (!whole(record)) continue;
    if (newest == nullptr || static_cast<std::uint8_t>(record[0] - newest[0]) < 128) {
      newest = record;
    }
  }
  if (newest == nullptr) return std::nullopt;
  return Position{newest[1], newest[2] | newest[3] << 8 | newest[4] << 16};
}

Position end_of_power_cycle(const TestModel& model, Position begin) {
  const std::int64_t budget = model.tables().ledger_budget;
  std::int64_t left = budget;
  Position at = begin;
  bool entered = false;
  while (at.layer < static_cast<std::int64_t>(model.layers().size())) {
    const TestLayer& of = model.layers()[static_cast<std::size_t>(at.layer)];
    const Counts counts = counts_of(of);
    const std::int64_t K = of.design.batches_per_cycle;
    const std::int64_t run = counts.extent / of.design.batch;  // batches
    const bool kept = entered && at.batch % run != 0 && keeps_operand(of.layer);
    const std::int64_t need =
        (entered ? 0 : of.units.entry) + (kept ? of.units.kept : of.units.fetched);
    if (budget > 0 && need > left && at != begin) return at;
    left = std::max<std::int64_t>(0, left - need);
    entered = true;
    const bool ends = K > 0 && (at.batch + 1) % K == 0;
    if (++at.batch == counts.batches) {
      at = {at.layer + 1, 0};
      entered = false;
    }
    if (ends) return at;
  }
  return at;
}

TestBoard::TestBoard(const TestModel& model, bool check_rereads) : nvm(model.image()) {
  vm_.resize((static_cast<std::size_t>(model.tables().vm_bytes) + 3) / 4);
  if (check_rereads) marks_.resize(2 * nvm.size());
  board.nvm = nvm.data();
  board.nvm_bytes = static_cast<std::uint32_t>(nvm.size());
  board.vm = reinterpret_cast<std::int16_t*>(vm_.data());
  board.vm_bytes = model.tables().vm_bytes;
  board.marks = check_rereads ? marks_.data() : nullptr;
  inas_host_reset(&board);
}

}  // namespace inas::firmware
