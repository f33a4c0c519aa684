#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/checksum.hpp>
#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/run_folder.hpp>
#include <inas/core/shape_text.hpp>
#include <inas/core/version.hpp>
#include <inas/dump/dump.hpp>
#include <inas/execution/layer_facts.hpp>

#include "arithmetic.hpp"
#include "class_names_text.hpp"
#include "device_tables.hpp"
#include "input_scale_text.hpp"

namespace inas::dump {
namespace {

/// Of manifest.json.
constexpr int kFormat = 2;

/// The program's name in the lock of a folder that a library's caller writes to.
constexpr const char* kProgram = "a dump";

/// What the files of one dump have in common and those of another one have not.
struct Identity {
  std::uint32_t image_crc32 = 0;  ///< of the NVM image
  std::uint32_t model_crc32 = 0;  ///< of tables, header and image
};

/// The first lines of every C file.
std::string preamble(const Model& model, std::string_view file, std::string_view what) {
  const Solution& solution = model.solution;
  std::string text =
      fmt::format("/* {}: {} made by iNAS {}.\n * Architecture {}; {:.4g} s per inference", file,
                  what, version(), to_string(solution.architecture), solution.latency_s);
  if (solution.energy_budget_j > 0) {
    text += fmt::format(", {:.4g} mJ per power cycle", solution.energy_budget_j * 1e3);
  }
  return text + ".\n * Do not edit: dump the solution again instead. */\n";
}

std::string flags_text(std::uint8_t flags) {
  std::vector<std::string_view> names;
  if ((flags & INAS_ROW_VECTORS) != 0) names.emplace_back("INAS_ROW_VECTORS");
  if ((flags & INAS_COALESCED) != 0) names.emplace_back("INAS_COALESCED");
  if ((flags & INAS_RELU) != 0) names.emplace_back("INAS_RELU");
  if ((flags & INAS_LEA) != 0) names.emplace_back("INAS_LEA");
  return names.empty() ? "0" : fmt::format("{}", fmt::join(names, " | "));
}

const char* order_text(std::uint8_t order) {
  switch (order) {
    case INAS_REUSE_I:
      return "INAS_REUSE_I";
    case INAS_REUSE_W:
      return "INAS_REUSE_W";
    default:
      return "INAS_REUSE_O";
  }
}

nlohmann::ordered_json region_json(const execution::Region& region) {
  return {{"address", region.address}, {"bytes", region.bytes}};
}

nlohmann::ordered_json layer_json(const QuantizedLayer& of, const execution::LayerRegions& regions,
                                  const LedgerUnits* units) {
  const bool reads_two = execution::facts_of(of.layer).maps_read > 1;
  nlohmann::ordered_json json;
  json["name"] = of.layer.name;
  json["type"] = std::string(to_string(of.layer.type));
  if (!of.layer.inputs.empty()) json["inputs"] = of.layer.inputs;
  json["ifm"] = {of.layer.ifm.channels, of.layer.ifm.height, of.layer.ifm.width};
  json["ofm"] = {of.layer.ofm.channels, of.layer.ofm.height, of.layer.ofm.width};
  json["kernel"] = {of.layer.kernel_height, of.layer.kernel_width};
  if (of.layer.stride != 1) json["stride"] = of.layer.stride;
  if (const Padding& padding = of.layer.padding; padding != Padding{}) {
    json["padding"] = {padding.top, padding.left, padding.bottom, padding.right};
  }
  if (of.layer.activation != Activation::none) {
    json["activation"] = std::string(to_string(of.layer.activation));
  }
  json["design"] = to_string(of.design);
  if (units != nullptr) {
    json["ledger_units"] = {
        {"entry", units->entry}, {"fetched", units->fetched}, {"kept", units->kept}};
  }
  json["input"] = region_json(regions.input);
  if (reads_two) json["second_input"] = region_json(regions.second_input);
  json["output"] = region_json(regions.output());
  json["other_output"] = region_json(regions.outputs[1 - regions.finished]);
  json["in_exponent"] = of.in_exponent;
  if (reads_two) json["second_in_exponent"] = of.second_in_exponent;
  json["out_exponent"] = of.out_exponent;
  if (!of.weights.empty()) {
    json["weights"] = region_json(regions.weights);
    json["weight_exponents"] = of.weight_exponents;
  }
  if (!of.shifts.empty()) json["shifts"] = of.shifts;
  if (!of.bias.empty()) json["bias"] = of.bias;
  return json;
}

nlohmann::ordered_json checksum_json(const Checksum& checksum) {
  return {{"bytes", checksum.bytes}, {"crc32", crc32_text(checksum.crc32)}};
}

std::string manifest(const Model& model, const std::vector<NamedContent>& files) {
  const Solution& solution = model.solution;
  const QuantizedNetwork& network = model.network;
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["software_version"] = version();
  json["architecture"] = to_string(solution.architecture);
  json["latency_s"] = solution.latency_s;
  if (solution.ledger.kept()) {
    json["ledger"] = {{"budget", solution.ledger.budget}, {"unit_j", solution.ledger.unit_j}};
  }
  json["solution_weights"] = checksum_json(model.weights);
  json["calibration_samples"] = network.calibration_samples;
  json["vm_bytes"] = model.vm_bytes;
  json["nvm_bytes"] = model.layout.total_bytes;
  json["image_bytes"] = model.layout.image_bytes;
  json["progress"] = region_json(model.layout.progress);
  // A value q of a map with exponent e means q·2^(e − 15); maps are [row][column][channel].
  json["input"] = region_json(model.layout.input());
  json["input"]["exponent"] = network.input_exponent();
  if (!model.standardisation.mean.empty()) {
    json["input"]["mean"] = model.standardisation.mean;
    json["input"]["deviation"] = model.standardisation.deviation;
  }
  json["output"] = region_json(model.layout.output());
  json["output"]["exponent"] = network.output_exponent();
  if (!model.class_names.empty()) json["output"]["classes"] = model.class_names;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const LedgerUnits* units = solution.ledger.kept() ? &solution.layers[l].units : nullptr;
    json["layers"].push_back(layer_json(network.layers[l], model.layout.layers[l], units));
  }
  for (const NamedContent& file : files) {
    json["files"][file.name] = checksum_json(checksum_of(file.content));
  }
  // Names of classes need not be UTF-8.
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

/// Stops the compiler where `file` stands beside the header of another dump.
std::string identity_check(std::string_view file, const Identity& identity) {
  return fmt::format(
      "#if !defined(INAS_MODEL_CRC32) || INAS_MODEL_CRC32 != 0x{:08x}ul\n"
      "#error \"{} and model.h are of different dumps: run inas-dump again\"\n"
      "#endif\n\n",
      identity.model_crc32, file);
}

bool uses_lea(const Model& model) {
  const auto& layers = model.network.layers;
  return std::any_of(layers.begin(), layers.end(), multiplied_by_the_lea);
}

std::string header_text(const Model& model, const Identity& identity) {
  const Network network = network_of(model.solution);
  const Shape& input = network.layers.front().ifm;
  const Shape& output = network.layers.back().ofm;
  return preamble(model, "model.h", "a network for an intermittently powered device,") +
         fmt::format(R"(#ifndef INAS_MODEL_H
#define INAS_MODEL_H

#include <inas_firmware/input.h>
#include <inas_firmware/model.h>

#if INAS_MODEL_FORMAT != {}
#error "This model was dumped for another version of the runtime: dump its solution again"
#endif

/* Bytes of memory. The image is the part of NVM that is written once: progress area and weights. */
#define INAS_MODEL_VM_BYTES {}u
#define INAS_MODEL_NVM_BYTES {}ul
#define INAS_MODEL_IMAGE_BYTES {}ul

/* CRC-32 of the image, and one of the whole model, by which its files recognise one another. */
#define INAS_MODEL_IMAGE_CRC32 0x{:08x}ul
#define INAS_MODEL_CRC32 0x{:08x}ul

/* The input map, [row][column][channel]: {}. A value q means q * 2^(exponent - 15). */
#define INAS_MODEL_INPUT_BYTES {}ul
#define INAS_MODEL_INPUT_EXPONENT {}
{}
/* The output map: one value per class. */
#define INAS_MODEL_CLASSES {}u
{}#define INAS_MODEL_OUTPUT_BYTES {}u
#define INAS_MODEL_OUTPUT_EXPONENT {}

#define INAS_MODEL_LAYERS {}

/* Whether the LEA is to multiply the vectors of a layer: a firmware without it does not compile. */
#define INAS_MODEL_USES_LEA {}

extern const inas_model inas_model_tables; /* model.c */
/* nvm_image.c; nvm.bin has the same bytes, for compilers that have no array of this size. */
#if INAS_MODEL_IMAGE_BYTES <= SIZE_MAX
extern const uint8_t inas_nvm_image[INAS_MODEL_IMAGE_BYTES];
#endif

/* NVM addresses of the input and the finished output. */
static inline uint32_t inas_model_input(void) {{ return inas_model_tables.layers[0].input; }}
static inline uint32_t inas_model_output(void) {{ return inas_model_tables.output; }}

#endif
)",
                     INAS_MODEL_FORMAT, model.vm_bytes, model.layout.total_bytes,
                     model.layout.image_bytes, identity.image_crc32, identity.model_crc32,
                     shape_text(input), 2 * input.values(), model.network.input_exponent(),
                     input_scale_header(model), output.values(), class_names_header(model),
                     2 * output.values(), model.network.output_exponent(), network.layers.size(),
                     uses_lea(model) ? 1 : 0);
}

std::string source_text(const Model& model, const Identity& identity) {
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  fmt::format_to(out, "{}#include \"model.h\"\n\n{}",
                 preamble(model, "model.c", "the tables of a network,"),
                 identity_check("model.c", identity));
  const std::vector<inas_layer> tables = layer_tables(model);
  const inas_model table = model_table(model, tables);

  fmt::format_to(out,
                 "{}/* Right shifts by output channel; of an addition those of its inputs and of "
                 "its sums. */\n",
                 input_scale_table(model));
  for (std::size_t l = 0; l < tables.size(); ++l) {
    const std::vector<std::uint8_t>& shifts = model.network.layers[l].shifts;
    if (shifts.empty()) continue;
    fmt::format_to(out, "static const uint8_t shifts_{}[{}] = {{", l, shifts.size());
    for (std::size_t m = 0; m < shifts.size(); ++m) {
      fmt::format_to(out, "{}{}", m == 0 ? "" : m % 20 == 0 ? ",\n    " : ", ", shifts[m]);
    }
    fmt::format_to(out, "}};\n");
  }
  for (std::size_t l = 0; l < tables.size(); ++l) {
    const std::vector<std::int32_t>& bias = model.network.layers[l].bias;
    if (bias.empty()) continue;
    fmt::format_to(out, "/* What output channels of {} begin with. */\n",
                   model.network.layers[l].layer.name);
    fmt::format_to(out, "static const int32_t bias_{}[{}] = {{", l, bias.size());
    for (std::size_t m = 0; m < bias.size(); ++m) {
      fmt::format_to(out, "{}{}l", m == 0 ? "" : m % 8 == 0 ? ",\n    " : ", ", bias[m]);
    }
    fmt::format_to(out, "}};\n");
  }
  fmt::format_to(out, "\nstatic const inas_layer layers[INAS_MODEL_LAYERS] = {{\n");
  for (std::size_t l = 0; l < tables.size(); ++l) {
    const inas_layer& t = tables[l];
    const QuantizedLayer& of = model.network.layers[l];
    fmt::format_to(
        out,
        "    /* {}: {} -> {}, {} */\n"
        "    {{.type = {},\n     .order = {},\n     .flags = {},\n"
        "     .pad_top = {}, .pad_left = {},\n"
        "     .in_rows = {}, .in_columns = {}, .in_channels = {},\n"
        "     .out_rows = {}, .out_columns = {}, .out_channels = {},\n"
        "     .kernel_rows = {}, .kernel_columns = {}, .stride = {}, .most = {},\n"
        "     .tile_rows = {}, .tile_columns = {}, .tile_out_channels = {}, .tile_in_channels = "
        "{},\n"
        "     .batch = {},\n     .batches = {}ul,\n     .batches_per_cycle = {}ul,\n"
        "     .entry_units = {}, .fetched_units = {}, .kept_units = {},\n"
        "     .input = 0x{:05X}ul, .second_input = 0x{:05X}ul,\n     .output = {{0x{:05X}ul, "
        "0x{:05X}ul}},\n"
        "     .weights = 0x{:05X}ul,\n     .shifts = {},\n     .bias = {}}},\n",
        of.layer.name, shape_text(of.layer.ifm), shape_text(of.layer.ofm), to_string(of.design),
        arithmetic_of(of.layer.type).device_type_name, order_text(t.order), flags_text(t.flags),
        t.pad_top, t.pad_left, t.in_rows, t.in_columns, t.in_channels, t.out_rows, t.out_columns,
        t.out_channels, t.kernel_rows, t.kernel_columns, t.stride, t.most, t.tile_rows,
        t.tile_columns, t.tile_out_channels, t.tile_in_channels, t.batch, t.batches,
        t.batches_per_cycle, t.entry_units, t.fetched_units, t.kept_units, t.input, t.second_input,
        t.output[0], t.output[1], t.weights,
        of.shifts.empty() ? std::string("0") : fmt::format("shifts_{}", l),
        of.bias.empty() ? std::string("0") : fmt::format("bias_{}", l));
  }
  fmt::format_to(out,
                 "}};\n\n"
                 "const inas_model inas_model_tables = {{.layers = layers,\n"
                 "                                      .layer_count = INAS_MODEL_LAYERS,\n"
                 "                                      .vm_bytes = INAS_MODEL_VM_BYTES,\n"
                 "                                      .longest_vector = {},\n"
                 "                                      .ledger_budget = {},\n"
                 "                                      .nvm_bytes = INAS_MODEL_NVM_BYTES,\n"
                 "                                      .progress = 0x{:05X}ul,\n"
                 "                                      .output = 0x{:05X}ul}};\n",
                 table.longest_vector, table.ledger_budget, table.progress, table.output);
  return fmt::to_string(buffer);
}

/// The checksums are taken of texts in which they stand as 0.
Identity identity_of(const Model& model) {
  const std::string image = nvm_image(model);
  return {.image_crc32 = crc32(image),
          .model_crc32 = crc32(header_text(model, {}) + source_text(model, {}) + image)};
}

}  // namespace

std::string model_header(const Model& model) { return header_text(model, identity_of(model)); }

std::string model_source(const Model& model) { return source_text(model, identity_of(model)); }

std::string image_source(const Model& model) {
  fmt::memory_buffer buffer;
  auto out = std::back_inserter(buffer);
  fmt::format_to(out,
                 "{}#include \"model.h\"\n\n{}"
                 "/* NVM from address 0: the empty progress area, then the weights of ",
                 preamble(model, "nvm_image.c", "the initial NVM of a network,"),
                 identity_check("nvm_image.c", identity_of(model)));
  std::vector<std::string> weights;
  for (std::size_t l = 0; l < model.network.layers.size(); ++l) {
    if (model.network.layers[l].weights.empty()) continue;
    weights.push_back(fmt::format("{} at 0x{:05X}", model.network.layers[l].layer.name,
                                  model.layout.layers[l].weights.address));
  }
  fmt::format_to(out,
                 "{}. */\n#if INAS_MODEL_IMAGE_BYTES <= SIZE_MAX\nconst uint8_t "
                 "inas_nvm_image[INAS_MODEL_IMAGE_BYTES] = {{",
                 fmt::join(weights, ",\n * "));
  std::size_t column = 0;
  for (const char byte : nvm_image(model)) {
    fmt::format_to(out, "{}{}", column == 0 ? "" : ",", column % 20 == 0 ? "\n    " : " ");
    fmt::format_to(out, "{}", static_cast<unsigned char>(byte));
    ++column;
  }
  fmt::format_to(out, "}};\n#endif\n");
  return fmt::to_string(buffer);
}

std::vector<std::string> model_file_names() {
  return {"manifest.json", "model.h", "model.c", "nvm_image.c", "nvm.bin"};
}

void write_model(RunFolder& folder, const Model& model) {
  std::vector<NamedContent> files{{"model.h", model_header(model)},
                                  {"model.c", model_source(model)},
                                  {"nvm_image.c", image_source(model)},
                                  {"nvm.bin", nvm_image(model)}};
  files.push_back({"manifest.json", manifest(model, files)});
  folder.replace(files);
}

void write_model(const std::filesystem::path& folder, const Model& model) {
  RunFolder locked(folder, kProgram, model_file_names());
  write_model(locked, model);
}

void remove_model(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return;
  RunFolder(folder, kProgram, model_file_names()).remove_earlier_results();
  std::error_code not_empty;
  std::filesystem::remove(folder, not_empty);
}

std::optional<DumpOrigin> dump_in(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "manifest.json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  const nlohmann::json document = nlohmann::json::parse(read_file(path), nullptr, false);
  const auto has = [&](const char* pointer) {
    return document.is_object() && document.contains(nlohmann::json::json_pointer(pointer));
  };
  if (!has("/files/model.h/crc32") || !has("/files/nvm.bin/crc32")) return std::nullopt;
  DumpOrigin origin;
  if (has("/solution_weights/crc32") && document["solution_weights"]["crc32"].is_string()) {
    origin.weights_crc32 = document["solution_weights"]["crc32"].get<std::string>();
  }
  return origin;
}

}  // namespace inas::dump
