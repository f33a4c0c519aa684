// Profiles and devices that make no sense are refused before they price anything.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_error.hpp>

#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/profile.hpp>

namespace inas::costmodel {
namespace {

using nlohmann::json;

json small_profile() {
  const json law = {{"energy_j", {{"slope", 1e-8}, {"intercept", 1e-7}}},
                    {"latency_cycles", {{"slope", 64}, {"intercept", 424}}}};
  const json operation = {{"energy_j", 1e-8}, {"latency_cycles", 12}};
  json document = {{"name", "small"},
                   {"clock_hz", 16e6},
                   {"reboot", {{"energy_j", 1e-5}, {"latency_s", 0.07}}},
                   {"nvm_read", law},
                   {"nvm_write", law},
                   {"vector_mac", law},
                   {"add", operation},
                   {"multiply", operation},
                   {"max_compare", operation}};
  for (const char* key : {"fetch_input", "fetch_weights", "fetch_output_I", "fetch_output_W",
                          "fetch_output_O", "backup_output_I", "backup_output_W", "backup_output_O",
                          "partial_sum", "accumulate", "max_address"}) {
    document["overheads"][key] = {1'000'000, 1'000'000};
  }
  return document;
}

TEST(BadInput, NoProfileHasACostThatIsInfiniteOrRoundsToNothing) {
  // Found by fuzzing: each number alone was fine, but a product of two was not.
  const Layer layer = make_convolution("CONV_0", {2, 4, 4}, 2, 3, 3);
  const Design design{{2, 2, 2, 2}, LoopOrder::reuse_I, 1};
  const json flat = small_profile().flatten();
  int accepted = 0;
  for (const auto& [pointer, value] : flat.items()) {
    if (pointer == "/name" || pointer.starts_with("/overheads")) continue;
    for (const double extreme : {1e308, 1e150, 1e90, 1e-90, 1e-150, 1e-308, 5e-324}) {
      SCOPED_TRACE(testing::Message() << pointer << " = " << extreme);
      json document = small_profile();
      document[json::json_pointer(pointer)] = extreme;
      Profile profile;
      try {
        profile = parse_profile(document.dump(), "board.json");
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("board.json"), std::string::npos);
        continue;
      }
      ++accepted;
      for (const Cost& cost :
           {profile.add, profile.multiply, profile.max_compare, profile.fetch_input,
            profile.partial_sum, profile.nvm_read(128),
            cycle_cost(profile, layer, design, execution::InputStep::later).total()}) {
        EXPECT_TRUE(std::isfinite(cost.energy_j) && cost.energy_j > 0) << cost.energy_j;
        EXPECT_TRUE(std::isfinite(cost.latency_s) && cost.latency_s > 0) << cost.latency_s;
      }
    }
  }
  EXPECT_GT(accepted, 0);
}

TEST(BadInput, NonPositiveCostsAreRefusedWithTheirKeyAndValue) {
  for (const char* pointer : {"/nvm_read/energy_j/slope", "/vector_mac/latency_cycles/intercept",
                              "/reboot/latency_s", "/add/energy_j", "/clock_hz"}) {
    for (const double wrong : {0.0, -0.0, -1e-9}) {
      json document = small_profile();
      document[json::json_pointer(pointer)] = wrong;
      std::string key = std::string(pointer).substr(1);
      std::replace(key.begin(), key.end(), '/', '.');
      test::expect_error([&] { (void)parse_profile(document.dump(), "board.json"); }, key);
      test::expect_error([&] { (void)parse_profile(document.dump(), "board.json"); }, "positive");
    }
  }
}

TEST(BadInput, ADeviceNeedsASupplyThatCanTurnOnAndOff) {
  const auto refused = [](double von_v, double voff_v, double vsup_v, const char* key) {
    PowerSupply supply;
    supply.von_v = von_v;
    supply.voff_v = voff_v;
    supply.vsup_v = vsup_v;
    test::expect_error([&] { (void)make_device({}, supply); }, key);
  };
  refused(2.8, 2.8, 3.0, "power.voff_v");
  refused(2.7, 2.8, 3.0, "power.voff_v");
  refused(3.0, 2.8, 3.0, "power.von_v");
  refused(3.2, 2.8, 3.0, "power.von_v");
}

TEST(BadInput, DesignsWhoseSizesOverflowAreRefused) {
  const Device device = make_device({}, {});
  const Layer layer = make_convolution("CONV_0", {2, 4, 4}, 2, 3, 3);
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  for (const Design& design :
       {Design{{kHuge, 1, 1, 1}, LoopOrder::reuse_I, 1}, Design{{1, 1, kHuge, kHuge}},
        Design{{1, 1, 1, 1}, LoopOrder::reuse_W, kHuge},
        Design{
            {1, 1, 1, 1}, LoopOrder::reuse_W, 1, MacGranularity::tap, DmaGranularity::pixel, kHuge},
        Design{{0, 1, 1, 1}}, Design{{1, 1, -1, 1}}, Design{{1, 1, 1, 1}, LoopOrder::reuse_O, 0}}) {
    test::expect_error([&] { (void)intermittent_cost(device, layer, design); }, "CONV_0");
  }
}

}  // namespace
}  // namespace inas::costmodel
