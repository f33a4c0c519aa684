#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/dump/dump.hpp>

#include "tiles.hpp"

namespace inas::dump {
namespace {

/// Batch numbers of a progress record have 24 bits.
constexpr std::int64_t kMostBatches = (std::int64_t{1} << 24) - 1;
constexpr std::int64_t kMost16 = std::numeric_limits<std::uint16_t>::max();

void check_design(const Layer& layer, const Design& design, const Platform& platform) {
  const Tiles tiles = tiles_of(layer, design);
  const auto require = [&](const char* what, std::int64_t found, std::int64_t most) {
    if (found > most) {
      throw InvalidArgument(fmt::format("{}: design {}: {}: found {}, allowed: at most {}",
                                        layer.name, to_string(design), what, found, most));
    }
  };
  require("bytes of VM (platform.vm_bytes)", tile_buffer_bytes(layer, design), platform.vm_bytes);
  require("bytes of VM that the runtime can address", tile_buffer_bytes(layer, design),
          kMost16 - 1);
  require("S", design.batch, kMost16);
  require("preservation batches", tiles.batches, kMostBatches);
  // Otherwise a power cycle would end inside the next layer, with batches of both.
  if (tiles.batches % design.batches_per_cycle != 0) {
    throw InvalidArgument(
        fmt::format("{}: design {}: K is {}, allowed: a divisor of the layer's {} batches",
                    layer.name, to_string(design), design.batches_per_cycle, tiles.batches));
  }
  if (layer.type == LayerType::global_average_pool) {
    const std::int64_t pixels = layer.ifm.height * layer.ifm.width;
    require("pixels that are averaged", pixels, kMost16);
    if (tiles.steps > 1) {
      // The runtime adds a batch's inputs to mean·pixels in 32 bits.
      require("pixels that are averaged and those of a batch, together",
              pixels + std::min(pixels, design.tile.rows * design.tile.columns * design.batch),
              kMost16 + 1);
    }
  }
}

}  // namespace

Model make_model(const Solution& solution, const std::vector<Tensor>& weights,
                 const Samples& calibration, WeightScales scales) {
  validate(solution, weights);
  const Platform& platform = solution.settings.platform;
  if (platform.data_bytes != 2) {
    throw InvalidArgument(fmt::format(
        "platform.data_bytes: found {}, allowed: 2, because the device's values have 16 bits",
        platform.data_bytes));
  }
  if (platform.longest_vector > kMost16) {
    throw InvalidArgument(fmt::format("platform.longest_vector: found {}, allowed: at most {}",
                                      platform.longest_vector, kMost16));
  }
  if (solution.layers.size() > 255) {
    throw InvalidArgument(
        fmt::format("layers: found {}, allowed: at most 255, because a progress "
                    "record has 8 bits for them",
                    solution.layers.size()));
  }
  Model model;
  std::vector<ExecutedLayer> executed;
  for (const LayerSolution& record : solution.layers) {
    check_design(record.layer, record.design, platform);
    model.vm_bytes = std::max(model.vm_bytes, tile_buffer_bytes(record.layer, record.design));
    executed.push_back({record.layer, record.design});
  }
  model.layout = lay_out(executed);
  if (model.layout.total_bytes > platform.nvm_bytes) {
    throw InvalidArgument(
        fmt::format("the network needs {} bytes of NVM (progress and weights {}, feature maps {}), "
                    "allowed: {}, platform.nvm_bytes",
                    model.layout.total_bytes, model.layout.image_bytes,
                    model.layout.total_bytes - model.layout.image_bytes, platform.nvm_bytes));
  }
  model.solution = solution;
  model.weights = checksum_of(to_safetensors(weights, "weights"));
  model.network = quantize(solution, weights, calibration, scales);
  return model;
}

std::string nvm_image(const Model& model) {
  std::string image(static_cast<std::size_t>(model.layout.image_bytes), '\0');
  std::fill_n(image.begin() + model.layout.progress.address, model.layout.progress.bytes, '\xFF');
  for (std::size_t l = 0; l < model.network.layers.size(); ++l) {
    const QuantizedLayer& of = model.network.layers[l];
    auto at = static_cast<std::size_t>(model.layout.layers[l].weights.address);
    const auto put = [&](std::int16_t weight) {
      const auto bits = static_cast<std::uint16_t>(weight);
      image[at++] = static_cast<char>(bits & 0xFF);
      image[at++] = static_cast<char>(bits >> 8);
    };
    if (of.weights.empty()) continue;
    if (of.design.dma == DmaGranularity::pixel) {
      for (const std::int16_t weight : of.weights) put(weight);
      continue;
    }
    const std::int64_t taps = of.layer.kernel_height * of.layer.kernel_width;
    const std::int64_t N = of.layer.ifm.channels;
    const std::int64_t M = of.layer.ofm.channels;
    const std::int64_t Tm = of.design.tile.out_channels;
    const std::int64_t Tn = of.design.tile.in_channels;
    for (std::int64_t m0 = 0; m0 < M; m0 += Tm) {
      for (std::int64_t n0 = 0; n0 < N; n0 += Tn) {
        for (std::int64_t m = m0; m < std::min(m0 + Tm, M); ++m) {
          for (std::int64_t tap = 0; tap < taps; ++tap) {
            for (std::int64_t n = n0; n < std::min(n0 + Tn, N); ++n) {
              put(of.weights[static_cast<std::size_t>((m * taps + tap) * N + n)]);
            }
          }
        }
      }
    }
  }
  return image;
}

}  // namespace inas::dump
