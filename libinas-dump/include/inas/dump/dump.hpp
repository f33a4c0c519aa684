#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/board.hpp>
#include <inas/core/checksum.hpp>
#include <inas/core/run_folder.hpp>
#include <inas/core/solution.hpp>
#include <inas/dump/quantize.hpp>
#include <inas/execution/nvm_layout.hpp>

/// Turns a solution into what the device runs: a quantised network, its place in NVM, and the
/// tables of the runtime as C sources and images.
namespace inas::dump {

/// How samples were standardised: input = (raw − mean)/deviation, per channel; pixels are raw from
/// 0 to 1. The device's program does the same before it writes an input map.
struct Standardisation {
  std::vector<float> mean;
  std::vector<float> deviation;
};

/// A sensor's raw numbers are whole, from 0 to this; a pixel's 1 is this.
inline constexpr int kRawMost = 255;

/// inas_input_scale of firmware/include/inas_firmware/input.h: from a raw number to a value of the
/// input map in whole numbers.
struct InputScale {
  std::int32_t scale = 0;
  std::int32_t offset = 0;
  std::uint8_t shift = 0;

  bool operator==(const InputScale&) const = default;
};

/// One for each channel of `standardisation`, for an input map of this exponent; each value is
/// within 1 of what `quantize_input` gives. None if some channel's would not fit 32 bits.
[[nodiscard]] std::vector<InputScale> input_scales(const Standardisation& standardisation,
                                                   int exponent);

/// A solution made ready for the device.
struct Model {
  Solution solution;
  QuantizedNetwork network;
  execution::MemoryLayout layout;
  Checksum weights;                 ///< of the solution's weights as to_safetensors writes them
  std::int64_t vm_bytes = 0;        ///< VM of the most demanding layer's tile buffers
  Standardisation standardisation;  ///< empty if not known
  std::vector<std::string> class_names = {};  ///< of the outputs, in their order; empty: not known
};

/// Throws InvalidArgument, as `make_model` would for every network, if the runtime cannot work on
/// such a platform: data_bytes is not 2.
void check_platform(const Platform& platform);

/// Quantises (see `quantize`) and lays out. Throws InvalidArgument, naming the layer and the
/// numbers, if the weights are not those of the network, NVM or VM of the solution's platform are
/// too small, data_bytes is not 2, or a design is one that `execution::check_design` refuses.
[[nodiscard]] Model make_model(const Solution& solution, const std::vector<Tensor>& weights,
                               const Samples& calibration = {},
                               WeightScales scales = WeightScales::per_channel);

/// Bytes of the tables of model.c on the 16-bit device.
[[nodiscard]] std::int64_t table_bytes(const Model& model);

/// Bytes of NVM that `board` has for the model: without its tables, where they lie in NVM.
[[nodiscard]] std::int64_t nvm_bytes_for(const Model& model, const Board& board);

/// Bytes of VM that `board` has for a model whose firmware is built for `unit`; empty: for any of
/// its units, which is the least of them. The board has the unit.
[[nodiscard]] std::int64_t vm_bytes_for(const Board& board, std::string_view unit = {});

/// Throws InvalidArgument, with the numbers, if the model does not fit the memories of `board`:
/// NVM, the memory of code and tables, VM, or the board does not work at the voltages of the
/// solution's supply. `unit` is what the firmware is built for (`cpu`, `lea`);
/// empty: the model is to fit every build that has the units of its designs. A model that fits
/// links. Throws InvalidArgument as well if the board has no such unit, or the board or the build
/// no LEA that a design names.
void check_board(const Model& model, const Board& board, std::string_view unit = {});

/// The bytes of NVM from 0 to layout.image_bytes, little-endian: an empty progress area and the
/// weights, in tile order where transfers are coalesced.
[[nodiscard]] std::string nvm_image(const Model& model);

/// The files of a dumped model, C99 without warnings on 16-bit and 32-bit compilers. An image of
/// 64 KB or more is no array on a 16-bit one, where nvm_image.c is empty then: nvm.bin is to be
/// linked instead, as firmware/boards/msp430/nvm_image.S does. The header has CRC-32s of the image
/// and of the whole model; the other two do not compile beside the header of another model.
[[nodiscard]] std::string model_header(const Model& model);  ///< model.h: sizes, accessors
[[nodiscard]] std::string model_source(const Model& model);  ///< model.c: the tables
[[nodiscard]] std::string image_source(const Model& model);  ///< nvm_image.c: the image as an array

/// The names of a dump's files, the manifest first: what a RunFolder of a dump owns.
[[nodiscard]] std::vector<std::string> model_file_names();

/// Writes model.h, model.c, nvm_image.c, nvm.bin and manifest.json (addresses, sizes, exponents,
/// CRC-32 of the solution's weights and of the other files) into `folder`, all at once (see
/// RunFolder::replace): a process killed at any point leaves the former model or this one. Throws
/// Error if that fails; the former model stays then.
void write_model(RunFolder& folder, const Model& model);
/// The same into a folder that is locked for so long, and created if needed. What a dump has left
/// there is replaced.
void write_model(const std::filesystem::path& folder, const Model& model);

/// Removes the files of a dump, and `folder` if nothing else is in it. Not an error if there are
/// none.
void remove_model(const std::filesystem::path& folder);

/// What a dump was made from.
struct DumpOrigin {
  std::string weights_crc32;  ///< of the solution's weights; empty in dumps of older versions
};

/// The origin of the dump in `folder`; none if its manifest.json is not one of a dump.
[[nodiscard]] std::optional<DumpOrigin> dump_in(const std::filesystem::path& folder);

}  // namespace inas::dump
