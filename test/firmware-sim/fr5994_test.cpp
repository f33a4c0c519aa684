#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <inas_firmware/hal.h>
#include <inas_firmware/runtime.h>

#include "fr5994_hardware.h"
#include "model.h"
#include "models.hpp"

extern "C" {
#include "board.h"
#include "external_fram.h"
#include "power_end.h"

// TestBoard, which nobody uses here, belongs to the host board.
void inas_host_reset(inas_host_board*) {}
}

namespace inas::firmware {
namespace {

constexpr std::uint32_t kOnChip = 0x34000;

std::uint8_t& nvm(Fr5994& hardware, std::uint32_t address) {
  return address < kOnChip ? hardware.high_fram[address]
                           : hardware.external_fram[address - kOnChip];
}

TEST(Fr5994, TransfersReachBothMemoriesAndTheirBorder) {
  Fr5994& hardware = reset_fr5994();
  inas_board_init();
  Generator generator(1);
  for (int i = 0; i < 3000; ++i) {
    const std::uint32_t base = i % 3 == 0 ? 0 : i % 3 == 1 ? kOnChip - 64 : kOnChip + 0x80000;
    const auto address = base + static_cast<std::uint32_t>(2 * (generator() % 64));
    std::vector<std::uint16_t> sent(1 + generator() % 60);
    for (std::uint16_t& value : sent) value = static_cast<std::uint16_t>(generator());
    const auto bytes = static_cast<std::uint16_t>(2 * sent.size());
    inas_hal_nvm_write(address, sent.data(), bytes);
    for (std::uint32_t byte = 0; byte < bytes; ++byte) {
      ASSERT_EQ(nvm(hardware, address + byte),
                static_cast<std::uint8_t>(sent[byte / 2] >> 8 * (byte % 2)));
    }
    std::vector<std::uint16_t> received(sent.size());
    inas_hal_nvm_read(address, received.data(), bytes);
    ASSERT_EQ(received, sent) << address;
  }
  EXPECT_TRUE(hardware.wrong.empty()) << fmt::format("{}", fmt::join(hardware.wrong, "\n"));
}

/// A model whose weights lie in both memories and its maps in the external one.
TEST(Fr5994, RunsAModelOfBothMemories) {
  Fr5994& hardware = reset_fr5994();
  const std::unique_ptr<TestModel> model = large_model();
  ASSERT_GT(model->tables().nvm_bytes, kOnChip);
  std::vector<std::uint8_t> memory = model->image();
  const std::vector<std::int16_t> input = model->random_input(1);
  model->write_input(memory, input);
  for (std::uint32_t i = 0; i < memory.size(); ++i) nvm(hardware, i) = memory[i];

  inas_board_init();
  ASSERT_EQ(inas_run(&inas_model_tables), INAS_IDLE);
  inas_start(&inas_model_tables);
  ASSERT_EQ(inas_run(&inas_model_tables), INAS_DONE);
  for (std::uint32_t i = 0; i < memory.size(); ++i) memory[i] = nvm(hardware, i);
  EXPECT_EQ(model->read_output(memory), model->expected_output(input));
  EXPECT_TRUE(hardware.wrong.empty()) << fmt::format("{}", fmt::join(hardware.wrong, "\n"));
}

TEST(Fr5994, SignalsTheEndOfAPowerCycleAndGoesOn) {
  Fr5994& hardware = reset_fr5994();
  inas_board_init();
  inas_hal_end_power_cycle();
  (void)fr5994_byte(0x222);
  EXPECT_EQ(hardware.signals, (std::vector<std::uint8_t>{0x08, 0x01})) << "end of cycle, running";
  EXPECT_TRUE(hardware.asleep_signals.empty());
  EXPECT_TRUE(hardware.dozes.empty());
}

TEST(Fr5994, SleepsUntilThePinSaysThatItMayGoOn) {
  Fr5994& hardware = reset_fr5994();
  inas_board_init();
  hardware.wakes = 0x20;
  inas_power_end_pin();
  EXPECT_EQ(hardware.asleep_enabled, std::vector<std::uint8_t>{0x20});
  inas_power_end_pin();
  EXPECT_EQ(hardware.asleep_enabled.size(), 1U) << "the pin is low already";
}

/// 9.4 ticks of the low-frequency oscillator a millisecond.
TEST(Fr5994, SleepsForTheTimeOfTheTimer) {
  Fr5994& hardware = reset_fr5994();
  inas_board_init();
  inas_power_end_timer();
  std::uint64_t ticks = 0;
  for (const std::uint16_t doze : hardware.dozes) ticks += doze;
  EXPECT_EQ(ticks, INAS_POWER_END_MS * 94 / 10);
  EXPECT_GT(hardware.dozes.size(), 1U) << "longer than the timer counts at once";
  EXPECT_EQ(*fr5994_word(0x340), 0) << "TA0CTL: stopped";
  EXPECT_TRUE(hardware.wrong.empty()) << fmt::format("{}", fmt::join(hardware.wrong, "\n"));
}

TEST(Fr5994, SleepsUntilTheSupplyIsHighEnough) {
  Fr5994& hardware = reset_fr5994();
  inas_board_init();
  hardware.supply_mv = INAS_POWER_END_MV - 401;
  hardware.supply_rise_mv = 100;
  inas_power_end_supply();
  EXPECT_EQ(hardware.dozes, std::vector<std::uint16_t>(5, 94));
  inas_power_end_supply();
  EXPECT_EQ(hardware.dozes.size(), 5U) << "it is high enough already";
  EXPECT_TRUE(hardware.wrong.empty()) << fmt::format("{}", fmt::join(hardware.wrong, "\n"));
}

TEST(Fr5994, GivesAnExternalFramTimeToPowerUp) {
  const Fr5994& hardware = reset_fr5994();
  inas_board_init();
  // 450 µs, also with a clock that is 3.5 % too fast.
  EXPECT_GE(hardware.waited_cycles, 7452U);
  EXPECT_LT(hardware.waited_cycles, 7600U);
}

TEST(Fr5994, WaitsForAnExternalFramThatAnswers) {
  for (const std::uint8_t silence : {0x00, 0xFF}) {
    Fr5994& hardware = reset_fr5994();
    hardware.fram_bytes = 0;
    hardware.silence = silence;
    hardware.silent_commands = 5;
    inas_board_init();
    (void)fr5994_byte(0x222);
    EXPECT_EQ(hardware.signals, std::vector<std::uint8_t>{0x04}) << "stuck";
    EXPECT_EQ(hardware.fram_bytes, UINT64_MAX - 5) << "the identity was read";
  }
}

/// The FRAM's supply may be gone while the processor still runs. What was not written, or not read,
/// must not be taken for done, also where it ends as silence reads.
TEST(Fr5994, ResetsIfTheExternalFramLostItsPowerInATransfer) {
  struct Case {
    std::uint8_t silence;
    std::uint16_t last;
  };
  for (const auto [silence, last] :
       {Case{0x00, 0xDEF0}, Case{0xFF, 0xDEF0}, Case{0x00, 0x0000}, Case{0xFF, 0xFFFF}}) {
    SCOPED_TRACE(testing::Message() << "silence " << int{silence} << ", last value " << last);
    const std::vector<std::uint16_t> values{0x1234, 0x5678, 0x9ABC, last};
    const auto bytes = static_cast<std::uint16_t>(2 * values.size());
    for (const bool writes : {true, false}) {
      int resets = 0;
      for (std::uint64_t cut = 0; cut < 40; ++cut) {
        Fr5994& hardware = reset_fr5994();
        inas_board_init();
        if (!writes)
          std::copy_n(reinterpret_cast<const std::uint8_t*>(values.data()), bytes,
                      hardware.external_fram.begin());
        hardware.fram_bytes = cut;
        hardware.silence = silence;
        std::vector<std::uint16_t> received(values.size());
        try {
          if (writes) {
            inas_hal_nvm_write(kOnChip, values.data(), bytes);
            (void)fr5994_byte(0x222);
            EXPECT_TRUE(std::equal(hardware.external_fram.begin(),
                                   hardware.external_fram.begin() + bytes,
                                   reinterpret_cast<const std::uint8_t*>(values.data())))
                << cut;
          } else {
            inas_hal_nvm_read(kOnChip, received.data(), bytes);
            (void)fr5994_byte(0x222);
            EXPECT_EQ(received, values) << cut;
          }
        } catch (const PartReset&) {
          ++resets;
        }
      }
      EXPECT_GT(resets, 12);
      EXPECT_LT(resets, 40);
    }
  }
}

/// A serial FRAM goes on at its beginning.
TEST(Fr5994, ResetsBeforeATransferBeyondTheExternalFramsEnd) {
  Fr5994& hardware = reset_fr5994();
  inas_board_init();
  const std::vector<std::uint16_t> values{0x1234, 0x5678};
  const auto end = static_cast<std::uint32_t>(kOnChip + hardware.external_fram.size());
  inas_hal_nvm_write(end - 4, values.data(), 4);
  EXPECT_EQ(hardware.external_fram.back(), 0x56);
  for (const std::uint32_t address : {end - 2, end, end + 0x1000}) {
    SCOPED_TRACE(address);
    reset_fr5994();
    inas_board_init();
    EXPECT_THROW(inas_hal_nvm_write(address, values.data(), 4), PartReset);
    EXPECT_EQ(hardware.external_fram, std::vector<std::uint8_t>(hardware.external_fram.size()));
    std::vector<std::uint16_t> received(2);
    reset_fr5994();
    inas_board_init();
    EXPECT_THROW(inas_hal_nvm_read(address, received.data(), 4), PartReset);
  }
  EXPECT_TRUE(hardware.wrong.empty()) << fmt::format("{}", fmt::join(hardware.wrong, "\n"));
}

TEST(Fr5994, ShowsFinishedAndStuckUntilTheNextRequest) {
  Fr5994& hardware = reset_fr5994();
  inas_board_init();
  hardware.wakes = 0x40;
  inas_board_signal(INAS_SIGNAL_FINISHED);
  inas_board_wait_for_request();
  EXPECT_EQ(hardware.asleep_signals, std::vector<std::uint8_t>{0x02});
  EXPECT_EQ(hardware.asleep_enabled, std::vector<std::uint8_t>{0x40});
  inas_board_signal(INAS_SIGNAL_STUCK);
  EXPECT_EQ(*fr5994_byte(0x222), 0x04);
}

TEST(Fr5994, RunsAt16MegahertzWithOneWaitState) {
  reset_fr5994();
  inas_board_init();
  EXPECT_EQ(*fr5994_word(0x140) & 0x0070, 0x0010) << "FRCTL0.NWAITS";
  EXPECT_EQ(*fr5994_word(0x162), 0x0048) << "CSCTL1: DCORSEL, DCOFSEL 4";
  EXPECT_EQ(*fr5994_word(0x164), 0x0133) << "CSCTL2: MCLK and SMCLK from the DCO, ACLK from VLO";
  EXPECT_EQ(*fr5994_word(0x166), 0) << "CSCTL3: undivided";
  EXPECT_EQ(*fr5994_word(0x130) & 1, 0) << "PM5CTL0.LOCKLPM5";
}

}  // namespace
}  // namespace inas::firmware
