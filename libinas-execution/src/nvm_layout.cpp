#include <algorithm>

#include <inas/execution/batches.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/execution/nvm_layout.hpp>

namespace inas::execution {
namespace {

constexpr std::int64_t kAlignment = 4;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

LayerNvm layer_nvm(const Layer& layer, const Design& design, bool is_first,
                   std::int64_t data_bytes) {
  const std::int64_t input = is_first ? 0 : aligned(data_bytes * layer.ifm.values());
  const std::int64_t output = aligned(data_bytes * layer.ofm.values());
  const std::int64_t copies = writes_per_output(layer, design) > 1 ? 2 : 1;
  return {.weight_bytes = aligned(data_bytes * weight_count(layer)),
          .live_bytes = input + copies * output};
}

std::int64_t fixed_nvm_bytes(const Shape& input, std::int64_t data_bytes) {
  return aligned(kProgressBytes) + aligned(data_bytes * input.values());
}

std::int64_t nvm_need_bytes(const std::vector<ExecutedLayer>& layers, std::int64_t data_bytes) {
  NvmSum need{.fixed_and_weights = fixed_nvm_bytes(layers.front().layer.ifm, data_bytes)};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    need.add(layer_nvm(layers[l].layer, layers[l].design, l == 0, data_bytes));
  }
  return need.bytes();
}

LayerNvm published_layer_nvm(const Layer& layer, std::int64_t data_bytes) {
  return {.weight_bytes = data_bytes * weight_count(layer),
          .live_bytes = data_bytes * 2 * std::max(layer.ifm.values(), layer.ofm.values())};
}

MemoryLayout lay_out(const std::vector<ExecutedLayer>& layers) {
  MemoryLayout layout;
  layout.progress = {0, kProgressBytes};
  layout.total_bytes = nvm_need_bytes(layers, kRuntimeValueBytes);
  std::int64_t end = aligned(kProgressBytes);
  for (const ExecutedLayer& of : layers) {
    LayerRegions& regions = layout.layers.emplace_back();
    regions.weights = {end, kRuntimeValueBytes * weight_count(of.layer)};
    end += aligned(regions.weights.bytes);
  }
  layout.image_bytes = end;

  Region input{end, kRuntimeValueBytes * layers.front().layer.ifm.values()};
  const std::int64_t low = end + aligned(input.bytes);
  const std::int64_t high = layout.total_bytes;
  // Each output lies at the end where its layer's input does not, its other copy beside it.
  for (std::size_t l = 0; l < layers.size(); ++l) {
    LayerRegions& regions = layout.layers[l];
    const std::int64_t writes = writes_per_output(layers[l].layer, layers[l].design);
    const std::int64_t bytes = kRuntimeValueBytes * layers[l].layer.ofm.values();
    const std::int64_t room = aligned(bytes);
    const bool at_low = l % 2 == 0;
    const Region finished{at_low ? low : high - room, bytes};
    const Region other{at_low ? low + room : high - 2 * room, bytes};
    regions.input = input;
    regions.finished = static_cast<int>((writes - 1) % 2);
    regions.outputs[regions.finished] = finished;
    regions.outputs[1 - regions.finished] = writes > 1 ? other : finished;
    input = finished;
  }
  return layout;
}

}  // namespace inas::execution
