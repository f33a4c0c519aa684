#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/dump/dump.hpp>

#include "c_header_name.hpp"

namespace inas::dump {

Model make_model(const Solution& solution, const std::vector<Tensor>& weights) {
  validate(solution, weights);
  const Platform& platform = solution.settings.platform;
  if (platform.data_bytes != 2) {
    throw InvalidArgument(fmt::format(
        "platform.data_bytes: found {}, allowed: 2, because the device's tables are 16-bit",
        platform.data_bytes));
  }
  for (const LayerSolution& layer : solution.layers) {
    if (layer.design.mac != MacGranularity::tap || layer.design.dma != DmaGranularity::pixel ||
        layer.design.batches_per_cycle != 1) {
      throw InvalidArgument(
          fmt::format("{}: design {}: the device's tables hold mac tap, dma pixel and K = 1 only",
                      layer.layer.name, to_string(layer.design)));
    }
    if (layer.vm_bytes > platform.vm_bytes) {
      throw InvalidArgument(fmt::format(
          "{}: design {} needs {} bytes of VM, allowed: {}, platform.vm_bytes", layer.layer.name,
          to_string(layer.design), layer.vm_bytes, platform.vm_bytes));
    }
  }
  Model model{solution, lay_out(network_of(solution), platform), {}};
  std::size_t next = 0;
  for (const LayerSolution& layer : solution.layers) {
    model.weights.push_back(weight_count(layer.layer) > 0
                                ? quantize_weights(layer.layer, weights[next++])
                                : QuantizedWeights{});
  }
  return model;
}

std::string weights_image(const Model& model) {
  std::string image(static_cast<std::size_t>(model.layout.total_bytes - model.layout.weights_begin),
                    '\0');
  for (std::size_t index = 0; index < model.weights.size(); ++index) {
    std::size_t at =
        static_cast<std::size_t>(model.layout.layers[index].weights - model.layout.weights_begin);
    for (const std::int16_t value : model.weights[index].values) {
      const auto bits = static_cast<std::uint16_t>(value);
      image[at++] = static_cast<char>(bits & 0xFF);
      image[at++] = static_cast<char>(bits >> 8);
    }
  }
  return image;
}

void write_model(const std::filesystem::path& folder, const Model& model) {
  const std::string header = c_header(model);
  const std::string image = weights_image(model);
  create_folder(folder);
  write_file(folder / kImageName, image);
  write_file(folder / kHeaderName, header);
}

}  // namespace inas::dump
