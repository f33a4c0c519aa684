#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <numbers>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/data/mfcc.hpp>

namespace inas::data {
namespace {

using test::expect_error;
using Real = long double;

constexpr Real kPi = std::numbers::pi_v<Real>;

// The three signals of mfcc/make_golden.py.
std::vector<float> noise(std::int64_t count) {
  std::uint32_t state = 1;
  std::vector<float> samples;
  for (std::int64_t i = 0; i < count; ++i) {
    state = 1664525U * state + 1013904223U;
    samples.push_back(static_cast<float>(state >> 16U) / 65536.0F - 0.5F);
  }
  return samples;
}

std::vector<float> tone(std::int64_t count) {
  std::vector<float> samples;
  for (std::int64_t i = 0; i < count; ++i) {
    const double turns = 2 * std::numbers::pi * static_cast<double>(i) / 16000;
    samples.push_back(
        static_cast<float>(0.5 * std::sin(440 * turns) + 0.05 * std::sin(2600 * turns)));
  }
  return samples;
}

std::vector<float> burst(std::int64_t count) {
  std::vector<float> samples = noise(count);
  std::fill_n(samples.begin(), count / 4, 0.0F);
  std::fill(samples.begin() + count / 2, samples.end(), 0.0F);
  return samples;
}

Real mel(Real frequency) { return 1127 * std::log(1 + frequency / 700); }

// The header's formulas, as they stand there.
std::vector<Real> by_definition(const std::vector<float>& samples, const MfccOptions& options) {
  const std::int64_t channels = options.mel_channels;
  std::int64_t size = 1;
  while (size < options.window_samples) size *= 2;
  const Real hz_per_bin = static_cast<Real>(options.sample_rate_hz) / static_cast<Real>(size);
  const Real low = mel(options.lower_hz);
  const Real spacing = (mel(options.upper_hz) - low) / static_cast<Real>(channels + 1);
  std::vector<Real> result;
  for (std::int64_t first = 0; first + options.window_samples <= std::ssize(samples);
       first += options.stride_samples) {
    std::vector<Real> sums(static_cast<std::size_t>(channels), 0);
    for (std::int64_t k = 0; k <= size / 2; ++k) {
      const Real frequency = static_cast<Real>(k) * hz_per_bin;
      if (k < static_cast<std::int64_t>(1.5L + options.lower_hz / hz_per_bin)) continue;
      if (frequency > options.upper_hz) continue;
      Real real = 0;
      Real imaginary = 0;
      for (std::int64_t i = 0; i < options.window_samples; ++i) {
        const Real hann = 0.5L - 0.5L * std::cos(2 * kPi * static_cast<Real>(i) /
                                                 static_cast<Real>(options.window_samples));
        const Real x = hann * static_cast<Real>(samples[static_cast<std::size_t>(first + i)]);
        const Real angle = 2 * kPi * static_cast<Real>(i * k % size) / static_cast<Real>(size);
        real += x * std::cos(angle);
        imaginary -= x * std::sin(angle);
      }
      for (std::int64_t c = 0; c < channels; ++c) {
        const Real distance =
            std::abs(mel(frequency) - (low + spacing * static_cast<Real>(c + 1))) / spacing;
        sums[static_cast<std::size_t>(c)] +=
            std::hypot(real, imaginary) * std::max(Real{0}, 1 - distance);
      }
    }
    for (std::int64_t q = 0; q < options.coefficients; ++q) {
      Real sum = 0;
      for (std::int64_t c = 0; c < channels; ++c) {
        const Real m = std::max(sums[static_cast<std::size_t>(c)], Real{options.floor});
        sum += std::log(m) * std::cos(kPi * static_cast<Real>(q) * (static_cast<Real>(c) + 0.5L) /
                                      static_cast<Real>(channels));
      }
      result.push_back(std::sqrt(2 / static_cast<Real>(channels)) * sum);
    }
  }
  return result;
}

TEST(Mfcc, GivesTheValuesThatPythonComputed) {
  const Mfcc mfcc;
  std::ifstream file(INAS_TEST_MFCC);
  std::int64_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    std::istringstream words(line);
    std::string signal;
    std::size_t frame = 0;
    words >> signal >> frame;
    const std::vector<float> found = mfcc(signal == "noise"  ? noise(16'000)
                                          : signal == "tone" ? tone(16'000)
                                                             : burst(16'000));
    ASSERT_EQ(found.size(), 250U);
    for (std::size_t q = 0; q < 10; ++q) {
      double expected = std::numeric_limits<double>::quiet_NaN();
      words >> expected;
      EXPECT_NEAR(found[10 * frame + q], expected, 1e-4)
          << signal << ", frame " << frame << ", " << q;
    }
  }
  EXPECT_EQ(lines, 3 * 25);
}

TEST(Mfcc, FollowsItsDefinitionForOptionsOfAllKinds) {
  std::mt19937_64 random(7);
  const auto pick = [&](std::int64_t least, std::int64_t most) {
    return least +
           static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
  };
  for (int round = 0; round < 20; ++round) {
    MfccOptions options;
    options.sample_rate_hz = pick(1, 48) * 1'000;
    options.window_samples = pick(1, 160);
    options.stride_samples = pick(1, 200);
    options.mel_channels = pick(1, 30);
    options.coefficients = pick(1, options.mel_channels);
    options.upper_hz =
        static_cast<double>(options.sample_rate_hz) / static_cast<double>(pick(2, 5));
    options.lower_hz = options.upper_hz / static_cast<double>(pick(2, 50));
    const std::vector<float> samples = noise(pick(0, 600));
    const std::vector<Real> expected = by_definition(samples, options);
    const Mfcc mfcc(options);
    const std::vector<float> found = mfcc(samples);
    ASSERT_EQ(found.size(), expected.size()) << "round " << round;
    EXPECT_EQ(std::ssize(found), mfcc.frames(std::ssize(samples)) * options.coefficients);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(found[i]), static_cast<double>(expected[i]), 1e-4)
          << "round " << round << ", value " << i;
    }
  }
}

TEST(Mfcc, LoudnessIsInTheFirstCoefficientAlone) {
  std::vector<float> samples = noise(16'000);
  const std::vector<float> loud = Mfcc()(samples);
  for (float& x : samples) x /= 8;
  const std::vector<float> quiet = Mfcc()(samples);
  const double difference = std::sqrt(2.0 / 40) * 40 * std::log(8.0);
  for (std::size_t i = 0; i < loud.size(); ++i) {
    EXPECT_NEAR(loud[i] - quiet[i], i % 10 == 0 ? difference : 0, 1e-4) << i;
  }
}

TEST(Mfcc, FramesAreTheWindowsThatFit) {
  const Mfcc mfcc;
  EXPECT_EQ(mfcc.frames(16'000), 25);
  EXPECT_EQ(mfcc.frames(639), 0);
  EXPECT_EQ(mfcc.frames(640), 1);
  EXPECT_EQ(mfcc.frames(1'279), 1);
  EXPECT_TRUE(mfcc(std::vector<float>(639)).empty());
  EXPECT_EQ(mfcc(std::vector<float>(1'279)).size(), 10U);
}

TEST(Mfcc, OptionsOutsideTheirDomainAreNamed) {
  const auto refused = [](auto change, const char* part) {
    MfccOptions options;
    change(options);
    expect_error([&] { Mfcc mfcc(options); }, part);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refused([](MfccOptions& o) { o.sample_rate_hz = 0; }, "sample_rate_hz: found 0");
  refused([](MfccOptions& o) { o.window_samples = 1'000'000'000'000; }, "window_samples");
  refused([](MfccOptions& o) { o.stride_samples = 0; }, "stride_samples");
  refused([](MfccOptions& o) { o.mel_channels = -1; }, "mel_channels");
  refused([](MfccOptions& o) { o.coefficients = 41; }, "coefficients: found 41, allowed: 1 to 40");
  refused([](MfccOptions& o) { o.lower_hz = 4'000; }, "lower_hz and upper_hz: found 4000 and 4000");
  refused([](MfccOptions& o) { o.upper_hz = 8'001; }, "8000, half the sample rate");
  refused([&](MfccOptions& o) { o.lower_hz = nan; }, "lower_hz");
  refused([](MfccOptions& o) { o.floor = 0; }, "floor");
  refused([&](MfccOptions& o) { o.floor = nan; }, "floor");
}

}  // namespace
}  // namespace inas::data
