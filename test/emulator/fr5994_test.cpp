#include "emulator/fr5994.hpp"

#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

namespace inas::emulator {
namespace {

constexpr std::uint32_t kCode = 0x4000;
constexpr std::uint16_t kHoldWatchdog[] = {0x40B2, 0x5A80, 0x015C};  // mov #0x5a80, &WDTCTL

/// A program of these words, the watchdog held before.
Elf program(std::vector<std::uint16_t> words) {
  words.insert(words.begin(), std::begin(kHoldWatchdog), std::end(kHoldWatchdog));
  Elf elf;
  elf.segments = {{kCode, {}}, {0xFFFE, {kCode & 0xFF, kCode >> 8}}};
  for (const std::uint16_t word : words) {
    elf.segments[0].bytes.push_back(static_cast<std::uint8_t>(word));
    elf.segments[0].bytes.push_back(static_cast<std::uint8_t>(word >> 8));
  }
  return elf;
}

struct Flashed {
  explicit Flashed(std::vector<std::uint16_t> words)
      : part(load_board("msp430fr5994"), program(std::move(words))) {
    part.boot({0xA5});
  }

  std::string fault() {
    try {
      part.run(100'000);
    } catch (const Fault& fault) {
      return fault.what();
    }
    return "none";
  }

  Fr5994 part;
};

TEST(Fr5994Emulator, PinsShowNothingBeforeTheyAreUnlocked) {
  Flashed run({0x43D2, 0x0224,  // mov.b #1, &P3DIR
               0x43D2, 0x0222,  // mov.b #1, &P3OUT
               0xC392, 0x0130,  // bic #1, &PM5CTL0
               0x3FFF});        // jmp $
  EXPECT_EQ(run.part.run(), Fr5994::Stopped::signal);
  EXPECT_EQ(run.part.cpu().r[0], kCode + 6 + 12) << "after the third of them";
  EXPECT_EQ(run.part.port3(), 1);
}

TEST(Fr5994Emulator, SleepEndsWithAnEdgeOfPort5) {
  Flashed run({0x4031, 0x2C00,          // mov #0x2c00, sp
               0x40F2, 0x0020, 0x0258,  // mov.b #0x20, &P5IES
               0x43C2, 0x025C,          // clr.b &P5IFG
               0x40F2, 0x0020, 0x025A,  // mov.b #0x20, &P5IE
               0xD032, 0x00F8,          // bis #LPM4 | GIE, sr
               0x3FFF});
  for (std::uint32_t i = 0; i < 2; ++i) {
    run.part.bus().byte(0xFFC6 + i) = static_cast<std::uint8_t>(0x5000 >> 8 * i);
  }
  run.part.bus().byte(0x5000) = 0xFF;  // jmp $
  run.part.bus().byte(0x5001) = 0x3F;
  ASSERT_EQ(run.part.run(), Fr5994::Stopped::asleep);
  run.part.set_port5(0x40, false);
  ASSERT_EQ(run.part.run(), Fr5994::Stopped::asleep) << "another pin";
  run.part.set_port5(0x20, false);
  EXPECT_NE(run.fault().find("0x05000: nothing happened"), std::string::npos);
}

TEST(Fr5994Emulator, PowerGoesBetweenTwoInstructions) {
  Flashed run({0x3FFF});
  run.part.bus().clock.power_until = 1000;
  EXPECT_EQ(run.part.run(), Fr5994::Stopped::power_gone);
  EXPECT_EQ(run.part.bus().clock.cycles, 1000u);
  run.part.bus().byte(0x1C00) = 1;
  run.part.boot({0x33, 0x44});
  EXPECT_EQ(run.part.bus().byte(0x1C00), 0x33);
  EXPECT_EQ(run.part.bus().byte(0x1C01), 0x44);
}

TEST(Fr5994Emulator, FramNeedsAWaitStateAbove8Megahertz) {
  const std::vector<std::uint16_t> clocks{
      0x40B2, 0xA500, 0x0160,   // mov #CSKEY, &CSCTL0
      0x40B2, 0x0048, 0x0162,   // mov #DCORSEL | DCOFSEL_4, &CSCTL1
      0x4382, 0x0166, 0x3FFF};  // clr &CSCTL3; jmp $
  EXPECT_NE(Flashed(clocks).fault().find("0 wait states do not suffice for FRAM at 16000000 Hz"),
            std::string::npos);
  std::vector<std::uint16_t> with_waits{0x40B2, 0xA510,
                                        0x0140};  // mov #FRCTLPW | NWAITS_1, &FRCTL0
  with_waits.insert(with_waits.end(), clocks.begin(), clocks.end());
  EXPECT_NE(Flashed(with_waits).fault().find("nothing happened"), std::string::npos);
}

TEST(Fr5994Emulator, AWatchdogThatRunsIsAFault) {
  Elf elf = program({0x3FFF});
  elf.segments[0].bytes[2] = 0x00;  // mov #0x5a00: not held
  Fr5994 part(load_board("msp430fr5994"), elf);
  part.boot({0});
  EXPECT_THROW(part.run(100'000), Fault);
}

TEST(Elf, FilesThatAreNoneAreRefused) {
  const test::TemporaryFolder folder;
  for (const std::string& bytes : {std::string(),
                                   std::string("\x7F"
                                               "ELF"),
                                   std::string(200, 'x')}) {
    write_file(folder.path() / "x.elf", bytes);
    try {
      (void)read_elf(folder.path() / "x.elf");
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("x.elf: "), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace inas::emulator
