#include <random>

#include <gtest/gtest.h>

#include "emulator/bus.hpp"
#include "emulator/dma.hpp"
#include "emulator/multiplier.hpp"

namespace inas::emulator {
namespace {

constexpr std::uint32_t kRam = 0x1C00, kFram = 0x10000;

struct Memories {
  Memories() { bus.attach(Dma::kBase, Dma::kBase + Dma::kBytes - 1, dma); }

  void start_block(std::uint32_t from, std::uint32_t to, std::uint16_t words) {
    bus.write(0x510, 0x1F00, Width::word);
    bus.write20(0x512, from);
    bus.write20(0x516, to);
    bus.write(0x51A, words, Width::word);
    bus.write(0x510, 0x1F11, Width::word);
  }

  Bus bus{load_board("msp430fr5994")};
  Dma dma{bus};
};

TEST(FramCache, HoldsTwoLinesForEachParityOfLines) {
  FramCache cache;
  EXPECT_FALSE(cache.hit(0x4000));
  EXPECT_TRUE(cache.hit(0x4007)) << "the same 8 bytes";
  EXPECT_FALSE(cache.hit(0x4008)) << "the other set";
  EXPECT_FALSE(cache.hit(0x4010));
  EXPECT_TRUE(cache.hit(0x4000)) << "two lines a set";
  EXPECT_FALSE(cache.hit(0x4020)) << "replaces 0x4010, the least recently used";
  EXPECT_TRUE(cache.hit(0x4000));
  EXPECT_FALSE(cache.hit(0x4010));
  EXPECT_TRUE(cache.hit(0x4008));
}

TEST(Bus, FramWaitsForLinesThatAreNotInTheCacheAndForEveryWrite) {
  Memories memories;
  Bus& bus = memories.bus;
  bus.set_wait_states(1);
  const auto waits_of = [&bus](auto&& access) {
    const std::uint64_t before = bus.waits;
    access();
    EXPECT_EQ(bus.clock.cycles, bus.waits);
    return bus.waits - before;
  };
  EXPECT_EQ(waits_of([&] { (void)bus.read(kFram, Width::word); }), 1u);
  EXPECT_EQ(waits_of([&] { (void)bus.read(kFram + 6, Width::word); }), 0u);
  EXPECT_EQ(waits_of([&] { bus.write(kFram, 1, Width::word); }), 1u);
  EXPECT_EQ(waits_of([&] { (void)bus.read(kRam, Width::word); }), 0u);
  EXPECT_EQ(waits_of([&] { bus.write(kRam, 1, Width::word); }), 0u);
}

TEST(Bus, RefusesWhatThePartHasNot) {
  Memories memories;
  EXPECT_THROW((void)memories.bus.read(0x1801, Width::word), Fault) << "odd";
  EXPECT_THROW((void)memories.bus.read(0x3C00, Width::word), Fault) << "nothing there";
  EXPECT_THROW(memories.bus.write(0x0AF8, 1, Width::word), Fault) << "a register of the LEA";
  EXPECT_THROW((void)memories.bus.read(0x44000, Width::byte), Fault) << "behind the FRAM";
}

TEST(Dma, MovesBlocksBetweenAllMemories) {
  Memories memories;
  for (std::uint32_t i = 0; i < 64; ++i)
    memories.bus.byte(0x43F00 + i) = static_cast<std::uint8_t>(i);
  memories.start_block(0x43F00, 0x2000, 32);
  EXPECT_EQ(memories.bus.clock.cycles, 2 * 32 + Dma::kStartAndEnd);
  EXPECT_EQ(memories.bus.read(0x510, Width::word), 0x1F08) << "done: DMAIFG";
  for (std::uint32_t i = 0; i < 64; ++i) ASSERT_EQ(memories.bus.byte(0x2000 + i), i);
}

TEST(Dma, AWordWriteClearsTheUpperBitsOfAnAddress) {
  Memories memories;
  memories.bus.byte(0x2000) = 0x11;
  memories.start_block(0x12000, 0x2100, 1);
  memories.bus.write(0x512, 0x2000, Width::word);
  memories.bus.write(0x51A, 1, Width::word);
  memories.bus.write(0x510, 0x1F11, Width::word);
  EXPECT_EQ(memories.bus.byte(0x2100), 0x11);
}

TEST(Dma, APowerFailureLeavesABlockUnfinished) {
  for (std::uint64_t words = 0; words < 8; ++words) {
    Memories memories;
    for (std::uint32_t i = 0; i < 16; ++i) memories.bus.byte(0x2000 + i) = 0x5A;
    memories.bus.clock.power_until = Dma::kStartAndEnd + 2 * words;
    EXPECT_THROW(memories.start_block(0x2000, kFram, 8), PowerGone);
    for (std::uint32_t i = 0; i < 16; ++i) {
      ASSERT_EQ(memories.bus.byte(kFram + i), i < 2 * words ? 0x5A : 0);
    }
  }
}

TEST(Dma, RefusesOtherTransfers) {
  Memories memories;
  EXPECT_THROW(memories.bus.write(0x510, 0x0F11, Width::word), Fault) << "single transfers";
  EXPECT_THROW(memories.bus.write(0x510, 0x1F51, Width::word), Fault) << "bytes";
}

/// Against 64-bit arithmetic.
TEST(Multiplier, MultipliesAndAddsUp) {
  constexpr std::uint16_t kBase = 0x4C0;
  Multiplier multiplier(kBase);
  const auto write = [&](int offset, std::uint32_t value) {
    multiplier.write(static_cast<std::uint16_t>(kBase + offset), static_cast<std::uint16_t>(value),
                     Width::word);
  };
  const auto read = [&](int offset) {
    return multiplier.read(static_cast<std::uint16_t>(kBase + offset), Width::word);
  };
  std::mt19937 random(1);
  std::uint32_t result = 0;
  for (int i = 0; i < 20000; ++i) {
    const bool extreme = random() % 8 == 0;
    const auto a = static_cast<std::uint16_t>(extreme ? 0x8000 : random());
    const auto b = static_cast<std::uint16_t>(extreme ? 0x8000 : random());
    const int offset = 2 * static_cast<int>(random() % 4);  // MPY, MPYS, MAC, MACS
    const bool is_signed = offset == 2 || offset == 6;
    const bool adds = offset >= 4;
    write(offset, a);
    write(8, b);
    const std::uint32_t product =
        is_signed ? static_cast<std::uint32_t>(std::int32_t{static_cast<std::int16_t>(a)} *
                                               static_cast<std::int16_t>(b))
                  : std::uint32_t{a} * b;
    const std::uint64_t wide = std::uint64_t{adds ? result : 0} + product;
    result = static_cast<std::uint32_t>(wide);
    ASSERT_EQ(read(10) | std::uint32_t{read(12)} << 16, result);
    const std::uint16_t extension =
        is_signed ? (result >> 31 != 0 ? 0xFFFF : 0) : static_cast<std::uint16_t>(wide >> 32);
    ASSERT_EQ(read(14), extension);
  }
}

}  // namespace
}  // namespace inas::emulator
