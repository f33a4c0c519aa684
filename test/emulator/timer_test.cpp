#include "emulator/timer.hpp"

#include <gtest/gtest.h>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kControl = 0x0380, kCounter = 0x0390, kExpansion = 0x03A0;
constexpr std::uint16_t kContinuous = 0x0220;  // SMCLK
constexpr std::uint16_t kClear = 0x0004, kOverflow = 0x0001, kDivideBy8 = 0x00C0;

struct Counting {
  Counting() { timer.reset(); }
  void write(std::uint16_t address, int value) {
    timer.write(address, static_cast<std::uint16_t>(value), Width::word);
  }
  std::uint16_t read(std::uint16_t address) { return timer.read(address, Width::word); }

  Clock clock;
  Timer timer{kControl, clock};
};

TEST(Timer, CountsItsClockWhileItIsStarted) {
  Counting of;
  of.clock.pass(1234);
  of.write(kControl, kContinuous | kClear);
  EXPECT_EQ(of.read(kControl), kContinuous) << "TxCLR reads as 0";
  EXPECT_EQ(of.read(kCounter), 0);
  of.clock.pass(70);
  EXPECT_EQ(of.read(kCounter), 70);
  of.clock.pass(30);
  of.write(kControl, 0x0200);
  of.clock.pass(1000);
  EXPECT_EQ(of.read(kCounter), 100) << "stopped";
  of.write(kControl, kContinuous);
  of.clock.pass(1);
  EXPECT_EQ(of.read(kCounter), 101);
}

TEST(Timer, SaysThatItOverflowedUntilThatIsCleared) {
  Counting of;
  of.write(kControl, kContinuous | kClear);
  of.clock.pass(0xFFFF);
  EXPECT_EQ(of.read(kControl) & kOverflow, 0);
  of.clock.pass(1);
  EXPECT_EQ(of.read(kControl) & kOverflow, kOverflow);
  EXPECT_EQ(of.read(kCounter), 0);
  of.write(kControl, kContinuous);
  EXPECT_EQ(of.read(kControl) & kOverflow, 0);
  of.clock.pass(0x10000);
  EXPECT_EQ(of.read(kControl) & kOverflow, kOverflow);
}

TEST(Timer, DividesByBothDividersAndFollowsASlowerClock) {
  Counting of;
  of.write(kExpansion, 7);
  of.write(kControl, kContinuous | kDivideBy8 | kClear);
  of.clock.pass(63);
  EXPECT_EQ(of.read(kCounter), 0);
  of.clock.pass(1);
  EXPECT_EQ(of.read(kCounter), 1);
  Counting slow;
  slow.clock.peripheral_hz = slow.clock.hz / 4;
  slow.write(kControl, kContinuous | kClear);
  slow.clock.pass(40);
  EXPECT_EQ(slow.read(kCounter), 10);
}

TEST(Timer, WhatIsNotModelledIsAFault) {
  EXPECT_THROW(Counting().write(kControl, 0x0210), Fault) << "up to a value";
  EXPECT_THROW(Counting().write(kControl, 0x0120), Fault) << "ACLK";
  EXPECT_THROW(Counting().write(kControl, kContinuous | 0x0002), Fault) << "interrupts";
  EXPECT_THROW(Counting().write(kControl + 2, 0x0010), Fault) << "compare";
}

}  // namespace
}  // namespace inas::emulator
