#include <gtest/gtest.h>

#include "emulated_device.hpp"
#include "models.hpp"

/// Power fails between any two instructions, and between any two words of a transfer, from the
/// first boot to the end of an inference.
namespace inas::firmware {
namespace {

/// A device that continues where another one lost its power: NVM is all that it takes over.
class Survivor {
 public:
  Survivor(const Firmware& firmware, const Inference& inference, std::uint32_t nvm_bytes)
      : device_(load_board("msp430fr5994"), firmware, inference), nvm_bytes_(nvm_bytes) {}

  std::vector<std::uint8_t> output_after_failure_of(EmulatedDevice& other, std::uint8_t rubbish) {
    for (std::uint32_t i = 0; i < nvm_bytes_; ++i) device_.nvm(i) = other.nvm(i);
    device_.part.boot({rubbish, 0x5A});
    EXPECT_TRUE(device_.finish());
    return device_.output();
  }

 private:
  EmulatedDevice device_;
  std::uint32_t nvm_bytes_;
};

TEST(EveryInstruction, APowerFailureBeforeItChangesNothing) {
  const std::unique_ptr<TestModel> model = tiny_model();
  const Inference inference = inference_of(*model);
  const Firmware firmware =
      read_firmware(std::filesystem::path(INAS_SIMULATED_PROGRAMS) / "Os", "fr5994-tiny");
  EmulatedDevice device(load_board("msp430fr5994"), firmware, inference);
  Survivor survivor(firmware, inference, model->tables().nvm_bytes);
  std::uint64_t cuts = 0;
  std::uint64_t words = 0;
  std::uint64_t wrong = 0;
  const auto cut = [&] {
    const auto rubbish = static_cast<std::uint8_t>(++cuts);
    if (survivor.output_after_failure_of(device, rubbish) != inference.output) ++wrong;
  };
  device.part.dma().before_value = [&] {
    ++words;
    cut();
  };
  device.part.on_step = [&](std::uint32_t, std::uint64_t, std::uint64_t) { cut(); };
  ASSERT_TRUE(device.finish());
  EXPECT_EQ(device.output(), inference.output);
  EXPECT_EQ(wrong, 0U) << "of " << cuts;
  EXPECT_EQ(cuts - words, device.part.cpu().instructions);
  EXPECT_GT(words, 60U);
}

}  // namespace
}  // namespace inas::firmware
