#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "bus.hpp"

namespace inas::emulator {

/// The MSP430X CPU: the MSP430 instructions, the same with an extension word, the address
/// instructions, CALLA, PUSHM, POPM and the shifts by several bits. An extension word that the
/// guide says nothing of is a Fault: with reserved bits or lengths, before an instruction that
/// takes none, with a repetition that has no cycles there or changes its own count.
///
/// Cycles are those of the guide's chapter CPUX:
///   table 4-8   interrupts, RETI
///   table 4-9   one operand; section 4.5.1.5.3: jumps take two cycles, taken or not
///   table 4-10  two operands
///   table 4-17  CALLA, PUSHM, POPM, RRCM, RRAM, RLAM, RRUM; one operand with an extension word
///   table 4-18  two operands with an extension word
///   table 4-19  MOVA, CMPA, ADDA, SUBA
/// 4-8 and 4-17 to 4-19 were read in the same chapter of the guide of the MSP430FR4xx and FR2xx,
/// SLAU445, whose CPU is the same. Wait states of the memories come besides.
class Cpu {
 public:
  explicit Cpu(Bus& bus) : bus_(bus) {}

  /// Registers are zero, the program counter is what the reset vector says.
  void reset();

  /// Executes an instruction. Throws PowerGone before one that has no power, and Fault with the
  /// place.
  void step();

  /// Pushes the program counter and the status register, and goes on at `vector`'s address.
  void interrupt(std::uint32_t vector);

  [[nodiscard]] bool interruptible() const { return (r[2] & kGie) != 0; }
  [[nodiscard]] bool asleep() const { return (r[2] & kCpuOff) != 0; }

  std::array<std::uint32_t, 16> r{};  ///< 20 bits each: program counter, stack pointer, status, …
  std::uint64_t instructions = 0;

  static constexpr std::uint32_t kCarry = 0x0001, kZero = 0x0002, kNegative = 0x0004, kGie = 0x0008,
                                 kCpuOff = 0x0010, kOverflow = 0x0100;

 private:
  /// Of operands: 8, 16 or 20 bits.
  enum class Size : std::uint8_t { byte, word, address };
  /// What an extension word says where all operands are registers, table 4-11.
  struct Repetition {
    unsigned count = 1;
    bool no_carry = false;  ///< the instruction takes the carry bit for 0
  };
  /// Bits 16 to 19 of an index, an address or a number, from the extension word; nothing: there is
  /// none.
  using HighBits = std::optional<std::uint32_t>;
  enum Operation : std::uint8_t {
    kMov = 4,
    kAdd,
    kAddc,
    kSubc,
    kSub,
    kCmp,
    kDadd,
    kBit,
    kBic,
    kBis,
    kXor,
    kAnd
  };

  /// How an operand is addressed, as the cycle tables distinguish it.
  enum class Mode : std::uint8_t { in_register, indirect, increment, immediate, indexed, absolute };
  struct Operand {
    Mode mode = Mode::in_register;
    unsigned number = 0;        ///< in_register
    std::uint32_t address = 0;  ///< in memory
    std::uint32_t value = 0;    ///< immediate, and the constants, which count as in_register
    bool constant = false;
  };

  static std::uint32_t mask_of(Size size);
  static std::uint32_t sign_of(Size size);

  [[nodiscard]] std::uint16_t fetch();
  [[nodiscard]] std::uint32_t indexed(unsigned number, HighBits high);
  [[nodiscard]] Operand source(unsigned number, unsigned as, Size size, HighBits high);
  [[nodiscard]] Operand destination(unsigned number, bool in_memory, HighBits high);
  [[nodiscard]] std::uint32_t value_of(const Operand& operand, Size size);
  void store(const Operand& operand, std::uint32_t value, Size size);
  void write_register(unsigned number, std::uint32_t value);
  void set_flags(std::uint32_t result, Size size, bool carry, bool overflow);
  [[nodiscard]] std::uint32_t sum_of(std::uint32_t a, std::uint32_t b, bool carry, Size size);
  void push(std::uint16_t value);
  [[nodiscard]] std::uint16_t pop();
  [[nodiscard]] std::uint32_t decimal_sum_of(std::uint32_t a, std::uint32_t b, bool carry,
                                             Size size);
  [[nodiscard]] std::uint32_t result_of(Operation operation, std::uint32_t a, std::uint32_t b,
                                        bool carry, Size size);
  [[nodiscard]] std::uint32_t shifted(std::uint32_t value, bool through_carry, bool carry,
                                      Size size);
  [[nodiscard]] static Size size_of(std::uint16_t code, std::uint16_t extension);
  [[nodiscard]] Repetition repetition_of(std::uint16_t extension, unsigned changed) const;

  /// `extension`: the word before `code`; 0: none.
  void two_operands(std::uint16_t code, std::uint16_t extension);
  void one_operand(std::uint16_t code, std::uint16_t extension);
  void extended(std::uint16_t extension);
  void push_operand(const Operand& operand, unsigned number, Size size, bool extended);
  void return_from_interrupt();
  void call20(std::uint16_t code);
  void jump(std::uint16_t code);
  void address_instruction(std::uint16_t code);
  void shift_several(std::uint16_t code);
  void push_or_pop_several(std::uint16_t code);

  Bus& bus_;
};

}  // namespace inas::emulator
