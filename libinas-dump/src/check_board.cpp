#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/dump/dump.hpp>

#include "device_sizes.h"

namespace inas::dump {
namespace {

void require(const Board& board, std::string_view what, std::int64_t needed, std::int64_t allowed,
             std::string_view why) {
  if (needed > allowed) {
    throw InvalidArgument(fmt::format("board {}: the model needs {} bytes of {}, allowed: {} ({})",
                                      board.name, needed, what, allowed, why));
  }
}

bool tables_lie_in_nvm(const Board& board) {
  return board.code &&
         std::find(board.nvm.begin(), board.nvm.end(), board.code->memory) != board.nvm.end();
}

void check_nvm(const Model& model, const Board& board) {
  const std::int64_t needed = model.layout.total_bytes;
  const std::int64_t allowed = nvm_bytes(board);
  if (tables_lie_in_nvm(board)) {
    require(board, "NVM and tables", needed + table_bytes(model), allowed,
            fmt::format("{} less {} bytes of code", fmt::join(board.nvm, ", "), board.code->bytes));
  } else {
    require(board, "NVM", needed, allowed, fmt::format("{}", fmt::join(board.nvm, ", ")));
    if (board.code) {
      const BoardMemory& memory = *board.memory(board.code->memory);
      require(board, "tables", table_bytes(model), memory.bytes - board.code->bytes,
              fmt::format("{} less {} bytes of code", memory.name, board.code->bytes));
    }
  }
}

}  // namespace

std::int64_t table_bytes(const Model& model) {
  std::int64_t shifts = 0;
  for (const QuantizedLayer& layer : model.network.layers) {
    shifts += static_cast<std::int64_t>(layer.shifts.size());
  }
  const auto layers = static_cast<std::int64_t>(model.network.layers.size());
  const std::vector<InputScale> scales =
      input_scales(model.standardisation, model.network.input_exponent());
  return (shifts + 1) / 2 * 2 + layers * inas_device_layer_bytes + inas_device_model_bytes +
         static_cast<std::int64_t>(scales.size()) * inas_device_input_scale_bytes;
}

std::int64_t nvm_bytes_for(const Model& model, const Board& board) {
  return nvm_bytes(board) - (tables_lie_in_nvm(board) ? table_bytes(model) : 0);
}

std::int64_t vm_bytes_for(const Board& board, std::string_view unit) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const BoardUnit& of : board.units) {
    if (unit.empty() || of.name == unit) least = std::min(least, vm_bytes(board, of));
  }
  return least;
}

void check_board(const Model& model, const Board& board, std::string_view unit) {
  std::vector<std::string_view> names;
  for (const BoardUnit& of : board.units) names.emplace_back(of.name);
  if (!unit.empty() && board.unit(unit) == nullptr) {
    throw InvalidArgument(fmt::format("unit: found \"{}\", allowed: {}, the units of board {}",
                                      unit, fmt::join(names, ", "), board.name));
  }
  check_nvm(model, board);
  validate(model.solution.settings.power, board);
  for (const BoardUnit& of : board.units) {
    if (!unit.empty() && of.name != unit) continue;
    require(board, "VM", model.vm_bytes, vm_bytes(board, of),
            fmt::format("a firmware for the {}: {} less what is reserved", of.name,
                        fmt::join(of.vm, ", ")));
  }
}

std::vector<std::string> layers_slower_than_modelled(const Model& model) {
  const std::int64_t shortest = load_board("msp430fr5994").unit("lea")->shortest_vector;
  const std::int64_t longest = model.solution.settings.platform.longest_vector;
  std::vector<std::string> names;
  for (const QuantizedLayer& of : model.network.layers) {
    const Layer& layer = of.layer;
    const std::int64_t Tn = of.design.tile.in_channels;
    if (of.weights.empty() || Tn % 2 == 0) continue;  // pooling multiplies nothing
    std::int64_t length = Tn;
    if (of.design.mac == MacGranularity::row) {
      length *= layer.ifm.width == 1 ? layer.kernel_height : layer.kernel_width;
    }
    if (longest > 0) length = std::min(length, longest);
    if (length >= shortest) names.push_back(layer.name);
  }
  return names;
}

}  // namespace inas::dump
