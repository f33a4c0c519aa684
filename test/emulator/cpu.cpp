#include "cpu.hpp"

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint32_t k20Bits = 0xFFFFF;
constexpr std::uint32_t kResetVector = 0xFFFE;

constexpr std::uint32_t mask_of(Width width) { return width == Width::byte ? 0xFF : 0xFFFF; }
constexpr std::uint32_t sign_of(Width width) { return width == Width::byte ? 0x80 : 0x8000; }

constexpr std::uint32_t sign_extended(std::uint16_t value) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<std::int16_t>(value)));
}

[[noreturn]] void not_modelled(std::uint32_t code) {
  throw Fault(fmt::format("instruction {:#06x} is not modelled", code));
}

}  // namespace

void Cpu::reset() {
  r = {};
  r[0] = bus_.read(kResetVector, Width::word);
}

std::uint16_t Cpu::fetch() {
  const std::uint16_t word = bus_.read(r[0], Width::word);
  r[0] = (r[0] + 2) & k20Bits;
  return word;
}

void Cpu::step() {
  bus_.clock.require_power();
  const std::uint32_t at = r[0];
  ++instructions;
  try {
    const std::uint16_t code = fetch();
    if (code >= 0x4000) {
      two_operands(code);
    } else if (code >= 0x2000) {
      jump(code);
    } else if (code >= 0x1800) {
      throw Fault(
          fmt::format("extension word {:#06x}: instructions of the MSP430X with 20-bit "
                      "operands, and repetitions, are not modelled",
                      code));
    } else if (code >= 0x1400) {
      push_or_pop_several(code);
    } else if (code == 0x1300) {
      return_from_interrupt();
    } else if (code > 0x1300) {
      call20(code);
    } else if (code >= 0x1000) {
      one_operand(code);
    } else if ((code & 0x00E0) == 0x0040) {
      shift_several(code);
    } else {
      address_instruction(code);
    }
  } catch (const Fault& fault) {
    throw Fault(fmt::format("at {:#07x}: {}", at, fault.what()));
  }
}

void Cpu::interrupt(std::uint32_t vector) {
  bus_.clock.pass(6);  // table 4-8
  push(static_cast<std::uint16_t>(r[0]));
  push(static_cast<std::uint16_t>((r[2] & 0x0FFF) | (r[0] >> 16) << 12));
  r[2] = 0;
  r[0] = bus_.read(vector, Width::word);
}

std::uint32_t Cpu::indexed(unsigned number) {
  const std::uint32_t base = r[number];
  const std::uint32_t address = base + sign_extended(fetch());
  // From the lower 64 KB an index does not lead out of them.
  return address & (base <= 0xFFFF ? 0xFFFF : k20Bits);
}

Cpu::Operand Cpu::source(unsigned number, unsigned as, Width width) {
  const auto constant = [](std::uint16_t value) {
    return Operand{.mode = Mode::in_register, .value = value, .constant = true};
  };
  if (number == 3) {
    constexpr std::array<std::uint16_t, 4> kConstants{0, 1, 2, 0xFFFF};
    return constant(kConstants[as]);
  }
  if (number == 2 && as >= 2) return constant(as == 2 ? 4 : 8);
  switch (as) {
    case 0:
      return {.mode = Mode::in_register, .number = number};
    case 1:
      if (number == 2) return {.mode = Mode::absolute, .address = fetch()};
      return {.mode = Mode::indexed, .address = indexed(number)};
    case 2:
      return {.mode = Mode::indirect, .address = r[number]};
    default:
      break;
  }
  if (number == 0) return {.mode = Mode::immediate, .value = fetch()};
  const Operand operand{.mode = Mode::increment, .address = r[number]};
  // The stack pointer stays even.
  const std::uint32_t step = width == Width::byte && number != 1 ? 1 : 2;
  r[number] = (r[number] + step) & k20Bits;
  return operand;
}

Cpu::Operand Cpu::destination(unsigned number, bool in_memory) {
  if (!in_memory) return {.mode = Mode::in_register, .number = number};
  if (number == 2) return {.mode = Mode::absolute, .address = fetch()};
  if (number == 3) throw Fault("the constant generator as a destination in memory");
  return {.mode = Mode::indexed, .address = indexed(number)};
}

std::uint16_t Cpu::value_of(const Operand& operand, Width width) {
  if (operand.constant || operand.mode == Mode::immediate) {
    return static_cast<std::uint16_t>(operand.value & mask_of(width));
  }
  if (operand.mode == Mode::in_register) {
    return static_cast<std::uint16_t>(r[operand.number] & mask_of(width));
  }
  return bus_.read(operand.address, width);
}

void Cpu::write_register(unsigned number, std::uint32_t value) {
  if (number == 3) return;  // where results go that nobody wants
  if (number <= 1) value &= ~1U;
  r[number] = value & k20Bits;
}

void Cpu::store(const Operand& operand, std::uint32_t value, Width width) {
  value &= mask_of(width);
  if (operand.mode == Mode::in_register) {
    write_register(operand.number, value);
  } else {
    bus_.write(operand.address, static_cast<std::uint16_t>(value), width);
  }
}

void Cpu::set_flags(std::uint32_t result, Width width, bool carry, bool overflow) {
  r[2] &= ~(kCarry | kZero | kNegative | kOverflow);
  if (carry) r[2] |= kCarry;
  if ((result & mask_of(width)) == 0) r[2] |= kZero;
  if ((result & sign_of(width)) != 0) r[2] |= kNegative;
  if (overflow) r[2] |= kOverflow;
}

std::uint32_t Cpu::sum_of(std::uint32_t a, std::uint32_t b, bool carry, Width width) {
  const std::uint32_t sum = a + b + (carry ? 1 : 0);
  const bool overflow = (~(a ^ b) & (a ^ sum) & sign_of(width)) != 0;
  set_flags(sum, width, sum > mask_of(width), overflow);
  return sum;
}

/// Of binary-coded decimals. Overflow, which the guide leaves undefined, stays as it was.
std::uint32_t Cpu::decimal_sum_of(std::uint32_t a, std::uint32_t b, bool carry, Width width) {
  std::uint32_t sum = 0;
  for (unsigned shift = 0; (mask_of(width) >> shift) != 0; shift += 4) {
    std::uint32_t digit = (a >> shift & 0xF) + (b >> shift & 0xF) + (carry ? 1 : 0);
    carry = digit > 9;
    if (carry) digit -= 10;
    sum |= (digit & 0xF) << shift;
  }
  set_flags(sum, width, carry, (r[2] & kOverflow) != 0);
  return sum;
}

void Cpu::push(std::uint16_t value) {
  r[1] = (r[1] - 2) & k20Bits;
  bus_.write(r[1], value, Width::word);
}

std::uint16_t Cpu::pop() {
  const std::uint16_t value = bus_.read(r[1], Width::word);
  r[1] = (r[1] + 2) & k20Bits;
  return value;
}

void Cpu::two_operands(std::uint16_t code) {
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
  const auto operation = static_cast<Operation>(code >> 12);
  const Width width = (code & 0x40) != 0 ? Width::byte : Width::word;
  const Operand from = source(code >> 8 & 0xF, code >> 4 & 3, width);
  const std::uint32_t a = value_of(from, width);
  const Operand to = destination(code & 0xF, (code & 0x80) != 0);
  const bool only_compares = operation == kCmp || operation == kBit;

  // Table 4-10. MOV, BIT and CMP take one cycle less to memory.
  constexpr std::array<std::uint8_t, 6> kToRegister{1, 2, 2, 2, 3, 3};
  constexpr std::array<std::uint8_t, 6> kToPc{3, 4, 4, 3, 5, 5};
  constexpr std::array<std::uint8_t, 6> kToMemory{4, 5, 5, 5, 6, 6};
  const auto mode = static_cast<std::size_t>(from.mode);
  if (to.mode != Mode::in_register) {
    bus_.clock.pass(kToMemory[mode] - (operation == kMov || only_compares ? 1U : 0U));
  } else {
    bus_.clock.pass(to.number == 0 && !only_compares ? kToPc[mode] : kToRegister[mode]);
  }

  const std::uint32_t b = operation == kMov ? 0 : value_of(to, width);
  const std::uint32_t not_a = ~a & mask_of(width);
  const bool carry = (r[2] & kCarry) != 0;
  std::uint32_t result = 0;
  const auto logical = [&](std::uint32_t bits, bool overflow) {
    set_flags(bits, width, (bits & mask_of(width)) != 0, overflow);
    return bits;
  };
  switch (operation) {
    case kMov:
      result = a;
      break;
    case kAdd:
      result = sum_of(a, b, false, width);
      break;
    case kAddc:
      result = sum_of(a, b, carry, width);
      break;
    case kSubc:
      result = sum_of(not_a, b, carry, width);
      break;
    case kSub:
    case kCmp:
      result = sum_of(not_a, b, true, width);
      break;
    case kDadd:
      result = decimal_sum_of(a, b, carry, width);
      break;
    case kBit:
    case kAnd:
      result = logical(a & b, false);
      break;
    case kBic:
      result = b & not_a;
      break;
    case kBis:
      result = a | b;
      break;
    case kXor:
      result = logical(a ^ b, (a & b & sign_of(width)) != 0);
      break;
  }
  if (!only_compares) store(to, result, width);
}

void Cpu::one_operand(std::uint16_t code) {
  enum Operation : std::uint8_t { kRrc, kSwpb, kRra, kSxt, kPush, kCall };
  const auto operation = static_cast<Operation>(code >> 7 & 7);
  const Width width = (code & 0x40) != 0 ? Width::byte : Width::word;
  if (width == Width::byte && (operation == kSwpb || operation == kSxt || operation == kCall)) {
    not_modelled(code);
  }
  const Operand operand = source(code & 0xF, code >> 4 & 3, width);
  const std::uint32_t value = value_of(operand, width);

  // Table 4-9.
  constexpr std::array<std::uint8_t, 6> kShift{1, 3, 3, 3, 4, 4};
  constexpr std::array<std::uint8_t, 6> kPushes{3, 3, 3, 3, 4, 4};
  constexpr std::array<std::uint8_t, 6> kCalls{4, 4, 4, 4, 5, 6};
  const auto mode = static_cast<std::size_t>(operand.mode);
  if (operation == kPush) {
    bus_.clock.pass(kPushes[mode]);
    r[1] = (r[1] - 2) & k20Bits;
    bus_.write(r[1], static_cast<std::uint16_t>(value), width);
    return;
  }
  if (operation == kCall) {
    bus_.clock.pass(kCalls[mode]);
    if (r[0] > 0xFFFF) throw Fault("CALL above 64 KB");
    push(static_cast<std::uint16_t>(r[0]));
    write_register(0, value);
    return;
  }
  bus_.clock.pass(kShift[mode]);
  if (operand.constant || operand.mode == Mode::immediate) throw Fault("a constant is changed");
  switch (operation) {
    case kRrc:
    case kRra: {
      const std::uint32_t top =
          operation == kRra ? value & sign_of(width) : (r[2] & kCarry) * sign_of(width);
      const std::uint32_t result = value >> 1 | top;
      set_flags(result, width, (value & 1) != 0, false);
      store(operand, result, width);
      return;
    }
    case kSwpb:
      store(operand, value >> 8 | value << 8, Width::word);
      return;
    default: {
      const std::uint32_t result =
          static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<std::int8_t>(value)));
      set_flags(result, Width::word, (result & 0xFFFF) != 0, false);
      // Into a register all 20 bits.
      if (operand.mode == Mode::in_register) {
        write_register(operand.number, result);
      } else {
        store(operand, result, Width::word);
      }
    }
  }
}

/// Table 4-8.
void Cpu::return_from_interrupt() {
  bus_.clock.pass(5);
  const std::uint16_t status = pop();
  r[2] = status & 0x01FF;
  r[0] = pop() | (status & 0xF000U) << 4;
}

/// CALLA, table 4-17.
void Cpu::call20(std::uint16_t code) {
  const unsigned number = code & 0xF;
  const std::uint32_t high = static_cast<std::uint32_t>(number) << 16;
  std::uint32_t target = 0;
  std::uint64_t cycles = 0;
  switch (code >> 4 & 0xF) {
    case 0x4:
      cycles = 5;
      target = r[number];
      break;
    case 0x5:
      cycles = number == 1 ? 6 : 5;
      target = bus_.read20((r[number] + sign_extended(fetch())) & k20Bits);
      break;
    case 0x6:
    case 0x7:
      cycles = 6;
      target = bus_.read20(r[number]);
      if ((code & 0x10) != 0) r[number] = (r[number] + 4) & k20Bits;
      break;
    case 0x8:
      cycles = 7;
      target = bus_.read20(high | fetch());
      break;
    case 0x9: {
      cycles = 7;
      const std::uint32_t from = r[0];
      target = bus_.read20((from + (high | fetch())) & k20Bits);
      break;
    }
    case 0xB:
      cycles = 5;
      target = high | fetch();
      break;
    default:
      not_modelled(code);
  }
  bus_.clock.pass(cycles);
  push(static_cast<std::uint16_t>(r[0] >> 16));
  push(static_cast<std::uint16_t>(r[0]));
  write_register(0, target);
}

/// Section 4.5.1.5.3.
void Cpu::jump(std::uint16_t code) {
  bus_.clock.pass(2);  // taken or not
  const bool negative = (r[2] & kNegative) != 0;
  const bool less = negative != ((r[2] & kOverflow) != 0);
  bool taken = true;
  switch (code >> 10 & 7) {
    case 0:
      taken = (r[2] & kZero) == 0;
      break;
    case 1:
      taken = (r[2] & kZero) != 0;
      break;
    case 2:
      taken = (r[2] & kCarry) == 0;
      break;
    case 3:
      taken = (r[2] & kCarry) != 0;
      break;
    case 4:
      taken = negative;
      break;
    case 5:
      taken = !less;
      break;
    case 6:
      taken = less;
      break;
    default:
      break;
  }
  if (!taken) return;
  const std::uint32_t offset = code & 0x3FF;
  const std::uint32_t words = offset < 0x200 ? offset : offset - 0x400;
  r[0] = (r[0] + 2 * words) & k20Bits;
}

/// Table 4-19.
void Cpu::address_instruction(std::uint16_t code) {
  const unsigned from = code >> 8 & 0xF;
  const unsigned to = code & 0xF;
  const std::uint32_t to_pc = to == 0 ? 2 : 0;
  const std::uint32_t immediate_high = static_cast<std::uint32_t>(from) << 16;
  const auto move = [&](std::uint32_t cycles, std::uint32_t value) {
    bus_.clock.pass(cycles);
    write_register(to, value);
  };
  const auto calculate = [&](bool subtract, bool keep, std::uint32_t cycles, std::uint32_t value) {
    bus_.clock.pass(cycles);
    const std::uint32_t a = subtract ? ~value & k20Bits : value;
    const std::uint32_t b = r[to];
    const std::uint32_t sum = a + b + (subtract ? 1 : 0);
    r[2] &= ~(kCarry | kZero | kNegative | kOverflow);
    if (sum > k20Bits) r[2] |= kCarry;
    if ((sum & k20Bits) == 0) r[2] |= kZero;
    if ((sum & 0x80000) != 0) r[2] |= kNegative;
    if ((~(a ^ b) & (a ^ sum) & 0x80000) != 0) r[2] |= kOverflow;
    if (keep) write_register(to, sum);
  };
  switch (code >> 4 & 0xF) {
    case 0x0:
      return move(3 + to_pc, bus_.read20(r[from]));
    case 0x1: {
      const std::uint32_t value = bus_.read20(r[from]);
      r[from] = (r[from] + 4) & k20Bits;
      return move(3 + to_pc, value);
    }
    case 0x2:
      return move(4 + to_pc, bus_.read20(immediate_high | fetch()));
    case 0x3: {
      const std::uint32_t address = (r[from] + sign_extended(fetch())) & k20Bits;
      return move(4 + to_pc, bus_.read20(address));
    }
    case 0x6: {
      bus_.clock.pass(4);
      const std::uint32_t address = static_cast<std::uint32_t>(to) << 16 | fetch();
      return bus_.write20(address, r[from]);
    }
    case 0x7: {
      bus_.clock.pass(4);
      const std::uint32_t address = (r[to] + sign_extended(fetch())) & k20Bits;
      return bus_.write20(address, r[from]);
    }
    case 0x8:
      return move(to == 0 ? 3 : 2, immediate_high | fetch());
    case 0x9:
      return calculate(true, false, 3, immediate_high | fetch());
    case 0xA:
      return calculate(false, true, 3, immediate_high | fetch());
    case 0xB:
      return calculate(true, true, 3, immediate_high | fetch());
    case 0xC:
      return move(1 + to_pc, r[from]);
    case 0xD:
      return calculate(true, false, 1 + to_pc, r[from]);
    case 0xE:
      return calculate(false, true, 1 + to_pc, r[from]);
    case 0xF:
      return calculate(true, true, 1 + to_pc, r[from]);
    default:
      not_modelled(code);
  }
}

/// RRCM, RRAM, RLAM, RRUM, of words or of all 20 bits, by 1 to 4: a cycle for each, table 4-17.
void Cpu::shift_several(std::uint16_t code) {
  const std::uint32_t bits = (code & 0x10) != 0 ? 16 : 20;
  const std::uint32_t mask = (1U << bits) - 1;
  const std::uint32_t sign = 1U << (bits - 1);
  const unsigned count = (code >> 10 & 3) + 1;
  const unsigned number = code & 0xF;
  bus_.clock.pass(count);
  std::uint32_t value = r[number] & mask;
  bool carry = (r[2] & kCarry) != 0;
  for (unsigned i = 0; i < count; ++i) {
    const std::uint32_t before = value;
    switch (code >> 8 & 3) {
      case 0:
        value = before >> 1 | (carry ? sign : 0);
        break;
      case 1:
        value = before >> 1 | (before & sign);
        break;
      case 2:
        value = before << 1 & mask;
        break;
      default:
        value = before >> 1;
        break;
    }
    carry = (before & ((code >> 8 & 3) == 2 ? sign : 1)) != 0;
  }
  r[2] &= ~(kCarry | kZero | kNegative | kOverflow);
  if (carry) r[2] |= kCarry;
  if (value == 0) r[2] |= kZero;
  if ((value & sign) != 0) r[2] |= kNegative;
  write_register(number, value);
}

/// PUSHM and POPM: 2 cycles and one for each word that moves, table 4-17.
void Cpu::push_or_pop_several(std::uint16_t code) {
  const bool pops = (code & 0x0200) != 0;
  const bool words = (code & 0x0100) != 0;
  const unsigned count = (code >> 4 & 0xF) + 1;
  bus_.clock.pass(2 + (words ? 1U : 2U) * count);
  for (unsigned i = 0; i < count; ++i) {
    const unsigned number = (code + (pops ? i : 16 - i)) & 0xF;
    if (pops) {
      std::uint32_t value = pop();
      if (!words) value |= (pop() & 0xFU) << 16;
      write_register(number, value);
    } else {
      if (!words) push(static_cast<std::uint16_t>(r[number] >> 16));
      push(static_cast<std::uint16_t>(r[number]));
    }
  }
}

}  // namespace inas::emulator
