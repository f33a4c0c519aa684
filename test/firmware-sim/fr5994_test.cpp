#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <inas_firmware/hal.h>
#include <inas_firmware/runtime.h>

#include "fr5994_hardware.h"
#include "model.h"
#include "models.hpp"

extern "C" {
#include "board.h"

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

  hardware.wakes = 0x20;
  inas_board_init();
  ASSERT_EQ(inas_run(&inas_model_tables), INAS_IDLE);
  inas_start(&inas_model_tables);
  ASSERT_EQ(inas_run(&inas_model_tables), INAS_DONE);
  for (std::uint32_t i = 0; i < memory.size(); ++i) memory[i] = nvm(hardware, i);
  EXPECT_EQ(model->read_output(memory), model->expected_output(input));
  EXPECT_TRUE(hardware.wrong.empty()) << fmt::format("{}", fmt::join(hardware.wrong, "\n"));
}

TEST(Fr5994, SignalsTheEndOfAPowerCycleAndSleepsUntilItMayGoOn) {
  Fr5994& hardware = reset_fr5994();
  inas_board_init();
  hardware.wakes = 0x20;
  inas_hal_end_power_cycle();
  EXPECT_EQ(hardware.asleep_signals, std::vector<std::uint8_t>{0x08});
  EXPECT_EQ(hardware.asleep_enabled, std::vector<std::uint8_t>{0x20});
  EXPECT_EQ(*fr5994_byte(0x222), 0x01) << "running again";
  inas_hal_end_power_cycle();
  EXPECT_EQ(hardware.asleep_signals.size(), 1U) << "the pin is low already";
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
