#include <algorithm>

#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <inas_firmware/runtime.h>

#include <inas/core/files.hpp>

#include "fr5994_hardware.h"
#include "model.h"

extern "C" {
#include "board.h"
}

/// The FR5994's board with a model that fits its own memory.
namespace inas::firmware {
namespace {

TEST(Fr5994OnChip, LeavesThePinsOfAnExternalFramAlone) {
  const Fr5994& hardware = reset_fr5994();
  inas_board_init();
  EXPECT_EQ(*fr5994_byte(0x245), 0) << "P6DIR: inputs";
  EXPECT_EQ(*fr5994_byte(0x24B), 0) << "P6SEL0: no eUSCI";
  EXPECT_EQ(*fr5994_byte(0x247), 0xFF) << "P6REN";
  EXPECT_EQ(*fr5994_byte(0x243), 0x08) << "P6OUT: CS is pulled up, the others down";
  EXPECT_TRUE(hardware.wrong.empty()) << fmt::format("{}", fmt::join(hardware.wrong, "\n"));
}

/// As a LaunchPad does that nothing is wired to.
TEST(Fr5994OnChip, FinishesAnInferenceByItself) {
  Fr5994& hardware = reset_fr5994();
  const std::string image = read_file(INAS_EXAMPLE_MODEL "/nvm.bin");
  const std::string input = read_file(INAS_EXAMPLE_MODEL "/input.bin");
  std::copy(image.begin(), image.end(), hardware.high_fram.begin());
  std::copy(input.begin(), input.end(), hardware.high_fram.begin() + inas_model_input());
  inas_board_init();
  ASSERT_EQ(inas_run(&inas_model_tables), INAS_IDLE);
  inas_start(&inas_model_tables);
  ASSERT_EQ(inas_run(&inas_model_tables), INAS_DONE);
  const auto output = hardware.high_fram.begin() + inas_model_output();
  EXPECT_EQ(std::string(output, output + INAS_MODEL_OUTPUT_BYTES),
            read_file(INAS_EXAMPLE_MODEL "/output.bin"));
  EXPECT_TRUE(hardware.asleep_signals.empty()) << "it waited for a pin";
  EXPECT_TRUE(hardware.wrong.empty()) << fmt::format("{}", fmt::join(hardware.wrong, "\n"));
}

}  // namespace
}  // namespace inas::firmware
