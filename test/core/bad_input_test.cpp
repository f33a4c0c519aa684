// What cannot be meant is refused wherever it enters: here through settings and networks as a
// whole. Each type's own test covers its fields one by one.
#include <string>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>

namespace inas {
namespace {

void expect_refusal(const std::string& text, const std::string& word) {
  SCOPED_TRACE(text);
  test::expect_error([&] { (void)parse_settings(text, "s.json"); }, word);
  test::expect_error([&] { (void)parse_settings(text, "s.json"); }, "s.json");
}

TEST(BadInput, ASupplyThatNeverTurnsOffOrOnIsRefused) {
  expect_refusal(R"({"power": {"von_v": 2.9, "voff_v": 2.9}})", "power.voff_v");
  expect_refusal(R"({"power": {"von_v": 2.8, "voff_v": 2.9}})", "power.voff_v");
  expect_refusal(R"({"power": {"von_v": 3.0, "vsup_v": 3.0}})", "power.von_v");
  expect_refusal(R"({"power": {"von_v": 3.1, "vsup_v": 3.0}})", "power.von_v");
  expect_refusal(R"({"PLATFORM_SETTINGS": {"VON": 2.7, "VOFF": 2.8}})", "voff_v");
  expect_refusal(R"({"PLATFORM_SETTINGS": {"VON": 3.0, "VSUP": 3.0}})", "von_v");
}

TEST(BadInput, AKernelLargerThanItsInputIsRefusedWithBothSizes) {
  for (const Shape& ifm : {Shape{1, 4, 4}, Shape{1, 4, 9}, Shape{1, 9, 4}}) {
    test::expect_error([&] { (void)make_convolution("CONV_7", ifm, 2, 5, 5); }, "CONV_7");
  }
  Layer layer = make_convolution("CONV_7", {1, 5, 5}, 2, 5, 5);
  layer.kernel_height = 6;
  test::expect_error([&] { validate(layer); }, "6×5");
  test::expect_error([&] { validate(layer); }, "5×5");
  test::expect_error([&] { validate(Network{{layer}}); }, "CONV_7");
}

TEST(BadInput, SizesThatOverflowAreRefusedInSettings) {
  expect_refusal(R"({"space": {"input": [4294967296, 28, 28]}})", "4294967296");
  expect_refusal(R"({"space": {"input": [1, 9223372036854775807, 9223372036854775807]}})",
                 "9223372036854775807");
  expect_refusal(R"({"space": {"input": [1, 9223372036854775808, 28]}})", "space.input[1]");
  expect_refusal(R"({"space": {"filters": [4, 9223372036854775807]}})", "space.filters");
  expect_refusal(R"({"space": {"layers": 9223372036854775807}})", "space.layers");
  expect_refusal(R"({"platform": {"vm_bytes": 9223372036854775807}})", "platform.vm_bytes");
  expect_refusal(R"({"platform": {"vm_bytes": -1}})", "platform.vm_bytes");
  expect_refusal(R"({"power": {"capacitance_f": 1e400}})", "s.json");
}

TEST(BadInput, ANetworkWhoseMapsOverflowIsRefusedWhenItIsBuilt) {
  const Settings settings =
      parse_settings(R"({"space": {"input": [65535, 65535, 65535]}})", "s.json");
  const Architecture smallest{1, 4, 1, 4, 1, 4, 1, 4, 1, 4};
  test::expect_error([&] { (void)build_network(settings.space, smallest); }, "CONV_0");
}

TEST(BadInput, AFullyConnectedLayerWithTooManyWeightsIsRefused) {
  test::expect_error([] { (void)make_fully_connected("FC_0", {65'535, 1, 1}, 65'535); }, "FC_0");
  test::expect_error(
      [] {
        (void)make_convolution("CONV_0", {65'535, 9, 9}, 65'535, 9, 9);
      },
      "CONV_0");
}

TEST(LoopOrders, AreReadFromSettingsAndWrittenBack) {
  const Settings all = parse_settings("{}", "s.json");
  EXPECT_EQ(all.explorer.loop_orders, LoopOrders{});
  const Settings some = parse_settings(R"({"explorer": {"loop_orders": ["O", "I"]}})", "s.json");
  EXPECT_EQ(some.explorer.loop_orders, (LoopOrders{true, false, true}));
  EXPECT_EQ(to_string(some.explorer.loop_orders), "IO");
  EXPECT_EQ(parse_settings(to_json(some), "again"), some);
  EXPECT_TRUE(some.explorer.loop_orders.has(LoopOrder::reuse_O));
  EXPECT_FALSE(some.explorer.loop_orders.has(LoopOrder::reuse_W));
}

TEST(LoopOrders, WhatIsNoSubsetIsRefused) {
  for (const char* list : {"[]", "[\"X\"]", "[\"I\", \"I\"]", "[\"IW\"]", "[\"\"]", "\"IW\"", "[1]",
                           "[\"i\"]", "null"}) {
    expect_refusal(std::string(R"({"explorer": {"loop_orders": )") + list + "}}",
                   "explorer.loop_orders");
  }
  for (const char* text : {"", "X", "II", "I,W", "iwo", "IWOI"}) {
    test::expect_error([&] { (void)parse_loop_orders(text); }, "loop orders");
  }
  Settings settings;
  settings.explorer.loop_orders = {false, false, false};
  test::expect_error([&] { validate(settings); }, "explorer.loop_orders");
}

}  // namespace
}  // namespace inas
