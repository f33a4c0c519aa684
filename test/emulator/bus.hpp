#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include <inas/core/board.hpp>

/// An emulator of what the firmware uses of the MSP430FR5994, to run the very ELF file that is
/// flashed and to count its cycles. The guide is that of the family, SLAU367P. What is not modelled
/// is refused by a Fault, not guessed.
namespace inas::emulator {

/// The program did what the part would not do, or what is not modelled: one sentence with the
/// place.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Power is gone. Thrown out of whatever is being done: a transfer stays unfinished.
struct PowerGone {};

/// The clock of the CPU, and until when there is power.
struct Clock {
  std::uint64_t cycles = 0;
  std::uint64_t hz = 1'000'000;             ///< of the CPU: MCLK
  std::uint64_t peripheral_hz = 1'000'000;  ///< SMCLK
  std::uint64_t power_until = std::numeric_limits<std::uint64_t>::max();

  void pass(std::uint64_t count) { cycles += count; }
  void require_power() const {
    if (cycles >= power_until) throw PowerGone{};
  }
};

enum class Width : std::uint8_t { byte, word };

/// A block of registers. Addresses are the part's.
class Peripheral {
 public:
  virtual ~Peripheral() = default;
  virtual void reset() = 0;
  [[nodiscard]] virtual std::uint16_t read(std::uint16_t address, Width width) = 0;
  virtual void write(std::uint16_t address, std::uint16_t value, Width width) = 0;
  /// By an address instruction: all 20 bits at once. By default two words.
  virtual void write20(std::uint16_t address, std::uint32_t value);
};

/// The cache of the FRAM controller: two sets of two lines of 8 bytes, the least recently used
/// replaced. It says only whether a line is there; the bytes are the memory's.
class FramCache {
 public:
  void clear() { lines_ = {}; }
  /// Whether `address` is in a line, which is loaded if not.
  [[nodiscard]] bool hit(std::uint32_t address);

 private:
  struct Set {
    std::uint32_t recent = kNone;  ///< line addresses
    std::uint32_t other = kNone;
  };
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::array<Set, 2> lines_{};
};

/// All that an address can mean: registers, RAM, FRAM. Reading FRAM past the cache, and every write
/// to it, costs the wait states that FRCTL0 asks for. That writes wait as well is assumed.
class Bus {
 public:
  /// Memories are those of `board`.
  explicit Bus(const Board& board);
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// `peripheral` answers for the addresses from `first` to `last`.
  void attach(std::uint16_t first, std::uint16_t last, Peripheral& peripheral);

  [[nodiscard]] std::uint16_t read(std::uint32_t address, Width width);
  void write(std::uint32_t address, std::uint16_t value, Width width);
  [[nodiscard]] std::uint32_t read20(std::uint32_t address);
  void write20(std::uint32_t address, std::uint32_t value);

  /// The same memory from outside, without cycles; registers are not reached.
  [[nodiscard]] std::uint8_t& byte(std::uint32_t address);

  /// All RAM holds `rubbish`, repeated, as after power was gone; the cache is empty.
  void lose_ram(const std::vector<std::uint8_t>& rubbish);

  /// Set by the FRAM controller.
  void set_wait_states(std::uint64_t cycles) { wait_states_ = cycles; }

  Clock clock;
  std::uint64_t waits = 0;  ///< wait states so far, which `clock` has passed, too

 private:
  enum class Kind : std::uint8_t { none, registers, ram, fram };
  static constexpr std::uint32_t kBlock = 0x100;  ///< addresses of one kind

  [[nodiscard]] Kind kind_of(std::uint32_t address) const {
    return address < kinds_.size() * kBlock ? kinds_[address / kBlock] : Kind::none;
  }
  [[nodiscard]] Peripheral& peripheral_at(std::uint32_t address);
  void require_even(std::uint32_t address, Width width) const;
  void wait(std::uint32_t address, bool writing);

  struct Attached {
    std::uint16_t first;
    std::uint16_t last;
    Peripheral* peripheral;
  };
  std::vector<Kind> kinds_;
  std::vector<std::uint8_t> bytes_;
  std::vector<Attached> attached_;
  FramCache cache_;
  std::uint64_t wait_states_ = 0;
};

}  // namespace inas::emulator
