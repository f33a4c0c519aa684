#include <numeric>

#include <gtest/gtest.h>

#include "emulator/adc.hpp"
#include "emulator/spi.hpp"

namespace inas::emulator {
namespace {

constexpr std::uint16_t kControl = 0x620, kDivider = 0x626, kStatus = 0x62A, kReceived = 0x62C,
                        kSent = 0x62E, kFlags = 0x63C;
constexpr std::uint32_t kRam = 0x2000;
/// Of a byte at half the CPU's clock.
constexpr std::uint64_t kByteCycles = 16;

struct Wired {
  Wired() {
    bus.attach(Dma::kBase, Dma::kBase + Dma::kBytes - 1, dma);
    bus.attach(Spi::kBase, Spi::kBase + Spi::kBytes - 1, spi);
    spi.has_pins = [] { return true; };
    write(kControl, 0xA980);
    write(kDivider, 2);
    fram.select(true);
  }

  void write(std::uint16_t address, std::uint16_t value) { bus.write(address, value, Width::word); }

  void pass(std::uint64_t cycles) {
    for (std::uint64_t i = 0; i < cycles; ++i) {
      bus.clock.require_power();
      bus.clock.pass(1);
      spi.advance();
      while (dma.pending()) dma.serve();
    }
  }

  /// As a program sends a byte, and what came back.
  std::uint8_t send(std::uint8_t byte) {
    write(kSent, byte);
    while ((bus.read(kStatus, Width::word) & 1) != 0) pass(1);
    return static_cast<std::uint8_t>(bus.read(kReceived, Width::word));
  }
  void send_all(std::initializer_list<std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) send(byte);
  }
  void enable_writes() {
    send(0x06);
    fram.select(false);
    fram.select(true);
  }

  /// Sends `count` bytes of RAM from the next edge of the transmit flag on.
  void start_sending(std::uint16_t count) {
    write(0x504, 0x0011);
    write(0x550, 0x03C0);
    write(0x552, kRam);
    write(0x556, kSent);
    write(0x55A, count);
    write(0x550, 0x03D0);
    write(kFlags, 0);
    write(kFlags, 2);
  }
  void start_receiving(std::uint16_t count) {
    write(0x502, 0x1000);
    write(0x540, 0x0CC0);
    write(0x542, kReceived);
    write(0x546, kRam);
    write(0x54A, count);
    write(0x540, 0x0CD0);
  }

  Bus bus{load_board("msp430fr5994")};
  Dma dma{bus};
  SerialFram fram{1024};
  Spi spi{bus, dma, fram};
};

TEST(SerialFram, KeepsWhatIsWrittenAndGoesOnAtItsBeginning) {
  Wired wired;
  wired.enable_writes();
  wired.send_all({0x02, 0x00, 0x03, 0xFF, 0x11, 0x22});
  wired.fram.select(false);
  EXPECT_EQ(wired.fram.bytes()[0x3FF], 0x11);
  EXPECT_EQ(wired.fram.bytes()[0], 0x22);
  wired.fram.select(true);
  wired.send_all({0x03, 0x00, 0x03, 0xFF});
  EXPECT_EQ(wired.send(0), 0x11);
  EXPECT_EQ(wired.send(0), 0x22);
}

TEST(SerialFram, RefusesAWriteThatIsNotEnabled) {
  Wired wired;
  EXPECT_THROW(wired.send(0x02), Fault);
  wired.fram.lose_power();
  wired.fram.select(true);
  wired.enable_writes();
  wired.send_all({0x02, 0, 0, 0, 1});
  wired.fram.select(false);
  wired.fram.select(true);
  EXPECT_THROW(wired.send(0x02), Fault) << "each write is enabled";
}

TEST(SerialFram, SaysItsIdentityIfItIsThere) {
  Wired wired;
  wired.send(0x9F);
  EXPECT_EQ(wired.send(0), 0x04);
  wired.fram.there = false;
  EXPECT_EQ(wired.send(0), 0xFF);
}

TEST(Spi, AByteTakesEightCyclesOfTheBitClock) {
  Wired wired;
  wired.write(kSent, 0x9F);
  wired.pass(kByteCycles - 1);
  EXPECT_EQ(wired.bus.read(kFlags, Width::word), 2) << "the buffer is free, nothing came back";
  wired.pass(1);
  EXPECT_EQ(wired.bus.read(kFlags, Width::word), 3);
  (void)wired.bus.read(kReceived, Width::word);
  EXPECT_EQ(wired.bus.read(kFlags, Width::word), 2);
}

TEST(Spi, DmaSendsAndReceivesWithoutGaps) {
  constexpr std::uint16_t kCount = 100;
  Wired wired;
  std::iota(wired.fram.bytes().begin(), wired.fram.bytes().end(), std::uint8_t{1});
  wired.send_all({0x03, 0, 0, 0});
  wired.bus.byte(kRam + kCount) = 0xEE;
  wired.start_receiving(kCount);
  wired.start_sending(kCount);
  const std::uint64_t before = wired.bus.clock.cycles;
  while ((wired.bus.read(0x540, Width::word) & 0x10) != 0) wired.pass(1);
  const std::uint64_t cycles = wired.bus.clock.cycles - before;
  EXPECT_GE(cycles, kCount * kByteCycles);
  EXPECT_LE(cycles, (kCount + 1) * kByteCycles);
  for (std::uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(wired.bus.byte(kRam + i), i + 1);
  EXPECT_EQ(wired.bus.byte(kRam + kCount), 0xEE);
}

TEST(Spi, AChannelWaitsForAnEdgeOfItsFlag) {
  Wired wired;
  wired.start_sending(4);
  wired.write(0x550, 0x03C0);
  wired.write(0x550, 0x03D0);  // enabled while the flag is set
  wired.pass(100);
  EXPECT_NE(wired.bus.read(0x550, Width::word) & 0x10, 0);
  EXPECT_EQ(wired.bus.read(kStatus, Width::word), 0) << "nothing was sent";
}

TEST(Spi, APowerFailureLeavesAPrefix) {
  constexpr std::uint16_t kCount = 8;
  for (std::uint64_t cut = 0; cut < (kCount + 2) * kByteCycles; ++cut) {
    Wired wired;
    for (std::uint32_t i = 0; i < kCount; ++i) wired.bus.byte(kRam + i) = 0x5A;
    wired.enable_writes();
    wired.send_all({0x02, 0, 0, 0});
    wired.start_sending(kCount);
    const std::uint64_t begin = wired.bus.clock.cycles;
    wired.bus.clock.power_until = begin + cut;
    EXPECT_THROW(wired.pass(1000), PowerGone);
    std::size_t kept = 0;
    while (kept < kCount && wired.fram.bytes()[kept] == 0x5A) ++kept;
    for (std::size_t i = kept; i < kCount; ++i) ASSERT_EQ(wired.fram.bytes()[i], 0);
    EXPECT_LE(kept, cut / kByteCycles);
    EXPECT_GE(kept + 1, std::min<std::uint64_t>(cut / kByteCycles, kCount));
  }
}

TEST(Spi, RefusesOtherModesAndPinsThatAreNotItsOwn) {
  Wired wired;
  wired.spi.has_pins = [] { return false; };
  EXPECT_THROW(wired.write(kSent, 1), Fault);
  wired.spi.has_pins = [] { return true; };
  wired.write(kControl, 0xA940);
  EXPECT_THROW(wired.write(kSent, 1), Fault);
  EXPECT_THROW(wired.write(0x63A, 1), Fault) << "interrupts";
}

TEST(Adc, ConvertsHalfTheSupplyOnceTheReferenceHasSettled) {
  Clock clock;
  clock.hz = 16'000'000;
  Reference reference(clock);
  Adc adc(clock, reference);
  adc.supply_mv = [] { return 3000; };
  const auto start = [&] {
    adc.write(0x802, 0x0200, Width::word);
    adc.write(0x804, 0x0020, Width::word);
    adc.write(0x806, 0x0040, Width::word);
    adc.write(0x820, 0x011F, Width::word);
    adc.write(0x800, 0x0913, Width::word);
  };
  reference.write(0x1B0, 0x0011, Width::word);
  EXPECT_THROW(start(), Fault);
  clock.pass(75 * 16);
  start();
  EXPECT_EQ(adc.read(0x80C, Width::word), 0);
  clock.pass((384 + 14) * 16 * 10 / 48 + 1);
  EXPECT_EQ(adc.read(0x80C, Width::word), 1);
  EXPECT_EQ(adc.read(0x860, Width::word), 3072);
  adc.write(0x820, 0x0100, Width::word);
  EXPECT_THROW(adc.write(0x800, 0x0913, Width::word), Fault) << "another channel";
}

}  // namespace
}  // namespace inas::emulator
