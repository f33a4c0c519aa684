#include <algorithm>

#include <fmt/format.h>
#include <inas_firmware/model.h>

#include <inas/core/error.hpp>
#include <inas/dump/dump.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::dump {
namespace {

static_assert(execution::kProgressBytes == INAS_PROGRESS_BYTES,
              "the layout and the runtime disagree about the progress area");

}  // namespace

void check_platform(const Platform& platform) {
  validate(platform);
  if (platform.data_bytes != 2) {
    throw InvalidArgument(fmt::format(
        "platform.data_bytes: found {}, allowed: 2, because the device's values have 16 bits",
        platform.data_bytes));
  }
}

Model make_model(const Solution& solution, const std::vector<Tensor>& weights,
                 const Samples& calibration, WeightScales scales) {
  validate(solution, weights);
  const Platform& platform = solution.settings.platform;
  check_platform(platform);
  if (solution.layers.size() > 255) {
    throw InvalidArgument(
        fmt::format("layers: found {}, allowed: at most 255, because a progress "
                    "record has 8 bits for them",
                    solution.layers.size()));
  }
  Model model;
  std::vector<execution::ExecutedLayer> executed;
  execution::check_designs(solution);
  for (const LayerSolution& record : solution.layers) {
    const std::int64_t bytes =
        execution::vm_bytes(record.layer, record.design, platform.data_bytes);
    const std::int64_t most_bytes = execution::usable_vm_bytes(platform);
    if (bytes > most_bytes) {
      throw InvalidArgument(fmt::format(
          "{}: design {}: bytes of VM: found {}, allowed: at most {}, {}", record.layer.name,
          to_string(record.design), bytes, most_bytes,
          most_bytes < platform.vm_bytes ? "which the runtime can address" : "platform.vm_bytes"));
    }
    model.vm_bytes = std::max(model.vm_bytes, bytes);
    executed.push_back({record.layer, record.design});
  }
  model.layout = execution::lay_out(executed);
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
