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

/// Calls `visit(begin, end)` for each tile of so many channels.
template <class Visit>
void for_each_tile(std::int64_t channels, std::int64_t tile, Visit&& visit) {
  for (std::int64_t begin = 0; begin < channels; begin += tile) {
    visit(begin, std::min(begin + tile, channels));
  }
}

/// The weights of a layer, if it has any, in the order of NVM, which the runtime's model.h defines:
/// with coalesced transfers block by block, otherwise as if all channels were one tile.
std::vector<std::int16_t> weights_in_nvm(const QuantizedLayer& of) {
  const bool in_tiles = of.design.dma == DmaGranularity::coalesced;
  const std::int64_t M = of.layer.ofm.channels;
  const std::int64_t Tm = in_tiles ? of.design.tile.out_channels : M;
  const std::int64_t taps = of.layer.kernel_height * of.layer.kernel_width;
  std::vector<std::int16_t> ordered;
  ordered.reserve(of.weights.size());
  if (of.weights.empty()) return ordered;
  if (of.layer.type == LayerType::depthwise_convolution) {
    for_each_tile(M, Tm, [&](std::int64_t m0, std::int64_t m_end) {
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        for (std::int64_t m = m0; m < m_end; ++m) {
          ordered.push_back(of.weights[static_cast<std::size_t>(m * taps + tap)]);
        }
      }
    });
    return ordered;
  }
  const std::int64_t N = of.layer.ifm.channels;
  const std::int64_t Tn = in_tiles ? of.design.tile.in_channels : N;
  for_each_tile(M, Tm, [&](std::int64_t m0, std::int64_t m_end) {
    for_each_tile(N, Tn, [&](std::int64_t n0, std::int64_t n_end) {
      for (std::int64_t kernel = m0 * taps; kernel < m_end * taps; ++kernel) {
        for (std::int64_t n = n0; n < n_end; ++n) {
          ordered.push_back(of.weights[static_cast<std::size_t>(kernel * N + n)]);
        }
      }
    });
  });
  return ordered;
}

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
    auto at = static_cast<std::size_t>(model.layout.layers[l].weights.address);
    for (const std::int16_t weight : weights_in_nvm(model.network.layers[l])) {
      const auto bits = static_cast<std::uint16_t>(weight);
      image[at++] = static_cast<char>(bits & 0xFF);
      image[at++] = static_cast<char>(bits >> 8);
    }
  }
  return image;
}

}  // namespace inas::dump
