#include <random>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "emulator/cpu_bench.hpp"

/// Instructions with an extension word, encoded by hand from the guide's figures 4-25 to 4-31,
/// against what its chapter says that they do, written a second time: signed and unsigned numbers
/// of 64 bits.
namespace inas::emulator {
namespace {

using Generator = std::mt19937_64;

struct Timed {
  const char* text;
  std::vector<std::uint16_t> code;
  std::uint64_t cycles;
};

/// r12 and r13 point to data, r14 is 3.
TEST(CpuExtended, InstructionsTakeTheirCycles) {
  const std::vector<Timed> instructions{
      // Table 4-18: two operands.
      {"addx r14, r15", {0x1840, 0x5E0F}, 2},
      {"addx.b r14, r15", {0x1840, 0x5E4F}, 2},
      {"addx.a r14, r15", {0x1800, 0x5E4F}, 2},
      {"addx.a #1, r15", {0x1800, 0x535F}, 2},
      {"rpt #4, addx r14, r15", {0x1843, 0x5E0F}, 5},
      {"rpt #16, addx.a r14, r15", {0x180F, 0x5E4F}, 17},
      {"rpt r14, addx r13, r15", {0x18CE, 0x5D0F}, 5},
      {"addx r14, pc", {0x1840, 0x5E00}, 4},
      {"addx.a r14, pc", {0x1800, 0x5E40}, 4},
      {"cmpx.a r14, pc", {0x1800, 0x9E40}, 2},
      {"addx r14, 2(r12)", {0x1840, 0x5E8C, 2}, 5},
      {"movx r14, 2(r12)", {0x1840, 0x4E8C, 2}, 4},
      {"addx.a r14, 2(r12)", {0x1800, 0x5ECC, 2}, 7},
      {"movx.a r14, 2(r12)", {0x1800, 0x4ECC, 2}, 5},
      {"cmpx.a r14, &data", {0x1800, 0x9EC2, kData}, 5},
      {"bitx.b r14, &data", {0x1840, 0xBEC2, kData}, 4},
      {"addx.a #1, &data", {0x1800, 0x53D2, kData}, 7},
      {"addx @r12, r15", {0x1840, 0x5C2F}, 3},
      {"addx.a @r12, r15", {0x1800, 0x5C6F}, 4},
      {"addx @r12+, r15", {0x1840, 0x5C3F}, 3},
      {"addx.a @r12+, r15", {0x1800, 0x5C7F}, 4},
      {"movx @r12, pc", {0x1840, 0x4C20}, 5},
      {"movx.a @r12+, pc", {0x1800, 0x4C70}, 6},
      {"addx @r12, 2(r13)", {0x1840, 0x5CAD, 2}, 6},
      {"movx @r12+, 2(r13)", {0x1840, 0x4CBD, 2}, 5},
      {"addx.a @r12, 2(r13)", {0x1800, 0x5CED, 2}, 9},
      {"movx.a @r12+, &data", {0x1800, 0x4CF2, kData}, 7},
      {"addx #n, r15", {0x1840, 0x503F, 1234}, 3},
      {"addx.a #0x12345, r15", {0x1880, 0x507F, 0x2345}, 3},
      {"bisx.a #0, pc", {0x1800, 0xD070, 0}, 4},
      {"addx.a #0, pc", {0x1800, 0x5070, 0}, 3},
      {"addx #n, 2(r12)", {0x1840, 0x50BC, 1234, 2}, 6},
      {"movx #n, &data", {0x1840, 0x40B2, 1234, kData}, 5},
      {"addx.a #n, &data", {0x1800, 0x50F2, 1234, kData}, 8},
      {"movx.a #n, &data", {0x1800, 0x40F2, 1234, kData}, 6},
      {"addx 2(r12), r15", {0x1840, 0x5C1F, 2}, 4},
      {"addx.a 2(r12), r15", {0x1800, 0x5C5F, 2}, 5},
      {"addx.a &data, r15", {0x1800, 0x525F, kData}, 5},
      {"bisx 2(r12), pc", {0x1840, 0xDC10, 2}, 6},
      {"movx.a 2(r12), pc", {0x1800, 0x4C50, 2}, 6},
      {"xorx.a &data, pc", {0x1800, 0xE250, kData}, 7},
      {"addx 2(r12), 4(r13)", {0x1840, 0x5C9D, 2, 4}, 7},
      {"movx 2(r12), 4(r13)", {0x1840, 0x4C9D, 2, 4}, 6},
      {"addx.a 2(r12), 4(r13)", {0x1800, 0x5CDD, 2, 4}, 10},
      {"movx.a 2(r12), &data", {0x1800, 0x4CD2, 2, kData}, 8},
      {"popx r15", {0x1840, 0x413F}, 3},
      {"popx.a r15", {0x1800, 0x417F}, 4},
      {"popx &data", {0x1840, 0x41B2, kData}, 5},
      {"popx.a &data", {0x1800, 0x41F2, kData}, 7},
      // Table 4-17: one operand.
      {"rrax r14", {0x1840, 0x110E}, 2},
      {"rpt #4, rrax r14", {0x1843, 0x110E}, 5},
      {"rpt #20 in two, rrax.a r14", {0x1809, 0x114E}, 11},
      {"rrax @r12", {0x1840, 0x112C}, 4},
      {"rrax.a @r12+", {0x1800, 0x117C}, 6},
      {"rrcx 2(r12)", {0x1840, 0x101C, 2}, 5},
      {"rrcx.b &data", {0x1840, 0x1052, kData}, 5},
      {"rrcx.a &data", {0x1800, 0x1052, kData}, 7},
      {"swpbx r14", {0x1840, 0x108E}, 2},
      {"sxtx.a &data", {0x1800, 0x1192, kData}, 7},
      {"pushx r14", {0x1840, 0x120E}, 4},
      {"pushx.a r14", {0x1800, 0x124E}, 5},
      {"pushx @r12", {0x1840, 0x122C}, 4},
      {"pushx.a @r12+", {0x1800, 0x127C}, 6},
      {"pushx #n", {0x1840, 0x1230, 1234}, 4},
      {"pushx.a #n", {0x1800, 0x1270, 1234}, 5},
      {"pushx 2(r12)", {0x1840, 0x121C, 2}, 5},
      {"pushx 2(sp)", {0x1840, 0x1211, 2}, 6},
      {"pushx.a 2(r12)", {0x1800, 0x125C, 2}, 7},
      {"pushx.a 2(sp)", {0x1800, 0x1251, 2}, 8},
      {"pushx.a &data", {0x1800, 0x1252, kData}, 7},
  };
  for (const Timed& instruction : instructions) {
    SCOPED_TRACE(instruction.text);
    Bench bench(instruction.code);
    bench.cpu.r[12] = kData;
    bench.cpu.r[13] = kData + 0x100;
    bench.cpu.r[14] = 3;
    EXPECT_EQ(bench.step(), instruction.cycles);
  }
}

enum Mode { kRegister, kIndexed, kSymbolic, kAbsolute, kIndirect, kIncrement, kImmediate };
enum Flags : std::uint32_t { kC = 1, kZ = 2, kN = 4, kV = 0x100, kAllFlags = 0x107 };

std::uint32_t mask_of(int bits) { return (1U << bits) - 1; }

std::int64_t signed_of(std::uint32_t value, int bits) {
  const std::int64_t number = value;
  return (value >> (bits - 1)) != 0 ? number - (std::int64_t{1} << bits) : number;
}

struct Outcome {
  std::uint32_t value = 0;
  std::uint32_t flags = 0;
  bool stored = true;
};

std::uint32_t zero_and_negative(std::uint32_t value, int bits) {
  return (value == 0 ? kZ : 0U) | (signed_of(value, bits) < 0 ? kN : 0U);
}

/// The 20-bit number, of `bits` bits, that decimal digits are.
std::int64_t decimal_of(std::uint32_t digits) { return std::stoll(fmt::format("{:x}", digits)); }

/// What "operation.size a, b" gives, `operation` being bits 15 to 12 of the code.
Outcome expected(int operation, std::uint32_t a, std::uint32_t b, std::uint32_t flags, int bits) {
  const std::uint32_t mask = mask_of(bits);
  const std::int64_t carry = flags & kC;
  const auto sum = [&](std::int64_t x, std::int64_t signed_x, std::int64_t more, bool minus) {
    const std::int64_t whole = minus ? std::int64_t{b} - x - 1 + more : b + x + more;
    const std::int64_t number =
        minus ? signed_of(b, bits) - signed_x - 1 + more : signed_of(b, bits) + signed_x + more;
    Outcome outcome{static_cast<std::uint32_t>(whole) & mask};
    outcome.flags = zero_and_negative(outcome.value, bits);
    if (minus ? whole >= 0 : whole > mask) outcome.flags |= kC;
    if (number != signed_of(outcome.value, bits)) outcome.flags |= kV;
    return outcome;
  };
  const auto logical = [&](std::uint32_t value) {
    return Outcome{value, zero_and_negative(value, bits) | (value != 0 ? kC : 0U)};
  };
  Outcome outcome;
  switch (operation) {
    case 4:  // mov
      return {a, flags};
    case 5:  // add
      return sum(a, signed_of(a, bits), 0, false);
    case 6:  // addc
      return sum(a, signed_of(a, bits), carry, false);
    case 7:  // subc
      return sum(a, signed_of(a, bits), carry, true);
    case 8:  // sub
      return sum(a, signed_of(a, bits), 1, true);
    case 9:  // cmp
      outcome = sum(a, signed_of(a, bits), 1, true);
      outcome.stored = false;
      return outcome;
    case 10: {  // dadd
      std::int64_t limit = 1;
      for (int digit = 0; digit < bits / 4; ++digit) limit *= 10;
      const std::int64_t whole = decimal_of(a) + decimal_of(b) + carry;
      outcome.value =
          static_cast<std::uint32_t>(std::stoul(std::to_string(whole % limit), nullptr, 16));
      outcome.flags = zero_and_negative(outcome.value, bits) | (whole >= limit ? kC : 0U);
      return outcome;
    }
    case 11:  // bit
      outcome = logical(a & b);
      outcome.stored = false;
      return outcome;
    case 12:  // bic
      return {b & ~a, flags};
    case 13:  // bis
      return {a | b, flags};
    case 14:  // xor
      outcome = logical(a ^ b);
      if (signed_of(a, bits) < 0 && signed_of(b, bits) < 0) outcome.flags |= kV;
      return outcome;
    default:  // and
      return logical(a & b);
  }
}

/// An instruction being put together: its words, and the operands that they name.
struct Encoder {
  explicit Encoder(Generator& with) : generator(with) {}

  std::uint32_t random(int bits) {
    // Corners are as likely as all else.
    const std::uint32_t mask = mask_of(bits);
    const std::uint32_t corners[] = {0, 1, mask, mask / 2, mask / 2 + 1, mask - 1};
    return generator() % 2 == 0 ? corners[generator() % 6]
                                : static_cast<std::uint32_t>(generator()) & mask;
  }

  std::uint32_t random_digits(int bits) {
    std::uint32_t digits = 0;
    for (int shift = 0; shift < bits; shift += 4) {
      digits |= static_cast<std::uint32_t>(generator() % 10) << shift;
    }
    return digits;
  }

  Generator& generator;
};

/// Where operands in memory lie: above 64 KB, the second one behind the first.
constexpr std::uint32_t kFirst = 0x12340, kSecond = 0x34560;
constexpr unsigned kSourceRegister = 10, kDestinationRegister = 11;

/// Memory around an operand: two words before, two of it, two behind.
std::vector<std::uint16_t> around(Bench& bench, std::uint32_t address) {
  std::vector<std::uint16_t> words;
  for (std::uint32_t at = address - 4; at < address + 8; at += 2) {
    words.push_back(bench.bus.read(at, Width::word));
  }
  return words;
}

/// `value` of `bits` bits in memory, rubbish around it and in the bits that an address leaves.
void put(Bench& bench, Generator& generator, std::uint32_t address, std::uint32_t value, int bits) {
  for (std::uint32_t at = address - 4; at < address + 8; at += 2) {
    bench.bus.write(at, static_cast<std::uint16_t>(generator()), Width::word);
  }
  if (bits == 8) {
    bench.bus.write(address, static_cast<std::uint16_t>(value), Width::byte);
    return;
  }
  bench.bus.write(address, static_cast<std::uint16_t>(value), Width::word);
  if (bits != 20) return;
  const auto rubbish = static_cast<std::uint32_t>(generator() & 0xFFF0);
  bench.bus.write(address + 2, static_cast<std::uint16_t>(value >> 16 | rubbish), Width::word);
}

/// What `before` is once `value` has been stored there.
std::vector<std::uint16_t> stored(std::vector<std::uint16_t> before, std::uint32_t value,
                                  int bits) {
  before[2] = static_cast<std::uint16_t>(bits == 8 ? (before[2] & 0xFF00) | value : value);
  if (bits == 20) before[3] = static_cast<std::uint16_t>(value >> 16);
  return before;
}

/// The operand's word, if the mode has one, with the upper bits of it in the extension word.
struct Word {
  bool there = false;
  std::uint32_t value = 0;
};

/// Of an operand at `address`. Sets the register; an index may lead anywhere from anywhere.
Word word_of(Bench& bench, Encoder& encoder, Mode mode, unsigned number, std::uint32_t address,
             std::uint32_t immediate, std::uint32_t word_address) {
  switch (mode) {
    case kIndexed:
      bench.cpu.r[number] = encoder.random(20);
      return {true, (address - bench.cpu.r[number]) & 0xFFFFF};
    case kSymbolic:
      return {true, (address - word_address) & 0xFFFFF};
    case kAbsolute:
      return {true, address};
    case kImmediate:
      return {true, immediate};
    default:
      if (mode != kRegister) bench.cpu.r[number] = address;
      return {};
  }
}

unsigned register_of(Mode mode, unsigned number) {
  if (mode == kSymbolic || mode == kImmediate) return 0;
  return mode == kAbsolute ? 2 : number;
}

unsigned as_of(Mode mode) {
  switch (mode) {
    case kRegister:
      return 0;
    case kIndirect:
      return 2;
    case kIncrement:
    case kImmediate:
      return 3;
    default:
      return 1;
  }
}

constexpr int kSizes[] = {8, 16, 20};

/// A/L of the extension word and B/W of the code.
std::uint16_t extension_of(int bits) { return bits == 20 ? 0x1800 : 0x1840; }
std::uint16_t byte_or_word(int bits) { return bits == 16 ? 0 : 0x40; }

void expect_two_operands(Generator& generator, int operation, int bits, Mode from, Mode to) {
  SCOPED_TRACE(fmt::format("operation {} of {} bits, modes {} to {}", operation, bits,
                           static_cast<int>(from), static_cast<int>(to)));
  Encoder encoder(generator);
  const bool decimal = operation == 10;
  const std::uint32_t a = decimal ? encoder.random_digits(bits) : encoder.random(bits);
  const std::uint32_t b = decimal ? encoder.random_digits(bits) : encoder.random(bits);
  Bench bench({});
  for (unsigned i = 4; i < 16; ++i) {
    bench.cpu.r[i] = static_cast<std::uint32_t>(generator()) & 0xFFFFF;
  }
  std::uint32_t flags = static_cast<std::uint32_t>(generator()) & kAllFlags;
  bench.cpu.r[2] = flags;
  if (from == kRegister) {
    bench.cpu.r[kSourceRegister] = (encoder.random(20) & ~mask_of(bits)) | a;
  } else if (from != kImmediate) {
    put(bench, generator, kFirst, a, bits);
  }
  if (to == kRegister) {
    bench.cpu.r[kDestinationRegister] = (encoder.random(20) & ~mask_of(bits)) | b;
  } else {
    put(bench, generator, kSecond, b, bits);
  }

  const Word source = word_of(bench, encoder, from, kSourceRegister, kFirst, a, kCode + 4);
  const Word destination = word_of(bench, encoder, to, kDestinationRegister, kSecond, 0,
                                   kCode + 4 + (source.there ? 2 : 0));
  std::vector<std::uint16_t> code{
      static_cast<std::uint16_t>(extension_of(bits) | (source.value >> 16) << 7 |
                                 destination.value >> 16),
      static_cast<std::uint16_t>(static_cast<unsigned>(operation) << 12 |
                                 register_of(from, kSourceRegister) << 8 |
                                 (to == kRegister ? 0U : 0x80U) | byte_or_word(bits) |
                                 as_of(from) << 4 | register_of(to, kDestinationRegister))};
  if (source.there) code.push_back(static_cast<std::uint16_t>(source.value));
  if (destination.there) code.push_back(static_cast<std::uint16_t>(destination.value));
  for (std::size_t i = 0; i < code.size(); ++i) {
    bench.bus.write(kCode + 2 * static_cast<std::uint32_t>(i), code[i], Width::word);
  }
  const std::vector<std::uint16_t> first = around(bench, kFirst);
  const std::vector<std::uint16_t> second = around(bench, kSecond);
  const std::array<std::uint32_t, 16> before = bench.cpu.r;
  bench.cpu.step();

  const Outcome outcome = expected(operation, a, b, flags, bits);
  if (decimal) flags = (flags & kV) | outcome.flags;  // overflow is undefined
  const std::array<std::uint32_t, 16>& after = bench.cpu.r;
  EXPECT_EQ(after[2], decimal ? flags : outcome.flags);
  EXPECT_EQ(after[0], kCode + 2 * code.size());
  if (to == kRegister && outcome.stored) {
    EXPECT_EQ(after[kDestinationRegister], outcome.value) << "the bits above are cleared";
  } else {
    EXPECT_EQ(after[kDestinationRegister], before[kDestinationRegister]);
  }
  const std::uint32_t step = from == kIncrement ? (bits == 8 ? 1 : bits == 16 ? 2 : 4) : 0;
  EXPECT_EQ(after[kSourceRegister], before[kSourceRegister] + step);
  for (unsigned i = 4; i < 16; ++i) {
    if (i == kSourceRegister || i == kDestinationRegister) continue;
    EXPECT_EQ(after[i], before[i]) << "r" << i;
  }
  EXPECT_EQ(around(bench, kFirst), first);
  const bool writes = to != kRegister && outcome.stored;
  EXPECT_EQ(around(bench, kSecond), writes ? stored(second, outcome.value, bits) : second);
}

TEST(CpuExtended, TwoOperandsOfEachSizeInEachModeGiveWhatTheGuideSays) {
  constexpr int kRounds = 12;
  Generator generator(1);
  for (int operation = 4; operation < 16; ++operation) {
    for (const int bits : kSizes) {
      for (const Mode from :
           {kRegister, kIndexed, kSymbolic, kAbsolute, kIndirect, kIncrement, kImmediate}) {
        for (const Mode to : {kRegister, kIndexed, kSymbolic, kAbsolute}) {
          for (int round = 0; round < kRounds; ++round) {
            expect_two_operands(generator, operation, bits, from, to);
            if (HasFailure()) return;
          }
        }
      }
    }
  }
}

/// The constants of the generator have 20 bits, too.
TEST(CpuExtended, MinusOneIsMinusOneInTwentyBits) {
  Bench bench({0x1800, 0x437F,       // movx.a #-1, r15
               0x1840, 0x437F,       // movx.b #-1, r15
               0x1840, 0x433F,       // movx #-1, r15
               0x1800, 0x426F,       // movx.a #4, r15
               0x1800, 0x53DC, 0});  // addx.a #1, 0(r12)
  bench.cpu.r[12] = kData;
  bench.bus.write20(kData, 0xFFFFF);
  for (const std::uint32_t value : {0xFFFFFU, 0xFFU, 0xFFFFU, 4U}) {
    bench.cpu.step();
    EXPECT_EQ(bench.cpu.r[15], value);
  }
  bench.cpu.step();
  EXPECT_EQ(bench.bus.read20(kData), 0U);
  EXPECT_EQ(bench.cpu.r[2] & kAllFlags, kC | kZ);
}

/// As RRC, SWPB, RRA and SXT are numbered in bits 9 to 7 of the code.
Outcome expected_of_one(int operation, std::uint32_t a, std::uint32_t flags, int bits,
                        bool in_register) {
  Outcome outcome;
  switch (operation) {
    case 0:  // rrc
      outcome.value = (a | (flags & kC) << bits) >> 1;
      outcome.flags = zero_and_negative(outcome.value, bits) | (a & 1);
      return outcome;
    case 1:  // swpb; bits 16 to 19 stay
      outcome.value = a / 0x10000 * 0x10000 + a % 0x100 * 0x100 + a / 0x100 % 0x100;
      outcome.flags = flags;
      return outcome;
    case 2:  // rra: halved, rounded down
      outcome.value =
          static_cast<std::uint32_t>((signed_of(a, bits) - static_cast<std::int64_t>(a & 1)) / 2) &
          mask_of(bits);
      outcome.flags = zero_and_negative(outcome.value, bits) | (a & 1);
      return outcome;
    default: {  // sxt; into a register always 20 bits
      const auto number = static_cast<std::uint32_t>(signed_of(a & 0xFF, 8));
      outcome.value = number & mask_of(in_register ? 20 : bits);
      outcome.flags = zero_and_negative(number & mask_of(bits), bits) | (a % 0x100 != 0 ? kC : 0U);
      return outcome;
    }
  }
}

void expect_one_operand(Generator& generator, int operation, int bits, Mode mode) {
  SCOPED_TRACE(
      fmt::format("operation {} of {} bits, mode {}", operation, bits, static_cast<int>(mode)));
  Encoder encoder(generator);
  const std::uint32_t a = encoder.random(bits);
  Bench bench({});
  const std::uint32_t flags = static_cast<std::uint32_t>(generator()) & kAllFlags;
  bench.cpu.r[2] = flags;
  if (mode == kRegister) {
    bench.cpu.r[kSourceRegister] = (encoder.random(20) & ~mask_of(bits)) | a;
  } else {
    put(bench, generator, kFirst, a, bits);
  }
  const Word word = word_of(bench, encoder, mode, kSourceRegister, kFirst, 0, kCode + 4);
  // SWPBX and SXTX have B/W 0 in every size.
  const bool of_word = operation == 1 || operation == 3;
  const std::vector<std::uint16_t> code{
      static_cast<std::uint16_t>(extension_of(bits) | (word.value >> 16) << 7),
      static_cast<std::uint16_t>(0x1000 | static_cast<unsigned>(operation) << 7 |
                                 (of_word ? 0U : byte_or_word(bits)) | as_of(mode) << 4 |
                                 register_of(mode, kSourceRegister)),
      static_cast<std::uint16_t>(word.value)};
  for (std::size_t i = 0; i < code.size(); ++i) {
    bench.bus.write(kCode + 2 * static_cast<std::uint32_t>(i), code[i], Width::word);
  }
  const std::vector<std::uint16_t> memory = around(bench, kFirst);
  const std::uint32_t before = bench.cpu.r[kSourceRegister];
  bench.cpu.step();
  const Outcome outcome = expected_of_one(operation, a, flags, bits, mode == kRegister);
  EXPECT_EQ(bench.cpu.r[2], outcome.flags);
  EXPECT_EQ(bench.cpu.r[0], kCode + (word.there ? 6 : 4));
  if (mode == kRegister) {
    EXPECT_EQ(bench.cpu.r[kSourceRegister], outcome.value);
    return;
  }
  const std::uint32_t step = mode == kIncrement ? (bits == 8 ? 1 : bits == 16 ? 2 : 4) : 0;
  EXPECT_EQ(bench.cpu.r[kSourceRegister], before + step);
  EXPECT_EQ(around(bench, kFirst), stored(memory, outcome.value, bits));
}

TEST(CpuExtended, OneOperandOfEachSizeInEachModeGivesWhatTheGuideSays) {
  constexpr int kRounds = 60;
  Generator generator(2);
  for (int operation = 0; operation < 4; ++operation) {
    for (const int bits : kSizes) {
      if (bits == 8 && operation % 2 == 1) continue;  // there is no SWPBX.B and no SXTX.B
      for (const Mode mode : {kRegister, kIndexed, kSymbolic, kAbsolute, kIndirect, kIncrement}) {
        for (int round = 0; round < kRounds; ++round) {
          expect_one_operand(generator, operation, bits, mode);
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST(CpuExtended, AnAddressIsPushedInTwoWordsAndPoppedAgain) {
  Bench bench({0x1800, 0x124E,          // pushx.a r14
               0x1F80, 0x1270, 0x1234,  // pushx.a #0xF1234
               0x1900, 0x1252, 0x0000,  // pushx.a &0x20000
               0x1840, 0x124E,          // pushx.b r14
               0x1840, 0x417F,          // popx.b r15
               0x1800, 0x41F2, kData,   // popx.a &data
               0x1800, 0x417F,          // popx.a r15
               0x1840, 0x413F});        // popx r15
  bench.cpu.r[14] = 0xABCDE;
  bench.bus.write(0x20000, 0x4321, Width::word);
  bench.bus.write(0x20002, 0xFFF6, Width::word);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[1], kStack - 4);
  EXPECT_EQ(bench.bus.read(kStack - 4, Width::word), 0xBCDE);
  EXPECT_EQ(bench.bus.read(kStack - 2, Width::word), 0x000A) << "12 bits are zero";
  bench.cpu.step();
  EXPECT_EQ(bench.bus.read20(kStack - 8), 0xF1234U);
  bench.cpu.step();
  EXPECT_EQ(bench.bus.read20(kStack - 12), 0x64321U);
  EXPECT_EQ(bench.bus.read(kStack - 10, Width::word), 0x0006);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[1], kStack - 14);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[15], 0xDEU);
  bench.cpu.step();
  EXPECT_EQ(bench.bus.read20(kData), 0x64321U);
  EXPECT_EQ(bench.cpu.r[1], kStack - 8);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[15], 0xF1234U);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[15], 0xBCDEU);
  EXPECT_EQ(bench.cpu.r[1], kStack - 2);
}

struct Repeated {
  const char* text;
  std::vector<std::uint16_t> code;
  std::uint32_t r15, r14, flags;
  std::uint32_t value, flags_after;
};

TEST(CpuExtended, RepetitionsShiftAndAddAsOftenAsTheySay) {
  const std::vector<Repeated> cases{
      {"rpt #3, rlax r15", {0x1842, 0x5F0F}, 0x71234, 0, 0, 0x91A0, kN | kV},
      {"rpt #4, rlax.a r15", {0x1803, 0x5F4F}, 0x81234, 0, 0, 0x12340, 0},
      {"rpt #4, rrax.a r15", {0x1803, 0x114F}, 0x81238, 0, kC, 0xF8123, kC | kN},
      {"rpt #16, rrax r15", {0x184F, 0x110F}, 0x18000, 0, 0, 0xFFFF, kC | kN},
      {"rpt r14, rrax.b r15", {0x18CE, 0x114F}, 0xFFF70, 0xABC02, 0, 0x0E, 0},
      // Through the carry bit, 17 bits in a circle; without it, RRUX.
      {"rpt #2, rrcx r15", {0x1841, 0x100F}, 0x1, 0, 0, 0x8000, kN},
      {"rpt #2, rrux r15", {0x1941, 0x100F}, 0x3, 0, kC, 0, kC | kZ},
      {"rrux.a r15", {0x1900, 0x104F}, 0x80001, 0, kC, 0x40000, kC},
      {"rpt r14, rrux.a r15", {0x198E, 0x104F}, 0xFFFFF, 0x1000F, kC, 0xF, kC},
      {"rpt r14, rrux.b r15", {0x19CE, 0x104F}, 0xFFFFF, 0x7, kC, 0, kC | kZ},
      // The carry bit of each step goes into the next one, unless it is taken for 0.
      {"rpt #3, addcx r14, r15", {0x1842, 0x6E0F}, 0xFFFF, 0xFFFF, kC, 0xFFFF, kC | kN},
      {"rpt #3, addcx r14, r15, no carry", {0x1942, 0x6E0F}, 0xFFFF, 0xFFFF, kC, 0xFFFC, kC | kN},
      {"subcx.a r14, r15, no carry", {0x1900, 0x7E4F}, 0x10000, 0x1, kC, 0xFFFE, kC},
      {"rpt #5, addx.a r14, r15", {0x1804, 0x5E4F}, 0x7FFFD, 0x1, 0, 0x80002, kN},
      {"rpt #10, daddx r14, r15", {0x1849, 0xAE0F}, 0x0, 0x0012, 0, 0x0120, 0},
      {"rpt r14 = 1, movx.a r14, r15", {0x188E, 0x4E4F}, 0, 0x12340, 0, 0x12340, 0},
  };
  for (const Repeated& of : cases) {
    SCOPED_TRACE(of.text);
    Bench bench(of.code);
    bench.cpu.r[14] = of.r14;
    bench.cpu.r[15] = of.r15;
    bench.cpu.r[2] = of.flags;
    bench.cpu.step();
    EXPECT_EQ(bench.cpu.r[15], of.value);
    EXPECT_EQ(bench.cpu.r[14], of.r14);
    EXPECT_EQ(bench.cpu.r[2], of.flags_after);
    EXPECT_EQ(bench.cpu.r[0], kCode + 4);
    EXPECT_EQ(bench.cpu.instructions, 1U);
  }
}

TEST(CpuExtended, ATwentyBitIndexLeavesTheLower64Kilobytes) {
  Bench bench({0x1840, 0x4C1D, 0x2000,    // movx 0x02000(r12), r13
               0x1FC0, 0x4C1D, 0xFFFE});  // movx -2(r12), r13
  bench.bus.write(0x11D00, 0x4711, Width::word);
  bench.bus.write(0xFCFE, 0x1147, Width::word);
  bench.cpu.r[12] = 0xFD00;
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[13], 0x4711U);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[13], 0x1147U);
}

TEST(CpuExtended, JumpsReachAllAddresses) {
  Bench bench({0x1880, 0x4070, 0x2344});  // movx.a #0x12344, pc
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[0], 0x12344U);
}

TEST(CpuExtended, WhatTheGuideLeavesOpenIsRefusedWithItsPlace) {
  const std::vector<std::pair<const char*, std::vector<std::uint16_t>>> refused{
      {"the reserved length", {0x1800, 0x5E0F}},
      {"the reserved length of one operand", {0x1800, 0x110F}},
      {"reserved bits", {0x1850, 0x5E0F}},
      {"reserved bits of registers", {0x1A40, 0x5E0F}},
      {"a second extension word", {0x1840, 0x1840}},
      {"a jump", {0x1840, 0x3C01}},
      {"CALL", {0x1840, 0x128C}},
      {"RETI", {0x1840, 0x1300}},
      {"PUSHM", {0x1840, 0x151F}},
      {"MOVA", {0x1840, 0x0CCF}},
      {"a repeated jump", {0x1841, 0x5E00}},
      {"a count that is changed", {0x18CF, 0x5E0F}},
      {"a count that is shifted", {0x18CF, 0x110F}},
      {"a repeated constant", {0x1841, 0x531F}},
      {"a repetition of memory", {0x1841, 0x5C2F}},
      {"a repetition of one operand in memory", {0x1841, 0x112C}},
      {"upper bits of an address in a register", {0x18C0, 0x5C2F}},
      {"upper bits without a second operand", {0x1841, 0x101C, 2}},
      {"PUSHX repeated", {0x1841, 0x120E}},
      {"SXTX repeated", {0x1841, 0x118E}},
      {"SWPBX.B", {0x1840, 0x10CE}},
      {"a constant that is shifted", {0x1840, 0x1133, 0}},
      {"an address at an odd one", {0x1800, 0x4E5F, 1}},
  };
  for (const auto& [text, code] : refused) {
    SCOPED_TRACE(text);
    Bench bench(code);
    bench.cpu.r[12] = kData;
    bench.cpu.r[14] = kData;
    try {
      bench.cpu.step();
      ADD_FAILURE() << "executed";
    } catch (const Fault& fault) {
      EXPECT_TRUE(std::string(fault.what()).starts_with("at 0x01c00: ")) << fault.what();
    }
  }
}

}  // namespace
}  // namespace inas::emulator
