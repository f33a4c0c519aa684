#include "emulator/uart.hpp"

#include <string>

#include <gtest/gtest.h>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kControl = 0x05C0, kDivider = 0x05C6, kModulation = 0x05C8,
                        kStatus = 0x05CA, kSent = 0x05CE, kFlags = 0x05DC;
constexpr std::uint16_t kCanTake = 0x0002;

struct Sending {
  Sending() {
    clock.hz = clock.peripheral_hz = 16'000'000;
    uart.has_pin = [this] { return pin; };
    uart.on_byte = [this](std::uint8_t byte) { text += static_cast<char>(byte); };
    write(kControl, 0x0081);
    write(kDivider, 8);
    write(kModulation, 0xF7A1);
    write(kControl, 0x0080);
  }
  void write(std::uint16_t address, int value) {
    uart.write(address, static_cast<std::uint16_t>(value), Width::word);
  }
  std::uint16_t read(std::uint16_t address) { return uart.read(address, Width::word); }

  Clock clock;
  Uart uart{clock};
  bool pin = true;
  std::string text;
};

TEST(Uart, TheGuidesSettingOf16MegahertzIs115200Baud) {
  Sending of;
  EXPECT_NEAR(of.uart.baud() / 115'200, 1, 0.001);
}

TEST(Uart, BytesFollowOneAnotherFromTheBuffer) {
  Sending of;
  EXPECT_EQ(of.read(kFlags), kCanTake);
  EXPECT_EQ(of.read(kStatus), 0);
  of.write(kSent, 'a');
  EXPECT_EQ(of.read(kFlags), kCanTake) << "it is in the shift register";
  of.write(kSent, 'b');
  EXPECT_EQ(of.read(kFlags), 0);
  of.clock.pass(1387);
  EXPECT_EQ(of.read(kFlags), 0);
  EXPECT_EQ(of.text, "a");
  of.clock.pass(1);
  EXPECT_EQ(of.read(kFlags), kCanTake);
  EXPECT_EQ(of.text, "ab");
  of.clock.pass(1387);
  EXPECT_EQ(of.read(kStatus), 1);
  of.clock.pass(1);
  EXPECT_EQ(of.read(kStatus), 0);
}

TEST(Uart, WhatALineWouldNotCarryIsAFault) {
  Sending full;
  full.write(kSent, 'a');
  full.write(kSent, 'b');
  EXPECT_THROW(full.write(kSent, 'c'), Fault) << "the buffer is full";
  Sending other;
  other.pin = false;
  EXPECT_THROW(other.write(kSent, 'a'), Fault) << "the pin is another's";
  Sending parity;
  parity.write(kControl, 0x8080);
  EXPECT_THROW(parity.write(kSent, 'a'), Fault);
  EXPECT_THROW(parity.write(kDivider, 9), Fault) << "not held in reset";
}

}  // namespace
}  // namespace inas::emulator
