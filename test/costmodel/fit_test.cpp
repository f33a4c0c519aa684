#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/fit.hpp>

namespace {

using inas::InvalidArgument;
using inas::costmodel::fit_line;
using inas::costmodel::fit_measurements;
using inas::costmodel::LinearFit;
using inas::costmodel::Sample;

constexpr const char* kHeader = "operation,values,energy_j,latency_cycles\n";

std::string measurements() {
  std::string csv = kHeader;
  for (const char* operation : {"nvm_read", "nvm_write", "vector_mac"}) {
    const double scale = operation[0] == 'v' ? 2 : operation[4] == 'r' ? 1 : 4;
    for (const int n : {1, 8, 64, 128}) {
      csv += std::string(operation) + "," + std::to_string(n) + "," +
             std::to_string(scale * (0.25 * n + 3)) + "," + std::to_string(scale * (64 * n + 424)) +
             "\n";
    }
  }
  return csv;
}

void expect_refused(const std::string& csv, const std::string& part) {
  SCOPED_TRACE(csv);
  try {
    (void)fit_measurements(csv, "bench.csv");
    ADD_FAILURE() << "accepted";
  } catch (const InvalidArgument& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("bench.csv"), std::string::npos) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

TEST(FitLine, FindsAnExactLine) {
  std::vector<Sample> samples;
  for (int n = 1; n <= 128; n *= 2) samples.push_back({1.0 * n, 64.0 * n + 424});
  const LinearFit fit = fit_line(samples);
  EXPECT_NEAR(fit.slope, 64, 1e-10);
  EXPECT_NEAR(fit.intercept, 424, 1e-9);
  EXPECT_NEAR(fit.r_squared, 1, 1e-14);
  ASSERT_EQ(fit.residuals.size(), samples.size());
  for (const double residual : fit.residuals) EXPECT_NEAR(residual, 0, 1e-9);
}

TEST(FitLine, FindsAnExactLineOfEnergies) {
  // Nanojoules: absolute thresholds inside the solver would show.
  std::vector<Sample> samples;
  for (int n = 1; n <= 128; ++n) samples.push_back({1.0 * n, 2.7e-08 * n + 2.0e-07});
  const LinearFit fit = fit_line(samples);
  EXPECT_NEAR(fit.slope / 2.7e-08, 1, 1e-12);
  EXPECT_NEAR(fit.intercept / 2.0e-07, 1, 1e-11);
  EXPECT_NEAR(fit.r_squared, 1, 1e-14);
}

TEST(FitLine, EqualsTheClosedFormLeastSquaresLineOfNoisySamples) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 generator(seed);
    const auto uniform = [&](double low, double high) {
      return low + (high - low) * static_cast<double>(generator() >> 11) * 0x1p-53;
    };
    std::vector<Sample> samples;
    const double slope = uniform(-5, 5);
    const double intercept = uniform(-100, 100);
    for (int n = 0; n < 40; ++n) {
      const double x = uniform(1, 128);
      samples.push_back({x, slope * x + intercept + uniform(-20, 20)});
    }
    const double count = static_cast<double>(samples.size());
    double mean_x = 0;
    double mean_y = 0;
    for (const Sample& s : samples) {
      mean_x += s.x / count;
      mean_y += s.y / count;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (const Sample& s : samples) {
      xx += (s.x - mean_x) * (s.x - mean_x);
      xy += (s.x - mean_x) * (s.y - mean_y);
      yy += (s.y - mean_y) * (s.y - mean_y);
    }
    const LinearFit fit = fit_line(samples);
    EXPECT_NEAR(fit.slope, xy / xx, 1e-10);
    EXPECT_NEAR(fit.intercept, mean_y - xy / xx * mean_x, 1e-9);
    EXPECT_NEAR(fit.r_squared, xy * xy / (xx * yy), 1e-11);
    ASSERT_EQ(fit.residuals.size(), samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      EXPECT_NEAR(fit.residuals[i], samples[i].y - (fit.slope * samples[i].x + fit.intercept),
                  1e-9);
    }
  }
}

TEST(FitLine, EqualValuesAreMetByALevelLine) {
  const std::vector<Sample> samples{{1, 5}, {2, 5}, {3, 5}};
  const LinearFit fit = fit_line(samples);
  EXPECT_NEAR(fit.slope, 0, 1e-12);
  EXPECT_NEAR(fit.intercept, 5, 1e-12);
  EXPECT_EQ(fit.r_squared, 1);
}

TEST(FitLine, TwoSamplesMakeALine) {
  const LinearFit fit = fit_line(std::vector<Sample>{{1, 3}, {3, 7}});
  EXPECT_NEAR(fit.slope, 2, 1e-12);
  EXPECT_NEAR(fit.intercept, 1, 1e-12);
}

TEST(FitLine, DegenerateSamplesAreRefused) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  EXPECT_THROW((void)fit_line({}), InvalidArgument);
  EXPECT_THROW((void)fit_line(std::vector<Sample>{{1, 2}}), InvalidArgument);
  EXPECT_THROW((void)fit_line(std::vector<Sample>{{4, 2}, {4, 3}, {4, 9}}), InvalidArgument);
  EXPECT_THROW((void)fit_line(std::vector<Sample>{{1, 2}, {2, kNan}}), InvalidArgument);
  EXPECT_THROW((void)fit_line(std::vector<Sample>{{1, 2}, {kInfinite, 3}}), InvalidArgument);
}

TEST(FitMeasurements, FitsTheThreeLaws) {
  const auto fit = fit_measurements(measurements(), "bench.csv");
  EXPECT_NEAR(fit.nvm_read.energy_j.slope, 0.25, 1e-6);
  EXPECT_NEAR(fit.nvm_read.latency_cycles.intercept, 424, 1e-6);
  EXPECT_NEAR(fit.nvm_write.energy_j.intercept, 12, 1e-5);
  EXPECT_NEAR(fit.nvm_write.latency_cycles.slope, 256, 1e-6);
  EXPECT_NEAR(fit.vector_mac.latency_cycles.slope, 128, 1e-6);
  EXPECT_NEAR(fit.vector_mac.energy_j.intercept, 6, 1e-5);
}

TEST(FitMeasurements, OrderOfLinesEmptyLinesAndCarriageReturnsDoNotMatter) {
  std::string windows;
  for (const char c : measurements())
    windows += c == '\n' ? std::string("\r\n\r\n") : std::string(1, c);
  EXPECT_EQ(fit_measurements(windows, "bench.csv").nvm_read.energy_j.slope,
            fit_measurements(measurements(), "bench.csv").nvm_read.energy_j.slope);
}

TEST(FitMeasurements, MalformedTextIsRefusedWithItsLine) {
  expect_refused("", "operation,values,energy_j,latency_cycles");
  expect_refused("operation,values\n", "line 1");
  expect_refused(measurements() + "nvm_erase,1,1,1\n", "nvm_erase");
  expect_refused(measurements() + "nvm_erase,1,1,1\n", "line 14");
  expect_refused(measurements() + "nvm_read,1,1\n", "line 14");
  expect_refused(measurements() + "nvm_read,1,1,1,1\n", "line 14");
  expect_refused(measurements() + "nvm_read,x,1,1\n", "line 14");
  expect_refused(measurements() + "nvm_read,1,1e,1\n", "line 14");
  expect_refused(measurements() + "nvm_read,1,-1,1\n", "line 14");
  expect_refused(measurements() + "nvm_read,1,1,0\n", "line 14");
  expect_refused(measurements() + "nvm_read,1,nan,1\n", "line 14");
  expect_refused(measurements() + "nvm_read,1,inf,1\n", "line 14");
  expect_refused(measurements() + "nvm_read,,1,1\n", "line 14");
  expect_refused(measurements() + " nvm_read,1,1,1\n", "line 14");
}

TEST(FitMeasurements, AnOperationWithoutALineIsRefusedByName) {
  const std::string csv = kHeader;
  expect_refused(csv, "nvm_read");
  const std::string read = "nvm_read,1,1,10\nnvm_read,2,2.5,21\n";
  // No offset makes the intercept of neither law positive.
  expect_refused(csv + read, "nvm_read");
  expect_refused(csv + "nvm_read,1,2,20\nnvm_read,2,3,30\n", "nvm_write");
  expect_refused(csv + "nvm_read,1,2,20\nnvm_read,1,2,20\n", "nvm_read");
}

TEST(FitMeasurements, FallingOrNegativeLawsAreRefused) {
  const std::string rest =
      "nvm_write,1,2,20\nnvm_write,2,3,30\nvector_mac,1,2,20\nvector_mac,2,3,30\n";
  expect_refused(kHeader + rest + "nvm_read,1,3,20\nnvm_read,2,2,30\n", "nvm_read");
  expect_refused(kHeader + rest + "nvm_read,1,2,10\nnvm_read,2,3,30\n", "nvm_read");
}

TEST(WithFit, ReplacesTheThreeLawsAndNothingElse) {
  const auto base = inas::costmodel::load_profile("msp430fr5994");
  const auto fit = fit_measurements(measurements(), "bench.csv");
  auto fitted = inas::costmodel::with_fit(base, fit);
  EXPECT_EQ(fitted.nvm_read.latency_s.slope, fit.nvm_read.latency_cycles.slope);
  EXPECT_EQ(fitted.nvm_read.latency_s.divisor, base.clock_hz);
  EXPECT_EQ(fitted.nvm_read.energy_j.divisor, 1);
  EXPECT_NEAR(fitted.nvm_read(8).latency_s, (64 * 8 + 424) / base.clock_hz, 1e-12);
  EXPECT_NEAR(fitted.nvm_write(8).energy_j, 4 * (0.25 * 8 + 3), 1e-5);
  EXPECT_NEAR(fitted.vector_mac(8).latency_s, 2 * (64 * 8 + 424) / base.clock_hz, 1e-12);
  fitted.nvm_read = base.nvm_read;
  fitted.nvm_write = base.nvm_write;
  fitted.vector_mac = base.vector_mac;
  EXPECT_EQ(fitted, base);
}

TEST(WithFit, FittingSamplesOfTheBuiltInLawsGivesThemBack) {
  const auto base = inas::costmodel::load_profile("msp430fr5994");
  inas::costmodel::ProfileFit fit;
  const auto refit = [&](const inas::costmodel::LinearCost& law) {
    std::vector<Sample> energy;
    std::vector<Sample> cycles;
    for (int n = 1; n <= 128; n *= 2) {
      energy.push_back({1.0 * n, law(n).energy_j});
      cycles.push_back({1.0 * n, law(n).latency_s * base.clock_hz});
    }
    return inas::costmodel::OperationFit{fit_line(energy), fit_line(cycles)};
  };
  fit = {refit(base.nvm_read), refit(base.nvm_write), refit(base.vector_mac)};
  const auto fitted = inas::costmodel::with_fit(base, fit);
  for (const int n : {1, 16, 100}) {
    EXPECT_NEAR(fitted.nvm_read(n).energy_j / base.nvm_read(n).energy_j, 1, 1e-12);
    EXPECT_NEAR(fitted.nvm_write(n).latency_s / base.nvm_write(n).latency_s, 1, 1e-12);
    EXPECT_NEAR(fitted.vector_mac(n).energy_j / base.vector_mac(n).energy_j, 1, 1e-12);
  }
}

}  // namespace
