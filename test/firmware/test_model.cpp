#include "firmware/test_model.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

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
  const std::int64_t per_output = layer.ifm.channels * layer.kernel_height * layer.kernel_width;
  const std::int64_t largest = 32767 / per_output;
  std::vector<std::int16_t> weights;
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

std::vector<std::int16_t> convolution(const TestLayer& of, const std::vector<std::int16_t>& weights,
                                      const std::vector<std::uint8_t>& shifts,
                                      const std::vector<std::int32_t>& biases,
                                      const std::vector<std::int16_t>& input, bool relu) {
  const Layer& l = of.layer;
  const std::int64_t N = l.ifm.channels;
  const std::int64_t M = l.ofm.channels;
  std::vector<std::int16_t> output;
  for (std::int64_t row = 0; row < l.ofm.height; ++row) {
    for (std::int64_t column = 0; column < l.ofm.width; ++column) {
      for (std::int64_t m = 0; m < M; ++m) {
        std::int64_t value = 0;
        for (std::int64_t n0 = 0; n0 < N; n0 += of.design.tile.in_channels) {
          const std::int64_t n1 = std::min(N, n0 + of.design.tile.in_channels);
          std::int64_t sum =
              n0 == 0 && l.bias ? 2 * std::int64_t{biases.at(static_cast<std::size_t>(m))} : 0;
          for (std::int64_t kr = 0; kr < l.kernel_height; ++kr) {
            for (std::int64_t kc = 0; kc < l.kernel_width; ++kc) {
              for (std::int64_t n = n0; n < n1; ++n) {
                const std::int64_t at = ((row + kr) * l.ifm.width + column + kc) * N + n;
                const std::int64_t w = ((m * l.kernel_height + kr) * l.kernel_width + kc) * N + n;
                sum += 2 * std::int64_t{input.at(static_cast<std::size_t>(at))} *
                       weights.at(static_cast<std::size_t>(w));
              }
            }
          }
          const std::int64_t scale = std::int64_t{1} << shifts.at(static_cast<std::size_t>(m));
          value = saturated(value + rounded_quotient(sum, scale));
        }
        output.push_back(
            static_cast<std::int16_t>(relu ? std::max<std::int64_t>(value, 0) : value));
      }
    }
  }
  return output;
}

std::vector<std::int16_t> average_pooling(const TestLayer& of,
                                          const std::vector<std::int16_t>& input, bool relu) {
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
    output.push_back(static_cast<std::int16_t>(relu ? std::max<std::int64_t>(mean, 0) : mean));
  }
  return output;
}

std::vector<std::int16_t> max_pooling(const Layer& l, const std::vector<std::int16_t>& input,
                                      bool relu) {
  std::vector<std::int16_t> output(static_cast<std::size_t>(l.ofm.values()),
                                   relu ? std::int16_t{0} : std::int16_t{-32768});
  // Every input value goes to the windows that it lies in.
  std::size_t at = 0;
  for (std::int64_t row = 0; row < l.ifm.height; ++row) {
    for (std::int64_t column = 0; column < l.ifm.width; ++column) {
      for (std::int64_t m = 0; m < l.ifm.channels; ++m, ++at) {
        for (std::int64_t r = 0; r < l.ofm.height; ++r) {
          for (std::int64_t c = 0; c < l.ofm.width; ++c) {
            const std::int64_t i = row - r * l.stride;
            const std::int64_t j = column - c * l.stride;
            if (i < 0 || i >= l.kernel_height || j < 0 || j >= l.kernel_width) continue;
            const std::int64_t to = (r * l.ofm.width + c) * l.ofm.channels + m;
            std::int16_t& value = output[static_cast<std::size_t>(to)];
            value = std::max(value, input.at(at));
          }
        }
      }
    }
  }
  return output;
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
  if (l.type == LayerType::max_pool) {
    return 2 * (positions * t.out_channels + output * of.design.batch);
  }
  return 2 * (positions * t.in_channels +
              l.kernel_height * l.kernel_width * t.out_channels * t.in_channels +
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
  execution::Region input = region(2 * layers.front().layer.ifm.values());
  for (const TestLayer& of : layers) {
    const std::int64_t steps = counts_of(of).steps;
    execution::LayerRegions regions;
    regions.input = input;
    regions.weights = region(2 * weight_count(of.layer));
    regions.outputs[0] = region(2 * of.layer.ofm.values());
    regions.outputs[1] = steps > 1 ? region(2 * of.layer.ofm.values()) : regions.outputs[0];
    regions.finished = static_cast<int>((steps - 1) % 2);
    input = regions.output();
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
    default:
      return INAS_CONVOLUTION;
  }
}

}  // namespace

std::int64_t random_from(Generator& generator, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(generator() % static_cast<std::uint64_t>(high - low + 1));
}

bool has_weights(const Layer& layer) {
  return layer.type == LayerType::convolution || layer.type == LayerType::fully_connected;
}

std::vector<LoopOrder> loop_orders(const Layer& layer) {
  if (layer.type == LayerType::global_average_pool) return {LoopOrder::reuse_O};
  if (layer.type == LayerType::max_pool) return {LoopOrder::reuse_W};
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
  if (!has_weights(l)) {
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
  const bool weights = has_weights(layer);
  const Shape& map = layer.type == LayerType::global_average_pool ? layer.ifm : layer.ofm;
  TestLayer of{layer, {}};
  Design& design = of.design;
  design.tile.rows = random_from(generator, 1, map.height);
  design.tile.columns = random_from(generator, 1, map.width);
  design.tile.out_channels = random_from(generator, 1, layer.ofm.channels);
  design.tile.in_channels = weights ? random_from(generator, 1, layer.ifm.channels) : 1;
  design.order = loop_orders(layer)[static_cast<std::size_t>(
      random_from(generator, 0, static_cast<std::int64_t>(loop_orders(layer).size()) - 1))];
  design.batch = random_divisor(generator, counts_of(of).extent);
  if (weights && random_from(generator, 0, 1) == 1) design.unit = Unit::cpu;
  if (weights && random_from(generator, 0, 1) == 1) design.mac = MacGranularity::row;
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

TestLayer random_layer(Generator& generator, std::int64_t extent) {
  const auto any = [&](std::int64_t high) { return random_from(generator, 1, high); };
  const bool one_dimensional = random_from(generator, 0, 3) == 0;
  Shape ifm{any(extent), any(extent), one_dimensional ? 1 : any(extent)};
  Layer layer;
  switch (random_from(generator, 0, 4)) {
    case 0:
      layer = make_fully_connected("FC", ifm, any(extent));
      break;
    case 1:
      layer = make_global_average_pool("POOL", ifm);
      break;
    case 2:
      layer = make_max_pooling("POOL", ifm, any(std::min<std::int64_t>(3, ifm.height)),
                               any(std::min<std::int64_t>(3, ifm.width)), any(4));
      break;
    default:
      const std::int64_t kernel = any(std::min<std::int64_t>(4, ifm.height));
      ifm.width = one_dimensional ? 1 : std::max(ifm.width, kernel);
      layer = make_convolution("CONV", ifm, any(extent), kernel, one_dimensional ? 1 : kernel);
  }
  layer.bias = has_weights(layer) && random_from(generator, 0, 1) == 1;
  return {layer, random_design(generator, layer)};
}

TestModel::TestModel(std::vector<TestLayer> layers, std::uint64_t seed, std::int64_t longest_vector,
                     Placement placement, std::int64_t ledger_budget)
    : layers_(std::move(layers)) {
  Generator generator(seed);
  const auto rubbish = [&] { return static_cast<std::uint8_t>(generator()); };
  const execution::MemoryLayout layout = placed(layers_, placement);
  for (const TestLayer& of : layers_) {
    const Layer& l = of.layer;
    const Counts counts = counts_of(of);
    weights_.push_back(random_weights(generator, l));
    biases_.emplace_back();
    if (l.bias) biases_.back() = random_biases(generator, l, weights_.back());
    shifts_.emplace_back();
    if (has_weights(l)) {
      // Products of Q15 values with |weights| near 1/n give sums of about 2^31/√n; the shifts let
      // some outputs saturate and lose nothing of most.
      for (std::int64_t m = 0; m < l.ofm.channels; ++m) {
        shifts_.back().push_back(static_cast<std::uint8_t>(random_from(generator, 11, 16)));
      }
    }
    inas_layer table{};
    table.type = table_type(l.type);
    table.order = static_cast<std::uint8_t>(of.design.order);
    table.flags = static_cast<std::uint8_t>(
        (of.design.mac == MacGranularity::row ? INAS_ROW_VECTORS : 0) |
        (of.design.dma == DmaGranularity::coalesced ? INAS_COALESCED : 0) |
        (has_weights(l) && of.design.unit == Unit::lea ? INAS_LEA : 0) |
        (&of != &layers_.back() ? INAS_RELU : 0));
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
    table.most = INT16_MAX;
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
    table.input = u32(regions.input);
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
    const std::int64_t N = l.ifm.channels;
    const std::int64_t M = l.ofm.channels;
    if (weights_[i].empty()) continue;
    std::int64_t address = tables_[i].weights;
    if (layers_[i].design.dma == DmaGranularity::pixel) {
      for (const std::int16_t weight : weights_[i]) {
        put16(image_, address, weight);
        address += 2;
      }
      continue;
    }
    const Tile& t = layers_[i].design.tile;
    for (std::int64_t m0 = 0; m0 < M; m0 += t.out_channels) {
      for (std::int64_t n0 = 0; n0 < N; n0 += t.in_channels) {
        for (std::int64_t m = m0; m < std::min(M, m0 + t.out_channels); ++m) {
          for (std::int64_t tap = 0; tap < taps; ++tap) {
            for (std::int64_t n = n0; n < std::min(N, n0 + t.in_channels); ++n) {
              put16(image_, address,
                    weights_[i].at(static_cast<std::size_t>((m * taps + tap) * N + n)));
              address += 2;
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
  std::vector<std::int16_t> map = input;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const bool relu = i + 1 < layers_.size();
    switch (layers_[i].layer.type) {
      case LayerType::global_average_pool:
        map = average_pooling(layers_[i], map, relu);
        break;
      case LayerType::max_pool:
        map = max_pooling(layers_[i].layer, map, relu);
        break;
      default:
        map = convolution(layers_[i], weights_[i], shifts_[i], biases_[i], map, relu);
        break;
    }
  }
  return map;
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
    const bool kept = entered && at.batch % run != 0 && of.layer.type != LayerType::max_pool;
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
