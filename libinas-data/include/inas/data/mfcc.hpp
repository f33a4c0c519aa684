#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// Mel-frequency cepstral coefficients: what a network for spoken words is given instead of
/// samples.
///
/// The front end is that of TensorFlow's speech_commands example (its kernels AudioSpectrogram and
/// Mfcc). Sound of N samples x is cut into windows of W samples, `stride` apart, as many as fit:
///
///     frames = 1 + ⌊(N − W) / stride⌋
///
/// and of each window, with n the least power of two that is not below W:
///
///     w(i)  = ½ − ½ cos(2πi / W)                             Hann, periodic, i = 0 … W − 1
///     A(k)  = |Σ_i w(i) x(i) e^(−2πj ik / n)|                magnitudes, k = 0 … n/2
///     mel(f) = 1127 ln(1 + f / 700 Hz)
///     M(c)  = Σ_k A(k) · triangle_c(mel(k · rate / n))       c = 0 … channels − 1
///     y(q)  = √(2 / channels) Σ_c ln(max(M(c), floor)) cos(πq (c + ½) / channels)
///
/// triangle_c is 1 at the c-th of `mel_channels` points that divide the range from mel(lower_hz) to
/// mel(upper_hz) evenly, both ends left out, and falls to 0 in a straight line, in mel, to the
/// points, or ends, on either side of it. Only bins from ⌊1.5 + lower_hz · n / rate⌋, which leaves
/// out the constant part, to ⌊upper_hz · n / rate⌋ count. y(0), the loudness, is kept; there is no
/// pre-emphasis and no liftering.
namespace inas::data {

/// The defaults give the 10 coefficients × 25 frames of the paper's keyword-spotting space from one
/// second of sound: windows of 40 ms that do not overlap, as the networks without convolutions of
/// "Hello Edge: Keyword Spotting on Microcontrollers" (arXiv 1711.07128) have them. The other
/// numbers are those of TensorFlow's kernels.
struct MfccOptions {
  std::int64_t sample_rate_hz = 16'000;
  std::int64_t window_samples = 640;
  std::int64_t stride_samples = 640;
  std::int64_t mel_channels = 40;
  double lower_hz = 20;
  double upper_hz = 4'000;
  std::int64_t coefficients = 10;  ///< the first ones, at most mel_channels
  double floor = 1e-12;            ///< of M(c), whose logarithm silence would make infinite

  bool operator==(const MfccOptions&) const = default;
};

/// The front end with its tables. Several threads may use one.
class Mfcc {
 public:
  /// Throws InvalidArgument, naming the option, unless all counts are at least 1, the window and
  /// the channels at most 65,536 and 1,024, and 0 ≤ lower_hz < upper_hz ≤ half the sample rate.
  explicit Mfcc(const MfccOptions& options = {});

  /// Windows that fit in so many samples; 0 if there are fewer than one window has.
  [[nodiscard]] std::int64_t frames(std::int64_t samples) const;

  /// The coefficients of `samples`, which are from −1 to 1: frame after frame, each
  /// options().coefficients values.
  [[nodiscard]] std::vector<float> operator()(std::span<const float> samples) const;

  [[nodiscard]] const MfccOptions& options() const { return options_; }

 private:
  /// Magnitudes between two neighbouring points of the mel scale: of bin first_bin + i the share
  /// rising[i] goes to the channel of the upper point, the rest to that of the lower.
  struct Band {
    std::int64_t first_bin = 0;
    std::vector<double> rising;
  };

  MfccOptions options_;
  std::int64_t transform_size_ = 0;
  std::vector<double> window_;
  std::vector<Band> bands_;
  std::vector<double> cosines_;  ///< coefficients × channels
};

}  // namespace inas::data
