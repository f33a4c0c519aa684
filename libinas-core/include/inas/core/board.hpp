#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Boards as data: what firmware/boards/NAME/board.json says of a device. The firmware's build
/// makes its defines and linker scripts from the same file. docs/boards.md describes the fields.
namespace inas {

enum class MemoryKind : std::uint8_t {
  ram,     ///< volatile, at an address of the processor
  fram,    ///< non-volatile, at an address of the processor
  serial,  ///< non-volatile, behind a serial bus
  array    ///< of a program on a computer
};

struct BoardMemory {
  std::string name;
  MemoryKind kind = MemoryKind::array;
  std::int64_t address = 0;  ///< of the processor; serial, array: 0
  std::int64_t bytes = 0;

  [[nodiscard]] std::int64_t end() const { return address + bytes; }
  bool operator==(const BoardMemory&) const = default;
};

/// What is kept of a memory.
struct MemoryShare {
  std::string memory;
  std::int64_t bytes = 0;

  bool operator==(const MemoryShare&) const = default;
};

/// What multiplies vectors, `cpu` (the multiplier, or plain C) or `lea`, and the VM of a firmware
/// that is built for it. A firmware for the LEA has the multiplier as well: for the layers whose
/// designs name it, and for what the LEA cannot do.
struct BoardUnit {
  std::string name;
  std::optional<std::int64_t> registers;  ///< address of the multiplier's first register
  /// Memories that follow one another. VM is what the variables, at their start, and the reserve,
  /// at their end, leave.
  std::vector<std::string> vm;
  std::int64_t vm_alignment = 4;       ///< of VM's first byte
  std::int64_t vm_reserved_bytes = 0;  ///< for the unit's own use

  bool operator==(const BoardUnit&) const = default;
};

struct VoltageRange {
  double min_v = 0;
  double max_v = 0;

  bool operator==(const VoltageRange&) const = default;
};

/// What is wrong with a range of voltages: "found 3.6 V to 1.8 V, allowed: …"; empty: nothing.
[[nodiscard]] std::string fault_of(const VoltageRange& range);

/// What lies at the input's address when an inference starts again.
enum class InputOnRestart : std::uint8_t {
  kept,      ///< what was there: the layout must not give its memory to others
  rewritten  ///< a new input, which the application writes at each start
};

struct Board {
  std::string name;
  std::string what;                ///< for people
  std::vector<std::string> files;  ///< the firmware's, beside board.json; or empty, and
  std::string firmware;            ///< the built-in board whose firmware this one runs
  std::optional<double> clock_hz;
  std::optional<VoltageRange> supply;
  InputOnRestart input_on_restart = InputOnRestart::kept;
  std::vector<BoardMemory> memories;
  std::vector<std::string> nvm;          ///< NVM addresses run through these memories from 0 on
  std::optional<MemoryShare> code;       ///< most that the firmware has, a model's tables apart
  std::optional<MemoryShare> variables;  ///< with the stack, at the start of their memory
  std::int64_t stack_bytes = 0;          ///< of them
  std::vector<BoardUnit> units;

  /// Null if there is none of that name.
  [[nodiscard]] const BoardMemory* memory(std::string_view memory_name) const;
  [[nodiscard]] const BoardUnit* unit(std::string_view unit_name) const;

  bool operator==(const Board&) const = default;
};

/// Reads a description and nothing of what it means. Throws InvalidArgument, naming `source` and
/// the key, if it is not of the form of docs/boards.md.
[[nodiscard]] Board parse_board(std::string_view json, const std::string& source);

/// What is inconsistent in a description: one sentence for each fault, none for a sound one.
[[nodiscard]] std::vector<std::string> board_faults(const Board& board);

/// Those of `board.files` that are no files in `folder`, which is board.json's.
[[nodiscard]] std::vector<std::string> missing_files(const Board& board,
                                                     const std::filesystem::path& folder);

/// The names of the built-in boards, the folders of firmware/boards, in alphabetical order.
[[nodiscard]] std::vector<std::string> board_names();

/// Whether `text` is the path of a description or of its folder (it has a slash or ends in .json),
/// not a name.
[[nodiscard]] bool is_board_file(std::string_view text);

/// The file that a path of a description names: the path itself, or board.json in the folder there.
[[nodiscard]] std::filesystem::path board_file(const std::string& path);

/// The description of a built-in board, or the one at a path, consistent or not. Throws
/// InvalidArgument, naming the allowed names, or Error.
[[nodiscard]] Board read_board(const std::string& name_or_path);

/// The same, which must be consistent: throws InvalidArgument with the first fault if not.
[[nodiscard]] Board load_board(const std::string& name_or_path);

/// Bytes of NVM for a model: all of its memories less what the code keeps of them. The tables of a
/// model, if they lie in the same memory, take from that.
[[nodiscard]] std::int64_t nvm_bytes(const Board& board);

/// Bytes of VM for a model when `unit` multiplies.
[[nodiscard]] std::int64_t vm_bytes(const Board& board, const BoardUnit& unit);

/// Address of VM's first byte then; for a memory without addresses, its offset.
[[nodiscard]] std::int64_t vm_address(const Board& board, const BoardUnit& unit);

}  // namespace inas
