#include <fmt/format.h>
#include <gtest/gtest.h>

#include "emulator/cpu_bench.hpp"

namespace inas::emulator {
namespace {

struct Timed {
  const char* text;
  std::vector<std::uint16_t> code;
  std::uint64_t cycles;
};

/// Instruction by instruction: r12 and r13 point to data, r14 is 3.
TEST(Cpu, InstructionsTakeTheirCycles) {
  const std::vector<Timed> instructions{
      // Table 4-10: two operands.
      {"mov r14, r15", {0x4E0F}, 1},
      {"add r14, r15", {0x5E0F}, 1},
      {"add #1, r15", {0x531F}, 1},
      {"add @r12, r15", {0x5C2F}, 2},
      {"add @r12+, r15", {0x5C3F}, 2},
      {"add #n, r15", {0x503F, 1234}, 2},
      {"add 2(r12), r15", {0x5C1F, 2}, 3},
      {"add &data, r15", {0x521F, kData}, 3},
      {"add r14, 2(r12)", {0x5E8C, 2}, 4},
      {"mov r14, 2(r12)", {0x4E8C, 2}, 3},
      {"cmp r14, 2(r12)", {0x9E8C, 2}, 3},
      {"bit r14, 2(r12)", {0xBE8C, 2}, 3},
      {"bis r14, &data", {0xDE82, kData}, 4},
      {"bis #1, &data", {0xD392, kData}, 4},
      {"add @r12, 2(r13)", {0x5CAD, 2}, 5},
      {"mov @r12+, 2(r13)", {0x4CBD, 2}, 4},
      {"mov @r12+, &data", {0x4CB2, kData}, 4},
      {"add #n, &data", {0x50B2, 1234, kData}, 5},
      {"mov #n, &data", {0x40B2, 1234, kData}, 4},
      {"add 2(r12), 4(r13)", {0x5C9D, 2, 4}, 6},
      {"mov 2(r12), 4(r13)", {0x4C9D, 2, 4}, 5},
      {"mov &data, &data", {0x4292, kData, kData}, 5},
      {"mov r12, pc", {0x4C00}, 3},
      {"mov #code, pc", {0x4030, kCode}, 3},
      {"mov @r12, pc", {0x4C20}, 4},
      {"ret", {0x4130}, 4},
      {"mov 2(r12), pc", {0x4C10, 2}, 5},
      {"cmp r14, pc", {0x9E00}, 1},
      // Table 4-9: one operand.
      {"rra r14", {0x110E}, 1},
      {"swpb @r12", {0x10AC}, 3},
      {"rrc 2(r12)", {0x101C, 2}, 4},
      {"push r14", {0x120E}, 3},
      {"push #n", {0x1230, 1234}, 3},
      {"push 2(r12)", {0x121C, 2}, 4},
      {"call r12", {0x128C}, 4},
      {"call #code", {0x12B0, kCode}, 4},
      {"call 2(r12)", {0x129C, 2}, 5},
      {"call &data", {0x1292, kData}, 6},
      {"reti", {0x1300}, 5},
      // Jumps, taken and not.
      {"jmp", {0x3C01}, 2},
      {"jeq", {0x2401}, 2},
      {"dadd r14, r15", {0xAE0F}, 1},
      // Table 4-19: address instructions.
      {"mova @r12, pc", {0x0C00}, 5},
      {"mova @r12+, pc", {0x0C10}, 5},
      {"mova 2(r12), pc", {0x0C30, 2}, 6},
      {"mova &data, r15", {0x002F, kData}, 4},
      {"mova &data, pc", {0x0020, kData}, 6},
      {"mova r12, pc", {0x0CC0}, 3},
      {"mova #code, pc", {0x0080, kCode}, 3},
      {"cmpa #n, r15", {0x019F, 0x2345}, 3},
      {"suba #n, r15", {0x01BF, 0x2345}, 3},
      {"cmpa r14, r15", {0x0EDF}, 1},
      {"adda r14, r15", {0x0EEF}, 1},
      {"suba r14, r15", {0x0EFF}, 1},
      {"adda r14, pc", {0x0EE0}, 3},
      {"mova r14, r15", {0x0ECF}, 1},
      {"mova #n, r15", {0x018F, 0x2345}, 2},
      {"adda #n, r15", {0x01AF, 0x2345}, 3},
      {"mova @r12, r15", {0x0C0F}, 3},
      {"mova @r12+, r15", {0x0C1F}, 3},
      {"mova 2(r12), r15", {0x0C3F, 2}, 4},
      {"mova r14, 2(r12)", {0x0E7C, 2}, 4},
      {"mova r14, &data", {0x0E60, kData}, 4},
      // Table 4-17: CALLA, several registers, several bits.
      {"calla r12", {0x134C}, 5},
      {"calla 2(r12)", {0x135C, 2}, 5},
      {"calla 2(sp)", {0x1351, 2}, 6},
      {"calla @r12", {0x136C}, 6},
      {"calla @r12+", {0x137C}, 6},
      {"calla &data", {0x1380, kData}, 7},
      {"calla 0x100(pc)", {0x1390, 0x100}, 7},
      {"calla #code", {0x13B0, kCode}, 5},
      {"popm.w #3, r15", {0x172D}, 5},
      {"popm.a #2, r15", {0x161E}, 6},
      {"rlam.a #3, r14", {0x0A4E}, 3},
      {"pushm.w #3, r15", {0x152F}, 5},
      {"pushm.a #2, r15", {0x141F}, 6},
      {"rrum.w #4, r14", {0x0F5E}, 4},
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

TEST(Cpu, AddressInstructionsKeepTwentyBits) {
  Bench bench({0x0C7E, 0,        // mova r12, 0(r14)
               0x0E1D,           // mova @r14+, r13
               0x0DAD & 0xF0FF,  // adda #0x00002, r13
               2, 0x0DCF,        // mova r13, r15
               0x0D5D});         // rrum.w #4, r13
  bench.cpu.r[12] = 0xABCDE;
  bench.cpu.r[14] = kData;
  bench.cpu.step();
  EXPECT_EQ(bench.bus.read(kData, Width::word), 0xBCDE);
  EXPECT_EQ(bench.bus.read(kData + 2, Width::word), 0x000A);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[13], 0xABCDEU);
  EXPECT_EQ(bench.cpu.r[14], kData + 4);
  bench.cpu.step();
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[15], 0xABCE0U);
}

TEST(Cpu, WordInstructionsClearTheUpperBitsOfARegister) {
  Bench bench({0x4C0D, 0x5C0D, 0x118E});  // mov r12, r13; add r12, r13; sxt r14
  bench.cpu.r[12] = 0x54321;
  bench.cpu.r[14] = 0x80;
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[13], 0x4321U);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[13], 0x8642U);
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[14], 0xFFF80U) << "all 20 bits";
}

TEST(Cpu, AnIndexDoesNotLeaveTheLower64Kilobytes) {
  Bench bench({0x4C1D, 0x2000});  // mov 0x2000(r12), r13
  bench.bus.write(0x1D00, 0x4711, Width::word);
  bench.cpu.r[12] = 0xFD00;
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[13], 0x4711U);
}

TEST(Cpu, ACallOf20BitsComesBackWithAMova) {
  Bench bench({0x13B1, 0x2344});  // calla #0x12344
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[0], 0x12344U);
  bench.bus.write(0x12344, 0x0110, Width::word);  // mova @sp+, pc
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[0], kCode + 4);
  EXPECT_EQ(bench.cpu.r[1], kStack);
}

TEST(Cpu, DecimalSumsCarryFromDigitToDigit) {
  struct Sum {
    std::uint32_t a, b;
    bool carry;
    std::uint32_t sum;
    bool carries;
  };
  for (const Sum& of : {Sum{0x1234, 0x5678, false, 0x6912, false}, Sum{0x9999, 1, false, 0, true},
                        Sum{0x0099, 0, true, 0x0100, false}}) {
    Bench bench({0xAE0F});  // dadd r14, r15
    bench.cpu.r[14] = of.a;
    bench.cpu.r[15] = of.b;
    bench.cpu.r[2] = of.carry ? Cpu::kCarry : 0;
    bench.cpu.step();
    EXPECT_EQ(bench.cpu.r[15], of.sum);
    EXPECT_EQ((bench.cpu.r[2] & Cpu::kCarry) != 0, of.carries);
    EXPECT_EQ((bench.cpu.r[2] & Cpu::kZero) != 0, of.sum == 0);
  }
}

TEST(Cpu, AnInterruptComesBackToWhereItWas) {
  Bench bench({0x1300});  // reti
  bench.bus.write(0xFFC6, kCode, Width::word);
  bench.cpu.r[0] = 0x12344;
  bench.cpu.r[2] = Cpu::kGie | Cpu::kCarry;
  bench.cpu.interrupt(0xFFC6);
  EXPECT_EQ(bench.cpu.r[0], kCode);
  EXPECT_FALSE(bench.cpu.interruptible());
  bench.cpu.step();
  EXPECT_EQ(bench.cpu.r[0], 0x12344U);
  EXPECT_EQ(bench.cpu.r[2], Cpu::kGie | Cpu::kCarry);
  EXPECT_EQ(bench.cpu.r[1], kStack);
}

TEST(Cpu, WhatIsNotModelledIsRefusedWithItsPlace) {
  // A constant as destination, reserved codes, SWPB and CALL of bytes.
  for (const auto code :
       std::initializer_list<std::uint16_t>{0x4E83, 0x13A0, 0x13C0, 0x1301, 0x10CE, 0x12CE}) {
    Bench bench({code, 0});
    try {
      bench.cpu.step();
      ADD_FAILURE() << fmt::format("{:#06x}", code);
    } catch (const Fault& fault) {
      EXPECT_TRUE(std::string(fault.what()).starts_with("at 0x01c00: ")) << fault.what();
    }
  }
}

}  // namespace
}  // namespace inas::emulator
