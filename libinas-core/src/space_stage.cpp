#include <utility>

#include <fmt/format.h>

#include <inas/core/space_stage.hpp>

namespace inas {
namespace {

Growth one_layer(Layer layer) { return {{std::move(layer)}, std::nullopt}; }

/// One of the layers in front of the classes.
Growth hidden_layer(Layer layer, bool bias = false) {
  layer.bias = bias;
  layer.activation = Activation::relu;
  return one_layer(std::move(layer));
}

/// Choice: kernel, filters, and stride and padding where the space offers them. `square` kernels
/// are k×k, others k×1.
Stage convolution_stage(std::string name, const SearchSpace& space, bool square) {
  std::vector<Decision> decisions{{"kernel", space.kernels}, {"filters", space.filters}};
  const bool strides = offers_strides(space);
  const bool paddings = offers_padding(space);
  if (strides) decisions.push_back({"stride", space.strides});
  if (paddings) decisions.push_back({"padding", space.paddings, 0, 1});
  const auto grow = [name, square, strides, paddings, bias = space.bias](const Shape& map,
                                                                         Choice choice) -> Growth {
    const std::int64_t height = choice[0];
    const std::int64_t width = square ? height : 1;
    const std::int64_t stride = strides ? choice[2] : 1;
    const bool is_padded = paddings && choice.back() == 1;
    const Padding padding = is_padded ? same_padding(height, width) : Padding{};
    const std::int64_t rows = map.height + padding.top + padding.bottom;
    if (height > rows) return {{}, Misfit{name, height, rows}};
    return hidden_layer(make_convolution(name, map, choice[1], height, width, stride, padding),
                        bias);
  };
  return {std::move(decisions), {name}, grow};
}

/// Choice: pool, the size and the stride of the window; 1: no layer.
Stage pooling_stage(std::string name, const SearchSpace& space, bool square) {
  const auto grow = [name, square](const Shape& map, Choice choice) -> Growth {
    const std::int64_t pool = choice[0];
    if (pool == 1) return {};
    if (pool > map.height) return {{}, Misfit{name, pool, map.height}};
    return hidden_layer(make_max_pooling(name, map, pool, square ? pool : 1, pool));
  };
  return {{{"pool", space.pools}}, {name}, grow};
}

/// Choice: width.
Stage connected_stage(std::string name, const SearchSpace& space) {
  const auto grow = [name, bias = space.bias](const Shape& map, Choice choice) {
    return hidden_layer(make_fully_connected(name, map, choice[0]), bias);
  };
  return {{{"width", space.filters}}, {name}, grow};
}

Stage global_pooling_stage(std::string name) {
  const auto grow = [name](const Shape& map, Choice) {
    return hidden_layer(make_global_average_pool(name, map));
  };
  return {{}, {name}, grow};
}

Stage classes_stage(std::string name, const SearchSpace& space) {
  const auto grow = [name, classes = space.classes, bias = space.bias](const Shape& map, Choice) {
    Layer layer = make_fully_connected(name, map, classes);
    layer.bias = bias;
    return one_layer(std::move(layer));
  };
  return {{}, {name}, grow};
}

}  // namespace

std::string describe(const Misfit& misfit) {
  return fmt::format("{}: needs {} input rows and the map has {}", misfit.layer, misfit.needed,
                     misfit.available);
}

std::vector<Stage> stages(const SearchSpace& space) {
  std::vector<Stage> all;
  const bool connected = space.family == NetworkFamily::fully_connected;
  const bool square = space.family == NetworkFamily::convolution_2d;
  for (std::int64_t layer = 0; layer < space.layers; ++layer) {
    if (connected) {
      all.push_back(connected_stage(fmt::format("FC_{}", layer), space));
      continue;
    }
    all.push_back(convolution_stage(fmt::format("CONV_{}", layer), space, square));
    if (offers_pooling(space)) {
      all.push_back(pooling_stage(fmt::format("MAXPOOL_{}", layer), space, square));
    }
  }
  if (!connected) all.push_back(global_pooling_stage("GAVGPOOL_0"));
  all.push_back(classes_stage("FC_END", space));
  return all;
}

Growth grow(std::span<const Stage> stages, Shape map, Choice choices) {
  Growth all;
  for (const Stage& stage : stages) {
    Growth grown = stage.grow(map, choices.first(stage.decisions.size()));
    choices = choices.subspan(stage.decisions.size());
    for (Layer& layer : grown.layers) {
      map = layer.ofm;
      all.layers.push_back(std::move(layer));
    }
    all.misfit = std::move(grown.misfit);
    if (all.misfit) break;
  }
  return all;
}

}  // namespace inas
