#include "random_solution.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <support/sample_solution.hpp>

#include <inas/execution/batches.hpp>
#include <inas/execution/tiles.hpp>

namespace inas::dump {
namespace {

std::int64_t random_divisor(Generator& generator, std::int64_t n) {
  std::int64_t divisor = 0;
  while (divisor == 0 || n % divisor != 0) divisor = random_from(generator, 1, n);
  return divisor;
}

}  // namespace

std::int64_t random_from(Generator& generator, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(generator() % static_cast<std::uint64_t>(high - low + 1));
}

Design random_design(Generator& generator, const Layer& layer) {
  const execution::LayerFacts& facts = execution::facts_of(layer);
  Design design;
  design.tile = {any_of(generator, execution::tile_row_sizes(layer)),
                 any_of(generator, execution::tile_column_sizes(layer)),
                 random_divisor(generator, layer.ofm.channels),
                 random_divisor(generator, execution::stepped_channels(layer))};
  do {
    design.order = static_cast<LoopOrder>(random_from(generator, 0, 2));
  } while (execution::innermost_loop(facts, design.order) == execution::Loop::none);
  const execution::BatchGroups groups =
      execution::batch_groups(layer, execution::tile_counts(layer, design.tile), design.order);
  do {
    design.batch = random_divisor(generator, groups.extent);
  } while (!execution::legal_batch(groups, design.batch));
  design.batches_per_cycle =
      any_of(generator, execution::legal_batches_per_cycle(groups, design.batch));
  if (facts.work == execution::Work::vectors && generator() % 2 == 0) {
    design.mac = MacGranularity::row;
  }
  if (generator() % 2 == 0) design.dma = DmaGranularity::coalesced;
  return design;
}

void add_ledger(Generator& generator, Solution& solution) {
  solution.ledger = {random_from(generator, 1, generator() % 2 == 0 ? 30 : kMostLedgerUnits), 1e-7};
  const std::int64_t most = solution.ledger.budget / random_from(generator, 2, 9);
  const bool bounded = generator() % 2 == 0;  // some layers have K besides
  for (LayerSolution& of : solution.layers) {
    of.units.entry = random_from(generator, 0, most);
    of.units.fetched = random_from(generator, 0, most);
    of.units.kept = random_from(generator, 0, of.units.fetched);
    if (!bounded || generator() % 2 == 0) of.design.batches_per_cycle = 0;
  }
  solution.layers.front().design.batches_per_cycle = 0;  // or nothing would ask for the ledger
}

namespace {

/// Grows a network layer by layer.
class RandomNetwork {
 public:
  RandomNetwork(Generator& generator, const Shape& input)
      : generator_(generator), is_line_(input.width == 1), maps_{{"INPUT", input}} {}

  /// A layer that reads the map `from` and gives a map of any shape.
  void add_any(std::size_t from) {
    const std::size_t adds = maps_of(shape(from)).size();
    switch (random_from(generator_, 0, adds > 1 ? 7 : 4)) {
      case 0:
      case 1:
        add_convolution(from, any_window(shape(from)), random_from(generator_, 1, 6));
        break;
      case 2:
        add_depthwise(from, any_window(shape(from)));
        break;
      case 3:
      case 4:
        add_pooling(from, any_window(shape(from)));
        break;
      default:
        add_sum(from);
    }
  }

  /// Layers that read the same map and whose outputs are added.
  void add_branches(std::size_t from) {
    const std::int64_t filters = shape(from).channels;
    add_convolution(from, same_window(), filters);
    const std::size_t one = last();
    if (generator_() % 2 == 0) {
      add_depthwise(from, same_window());
    } else {
      add_pooling(from, same_window());
    }
    if (generator_() % 2 == 0) add_depthwise(last(), same_window());
    add(make_add(next_name("ADD"), shape(from), maps_[one].name, maps_[last()].name), {});
  }

  void add_end() {
    if (generator_() % 2 == 0) {
      add(make_global_average_pool(next_name("GAVGPOOL"), shape(last())), last());
    }
    add(make_fully_connected("FC_END", shape(last()), random_from(generator_, 1, 6)), last());
    layers_.back().activation = Activation::none;
  }

  [[nodiscard]] std::size_t last() const { return maps_.size() - 1; }
  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }

 private:
  struct Map {
    std::string name;
    Shape shape;
  };
  struct Window {
    std::int64_t height = 1;
    std::int64_t width = 1;
    std::int64_t stride = 1;
    Padding padding;
  };

  [[nodiscard]] const Shape& shape(std::size_t map) const { return maps_[map].shape; }

  [[nodiscard]] std::vector<std::size_t> maps_of(const Shape& shape) const {
    std::vector<std::size_t> found;
    for (std::size_t map = 0; map < maps_.size(); ++map) {
      if (maps_[map].shape == shape) found.push_back(map);
    }
    return found;
  }

  std::string next_name(const std::string& type) {
    return type + "_" + std::to_string(layers_.size());
  }

  Window any_window(const Shape& map) {
    Window window;
    window.height = random_from(generator_, 1, 4);
    window.width = is_line_ ? 1 : random_from(generator_, 1, 4);
    const auto pad = [&](std::int64_t kernel) {
      return generator_() % 2 == 0 ? 0 : random_from(generator_, 0, kernel - 1);
    };
    window.padding = {pad(window.height), pad(window.width), pad(window.height), pad(window.width)};
    window.height =
        std::min(window.height, map.height + window.padding.top + window.padding.bottom);
    window.width = std::min(window.width, map.width + window.padding.left + window.padding.right);
    if (generator_() % 2 == 0) window.stride = random_from(generator_, 1, 3);
    return window;
  }

  Window same_window() {
    Window window;
    window.height = random_from(generator_, 1, 3);
    window.width = is_line_ ? 1 : window.height;
    window.padding = same_padding(window.height, window.width);
    return window;
  }

  void add_convolution(std::size_t from, const Window& w, std::int64_t filters) {
    add(make_convolution(next_name("CONV"), shape(from), filters, w.height, w.width, w.stride,
                         w.padding),
        from);
  }

  void add_depthwise(std::size_t from, const Window& w) {
    add(make_depthwise_convolution(next_name("DWCONV"), shape(from), w.height, w.width, w.stride,
                                   w.padding),
        from);
  }

  void add_pooling(std::size_t from, const Window& w) {
    const auto make = generator_() % 2 == 0 ? make_max_pooling : make_average_pooling;
    add(make(next_name("POOL"), shape(from), w.height, w.width, w.stride, w.padding), from);
  }

  void add_sum(std::size_t from) {
    const std::vector<std::size_t> same = maps_of(shape(from));
    std::string first = maps_[from].name;
    std::string second = maps_[same[generator_() % same.size()]].name;
    if (generator_() % 2 == 0) std::swap(first, second);
    add(make_add(next_name("ADD"), shape(from), first, second), {});
  }

  void add(Layer layer, std::optional<std::size_t> from) {
    layer.bias = weight_count(layer) > 0 && generator_() % 2 == 0;
    layer.activation = kActivations[generator_() % kActivations.size()];
    if (from && (*from != last() || generator_() % 4 == 0)) layer.inputs = {maps_[*from].name};
    maps_.push_back({layer.name, layer.ofm});
    layers_.push_back(std::move(layer));
  }

  Generator& generator_;
  bool is_line_;
  std::vector<Map> maps_;
  std::vector<Layer> layers_;
};

}  // namespace

Solution solution_of(Generator& generator, const std::vector<Layer>& layers) {
  Solution solution = test::sample_solution();
  solution.layers.clear();
  solution.settings.platform.vm_bytes = 60'000;
  solution.settings.platform.longest_vector = generator() % 4 == 0 ? 6 : 0;
  for (const Layer& layer : layers) {
    solution.layers.push_back({.layer = layer,
                               .design = random_design(generator, layer),
                               .energy_per_cycle_max_j = 1e-3,
                               .energy_per_cycle_min_j = 1e-3,
                               .latency_s = 1,
                               .power_cycles = 1,
                               .vm_bytes = 1});
  }
  return solution;
}

Solution random_solution(Generator& generator) {
  const std::int64_t size = random_from(generator, 1, 9);
  const bool is_line = generator() % 4 == 0;
  RandomNetwork network(generator, {random_from(generator, 1, 5), size, is_line ? 1 : size});
  for (std::int64_t i = random_from(generator, 0, 5); i > 0; --i) {
    if (generator() % 4 == 0) {
      network.add_branches(network.last());
    } else {
      network.add_any(network.last());
    }
  }
  network.add_end();
  return solution_of(generator, network.layers());
}

std::vector<Tensor> random_weights(Generator& generator, const Solution& solution) {
  std::vector<Tensor> weights = test::sample_weights(solution, generator());
  for (Tensor& tensor : weights) {
    const std::int64_t inputs = std::ssize(tensor.values) / tensor.shape.front();
    const double scale = 1.5 / std::sqrt(static_cast<double>(inputs));
    for (float& value : tensor.values) value *= static_cast<float>(scale);
  }
  return weights;
}

std::vector<float> random_samples(Generator& generator, const Solution& solution,
                                  std::int64_t count) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < count * solution.layers.front().layer.ifm.values(); ++i) {
    values.push_back(static_cast<float>(static_cast<double>(generator() >> 11) * 0x1p-51 - 2));
  }
  return values;
}

}  // namespace inas::dump
