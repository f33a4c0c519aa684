#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

/// What lies between a mouth and the samples: a room, its noise, a microphone.
namespace inas::tools {

inline constexpr std::int64_t kSampleRate = 16'000;

enum class Noise : std::uint8_t { white, pink, brown, hum, murmur, rattle };

struct NamedNoise {
  Noise noise;
  std::string_view name;  ///< of its file, without the ending
};
inline constexpr std::array kNoises{
    NamedNoise{Noise::white, "white_noise"}, NamedNoise{Noise::pink, "pink_noise"},
    NamedNoise{Noise::brown, "brown_noise"}, NamedNoise{Noise::hum, "mains_hum"},
    NamedNoise{Noise::murmur, "murmur"},     NamedNoise{Noise::rattle, "rattle"}};

/// `count` samples of a noise whose root mean square is 1:
///   white: independent normal samples; pink, brown: power falling by 3 and 6 dB an octave;
///   hum: 50 Hz and its harmonics, with some pink noise;
///   murmur: pink noise between 200 and 2000 Hz that swells as syllables do, 3 to 6 times a second;
///   rattle: short resonances, struck at random.
[[nodiscard]] std::vector<float> make_noise(Noise noise, std::int64_t count,
                                            std::mt19937_64& random);

/// Where somebody speaks. Reflections come after the direct sound; `tilt` is the microphone's: the
/// sample before is subtracted so many times, which dampens low tones, or high ones if negative.
struct Room {
  struct Reflection {
    std::int64_t delay_samples = 0;
    float gain = 0;
  };
  std::array<Reflection, 3> reflections;
  float tilt = 0;
  Noise noise = Noise::white;
  double level_db = -20;           ///< of speech, below full scale
  double signal_to_noise_db = 20;  ///< speech over noise
};

/// Delays of 4 to 40 ms, gains to 0.4, tilt within ±0.4, levels of −34 to −16 dB, 10 to 35 dB over
/// the noise.
[[nodiscard]] Room draw_room(std::mt19937_64& random);

/// One second of `word`, said in `room` somewhere in it; what is longer is cut. Levels vary by up
/// to 3 dB from one time to the next. Within −1 … 1.
[[nodiscard]] std::vector<float> record(const std::vector<float>& word, const Room& room,
                                        std::mt19937_64& random);

}  // namespace inas::tools
