#include "board_report.hpp"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/board.hpp>

#include "command_line.hpp"

namespace inas::apps {
namespace {

const char* kind_text(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::ram:
      return "RAM";
    case MemoryKind::fram:
      return "FRAM";
    case MemoryKind::serial:
      return "serial";
    case MemoryKind::array:
      return "array";
  }
  return "";
}

std::string uses(const Board& board, const BoardMemory& memory) {
  std::vector<std::string> list;
  std::int64_t from = 0;
  for (const std::string& name : board.nvm) {
    if (name == memory.name) list.push_back(fmt::format("NVM from 0x{:X}", from));
    if (const BoardMemory* const of = board.memory(name)) from += of->bytes;
  }
  for (const BoardUnit& unit : board.units) {
    for (const std::string& name : unit.vm) {
      if (name == memory.name) list.push_back(fmt::format("VM for {}", unit.name));
    }
  }
  if (board.code && board.code->memory == memory.name) {
    list.push_back(fmt::format("code ({} bytes), tables", board.code->bytes));
  }
  if (board.variables && board.variables->memory == memory.name) {
    list.push_back(fmt::format("variables and stack ({} bytes, {} of them stack)",
                               board.variables->bytes, board.stack_bytes));
  }
  return fmt::format("{}", fmt::join(list, "; "));
}

void print_board(const Board& board) {
  fmt::print("{}: {}\n", board.name, board.what);
  fmt::print("{:<12} {:<7} {:>10} {:>10} {:>11}  {}\n", "memory", "kind", "from", "to", "bytes",
             "for");
  for (const BoardMemory& memory : board.memories) {
    const bool addressed = memory.kind == MemoryKind::ram || memory.kind == MemoryKind::fram;
    fmt::print("{:<12} {:<7} {:>10} {:>10} {:>11}  {}\n", memory.name, kind_text(memory.kind),
               addressed ? fmt::format("0x{:X}", memory.address) : "",
               addressed ? fmt::format("0x{:X}", memory.end() - 1) : "", memory.bytes,
               uses(board, memory));
  }
  fmt::print("NVM for a model: {} bytes\n", nvm_bytes(board));
  for (const BoardUnit& unit : board.units) {
    fmt::print(
        "VM for a model, built for the {}: {} bytes{}{}\n", unit.name, vm_bytes(board, unit),
        board.variables ? fmt::format(" from 0x{:X}", vm_address(board, unit)) : "",
        unit.vm_reserved_bytes > 0 ? fmt::format(", {} reserved", unit.vm_reserved_bytes) : "");
  }
  if (board.clock_hz) fmt::print("clock {:g} MHz\n", *board.clock_hz / 1e6);
  if (board.supply)
    fmt::print("supply {:g} V to {:g} V\n", board.supply->min_v, board.supply->max_v);
  fmt::print("the input of an inference that starts again: {}\n",
             board.input_on_restart == InputOnRestart::kept ? "kept" : "rewritten");
}

/// A built-in board's files were there when this program was built.
std::string files_sentence(const Board& board, const std::string& name_or_path,
                           std::vector<std::string>& faults) {
  if (!board.firmware.empty()) return fmt::format("firmware: of {}", board.firmware);
  if (!is_board_file(name_or_path)) {
    return fmt::format("firmware: {} files, built in", board.files.size());
  }
  const std::filesystem::path folder = board_file(name_or_path).parent_path();
  const std::vector<std::string> missing = missing_files(board, folder);
  for (const std::string& file : missing) {
    faults.push_back(
        fmt::format("board {}: files: {} does not exist", board.name, (folder / file).string()));
  }
  return fmt::format("firmware: {} of {} files", board.files.size() - missing.size(),
                     board.files.size());
}

}  // namespace

int report_board(const std::string& name_or_path) {
  const Board board = read_board(name_or_path);
  std::vector<std::string> faults = board_faults(board);
  print_board(board);
  fmt::print("{}\n", files_sentence(board, name_or_path, faults));
  for (const std::string& fault : faults) fmt::print(stderr, "inas-dump: {}\n", fault);
  if (!faults.empty()) return kBadInput;
  fmt::print("consistent\n");
  return kDone;
}

}  // namespace inas::apps
