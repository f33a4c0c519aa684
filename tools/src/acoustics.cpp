#include "acoustics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include <inas/core/random_draw.hpp>

#include "draws.hpp"

namespace inas::tools {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kRate = static_cast<double>(kSampleRate);

double from_db(double db) { return std::pow(10.0, db / 20); }

double root_mean_square(const std::vector<float>& samples) {
  double sum = 0;
  for (const float x : samples) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, samples.size())));
}

/// A low-pass filter of first order.
class LowPass {
 public:
  explicit LowPass(double corner_hz) : share_(1 - std::exp(-kTurn * corner_hz / kRate)) {}
  double operator()(double x) { return state_ += share_ * (x - state_); }

 private:
  double share_;
  double state_ = 0;
};

/// White noise of six low-pass filters whose corners are an octave and a half apart: each rules one
/// stretch of a spectrum that falls by 3 dB an octave.
class Pink {
 public:
  double operator()(std::mt19937_64& random) {
    const double white = draw_normal(random);
    double sum = 0;
    double gain = 1;
    for (LowPass& low_pass : low_passes_) {
      sum += gain * low_pass(white);
      gain *= kStep;
    }
    return sum;
  }

 private:
  static constexpr double kStep = 0.595;  // 2^(−1.5 / 2)
  std::array<LowPass, 6> low_passes_{LowPass(40),  LowPass(113),   LowPass(320),
                                     LowPass(905), LowPass(2'560), LowPass(7'240)};
};

void add_hum(std::vector<float>& samples, std::mt19937_64& random) {
  for (std::int64_t harmonic = 1; harmonic <= 12; ++harmonic) {
    const double amplitude =
        draw_between(random, 0.2, 1) / std::sqrt(static_cast<double>(harmonic));
    const double phase = draw_between(random, 0, kTurn);
    const double step = kTurn * 50 * static_cast<double>(harmonic) / kRate;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] += static_cast<float>(amplitude * std::sin(phase + step * static_cast<double>(i)));
    }
  }
}

void swell(std::vector<float>& samples, std::mt19937_64& random) {
  LowPass high(2'000);
  LowPass low(200);
  double phase = draw_between(random, 0, kTurn);
  for (float& sample : samples) {
    const double band = high(static_cast<double>(sample));
    phase += kTurn * (4.5 + 1.5 * std::sin(0.31 * phase)) / kRate;
    sample = static_cast<float>((band - low(band)) * (0.55 - 0.45 * std::cos(phase)));
  }
}

void add_strikes(std::vector<float>& samples, std::mt19937_64& random) {
  const double per_sample = 6.0 / kRate;
  for (std::size_t at = 0; at < samples.size(); ++at) {
    if (draw_unit(random) >= per_sample) continue;
    const double amplitude = draw_between(random, 1, 12);
    const double step = kTurn * draw_between(random, 600, 3'500) / kRate;
    const double decay = std::exp(-1 / (draw_between(random, 0.004, 0.03) * kRate));
    double envelope = amplitude;
    for (std::size_t i = at; i < samples.size() && envelope > 1e-3; ++i, envelope *= decay) {
      samples[i] += static_cast<float>(envelope * std::sin(step * static_cast<double>(i - at)));
    }
  }
}

}  // namespace

std::vector<float> make_noise(Noise noise, std::int64_t count, std::mt19937_64& random) {
  std::vector<float> samples;
  samples.reserve(static_cast<std::size_t>(count));
  Pink pink;
  LowPass brown(30);
  for (std::int64_t i = 0; i < count; ++i) {
    double x = 0;
    switch (noise) {
      case Noise::white:
        x = draw_normal(random);
        break;
      case Noise::brown:
        x = brown(draw_normal(random));
        break;
      case Noise::pink:
      case Noise::murmur:
        x = pink(random);
        break;
      case Noise::hum:
      case Noise::rattle:
        x = 0.3 * pink(random);
        break;
    }
    samples.push_back(static_cast<float>(x));
  }
  if (noise == Noise::hum) add_hum(samples, random);
  if (noise == Noise::murmur) swell(samples, random);
  if (noise == Noise::rattle) add_strikes(samples, random);
  const double level = root_mean_square(samples);
  for (float& x : samples) x = static_cast<float>(static_cast<double>(x) / level);
  return samples;
}

Room draw_room(std::mt19937_64& random) {
  Room room;
  double gain = 0.4;
  for (Room::Reflection& reflection : room.reflections) {
    reflection.delay_samples = std::llround(draw_between(random, 0.004, 0.04) * kRate);
    gain *= draw_between(random, 0.3, 1);
    reflection.gain = static_cast<float>(gain);
  }
  room.tilt = static_cast<float>(draw_between(random, -0.4, 0.4));
  room.noise = kNoises[static_cast<std::size_t>(draw_below(random, kNoises.size()))].noise;
  room.level_db = draw_between(random, -34, -16);
  room.signal_to_noise_db = draw_between(random, 10, 35);
  return room;
}

std::vector<float> record(const std::vector<float>& word, const Room& room,
                          std::mt19937_64& random) {
  const auto count = static_cast<std::size_t>(kSampleRate);
  const std::size_t spoken = std::min(word.size(), count);
  const auto begin = static_cast<std::size_t>(draw_below(random, count - spoken + 1));
  const double level = from_db(room.level_db + draw_between(random, -3, 3));
  const auto speech_gain = static_cast<float>(level / std::max(1e-6, root_mean_square(word)));
  const auto noise_gain = static_cast<float>(level / from_db(room.signal_to_noise_db));

  std::vector<float> dry(count, 0.0F);
  std::copy_n(word.begin(), spoken, dry.begin() + static_cast<std::ptrdiff_t>(begin));
  const std::vector<float> noise = make_noise(room.noise, kSampleRate, random);
  std::vector<float> recorded(count);
  float before = 0;
  for (std::size_t i = 0; i < count; ++i) {
    float x = dry[i];
    for (const Room::Reflection& reflection : room.reflections) {
      const auto delay = static_cast<std::size_t>(reflection.delay_samples);
      if (i >= delay) x += reflection.gain * dry[i - delay];
    }
    const float heard = speech_gain * (x - room.tilt * before) + noise_gain * noise[i];
    before = x;
    recorded[i] = std::clamp(heard, -1.0F, 1.0F);
  }
  return recorded;
}

}  // namespace inas::tools
