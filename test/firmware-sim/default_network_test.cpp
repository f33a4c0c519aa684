#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <inas/core/files.hpp>

#include "emulated_device.hpp"

/// A network of the default solution's size with the explorer's designs, which inas-explored-model
/// wrote, on the emulator.
namespace inas::firmware {
namespace {

struct Network {
  std::uint32_t nvm_bytes;
  Inference inference;
};

Network network_in(const std::filesystem::path& folder) {
  const auto manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
  const auto bytes = [&](const char* name) {
    const std::string data = read_file(folder / name);
    return std::vector<std::uint8_t>(data.begin(), data.end());
  };
  return {manifest["nvm_bytes"].get<std::uint32_t>(),
          {bytes("input.bin"), manifest["input"]["address"].get<std::uint32_t>(),
           bytes("output.bin"), manifest["output"]["address"].get<std::uint32_t>()}};
}

TEST(DefaultNetwork, EqualsTheHostAlsoWithPowerFailures) {
  constexpr int kRuns = 4, kCuts = 6;
  const auto [nvm_bytes, inference] = network_in(INAS_DEFAULT_NETWORK);
  ASSERT_GT(nvm_bytes, 59'000U);
  const Firmware firmware =
      read_firmware(std::filesystem::path(INAS_SIMULATED_PROGRAMS) / "Os", "fr5994-default");
  EmulatedDevice device(load_board("msp430fr5994"), firmware, inference);
  ASSERT_TRUE(device.finish());
  ASSERT_EQ(device.output(), inference.output);
  EXPECT_FALSE(device.was_stuck);
  const std::uint64_t cycles = device.part.bus().clock.cycles;
  // The products alone take 12.1 million: 8 cycles each.
  EXPECT_LT(cycles, 20'000'000U);

  Generator generator(7);
  for (int run = 0; run < kRuns; ++run) {
    device.start_next();
    int failures = 0;
    while (!device.finish_within(1 + generator() % (cycles / kCuts))) {
      device.part.boot({static_cast<std::uint8_t>(generator())});
      ++failures;
    }
    EXPECT_GT(failures, kCuts / 2);
    ASSERT_EQ(device.output(), inference.output) << "run " << run;
  }
}

}  // namespace
}  // namespace inas::firmware
