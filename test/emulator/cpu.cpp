#include "cpu.hpp"

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint32_t k20Bits = 0xFFFFF;
constexpr std::uint32_t kResetVector = 0xFFFE;

/// The fields of an extension word, tables 4-11 and 4-12.
constexpr std::uint16_t kNoCarry = 0x0100, kCountInRegister = 0x0080, kNoAddress = 0x0040;
constexpr std::uint16_t kSourceBits = 0x0780, kDestinationBits = 0x000F;
constexpr std::uint16_t kReservedBits = 0x0030, kReservedOfRegisters = 0x0600;

constexpr std::uint32_t sign_extended(std::uint16_t value) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<std::int16_t>(value)));
}

[[noreturn]] void not_modelled(std::uint32_t code) {
  throw Fault(fmt::format("instruction {:#06x} is not modelled", code));
}

[[noreturn]] void refuse(std::uint16_t extension, const char* why) {
  throw Fault(fmt::format("extension word {:#06x}: {}", extension, why));
}

}  // namespace

std::uint32_t Cpu::mask_of(Size size) {
  constexpr std::array<std::uint32_t, 3> kMasks{0xFF, 0xFFFF, k20Bits};
  return kMasks[static_cast<std::size_t>(size)];
}

std::uint32_t Cpu::sign_of(Size size) { return mask_of(size) / 2 + 1; }

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
      two_operands(code, 0);
    } else if (code >= 0x2000) {
      jump(code);
    } else if (code >= 0x1800) {
      extended(code);
    } else if (code >= 0x1400) {
      push_or_pop_several(code);
    } else if (code == 0x1300) {
      return_from_interrupt();
    } else if (code > 0x1300) {
      call20(code);
    } else if (code >= 0x1000) {
      one_operand(code, 0);
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

std::uint32_t Cpu::indexed(unsigned number, HighBits high) {
  const std::uint32_t base = r[number];
  const std::uint16_t low = fetch();
  if (high) return (base + (*high << 16 | low)) & k20Bits;
  const std::uint32_t address = base + sign_extended(low);
  // From the lower 64 KB an index does not lead out of them.
  return address & (base <= 0xFFFF ? 0xFFFF : k20Bits);
}

Cpu::Operand Cpu::source(unsigned number, unsigned as, Size size, HighBits high) {
  const auto constant = [&](std::uint32_t value) {
    return Operand{.mode = Mode::in_register, .value = value & mask_of(size), .constant = true};
  };
  if (number == 3) {
    constexpr std::array<std::uint32_t, 4> kConstants{0, 1, 2, k20Bits};
    return constant(kConstants[as]);
  }
  if (number == 2 && as >= 2) return constant(as == 2 ? 4 : 8);
  const std::uint32_t high_word = high.value_or(0) << 16;
  switch (as) {
    case 0:
      return {.mode = Mode::in_register, .number = number};
    case 1:
      if (number == 2) return {.mode = Mode::absolute, .address = high_word | fetch()};
      return {.mode = Mode::indexed, .address = indexed(number, high)};
    case 2:
      return {.mode = Mode::indirect, .address = r[number]};
    default:
      break;
  }
  if (number == 0) return {.mode = Mode::immediate, .value = high_word | fetch()};
  const Operand operand{.mode = Mode::increment, .address = r[number]};
  // The stack pointer stays even.
  const std::uint32_t step = size == Size::byte && number != 1 ? 1 : 2;
  r[number] = (r[number] + (size == Size::address ? 4 : step)) & k20Bits;
  return operand;
}

Cpu::Operand Cpu::destination(unsigned number, bool in_memory, HighBits high) {
  if (!in_memory) return {.mode = Mode::in_register, .number = number};
  if (number == 2) return {.mode = Mode::absolute, .address = high.value_or(0) << 16 | fetch()};
  if (number == 3) throw Fault("the constant generator as a destination in memory");
  return {.mode = Mode::indexed, .address = indexed(number, high)};
}

std::uint32_t Cpu::value_of(const Operand& operand, Size size) {
  if (operand.constant || operand.mode == Mode::immediate) return operand.value & mask_of(size);
  if (operand.mode == Mode::in_register) return r[operand.number] & mask_of(size);
  if (size == Size::address) return bus_.read20(operand.address);
  return bus_.read(operand.address, size == Size::byte ? Width::byte : Width::word);
}

void Cpu::write_register(unsigned number, std::uint32_t value) {
  if (number == 3) return;  // where results go that nobody wants
  if (number <= 1) value &= ~1U;
  if (number == 2) value &= 0xFFFF;
  r[number] = value & k20Bits;
}

/// Into a register with the bits above those of `size` cleared; an address into two words, figure
/// 4-30.
void Cpu::store(const Operand& operand, std::uint32_t value, Size size) {
  value &= mask_of(size);
  if (operand.mode == Mode::in_register) {
    write_register(operand.number, value);
  } else if (size == Size::address) {
    bus_.write20(operand.address, value);
  } else {
    bus_.write(operand.address, static_cast<std::uint16_t>(value),
               size == Size::byte ? Width::byte : Width::word);
  }
}

void Cpu::set_flags(std::uint32_t result, Size size, bool carry, bool overflow) {
  r[2] &= ~(kCarry | kZero | kNegative | kOverflow);
  if (carry) r[2] |= kCarry;
  if ((result & mask_of(size)) == 0) r[2] |= kZero;
  if ((result & sign_of(size)) != 0) r[2] |= kNegative;
  if (overflow) r[2] |= kOverflow;
}

std::uint32_t Cpu::sum_of(std::uint32_t a, std::uint32_t b, bool carry, Size size) {
  const std::uint32_t sum = a + b + (carry ? 1 : 0);
  const bool overflow = (~(a ^ b) & (a ^ sum) & sign_of(size)) != 0;
  set_flags(sum, size, sum > mask_of(size), overflow);
  return sum;
}

/// Of binary-coded decimals. Overflow, which the guide leaves undefined, stays as it was.
std::uint32_t Cpu::decimal_sum_of(std::uint32_t a, std::uint32_t b, bool carry, Size size) {
  std::uint32_t sum = 0;
  for (unsigned shift = 0; (mask_of(size) >> shift) != 0; shift += 4) {
    std::uint32_t digit = (a >> shift & 0xF) + (b >> shift & 0xF) + (carry ? 1 : 0);
    carry = digit > 9;
    if (carry) digit -= 10;
    sum |= (digit & 0xF) << shift;
  }
  set_flags(sum, size, carry, (r[2] & kOverflow) != 0);
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

std::uint32_t Cpu::result_of(Operation operation, std::uint32_t a, std::uint32_t b, bool carry,
                             Size size) {
  const std::uint32_t not_a = ~a & mask_of(size);
  const auto logical = [&](std::uint32_t bits, bool overflow) {
    set_flags(bits, size, (bits & mask_of(size)) != 0, overflow);
    return bits;
  };
  switch (operation) {
    case kMov:
      return a;
    case kAdd:
      return sum_of(a, b, false, size);
    case kAddc:
      return sum_of(a, b, carry, size);
    case kSubc:
      return sum_of(not_a, b, carry, size);
    case kSub:
    case kCmp:
      return sum_of(not_a, b, true, size);
    case kDadd:
      return decimal_sum_of(a, b, carry, size);
    case kBit:
    case kAnd:
      return logical(a & b, false);
    case kBic:
      return b & not_a;
    case kBis:
      return a | b;
    case kXor:
      return logical(a ^ b, (a & b & sign_of(size)) != 0);
  }
  return 0;
}

/// Of the code and the word before it, table 4-11.
Cpu::Size Cpu::size_of(std::uint16_t code, std::uint16_t extension) {
  const bool byte = (code & 0x40) != 0;
  if (extension == 0 || (extension & kNoAddress) != 0) return byte ? Size::byte : Size::word;
  if (!byte) refuse(extension, "its length of the operands is reserved");
  return Size::address;
}

/// Of an instruction on registers that changes register `changed`.
Cpu::Repetition Cpu::repetition_of(std::uint16_t extension, unsigned changed) const {
  if ((extension & kReservedOfRegisters) != 0) refuse(extension, "reserved bits are set");
  Repetition repetition;
  repetition.no_carry = (extension & kNoCarry) != 0;
  const unsigned field = extension & 0xF;
  if ((extension & kCountInRegister) != 0) {
    if (field == changed) refuse(extension, "the instruction changes the count of its repetitions");
    repetition.count = (r[field] & 0xF) + 1;
  } else {
    repetition.count = field + 1;
  }
  if (repetition.count > 1 && changed == 0) refuse(extension, "a jump is repeated");
  return repetition;
}

void Cpu::extended(std::uint16_t extension) {
  if ((extension & kReservedBits) != 0) refuse(extension, "reserved bits are set");
  const std::uint16_t code = fetch();
  if (code >= 0x4000) return two_operands(code, extension);
  if (code >= 0x1000 && code < 0x1280) return one_operand(code, extension);
  refuse(extension, "the instruction behind it takes none");
}

void Cpu::two_operands(std::uint16_t code, std::uint16_t extension) {
  const auto operation = static_cast<Operation>(code >> 12);
  const Size size = size_of(code, extension);
  const unsigned as = code >> 4 & 3;
  const bool to_memory = (code & 0x80) != 0;
  const bool of_registers = as == 0 && !to_memory;
  const bool only_compares = operation == kCmp || operation == kBit;
  HighBits source_high;
  HighBits destination_high;
  Repetition repetition;
  if (extension != 0 && of_registers) {
    // What changes no register has none that it could change.
    repetition = repetition_of(extension, only_compares ? 16U : code & 0xFU);
  } else if (extension != 0) {
    source_high = (extension & kSourceBits) >> 7;
    destination_high = extension & kDestinationBits;
  }
  const Operand from = source(code >> 8 & 0xF, as, size, source_high);
  const std::uint32_t a = value_of(from, size);
  const Operand to = destination(code & 0xF, to_memory, destination_high);
  // Figure 4-29: zeros where an operand has no word for them.
  if ((source_high.value_or(0) != 0 && from.mode < Mode::immediate) ||
      (destination_high.value_or(0) != 0 && !to_memory)) {
    refuse(extension, "bits of an operand that has no word");
  }

  // Tables 4-10, and with an extension word 4-18: there by 8 and 16 bits, and by 20. MOV, BIT and
  // CMP take less to memory, MOV, ADD and SUB from a word of the code to the program counter.
  using Cycles = std::array<std::uint8_t, 6>;
  constexpr std::array<Cycles, 3> kToRegister{Cycles{1, 2, 2, 2, 3, 3}, Cycles{2, 3, 3, 3, 4, 4},
                                              Cycles{2, 4, 4, 3, 5, 5}};
  constexpr std::array<Cycles, 3> kToPc{Cycles{3, 4, 4, 3, 5, 5}, Cycles{4, 5, 5, 4, 6, 6},
                                        Cycles{4, 6, 6, 4, 7, 7}};
  constexpr std::array<Cycles, 3> kToMemory{Cycles{4, 5, 5, 5, 6, 6}, Cycles{5, 6, 6, 6, 7, 7},
                                            Cycles{7, 9, 9, 8, 10, 10}};
  const std::size_t table = extension == 0 ? 0 : (size == Size::address ? 2 : 1);
  const auto mode = static_cast<std::size_t>(from.mode);
  if (to.mode != Mode::in_register) {
    const bool less = operation == kMov || only_compares;
    bus_.clock.pass(kToMemory[table][mode] - (!less ? 0U : table == 2 ? 2U : 1U));
  } else if (to.number == 0 && !only_compares) {
    const bool less = extension != 0 && from.mode >= Mode::immediate &&
                      (operation == kMov || operation == kAdd || operation == kSub);
    bus_.clock.pass(kToPc[table][mode] - (less ? 1U : 0U));
  } else {
    bus_.clock.pass(kToRegister[table][mode] + repetition.count - 1);
  }

  std::uint32_t operand = a;
  for (unsigned i = 0; i < repetition.count; ++i) {
    if (i > 0) operand = value_of(from, size);
    const std::uint32_t b = operation == kMov ? 0 : value_of(to, size);
    const bool carry = !repetition.no_carry && (r[2] & kCarry) != 0;
    const std::uint32_t result = result_of(operation, operand, b, carry, size);
    if (!only_compares) store(to, result, size);
  }
}

/// One bit to the right, with the carry bit or the sign coming in.
std::uint32_t Cpu::shifted(std::uint32_t value, bool through_carry, bool carry, Size size) {
  const std::uint32_t sign = sign_of(size);
  const std::uint32_t top = through_carry ? (carry ? sign : 0) : value & sign;
  const std::uint32_t result = value >> 1 | top;
  set_flags(result, size, (value & 1) != 0, false);
  return result;
}

/// PUSH and PUSHX. Tables 4-9 and 4-17, by 8 and 16 bits, and by 20. There one that is indexed by
/// the stack pointer takes one cycle more.
void Cpu::push_operand(const Operand& operand, unsigned number, Size size, bool extended) {
  using Cycles = std::array<std::uint8_t, 6>;
  constexpr std::array<Cycles, 3> kCycles{Cycles{3, 3, 3, 3, 4, 4}, Cycles{4, 4, 4, 4, 5, 5},
                                          Cycles{5, 6, 6, 5, 7, 7}};
  const std::uint32_t value = value_of(operand, size);
  const bool by_stack_pointer = extended && operand.mode == Mode::indexed && number == 1;
  const std::size_t table = !extended ? 0 : (size == Size::address ? 2 : 1);
  bus_.clock.pass(kCycles[table][static_cast<std::size_t>(operand.mode)] +
                  (by_stack_pointer ? 1U : 0U));
  r[1] = (r[1] - (size == Size::address ? 4 : 2)) & k20Bits;
  store({.mode = Mode::indirect, .address = r[1]}, value, size);
}

void Cpu::one_operand(std::uint16_t code, std::uint16_t extension) {
  enum : std::uint8_t { kRrc, kSwpb, kRra, kSxt, kPush, kCall };
  const unsigned operation = code >> 7 & 7;
  const bool of_word = operation == kSwpb || operation == kSxt;
  if ((of_word || operation == kCall) && (code & 0x40) != 0) not_modelled(code);
  const bool is_extended = extension != 0;
  // Table 4-12, the note: SWPBX and SXTX say it by the extension word alone.
  const Size size = is_extended && of_word
                        ? ((extension & kNoAddress) != 0 ? Size::word : Size::address)
                        : size_of(code, extension);
  const unsigned number = code & 0xF;
  const unsigned as = code >> 4 & 3;
  HighBits high;
  Repetition repetition;
  if (is_extended && as == 0) {
    repetition = repetition_of(extension, number);
    const bool shifts = operation == kRrc || operation == kRra;
    if (!shifts && (repetition.count > 1 || repetition.no_carry)) {
      refuse(extension, "the guide has no cycles of this instruction repeated");
    }
  } else if (is_extended) {
    high = (extension & kSourceBits) >> 7;
    if ((extension & kDestinationBits) != 0) refuse(extension, "there is no second operand");
  }
  const Operand operand = source(number, as, size, high);
  if (high.value_or(0) != 0 && operand.mode < Mode::immediate) {
    refuse(extension, "bits of an operand that has no word");
  }
  if (operation == kPush) return push_operand(operand, number, size, is_extended);
  const std::uint32_t before = value_of(operand, size);
  const auto mode = static_cast<std::size_t>(operand.mode);
  if (operation == kCall) {
    constexpr std::array<std::uint8_t, 6> kCalls{4, 4, 4, 4, 5, 6};  // table 4-9
    bus_.clock.pass(kCalls[mode]);
    if (r[0] > 0xFFFF) throw Fault("CALL above 64 KB");
    push(static_cast<std::uint16_t>(r[0]));
    write_register(0, before);
    return;
  }

  // Tables 4-9 and 4-17, by 8 and 16 bits, and by 20. The latter leaves SWPBX and SXTX out; that
  // they take what RRAX takes, as without an extension word, is assumed.
  using Cycles = std::array<std::uint8_t, 6>;
  constexpr std::array<Cycles, 3> kCycles{Cycles{1, 3, 3, 3, 4, 4}, Cycles{2, 4, 4, 4, 5, 5},
                                          Cycles{2, 6, 6, 6, 7, 7}};
  const std::size_t table = !is_extended ? 0 : (size == Size::address ? 2 : 1);
  bus_.clock.pass(kCycles[table][mode] + repetition.count - 1);
  if (operand.constant || operand.mode == Mode::immediate) throw Fault("a constant is changed");
  switch (operation) {
    case kRrc:
    case kRra: {
      std::uint32_t value = before;
      for (unsigned i = 0; i < repetition.count; ++i) {
        const bool carry = !repetition.no_carry && (r[2] & kCarry) != 0;
        value = shifted(value, operation == kRrc, carry, size);
      }
      store(operand, value, size);
      return;
    }
    case kSwpb:
      // Bits 16 to 19 of an address stay.
      store(operand, (before & 0xF0000) | (before >> 8 & 0xFF) | (before & 0xFF) << 8, size);
      return;
    default: {
      const std::uint32_t result =
          static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<std::int8_t>(before)));
      set_flags(result, size, (result & mask_of(size)) != 0, false);
      // Into a register all 20 bits.
      if (operand.mode == Mode::in_register) {
        write_register(operand.number, result);
      } else {
        store(operand, result, size);
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
