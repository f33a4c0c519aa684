#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/dump/dump.hpp>

#include "device_sizes.h"
#include "device_tables.hpp"

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

/// The first layer that the LEA is to multiply; null: none.
const QuantizedLayer* layer_for_the_lea(const Model& model) {
  const auto& layers = model.network.layers;
  const auto found = std::find_if(layers.begin(), layers.end(), multiplied_by_the_lea);
  return found == layers.end() ? nullptr : &*found;
}

void check_units(const Model& model, const Board& board, std::string_view unit) {
  const QuantizedLayer* const layer = layer_for_the_lea(model);
  if (layer == nullptr || (board.unit("lea") != nullptr && unit != "cpu")) return;
  throw InvalidArgument(fmt::format(
      "board {}: layer {}: the design {} is for the lea, allowed: designs for the cpu{}",
      board.name, layer->layer.name, to_string(layer->design),
      board.unit("lea") != nullptr ? ", or a firmware that is built for the lea" : ""));
}

}  // namespace

std::int64_t table_bytes(const Model& model) {
  std::int64_t shifts = 0;
  std::int64_t biases = 0;
  for (const QuantizedLayer& layer : model.network.layers) {
    shifts += static_cast<std::int64_t>(layer.shifts.size());
    biases += static_cast<std::int64_t>(layer.bias.size() * sizeof(std::int32_t));
  }
  const auto layers = static_cast<std::int64_t>(model.network.layers.size());
  const std::vector<InputScale> scales =
      input_scales(model.standardisation, model.network.input_exponent());
  return (shifts + 1) / 2 * 2 + biases + layers * inas_device_layer_bytes +
         inas_device_model_bytes +
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
  check_units(model, board, unit);
  check_nvm(model, board);
  validate(model.solution.settings.power, board);
  for (const BoardUnit& of : board.units) {
    if (!unit.empty() && of.name != unit) continue;
    if (of.name == "cpu" && layer_for_the_lea(model) != nullptr) continue;
    require(board, "VM", model.vm_bytes, vm_bytes(board, of),
            fmt::format("a firmware for the {}: {} less what is reserved", of.name,
                        fmt::join(of.vm, ", ")));
  }
}

}  // namespace inas::dump
