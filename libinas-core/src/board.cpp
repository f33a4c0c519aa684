#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/board.hpp>
#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>

#include "builtin_boards.hpp"

namespace inas {
namespace {

/// Of board.json.
constexpr int kFormat = 1;

const std::vector<std::pair<std::string_view, MemoryKind>> kKinds{{"ram", MemoryKind::ram},
                                                                  {"fram", MemoryKind::fram},
                                                                  {"serial", MemoryKind::serial},
                                                                  {"array", MemoryKind::array}};

const std::vector<std::pair<std::string_view, InputOnRestart>> kInputsOnRestart{
    {"kept", InputOnRestart::kept}, {"rewritten", InputOnRestart::rewritten}};

bool has_address(MemoryKind kind) { return kind == MemoryKind::ram || kind == MemoryKind::fram; }

/// JSON has no hexadecimal numbers: an address is a text like "0x2C00".
std::int64_t require_address(json::Reader& reader, const char* key) {
  std::string text;
  reader.require(key, text);
  std::uint32_t address = 0;
  const bool prefixed = text.starts_with("0x");
  const char* const begin = text.data() + (prefixed ? 2 : 0);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, address, 16);
  if (!prefixed || error != std::errc() || stop != end) {
    reader.fail(key, json::shown(text), "an address as a text, \"0x0\" to \"0xFFFFFFFF\"");
  }
  return address;
}

/// Of a memory that 32-bit addresses reach.
std::int64_t require_bytes(json::Reader& reader, const char* key) {
  constexpr std::int64_t kMost = std::int64_t{1} << 32;
  std::int64_t bytes = 0;
  reader.require(key, bytes);
  if (bytes < 0 || bytes > kMost) {
    reader.fail(key, std::to_string(bytes), fmt::format("0 to {} bytes", kMost));
  }
  return bytes;
}

MemoryShare read_share(json::Reader& reader) {
  MemoryShare share;
  reader.require("memory", share.memory);
  share.bytes = require_bytes(reader, "bytes");
  return share;
}

BoardMemory read_memory(json::Reader& reader) {
  BoardMemory memory;
  reader.require("name", memory.name);
  reader.require_name("kind", memory.kind, kKinds);
  memory.bytes = require_bytes(reader, "bytes");
  if (has_address(memory.kind)) memory.address = require_address(reader, "address");
  return memory;
}

BoardUnit read_unit(json::Reader& reader) {
  BoardUnit unit;
  reader.require("name", unit.name);
  if (reader.has("registers")) unit.registers = require_address(reader, "registers");
  reader.require("vm", unit.vm);
  reader.require("vm_alignment", unit.vm_alignment);
  unit.vm_reserved_bytes = require_bytes(reader, "vm_reserved_bytes");
  return unit;
}

/// Faults, with the board's name before each.
class Faults {
 public:
  explicit Faults(const Board& board) : board_(board) {}

  /// `sentence` is a fault unless `holds`.
  bool require(bool holds, const std::string& sentence) {
    if (!holds) sentences_.push_back(fmt::format("board {}: {}", board_.name, sentence));
    return holds;
  }

  /// The memory that the value of `key` names. Null, and a fault, if there is none.
  const BoardMemory* memory(const std::string& key, const std::string& name) {
    const BoardMemory* const found = board_.memory(name);
    std::vector<std::string_view> names;
    for (const BoardMemory& memory : board_.memories) names.emplace_back(memory.name);
    require(found != nullptr, fmt::format("{}: found \"{}\", allowed: a name of memories, {}", key,
                                          name, fmt::join(names, ", ")));
    return found;
  }

  [[nodiscard]] std::vector<std::string> sentences() { return std::move(sentences_); }

 private:
  const Board& board_;
  std::vector<std::string> sentences_;
};

void check_memories(const Board& board, Faults& faults) {
  faults.require(!board.memories.empty(), "memories: found none, allowed: one or more");
  for (std::size_t i = 0; i < board.memories.size(); ++i) {
    const BoardMemory& memory = board.memories[i];
    const bool positive = faults.require(
        memory.bytes > 0,
        fmt::format("memories: {} has {} bytes, allowed: 1 or more", memory.name, memory.bytes));
    faults.require(memory.bytes % 2 == 0 && memory.address % 2 == 0,
                   fmt::format("memories: {} has {} bytes from 0x{:X}, allowed: even numbers",
                               memory.name, memory.bytes, memory.address));
    for (std::size_t j = 0; j < i; ++j) {
      const BoardMemory& other = board.memories[j];
      faults.require(memory.name != other.name,
                     fmt::format("memories: the name {} stands twice", memory.name));
      if (!positive || !has_address(memory.kind) || !has_address(other.kind)) continue;
      faults.require(memory.end() <= other.address || other.end() <= memory.address,
                     fmt::format("memories: {}, 0x{:X} to 0x{:X}, overlaps {}, 0x{:X} to 0x{:X}",
                                 memory.name, memory.address, memory.end() - 1, other.name,
                                 other.address, other.end() - 1));
    }
  }
}

void check_nvm(const Board& board, Faults& faults) {
  faults.require(!board.nvm.empty(), "nvm: found no memory, allowed: one or more");
  for (std::size_t i = 0; i < board.nvm.size(); ++i) {
    const BoardMemory* const memory = faults.memory("nvm", board.nvm[i]);
    if (memory != nullptr) {
      faults.require(memory->kind != MemoryKind::ram,
                     fmt::format("nvm: {} is ram, allowed: fram, serial, array", memory->name));
    }
    faults.require(std::find(board.nvm.begin(), board.nvm.begin() + static_cast<std::ptrdiff_t>(i),
                             board.nvm[i]) == board.nvm.begin() + static_cast<std::ptrdiff_t>(i),
                   fmt::format("nvm: {} stands twice", board.nvm[i]));
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  std::int64_t bytes = 0;
  for (const std::string& name : board.nvm) {
    if (const BoardMemory* const memory = board.memory(name)) bytes += memory->bytes;
  }
  faults.require(bytes <= kMost,
                 fmt::format("nvm: found {} bytes, allowed: at most {}, because NVM "
                             "addresses have 32 bits",
                             bytes, kMost));
}

void check_share(const char* key, const std::optional<MemoryShare>& share, Faults& faults) {
  if (!share) return;
  const BoardMemory* const memory = faults.memory(fmt::format("{}.memory", key), share->memory);
  if (memory == nullptr) return;
  faults.require(
      share->bytes > 0 && share->bytes <= memory->bytes && share->bytes % 2 == 0,
      fmt::format("{}.bytes: found {}, allowed: an even number from 2 to the {} bytes of "
                  "{}",
                  key, share->bytes, memory->bytes, memory->name));
}

/// Variables, code and what goes with them.
void check_program(const Board& board, Faults& faults) {
  check_share("code", board.code, faults);
  check_share("variables", board.variables, faults);
  if (board.code) {
    const BoardMemory* const memory = board.memory(board.code->memory);
    faults.require(memory == nullptr || memory->kind == MemoryKind::fram,
                   fmt::format("code.memory: {} is no fram", board.code->memory));
  }
  if (board.variables) {
    const BoardMemory* const memory = board.memory(board.variables->memory);
    faults.require(memory == nullptr || memory->kind == MemoryKind::ram,
                   fmt::format("variables.memory: {} is no ram", board.variables->memory));
    faults.require(board.stack_bytes > 0 && board.stack_bytes <= board.variables->bytes &&
                       board.stack_bytes % 2 == 0,
                   fmt::format("variables.stack_bytes: found {}, allowed: an even number from 2 to "
                               "variables.bytes, {}",
                               board.stack_bytes, board.variables->bytes));
  }
}

void check_unit(const Board& board, const BoardUnit& unit, Faults& faults) {
  const std::string at = fmt::format("units: {}", unit.name);
  faults.require(unit.name == "cpu" || unit.name == "lea",
                 fmt::format("units: found \"{}\", allowed: cpu, lea", unit.name));
  const bool aligns = faults.require(
      unit.vm_alignment == 2 || unit.vm_alignment == 4 || unit.vm_alignment == 8,
      fmt::format("{}: vm_alignment: found {}, allowed: 2, 4, 8", at, unit.vm_alignment));
  faults.require(unit.vm_reserved_bytes % 2 == 0,
                 fmt::format("{}: vm_reserved_bytes: found {}, allowed: an even number", at,
                             unit.vm_reserved_bytes));
  if (!faults.require(!unit.vm.empty(),
                      fmt::format("{}: vm: found no memory, allowed: one or more", at))) {
    return;
  }
  const BoardMemory* before = nullptr;
  for (const std::string& name : unit.vm) {
    const BoardMemory* const memory = faults.memory(fmt::format("{}: vm", at), name);
    if (memory == nullptr) return;
    faults.require(memory->kind == MemoryKind::ram || memory->kind == MemoryKind::array,
                   fmt::format("{}: vm: {} is neither ram nor array", at, name));
    faults.require(before == nullptr || before->end() == memory->address,
                   fmt::format("{}: vm: {} does not begin where {} ends", at, name,
                               before == nullptr ? "" : before->name));
    faults.require(std::find(board.nvm.begin(), board.nvm.end(), name) == board.nvm.end(),
                   fmt::format("{}: vm: {} is NVM", at, name));
    before = memory;
  }
  if (board.variables) {
    const auto variables = std::find(unit.vm.begin(), unit.vm.end(), board.variables->memory);
    faults.require(variables == unit.vm.end() || variables == unit.vm.begin(),
                   fmt::format("{}: vm: {}, which has the variables, is not the first", at,
                               board.variables->memory));
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::uint16_t>::max() - 1;
  const std::int64_t bytes = vm_bytes(board, unit);
  faults.require(bytes > 0 && bytes <= kMost,
                 fmt::format("{}: variables and reserve leave {} bytes of VM, allowed: 2 to {}", at,
                             bytes, kMost));
  faults.require(
      !aligns ||
          (vm_address(board, unit) % unit.vm_alignment == 0 && bytes % unit.vm_alignment == 0),
      fmt::format("{}: VM is {} bytes from 0x{:X}, allowed: multiples of vm_alignment, {}", at,
                  bytes, vm_address(board, unit), unit.vm_alignment));
}

}  // namespace

const BoardMemory* Board::memory(std::string_view memory_name) const {
  const auto found = std::find_if(memories.begin(), memories.end(),
                                  [&](const BoardMemory& m) { return m.name == memory_name; });
  return found == memories.end() ? nullptr : &*found;
}

const BoardUnit* Board::unit(std::string_view unit_name) const {
  const auto found = std::find_if(units.begin(), units.end(),
                                  [&](const BoardUnit& u) { return u.name == unit_name; });
  return found == units.end() ? nullptr : &*found;
}

Board parse_board(std::string_view text, const std::string& source) {
  const nlohmann::json document = json::parse(text, source);
  json::Reader reader(source, document);
  int format = 0;
  reader.require("format", format);
  if (format != kFormat) reader.fail("format", std::to_string(format), std::to_string(kFormat));
  Board board;
  reader.require("name", board.name);
  if (board.name.empty()) reader.fail("name", "\"\"", "a name");
  reader.require("what", board.what);
  if (reader.has("firmware")) {
    reader.read("firmware", board.firmware);
  } else {
    reader.require("files", board.files);
  }
  if (reader.has("clock_hz")) reader.read("clock_hz", board.clock_hz.emplace());
  reader.read_object("supply", [&](json::Reader& supply) {
    VoltageRange& range = board.supply.emplace();
    supply.require("min_v", range.min_v);
    supply.require("max_v", range.max_v);
  });
  reader.require_name("input_on_restart", board.input_on_restart, kInputsOnRestart);
  reader.require_objects(
      "memories", [&](json::Reader& memory) { board.memories.push_back(read_memory(memory)); });
  reader.require("nvm", board.nvm);
  reader.read_object("code", [&](json::Reader& code) { board.code = read_share(code); });
  reader.read_object("variables", [&](json::Reader& variables) {
    board.variables = read_share(variables);
    board.stack_bytes = require_bytes(variables, "stack_bytes");
  });
  reader.require_objects("units",
                         [&](json::Reader& unit) { board.units.push_back(read_unit(unit)); });
  reader.finish();
  return board;
}

std::string fault_of(const VoltageRange& range) {
  constexpr double kMostVolts = 60;
  const auto [min_v, max_v] = range;
  if (min_v > 0 && min_v < max_v && max_v <= kMostVolts) return {};
  return fmt::format("found {} V to {} V, allowed: above 0 V, rising, up to {} V", min_v, max_v,
                     kMostVolts);
}

std::vector<std::string> board_faults(const Board& board) {
  Faults faults(board);
  check_memories(board, faults);
  check_nvm(board, faults);
  check_program(board, faults);
  faults.require(!board.units.empty(), "units: found none, allowed: cpu, lea");
  for (std::size_t i = 0; i < board.units.size(); ++i) {
    check_unit(board, board.units[i], faults);
    faults.require(board.unit(board.units[i].name) == &board.units[i],
                   fmt::format("units: {} stands twice", board.units[i].name));
  }
  faults.require(board.units.empty() || board.unit("cpu") != nullptr,
                 "units: cpu is missing, which takes what other units cannot");
  faults.require(!board.clock_hz || *board.clock_hz > 0,
                 fmt::format("clock_hz: found {}, allowed: a positive number of Hz",
                             board.clock_hz.value_or(0)));
  if (board.supply) {
    const std::string fault = fault_of(*board.supply);
    faults.require(fault.empty(), fmt::format("supply: {}", fault));
  }
  faults.require(!board.files.empty() || !board.firmware.empty(),
                 "files: found none, allowed: the firmware's files, or firmware in their place");
  if (!board.firmware.empty()) {
    const std::vector<std::string> names = board_names();
    faults.require(
        std::find(names.begin(), names.end(), board.firmware) != names.end(),
        fmt::format("firmware: found \"{}\", allowed: {}", board.firmware, fmt::join(names, ", ")));
  }
  return faults.sentences();
}

std::vector<std::string> missing_files(const Board& board, const std::filesystem::path& folder) {
  std::vector<std::string> missing;
  for (const std::string& file : board.files) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(folder / file, ignored)) missing.push_back(file);
  }
  return missing;
}

std::vector<std::string> board_names() {
  std::vector<std::string> names;
  for (const BuiltinBoard& builtin : builtin_boards()) names.emplace_back(builtin.name);
  return names;
}

bool is_board_file(std::string_view text) {
  return text.find('/') != std::string_view::npos || text.ends_with(".json");
}

std::filesystem::path board_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? std::filesystem::path(path) / "board.json"
                                                      : std::filesystem::path(path);
}

Board read_board(const std::string& name_or_path) {
  if (is_board_file(name_or_path)) {
    const std::filesystem::path file = board_file(name_or_path);
    return parse_board(read_file(file, kMostTextBytes), file.string());
  }
  for (const BuiltinBoard& builtin : builtin_boards()) {
    if (builtin.name == name_or_path) return parse_board(builtin.json, name_or_path);
  }
  throw InvalidArgument(fmt::format(
      "board: found \"{}\", allowed: {}, or the path of a JSON file or of the folder of a "
      "board.json, with a slash",
      name_or_path, fmt::join(board_names(), ", ")));
}

Board load_board(const std::string& name_or_path) {
  Board board = read_board(name_or_path);
  const std::vector<std::string> faults = board_faults(board);
  if (!faults.empty()) throw InvalidArgument(faults.front());
  return board;
}

std::int64_t nvm_bytes(const Board& board) {
  std::int64_t bytes = 0;
  for (const std::string& name : board.nvm) {
    const BoardMemory* const memory = board.memory(name);
    if (memory == nullptr) continue;
    bytes += memory->bytes;
    if (board.code && board.code->memory == name) bytes -= board.code->bytes;
  }
  return bytes;
}

std::int64_t vm_bytes(const Board& board, const BoardUnit& unit) {
  std::int64_t bytes = -unit.vm_reserved_bytes;
  for (const std::string& name : unit.vm) {
    const BoardMemory* const memory = board.memory(name);
    if (memory == nullptr) continue;
    bytes += memory->bytes;
    if (board.variables && board.variables->memory == name) bytes -= board.variables->bytes;
  }
  return bytes;
}

std::int64_t vm_address(const Board& board, const BoardUnit& unit) {
  const BoardMemory* const first = unit.vm.empty() ? nullptr : board.memory(unit.vm.front());
  if (first == nullptr) return 0;
  const bool shared = board.variables && board.variables->memory == first->name;
  return first->address + (shared ? board.variables->bytes : 0);
}

}  // namespace inas
