#include <utility>

#include <fmt/format.h>

#include <inas/core/space_stage.hpp>

namespace inas {
namespace {

Growth one_layer(Layer layer) { return {{std::move(layer)}, std::nullopt}; }

Growth one_layer(Layer layer, bool bias) {
  layer.bias = bias;
  return one_layer(std::move(layer));
}

/// Choice: kernel, filters. `square` kernels are k×k, others k×1.
Stage convolution_stage(std::string name, const SearchSpace& space, bool square) {
  const auto grow = [name, square, bias = space.bias](const Shape& map, Choice choice) -> Growth {
    const std::int64_t kernel = choice[0];
    if (kernel > map.height) return {{}, Misfit{name, kernel, map.height}};
    return one_layer(make_convolution(name, map, choice[1], kernel, square ? kernel : 1), bias);
  };
  return {{{"kernel", space.kernels}, {"filters", space.filters}}, {name}, grow};
}

/// Choice: pool, the size and the stride of the window; 1: no layer.
Stage pooling_stage(std::string name, const SearchSpace& space, bool square) {
  const auto grow = [name, square](const Shape& map, Choice choice) -> Growth {
    const std::int64_t pool = choice[0];
    if (pool == 1) return {};
    if (pool > map.height) return {{}, Misfit{name, pool, map.height}};
    return one_layer(make_max_pooling(name, map, pool, square ? pool : 1, pool));
  };
  return {{{"pool", space.pools}}, {name}, grow};
}

/// Choice: width.
Stage connected_stage(std::string name, const SearchSpace& space) {
  const auto grow = [name, bias = space.bias](const Shape& map, Choice choice) {
    return one_layer(make_fully_connected(name, map, choice[0]), bias);
  };
  return {{{"width", space.filters}}, {name}, grow};
}

Stage global_pooling_stage(std::string name) {
  const auto grow = [name](const Shape& map, Choice) {
    return one_layer(make_global_average_pool(name, map));
  };
  return {{}, {name}, grow};
}

Stage classes_stage(std::string name, const SearchSpace& space) {
  const auto grow = [name, classes = space.classes, bias = space.bias](const Shape& map, Choice) {
    return one_layer(make_fully_connected(name, map, classes), bias);
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
