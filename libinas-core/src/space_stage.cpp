#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <inas/core/space_stage.hpp>

#include "block_limits.hpp"

namespace inas {
namespace {

/// Behind `front`, of which only the map changes.
Growth one_layer(const Front& front, Layer layer) {
  const Front behind{layer.ofm, front.width_percent};
  return {{std::move(layer)}, behind};
}

/// One of the layers in front of the classes.
Growth hidden_layer(const Front& front, Layer layer, bool bias = false) {
  layer.bias = bias;
  layer.activation = Activation::relu;
  return one_layer(front, std::move(layer));
}

Growth misfit(const std::string& layer, std::int64_t needed, std::int64_t available) {
  return {{}, {}, Misfit{layer, needed, available}};
}

/// Choice: kernel, filters, and stride and padding where the space offers them. `square` kernels
/// are k×k, others k×1.
Stage convolution_stage(std::string name, const SearchSpace& space, bool square) {
  std::vector<Decision> decisions{{"kernel", space.kernels}, {"filters", space.filters}};
  const bool strides = offers_strides(space);
  const bool paddings = offers_padding(space);
  if (strides) decisions.push_back({"stride", space.strides});
  if (paddings) decisions.push_back({"padding", space.paddings, 0, 1});
  const auto grow = [name, square, strides, paddings, bias = space.bias](const Front& front,
                                                                         Choice choice) -> Growth {
    const std::int64_t height = choice[0];
    const std::int64_t width = square ? height : 1;
    const std::int64_t stride = strides ? choice[2] : 1;
    const bool is_padded = paddings && choice.back() == 1;
    const Padding padding = is_padded ? same_padding(height, width) : Padding{};
    const std::int64_t rows = front.map.height + padding.top + padding.bottom;
    const std::int64_t columns = front.map.width + padding.left + padding.right;
    if (height > rows) return misfit(name, height, rows);
    if (width > columns) return misfit(name, width, columns);
    return hidden_layer(
        front, make_convolution(name, front.map, choice[1], height, width, stride, padding), bias);
  };
  return {std::move(decisions), {name}, grow};
}

/// Choice: pool, the size and the stride of the window; 1: no layer.
Stage pooling_stage(std::string name, const SearchSpace& space, bool square) {
  const auto grow = [name, square](const Front& front, Choice choice) -> Growth {
    const std::int64_t pool = choice[0];
    if (pool == 1) return {{}, front};
    const std::int64_t width = square ? pool : 1;
    if (pool > front.map.height) return misfit(name, pool, front.map.height);
    if (width > front.map.width) return misfit(name, width, front.map.width);
    return hidden_layer(front, make_max_pooling(name, front.map, pool, width, pool));
  };
  return {{{"pool", space.pools}}, {name}, grow};
}

/// Choice: width.
Stage connected_stage(std::string name, const SearchSpace& space) {
  const auto grow = [name, bias = space.bias](const Front& front, Choice choice) {
    return hidden_layer(front, make_fully_connected(name, front.map, choice[0]), bias);
  };
  return {{{"width", space.filters}}, {name}, grow};
}

/// Are the maps of a space of blocks, and its kernels, squares?
bool has_square_maps(const SearchSpace& space) { return space.input.width > 1; }

Layer activated(Layer layer, bool bias, Activation activation) {
  layer.bias = bias;
  layer.activation = activation;
  return layer;
}

/// Choice: resolution, width_percent.
Stage stem_stage(const SearchSpace& space) {
  const std::string name = "STEM";
  const bool square = has_square_maps(space);
  const auto grow = [name, square, channels = space.input.channels,
                     kernel = space.blocks.stem_kernel, filters = space.blocks.stem_filters,
                     bias = space.bias](const Front&, Choice choice) -> Growth {
    const std::int64_t resolution = choice[0];
    const Shape input{channels, resolution, square ? resolution : 1};
    const std::int64_t width = square ? kernel : 1;
    Layer stem =
        make_convolution(name, input, filters, kernel, width, 1, same_padding(kernel, width));
    const Front front{input, choice[1]};
    return one_layer(front, activated(std::move(stem), bias, Activation::none));
  };
  return {{{"resolution", space.blocks.resolutions, 1, space.input.height},
           {"width_percent", space.blocks.width_percents, 1, kMaxWidthPercent}},
          {name},
          grow};
}

/// The channels that a stage leaves.
std::int64_t scaled_width(std::int64_t width, std::int64_t percent) {
  const std::int64_t halves = (width * percent + 100) / 200;
  return std::max<std::int64_t>(2 * halves, 2);
}

struct BlockChoice {
  std::int64_t expansion = 1;
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;
  std::int64_t channels = 1;
  bool skip = false;
};

/// Adds the block `name` ("0_1" is the second block of the first stage) behind the map `input`,
/// which the layer `input_name` writes.
void add_block(std::vector<Layer>& layers, const std::string& name, const Shape& input,
               const std::string& input_name, const BlockChoice& choice, bool bias) {
  layers.push_back(
      activated(make_convolution("EXPAND_" + name, input, choice.expansion * input.channels, 1, 1),
                bias, Activation::relu));
  layers.push_back(
      activated(make_depthwise_convolution("DWCONV_" + name, layers.back().ofm,
                                           choice.kernel_height, choice.kernel_width, choice.stride,
                                           same_padding(choice.kernel_height, choice.kernel_width)),
                bias, Activation::relu));
  layers.push_back(
      activated(make_convolution("PROJECT_" + name, layers.back().ofm, choice.channels, 1, 1), bias,
                Activation::none));
  const Layer& project = layers.back();
  if (choice.skip && project.ofm == input) {
    layers.push_back(make_add("ADD_" + name, input, project.name, input_name));
  }
}

/// Choice: expansion, kernel, depth, skip, stride.
Stage blocks_stage(std::int64_t stage, const SearchSpace& space) {
  const std::int64_t at_full_width = space.blocks.widths[static_cast<std::size_t>(stage)];
  const bool is_last = stage + 1 == std::ssize(space.blocks.widths);
  const auto name_of = [stage](std::int64_t block) { return fmt::format("{}_{}", stage, block); };
  const auto grow = [name_of, at_full_width, is_last, square = has_square_maps(space),
                     bias = space.bias](const Front& front, Choice choice) -> Growth {
    const std::int64_t channels = scaled_width(at_full_width, front.width_percent);
    BlockChoice block{.expansion = choice[0],
                      .kernel_height = choice[1],
                      .kernel_width = square ? choice[1] : 1,
                      .stride = choice[4],
                      .channels = channels,
                      .skip = choice[3] == 1};
    Growth grown{{}, front};
    std::string behind(kNetworkInputName);
    for (std::int64_t index = 0; index < choice[2]; ++index) {
      add_block(grown.layers, name_of(index), grown.front.map, behind, block, bias);
      behind = grown.layers.back().name;
      grown.front.map = grown.layers.back().ofm;
      block.stride = 1;
    }
    // What follows depends on it no more: fewer different fronts.
    if (is_last) grown.front.width_percent = 100;
    return grown;
  };
  std::vector<std::string> names;
  for (std::int64_t index = 0; index < space.blocks.depths.back(); ++index) {
    for (const char* part : {"EXPAND", "DWCONV", "PROJECT", "ADD"}) {
      names.push_back(fmt::format("{}_{}", part, name_of(index)));
    }
  }
  return {{{"expansion", space.blocks.expansions, 1, kMaxExpansion},
           {"kernel", space.kernels, 1, kMaxPaddedKernel},
           {"depth", space.blocks.depths, 1, kMaxDepth},
           {"skip", space.blocks.skips, 0, 1},
           {"stride", space.strides}},
          std::move(names),
          grow};
}

Stage global_pooling_stage(std::string name, Activation activation) {
  const auto grow = [name, activation](const Front& front, Choice) {
    Layer layer = make_global_average_pool(name, front.map);
    layer.activation = activation;
    return one_layer(front, std::move(layer));
  };
  return {{}, {name}, grow};
}

Stage classes_stage(std::string name, const SearchSpace& space) {
  const auto grow = [name, classes = space.classes, bias = space.bias](const Front& front, Choice) {
    Layer layer = make_fully_connected(name, front.map, classes);
    layer.bias = bias;
    return one_layer(front, std::move(layer));
  };
  return {{}, {name}, grow};
}

/// The stages of a space of blocks in front of the pooling.
std::vector<Stage> block_stages(const SearchSpace& space) {
  std::vector<Stage> all{stem_stage(space)};
  for (std::int64_t stage = 0; stage < std::ssize(space.blocks.widths); ++stage) {
    all.push_back(blocks_stage(stage, space));
  }
  return all;
}

/// The stages of the paper's families in front of the pooling and the classes.
std::vector<Stage> layer_stages(const SearchSpace& space) {
  std::vector<Stage> all;
  const bool square = space.family == NetworkFamily::convolution_2d;
  for (std::int64_t layer = 0; layer < space.layers; ++layer) {
    if (space.family == NetworkFamily::fully_connected) {
      all.push_back(connected_stage(fmt::format("FC_{}", layer), space));
      continue;
    }
    all.push_back(convolution_stage(fmt::format("CONV_{}", layer), space, square));
    if (offers_pooling(space)) {
      all.push_back(pooling_stage(fmt::format("MAXPOOL_{}", layer), space, square));
    }
  }
  return all;
}

/// Calls the map in front of a stage what the whole network calls it.
void rename_input(std::vector<Layer>& layers, const std::string& name) {
  for (Layer& layer : layers) {
    std::replace(layer.inputs.begin(), layer.inputs.end(), std::string(kNetworkInputName), name);
  }
}

}  // namespace

std::string describe(const Misfit& misfit) {
  return fmt::format("{}: needs {} input rows or columns and the map has {}", misfit.layer,
                     misfit.needed, misfit.available);
}

std::vector<Stage> stages(const SearchSpace& space) {
  std::vector<Stage> all = has_blocks(space) ? block_stages(space) : layer_stages(space);
  if (has_blocks(space)) {
    all.push_back(global_pooling_stage("GAVGPOOL_0", Activation::none));
  } else if (space.family != NetworkFamily::fully_connected) {
    all.push_back(global_pooling_stage("GAVGPOOL_0", Activation::relu));
  }
  all.push_back(classes_stage("FC_END", space));
  return all;
}

Growth grow(std::span<const Stage> stages, const Front& front, Choice choices) {
  Growth all{{}, front};
  for (const Stage& stage : stages) {
    Growth grown = stage.grow(all.front, choices.first(stage.decisions.size()));
    choices = choices.subspan(stage.decisions.size());
    if (!all.layers.empty()) rename_input(grown.layers, all.layers.back().name);
    std::move(grown.layers.begin(), grown.layers.end(), std::back_inserter(all.layers));
    all.front = grown.front;
    all.misfit = std::move(grown.misfit);
    if (all.misfit) break;
  }
  return all;
}

}  // namespace inas
