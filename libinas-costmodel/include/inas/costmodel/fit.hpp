#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <inas/costmodel/profile.hpp>

namespace inas::costmodel {

/// One measurement: `x` values moved at once, `y` the energy or the cycles it took.
struct Sample {
  double x = 0;
  double y = 0;
};

/// y ≈ slope·x + intercept.
struct LinearFit {
  double slope = 0;
  double intercept = 0;
  double r_squared = 0;  ///< 1 − Σ residual²/Σ (y − mean)²; 1 if all y are equal and met
  std::vector<double> residuals;  ///< y − (slope·x + intercept), in the order of the samples
};

/// The least-squares line through `samples` (QR decomposition). Throws InvalidArgument for fewer
/// than two different x or a value that is not finite.
[[nodiscard]] LinearFit fit_line(std::span<const Sample> samples);

/// The fits of one operation: energy in J, latency in clock cycles, over the values moved at once.
struct OperationFit {
  LinearFit energy_j;
  LinearFit latency_cycles;
};

/// The three linear laws of a platform, fitted to micro-benchmark measurements.
struct ProfileFit {
  OperationFit nvm_read;
  OperationFit nvm_write;
  OperationFit vector_mac;
};

/// Fits measurements given as CSV text with the header `operation,values,energy_j,latency_cycles`,
/// where operation is nvm_read, nvm_write or vector_mac. Throws InvalidArgument, naming source and
/// line, on anything else, and if a fitted law has a slope or an intercept that is not positive.
[[nodiscard]] ProfileFit fit_measurements(std::string_view csv, const std::string& source);

/// `base` with its three linear laws replaced by the fitted ones; latencies are divided by
/// base.clock_hz.
[[nodiscard]] Profile with_fit(Profile base, const ProfileFit& fit);

}  // namespace inas::costmodel
