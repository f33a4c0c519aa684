#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>

#include <fmt/format.h>
#include <unsupported/Eigen/FFT>

#include <inas/core/error.hpp>
#include <inas/data/mfcc.hpp>

namespace inas::data {
namespace {

constexpr std::int64_t kMostWindow = 65'536;
constexpr std::int64_t kMostChannels = 1'024;
constexpr std::int64_t kMostRate = 1'000'000;

void check(const char* option, std::int64_t found, std::int64_t most) {
  if (found >= 1 && found <= most) return;
  throw InvalidArgument(
      fmt::format("MFCC option {}: found {}, allowed: 1 to {}", option, found, most));
}

void check(const MfccOptions& options) {
  check("sample_rate_hz", options.sample_rate_hz, kMostRate);
  check("window_samples", options.window_samples, kMostWindow);
  check("stride_samples", options.stride_samples, kMostWindow);
  check("mel_channels", options.mel_channels, kMostChannels);
  check("coefficients", options.coefficients, options.mel_channels);
  const double half_rate = 0.5 * static_cast<double>(options.sample_rate_hz);
  // So written, no comparison holds for a value that is no number.
  if (!(options.lower_hz >= 0 && options.lower_hz < options.upper_hz &&
        options.upper_hz <= half_rate)) {
    throw InvalidArgument(
        fmt::format("MFCC options lower_hz and upper_hz: found {} and {}, allowed: two that rise, "
                    "from 0 to {}, half the sample rate",
                    options.lower_hz, options.upper_hz, half_rate));
  }
  if (!(options.floor > 0 && std::isfinite(options.floor))) {
    throw InvalidArgument(
        fmt::format("MFCC option floor: found {}, allowed: a positive number", options.floor));
  }
}

double mel(double frequency_hz) { return 1127.0 * std::log1p(frequency_hz / 700.0); }

}  // namespace

Mfcc::Mfcc(const MfccOptions& options) : options_(options) {
  check(options);
  transform_size_ = static_cast<std::int64_t>(
      std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(options.window_samples, 2))));
  const double width = static_cast<double>(options.window_samples);
  for (std::int64_t i = 0; i < options.window_samples; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / width;
    window_.push_back(0.5 - 0.5 * std::cos(angle));
  }

  // Point 0 is the lower end of the range, point c + 1 the top of channel c's triangle.
  const auto channels = static_cast<double>(options.mel_channels);
  const double low = mel(options.lower_hz);
  const double spacing = (mel(options.upper_hz) - low) / (channels + 1);
  const double hz_per_bin =
      static_cast<double>(options.sample_rate_hz) / static_cast<double>(transform_size_);
  bands_.resize(static_cast<std::size_t>(options.mel_channels + 1));
  const auto first_bin = static_cast<std::int64_t>(1.5 + options.lower_hz / hz_per_bin);
  const auto last_bin = static_cast<std::int64_t>(options.upper_hz / hz_per_bin);
  for (std::int64_t bin = first_bin; bin <= last_bin; ++bin) {
    const double position = (mel(static_cast<double>(bin) * hz_per_bin) - low) / spacing;
    const double below = std::clamp(std::floor(position), 0.0, channels);
    Band& band = bands_[static_cast<std::size_t>(below)];
    if (band.rising.empty()) band.first_bin = bin;
    band.rising.push_back(std::clamp(position - below, 0.0, 1.0));
  }

  const double scale = std::sqrt(2 / channels);
  for (std::int64_t q = 0; q < options.coefficients; ++q) {
    for (std::int64_t c = 0; c < options.mel_channels; ++c) {
      const double angle =
          std::numbers::pi * static_cast<double>(q) * (static_cast<double>(c) + 0.5) / channels;
      cosines_.push_back(scale * std::cos(angle));
    }
  }
}

std::int64_t Mfcc::frames(std::int64_t samples) const {
  if (samples < options_.window_samples) return 0;
  return 1 + (samples - options_.window_samples) / options_.stride_samples;
}

std::vector<float> Mfcc::operator()(std::span<const float> samples) const {
  // The transform keeps tables that it changes: one for each call, so that threads may share this.
  Eigen::FFT<double> transform;
  transform.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  std::vector<double> windowed(static_cast<std::size_t>(transform_size_), 0.0);
  std::vector<std::complex<double>> spectrum;
  std::vector<double> energies(static_cast<std::size_t>(options_.mel_channels));

  std::vector<float> coefficients;
  const std::int64_t count = frames(std::ssize(samples));
  coefficients.reserve(static_cast<std::size_t>(count * options_.coefficients));
  for (std::int64_t frame = 0; frame < count; ++frame) {
    const std::span<const float> part =
        samples.subspan(static_cast<std::size_t>(frame * options_.stride_samples), window_.size());
    for (std::size_t i = 0; i < window_.size(); ++i) {
      windowed[i] = window_[i] * static_cast<double>(part[i]);
    }
    transform.fwd(spectrum, windowed);

    std::fill(energies.begin(), energies.end(), 0.0);
    for (std::size_t below = 0; below < bands_.size(); ++below) {
      const Band& band = bands_[below];
      for (std::size_t i = 0; i < band.rising.size(); ++i) {
        // Not std::abs: it guards against squares that overflow, which cannot be here, slowly.
        const double magnitude =
            std::sqrt(std::norm(spectrum[static_cast<std::size_t>(band.first_bin) + i]));
        const double rising = magnitude * band.rising[i];
        if (below < energies.size()) energies[below] += rising;
        if (below > 0) energies[below - 1] += magnitude - rising;
      }
    }
    for (double& energy : energies) energy = std::log(std::max(energy, options_.floor));

    for (std::size_t at = 0; at < cosines_.size(); at += energies.size()) {
      double sum = 0;
      for (std::size_t c = 0; c < energies.size(); ++c) sum += cosines_[at + c] * energies[c];
      coefficients.push_back(static_cast<float>(sum));
    }
  }
  return coefficients;
}

}  // namespace inas::data
