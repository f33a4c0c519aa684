#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <inas_firmware/input.h>

#include <inas/dump/dump.hpp>

#include "random_solution.hpp"

/// A sensor's bytes become input values without floating point, as model.h says.
namespace inas::dump {
namespace {

constexpr int kBytes = 256;

/// What quantize_input makes of every byte in one channel, standardised as the data sets are.
std::vector<std::int16_t> in_floating_point(float mean, float deviation, int exponent) {
  QuantizedNetwork network;
  network.layers.emplace_back();
  network.layers.front().layer = make_fully_connected("FC_END", {1, 16, 16}, 1);
  network.layers.front().in_exponent = exponent;
  std::vector<float> sample;
  for (int raw = 0; raw < kBytes; ++raw) {
    sample.push_back(static_cast<float>((static_cast<double>(raw) / kRawMost - mean) / deviation));
  }
  return quantize_input(network, sample);
}

std::vector<std::int16_t> in_integers(const InputScale& scale) {
  const inas_input_scale table{scale.scale, scale.offset, scale.shift};
  std::vector<std::int16_t> values;
  for (int raw = 0; raw < kBytes; ++raw) {
    values.push_back(inas_input_value(&table, static_cast<std::uint16_t>(raw)));
  }
  return values;
}

TEST(InputScale, EveryByteIsWithinOneOfFloatingPointAndFewDiffer) {
  Generator generator(3);
  int different = 0;
  constexpr int kCases = 2000;
  for (int i = 0; i < kCases; ++i) {
    const float mean = static_cast<float>(random_from(generator, -1000, 2000)) * 1e-3F;
    const float deviation = static_cast<float>(random_from(generator, 20, 2000)) * 1e-3F;
    // Near the least at which no byte saturates.
    const float largest = std::max(std::abs(mean), std::abs(1 - mean)) / deviation;
    const int exponent = std::ilogb(largest) + static_cast<int>(random_from(generator, -1, 4));
    const std::vector<InputScale> scales = input_scales({{mean}, {deviation}}, exponent);
    ASSERT_EQ(scales.size(), 1U) << mean << " " << deviation << " " << exponent;
    const std::vector<std::int16_t> expected = in_floating_point(mean, deviation, exponent);
    const std::vector<std::int16_t> found = in_integers(scales.front());
    for (std::size_t raw = 0; raw < kBytes; ++raw) {
      const int difference = found[raw] - expected[raw];
      ASSERT_LE(std::abs(difference), 1) << "raw " << raw << " mean " << mean << " deviation "
                                         << deviation << " exponent " << exponent;
      different += difference == 0 ? 0 : 1;
    }
  }
  // Where exact arithmetic lies within 1/128 of the middle between two values.
  EXPECT_LT(different, kCases * kBytes / 64);
}

/// Powers of two: nothing is rounded but the value itself.
TEST(InputScale, EqualsFloatingPointWhereItIsExact) {
  for (const int exponent : {-2, 0, 3}) {
    const std::vector<InputScale> scales = input_scales({{0}, {1.0F / kRawMost}}, exponent + 8);
    ASSERT_EQ(scales.size(), 1U);
    for (std::size_t raw = 0; raw < kBytes; ++raw) {
      const double exact = std::floor(std::ldexp(raw, 7 - exponent) + 0.5);
      const double most = std::numeric_limits<std::int16_t>::max();
      EXPECT_EQ(in_integers(scales.front())[raw], std::min(exact, most)) << raw;
    }
  }
}

/// No product or sum leaves 32 bits, which the compiler of this test would not notice.
TEST(InputScale, NothingOverflows) {
  Generator generator(4);
  for (int i = 0; i < 2000; ++i) {
    const double magnitude = std::ldexp(1.0, static_cast<int>(random_from(generator, -8, 6)));
    const auto mean = static_cast<float>(magnitude);
    const auto deviation = static_cast<float>(random_from(generator, 1, 100)) * 1e-2F;
    for (const InputScale& scale : input_scales({{mean}, {deviation}}, 0)) {
      const std::int64_t product = std::int64_t{scale.scale} * kRawMost;
      EXPECT_LE(std::abs(product), std::numeric_limits<std::int32_t>::max());
      EXPECT_LE(std::abs(product + scale.offset), std::numeric_limits<std::int32_t>::max());
      EXPECT_GE(scale.shift, 8);
    }
  }
}

TEST(InputScale, IsLeftOutWhereThirtyTwoBitsDoNotSuffice) {
  EXPECT_TRUE(input_scales({{0}, {1e-6F}}, -8).empty());
  EXPECT_TRUE(input_scales({}, 0).empty());
}

}  // namespace
}  // namespace inas::dump
