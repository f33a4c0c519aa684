#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <inas/costmodel/bench_file.hpp>
#include <inas/costmodel/profile.hpp>

/// Fits the laws of a profile to what the micro-benchmarks measured.
///
/// A point's cycles y are Σ count·law. The laws, none negative, minimise Σ ((Σ count·law)/y − 1)²
/// over the points that are believed. Which those are is found by least squares with Tukey's
/// weights first: a point whose relative residual is beyond kDisbelieved deviations of all others
/// (1.4826 times the median of their magnitudes) is left out, unless it is within kModelError,
/// which the laws, being a model of the code, may miss.
namespace inas::costmodel {

inline constexpr double kDisbelieved = 6;
inline constexpr double kModelError = 0.04;
/// Cycles of the same thing that differ by more contradict each other; so do energies, which are
/// believed that far off to either side of the laws.
inline constexpr double kMostNoise = 0.02;
inline constexpr double kMostEnergyNoise = 2 * kModelError;
/// As much as a law must explain of what the others leave (R²), if it is a transfer's or a
/// vector's.
inline constexpr double kLeastRSquared = 0.5;
/// So many believed points must be charged a law.
inline constexpr std::int64_t kLeastPoints = 3;

/// A law, or the energy of one.
struct FittedLaw {
  std::string name;
  double value = 0;       ///< clock cycles, or J
  double half_width = 0;  ///< the confidence interval of 95 % is value ± half_width
  /// Share of the squared residuals which the fit has without this law that it explains.
  double r_squared = 0;
  std::int64_t points = 0;  ///< believed ones that are charged it
  double rms_residual = 0;  ///< of these: √mean (predicted/measured − 1)²
};

/// A point beside its prediction by the laws, which are fitted to those that are believed.
struct FittedPoint {
  std::size_t line = 0;
  std::string what;
  double measured = 0;  ///< of a repetition: clock cycles, or J
  double predicted = 0;
  bool believed = true;
};

/// Laws of one quantity.
struct QuantityFit {
  std::vector<FittedLaw> laws;
  std::vector<FittedPoint> points;
  std::int64_t believed = 0;  ///< points
  double rms_residual = 0;    ///< of these, relative: predicted/measured − 1
  double worst_residual = 0;  ///< the largest magnitude

  /// The law of that name, or null.
  [[nodiscard]] const FittedLaw* find(std::string_view name) const;
};

struct BenchFit {
  QuantityFit cycles;
  /// Of the transfers and vectors, and "energy_per_cycle" of the CPU for all else. Empty without
  /// measured energies.
  QuantityFit energy;
};

/// Throws InvalidArgument, naming law or lines, if a law that the file has has too few points or
/// none that tells it from others, measurements contradict each other, or a law of a transfer or
/// vector explains too little (kLeastRSquared).
[[nodiscard]] BenchFit fit_bench(const BenchFile& file);

/// `base` with the laws of `fit`, their word being "measured". Laws that are not in it are base's.
/// Without measured energies a fitted law takes as much per cycle as base's. Throws InvalidArgument
/// if base is no runtime's profile or of another clock.
[[nodiscard]] Profile with_bench_fit(const Profile& base, const BenchFile& file,
                                     const BenchFit& fit);

}  // namespace inas::costmodel
