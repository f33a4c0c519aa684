#include "write_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <inas/core/checksum.hpp>
#include <inas/core/files.hpp>

namespace inas::firmware {
namespace {

std::string image_of(const TestModel& model) {
  const std::vector<std::uint8_t> image = model.image();
  return {image.begin(), image.end()};
}

std::string header(const TestModel& model, std::int64_t vm_bytes, std::int64_t nvm_begin) {
  const inas_model& tables = model.tables();
  const auto image_bytes = static_cast<std::int64_t>(model.image().size());
  bool uses_lea = false;
  for (std::size_t i = 0; i < tables.layer_count; ++i) {
    uses_lea = uses_lea || (tables.layers[i].flags & INAS_LEA) != 0;
  }
  return fmt::format(
      "#ifndef INAS_MODEL_H\n"
      "#define INAS_MODEL_H\n\n"
      "#include <inas_firmware/model.h>\n\n"
      "#if INAS_MODEL_FORMAT != {}\n#error \"another format\"\n#endif\n\n"
      "#define INAS_MODEL_VM_BYTES {}\n"
      "#define INAS_MODEL_NVM_BYTES {}\n"
      "#define INAS_MODEL_IMAGE_BYTES {}\n"
      "#define INAS_MODEL_IMAGE_CRC32 0x{}ul\n"
      "#define INAS_MODEL_INPUT_BYTES {}\n"
      "#define INAS_MODEL_OUTPUT_BYTES {}\n"
      "#define INAS_MODEL_USES_LEA {}\n\n"
      "extern const inas_model inas_model_tables;\n\n"
      "#endif\n",
      INAS_MODEL_FORMAT, std::max<std::int64_t>(tables.vm_bytes, vm_bytes), nvm_begin + image_bytes,
      image_bytes, crc32_text(crc32(image_of(model))),
      2 * model.layers().front().layer.ifm.values(), 2 * model.layers().back().layer.ofm.values(),
      uses_lea ? 1 : 0);
}

std::string source(const TestModel& model, std::int64_t nvm_begin) {
  const inas_model& tables = model.tables();
  const auto at = [&](std::uint32_t address) { return nvm_begin + address; };
  std::string text = "#include \"model.h\"\n\n";
  for (std::size_t i = 0; i < tables.layer_count; ++i) {
    const inas_layer& l = tables.layers[i];
    if (l.shifts == nullptr) continue;
    text += fmt::format("static const uint8_t shifts_{}[] = {{", i);
    const std::size_t shifts = l.type == INAS_ADD ? 3 : l.out_channels;
    for (std::size_t s = 0; s < shifts; ++s) {
      text += fmt::format("{}, ", l.shifts[s]);
    }
    text += "};\n";
    if (l.bias == nullptr) continue;
    text += fmt::format("static const int32_t bias_{}[] = {{", i);
    for (std::size_t m = 0; m < l.out_channels; ++m) text += fmt::format("{}, ", l.bias[m]);
    text += "};\n";
  }
  text += "\nstatic const inas_layer layers[] = {\n";
  for (std::size_t i = 0; i < tables.layer_count; ++i) {
    const inas_layer& l = tables.layers[i];
    text += fmt::format(
        "  {{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}u, "
        "{}u, {}u, {}u, {}u, {}u, {}u, {{{}u, {}u}}, {}u, {}, {}}},\n",
        l.type, l.order, l.flags, l.pad_top, l.pad_left, l.in_rows, l.in_columns, l.in_channels,
        l.out_rows, l.out_columns, l.out_channels, l.kernel_rows, l.kernel_columns, l.stride,
        l.most, l.tile_rows, l.tile_columns, l.tile_out_channels, l.tile_in_channels, l.batch,
        l.batches, l.batches_per_cycle, l.entry_units, l.fetched_units, l.kept_units, at(l.input),
        at(l.second_input), at(l.output[0]), at(l.output[1]), at(l.weights),
        l.shifts == nullptr ? "0" : fmt::format("shifts_{}", i),
        l.bias == nullptr ? "0" : fmt::format("bias_{}", i));
  }
  text += "};\n\n";
  text += fmt::format(
      "const inas_model inas_model_tables = {{layers, {}, {}, {}, {}u, {}u, {}u, {}u}};\n",
      tables.layer_count, tables.vm_bytes, tables.longest_vector, tables.ledger_budget,
      at(tables.nvm_bytes), at(tables.progress), at(tables.output));
  return text;
}

}  // namespace

void write_model(const std::filesystem::path& folder, const TestModel& model, std::int64_t vm_bytes,
                 std::int64_t nvm_begin) {
  create_folder(folder);
  write_file(folder / "model.h", header(model, vm_bytes, nvm_begin));
  write_file(folder / "model.c", source(model, nvm_begin));
  write_file(folder / "nvm.bin", image_of(model));
}

}  // namespace inas::firmware
