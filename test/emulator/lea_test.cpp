#include "emulator/lea.hpp"

#include <gtest/gtest.h>

namespace inas::emulator {
namespace {

constexpr std::uint32_t kRam = 0x2C00, kEnd = 0x3C00, kParameters = 0x3B00, kResult = 0x3B08;
constexpr std::uint16_t kStack = 0xA8C, kControl = 0xAC0, kSource1 = 0xAC8, kSource0 = 0xACC,
                        kCommand = 0xAD0, kFlags = 0xAF8, kMac = 0x56;

struct Accelerator {
  Accelerator() {
    bus.attach(Lea::kBase, Lea::kBase + Lea::kBytes - 1, lea);
    write(kStack, kEnd >> 2);
    write(kControl, 1);
  }

  void write(std::uint32_t address, std::uint32_t value) {
    bus.write(address, static_cast<std::uint16_t>(value), Width::word);
  }
  std::uint16_t read(std::uint32_t address) { return bus.read(address, Width::word); }

  /// Multiplies `length` values at `a` and `b`.
  void start(std::uint32_t a, std::uint32_t b, std::uint16_t length) {
    write(kParameters, length);
    write(kParameters + 2, b >> 2);
    write(kParameters + 4, kResult >> 2);
    write(kSource0, a >> 2);
    write(kSource1, kParameters >> 2);
    write(kCommand, kMac);
  }

  Bus bus{load_board("msp430fr5994")};
  Lea lea{bus, kRam, kEnd};
};

TEST(Lea, MultipliesAndAddsUpInItsTime) {
  Accelerator of;
  for (std::uint32_t i = 0; i < 6; ++i) {
    of.write(kRam + 2 * i, 1000 * (i + 1));
    of.write(kRam + 0x100 + 2 * i, 0x10000 - 300 * (i + 1));
  }
  of.start(kRam, kRam + 0x100, 6);
  EXPECT_EQ(of.read(0xA88), 1) << "busy";
  of.bus.clock.pass(Lea::kStartAndEnd + 8);
  EXPECT_EQ(of.read(kFlags), 0);
  of.bus.clock.pass(1);
  EXPECT_EQ(of.read(kFlags), 0x10);
  of.write(kFlags, 0x10);
  EXPECT_EQ(of.read(kFlags), 0);
  const std::int32_t sum = -2 * 1000 * 300 * (1 + 4 + 9 + 16 + 25 + 36);
  EXPECT_EQ(static_cast<std::int32_t>(of.read(kResult) | std::uint32_t{of.read(kResult + 2)} << 16),
            sum);
  EXPECT_EQ(of.lea.commands, 1U);
}

TEST(Lea, SaysThatASumOverflowed) {
  Accelerator of;
  for (std::uint32_t i = 0; i < 4; ++i) of.write(kRam + 2 * i, 0x8000);
  of.start(kRam, kRam, 4);
  of.bus.clock.pass(100);
  EXPECT_EQ(of.read(kFlags), 0x11);
}

TEST(Lea, RefusesWhatItCannotDo) {
  EXPECT_THROW(Accelerator().start(kRam, kRam, 3), Fault) << "an odd length";
  EXPECT_THROW(Accelerator().start(kRam, 0x1C00, 2), Fault) << "other RAM";
  EXPECT_THROW(Accelerator().start(kEnd - 4, kRam, 4), Fault) << "behind its RAM";
  EXPECT_THROW(Accelerator().write(kCommand, 0x5A), Fault) << "another command";
  EXPECT_THROW(Accelerator().write(0xAF4, 0x10), Fault) << "interrupts";
  Accelerator busy;
  busy.start(kRam, kRam, 2);
  EXPECT_THROW(busy.start(kRam, kRam, 2), Fault);
  Accelerator off;
  off.write(kControl, 0);
  EXPECT_THROW(off.start(kRam, kRam, 2), Fault);
}

}  // namespace
}  // namespace inas::emulator
