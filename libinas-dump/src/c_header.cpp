#include <iterator>

#include <fmt/format.h>

#include <inas/core/version.hpp>
#include <inas/dump/dump.hpp>

#include "c_header_name.hpp"

namespace inas::dump {
namespace {

const char* type_macro(LayerType type) {
  switch (type) {
    case LayerType::convolution:
      return "INAS_LAYER_CONV";
    case LayerType::fully_connected:
      return "INAS_LAYER_FC";
    case LayerType::global_average_pool:
      return "INAS_LAYER_GAVGPOOL";
  }
  return "";
}

const char* order_macro(LoopOrder order) {
  switch (order) {
    case LoopOrder::reuse_I:
      return "INAS_REUSE_I";
    case LoopOrder::reuse_W:
      return "INAS_REUSE_W";
    case LoopOrder::reuse_O:
      return "INAS_REUSE_O";
  }
  return "";
}

constexpr const char* kTypes = R"(
/* Layer types. A fully connected layer is a convolution whose kernel covers its input. */
#define INAS_LAYER_CONV 0
#define INAS_LAYER_FC 1
#define INAS_LAYER_GAVGPOOL 2

/* Loop orders: which operand stays in VM between consecutive tiles. */
#define INAS_REUSE_I 0
#define INAS_REUSE_W 1
#define INAS_REUSE_O 2

/* Address of weights that a layer does not have. */
#define INAS_NO_ADDRESS 0xFFFFFFFFu

typedef struct inas_shape {
  uint16_t channels, height, width;
} inas_shape;

typedef struct inas_layer {
  uint8_t type;
  uint8_t loop_order;
  inas_shape ifm, ofm;
  uint16_t kernel_height, kernel_width;
  uint16_t tile_rows, tile_columns, tile_out_channels, tile_in_channels; /* Tr, Tc, Tm, Tn */
  uint16_t preservation_batch;                                           /* S */
  uint32_t ifm_address, ofm_address, weights_address;                    /* bytes in NVM */
  uint32_t weights_count;                                                /* 16-bit values */
  int8_t weights_exponent; /* weight = value * 2^(exponent - 15) */
} inas_layer;
)";

}  // namespace

std::string c_header(const Model& model) {
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  const Solution& solution = model.solution;
  const MemoryLayout& layout = model.layout;
  const auto weight_values = (layout.total_bytes - layout.weights_begin) / 2;

  fmt::format_to(out, "/* {}: a network for an intermittently powered device, made by iNAS {}.\n",
                 kHeaderName, version());
  fmt::format_to(out, " * Architecture {}; {:.6g} s per inference",
                 to_string(solution.architecture), solution.latency_s);
  if (solution.energy_budget_j > 0) {
    fmt::format_to(out, ", {:.4g} mJ per power cycle", solution.energy_budget_j * 1e3);
  }
  fmt::format_to(out,
                 ".\n * Do not edit: dump the solution again instead. */\n"
                 "#ifndef INAS_MODEL_H\n#define INAS_MODEL_H\n\n#include <stdint.h>\n{}",
                 kTypes);
  fmt::format_to(
      out,
      "\n#define INAS_MODEL_LAYERS {}\n"
      "#define INAS_MODEL_VM_BYTES {}u /* volatile memory that the tiles may use */\n"
      "#define INAS_MODEL_FEATURE_MAP_BYTES {}u /* one of the two buffers from address 0 */\n"
      "#define INAS_MODEL_WEIGHTS_BEGIN {}u /* bytes in NVM */\n"
      "#define INAS_MODEL_WEIGHTS_COUNT {}u /* 16-bit values */\n"
      "#define INAS_MODEL_NVM_BYTES {}u\n\n",
      model.weights.size(), solution.settings.platform.vm_bytes, layout.feature_map_bytes,
      layout.weights_begin, weight_values, layout.total_bytes);

  fmt::format_to(out, "static const inas_layer inas_model_layers[INAS_MODEL_LAYERS] = {{\n");
  for (std::size_t index = 0; index < model.weights.size(); ++index) {
    const Layer& layer = solution.layers[index].layer;
    const Design& design = solution.layers[index].design;
    const LayerAddresses& address = layout.layers[index];
    const std::string weights_address =
        address.weights < 0 ? "INAS_NO_ADDRESS" : fmt::format("{}u", address.weights);
    fmt::format_to(out,
                   "    {{ /* {}: {} */\n"
                   "     .type = {}, .loop_order = {},\n"
                   "     .ifm = {{{}, {}, {}}}, .ofm = {{{}, {}, {}}},\n"
                   "     .kernel_height = {}, .kernel_width = {},\n"
                   "     .tile_rows = {}, .tile_columns = {}, .tile_out_channels = {}, "
                   ".tile_in_channels = {},\n"
                   "     .preservation_batch = {},\n"
                   "     .ifm_address = {}u, .ofm_address = {}u, .weights_address = {},\n"
                   "     .weights_count = {}u, .weights_exponent = {}}},\n",
                   layer.name, to_string(design), type_macro(layer.type), order_macro(design.order),
                   layer.ifm.channels, layer.ifm.height, layer.ifm.width, layer.ofm.channels,
                   layer.ofm.height, layer.ofm.width, layer.kernel_height, layer.kernel_width,
                   design.tile.rows, design.tile.columns, design.tile.out_channels,
                   design.tile.in_channels, design.batch, address.ifm, address.ofm, weights_address,
                   model.weights[index].values.size(), model.weights[index].exponent);
  }
  fmt::format_to(out, "}};\n\n");

  fmt::format_to(
      out,
      "/* The NVM from INAS_MODEL_WEIGHTS_BEGIN on, layer by layer, each [out][row][column][in]\n"
      " * and padded to an even count. */\n"
      "static const int16_t inas_model_weights[INAS_MODEL_WEIGHTS_COUNT] = {{");
  std::size_t column = 0;
  const auto value = [&](int number) {
    fmt::format_to(out, "{}{},", column++ % 12 == 0 ? "\n    " : " ", number);
  };
  for (std::size_t index = 0; index < model.weights.size(); ++index) {
    for (const std::int16_t weight : model.weights[index].values) value(weight);
    if (model.weights[index].values.size() % 2 != 0) value(0);
  }
  fmt::format_to(
      out,
      "\n}};\n\n"
      "static inline const inas_layer *inas_model_layer(uint16_t index) {{\n"
      "  return &inas_model_layers[index];\n}}\n\n"
      "/* The weights of a layer that has some. */\n"
      "static inline const int16_t *inas_model_layer_weights(const inas_layer *layer) {{\n"
      "  return &inas_model_weights[(layer->weights_address - INAS_MODEL_WEIGHTS_BEGIN) / 2];\n"
      "}}\n\n#endif\n");
  return fmt::to_string(buffer);
}

}  // namespace inas::dump
