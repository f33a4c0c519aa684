#include "motion.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

#include <inas/core/random_draw.hpp>

#include "draws.hpp"

namespace inas::tools {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kGravityCornerHz = 0.3;

using Vector = std::array<double, 3>;

/// How an activity differs from level walking.
struct Gait {
  double step;       ///< of the subject's step frequency
  double amplitude;  ///< of the subject's
  double lean_rad;   ///< forward
  std::array<double, 4> up;
  std::array<double, 2> forward;
  std::array<double, 2> side;
};

constexpr Gait kLevel{1, 1, 0.03, {1, 0.45, 0.2, 0.1}, {0.5, 0.25}, {0.45, 0.2}};
constexpr Gait kUpstairs{0.86, 0.9, 0.17, {1, 0.25, 0.1, 0.03}, {0.65, 0.15}, {0.55, 0.15}};
constexpr Gait kDownstairs{1.06, 1.25, -0.02, {1, 0.7, 0.5, 0.35}, {0.4, 0.35}, {0.4, 0.3}};

struct Instant {
  Vector acceleration_g{};  ///< of the body, without gravity
  Vector turn_rad_s{};
  double lean_rad = 0;
};

/// A value that wanders around 0 with standard deviation 1, and forgets in `memory_s`.
class Wander {
 public:
  Wander(double memory_s, std::mt19937_64& random)
      : keep_(std::exp(-1 / (memory_s * kMotionRateHz))), value_(draw_normal(random)) {}
  double operator()(std::mt19937_64& random) {
    value_ = keep_ * value_ + std::sqrt(1 - keep_ * keep_) * draw_normal(random);
    return value_;
  }

 private:
  double keep_;
  double value_;
};

std::vector<Instant> walk(const Subject& subject, const Gait& gait, std::int64_t samples,
                          std::mt19937_64& random) {
  // People do not walk the same every time.
  const double step_hz = subject.step_hz * gait.step * (1 + 0.04 * draw_normal(random));
  const double amplitude = subject.amplitude_g * gait.amplitude * (1 + 0.1 * draw_normal(random));
  Wander pace(4, random);
  Wander vigour(1.5, random);
  double phase = draw_between(random, 0, 2 * kTurn);  // of two steps: 4π
  std::vector<Instant> motion;
  for (std::int64_t i = 0; i < samples; ++i) {
    phase += kTurn * step_hz * (1 + 0.03 * pace(random)) / kMotionRateHz;
    const double now = amplitude * (1 + 0.12 * vigour(random));
    Instant instant{.acceleration_g = {}, .turn_rad_s = {}, .lean_rad = gait.lean_rad};
    for (std::size_t h = 0; h < gait.up.size(); ++h) {
      const double angle = static_cast<double>(h + 1) * phase + subject.phases_rad[h];
      instant.acceleration_g[0] += now * gait.up[h] * std::cos(angle);
      if (h < gait.forward.size()) {
        instant.acceleration_g[2] += now * gait.forward[h] * std::sin(angle);
      }
      if (h < gait.side.size()) {
        const double half = (static_cast<double>(h) + 0.5) * phase + subject.phases_rad[2];
        instant.acceleration_g[1] += now * gait.side[h] * std::sin(half);
      }
    }
    instant.acceleration_g[0] += now * subject.asymmetry * std::cos(0.5 * phase);
    // The trunk turns about the vertical axis and rolls with every stride, and nods with every
    // step.
    const double turn = subject.turn_rad_s * now / subject.amplitude_g;
    instant.turn_rad_s = {turn * std::sin(0.5 * phase + subject.phases_rad[3]),
                          0.6 * turn * gait.up[1] * std::sin(phase + subject.phases_rad[1]),
                          0.5 * turn * std::cos(0.5 * phase)};
    motion.push_back(instant);
  }
  return motion;
}

std::vector<Instant> rest(double lean_rad, double sway, std::int64_t samples,
                          std::mt19937_64& random) {
  const double breath_hz = draw_between(random, 0.2, 0.35);
  const double tremor_hz = draw_between(random, 8, 12);
  std::array<Wander, 3> swaying{Wander(0.8, random), Wander(0.8, random), Wander(0.8, random)};
  // A posture is changed a little now and then.
  Wander settling(6, random);
  std::vector<Instant> motion;
  for (std::int64_t i = 0; i < samples; ++i) {
    const double t = static_cast<double>(i) / kMotionRateHz;
    Instant instant{
        .acceleration_g = {}, .turn_rad_s = {}, .lean_rad = lean_rad + 0.02 * settling(random)};
    instant.acceleration_g[2] =
        0.004 * std::sin(kTurn * breath_hz * t) + 0.002 * std::sin(kTurn * tremor_hz * t);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double value = swaying[axis](random);
      instant.acceleration_g[axis] += 0.006 * sway * value;
      instant.turn_rad_s[axis] += 0.02 * sway * value;
    }
    motion.push_back(instant);
  }
  return motion;
}

Vector turned(const Vector& v, std::size_t axis, double angle_rad) {
  const std::size_t a = (axis + 1) % 3;
  const std::size_t b = (axis + 2) % 3;
  Vector result = v;
  result[a] = std::cos(angle_rad) * v[a] - std::sin(angle_rad) * v[b];
  result[b] = std::sin(angle_rad) * v[a] + std::cos(angle_rad) * v[b];
  return result;
}

/// What a low-pass filter of first order leaves, run over the values forward and then back, so that
/// it delays nothing.
std::vector<double> low_passed(std::vector<double> values, double corner_hz) {
  const double share = 1 - std::exp(-kTurn * corner_hz / kMotionRateHz);
  double state = values.front();
  for (double& value : values) value = state += share * (value - state);
  for (auto value = values.rbegin(); value != values.rend(); ++value) {
    *value = state += share * (*value - state);
  }
  return values;
}

std::vector<Instant> move(const Subject& subject, Activity activity, std::int64_t samples,
                          std::mt19937_64& random) {
  switch (activity) {
    case Activity::walking:
      return walk(subject, kLevel, samples, random);
    case Activity::walking_upstairs:
      return walk(subject, kUpstairs, samples, random);
    case Activity::walking_downstairs:
      return walk(subject, kDownstairs, samples, random);
    case Activity::sitting:
      // Back in the chair, or nearly upright, as one stands.
      return rest(-subject.sitting_lean_rad * draw_between(random, 0.3, 1.2), 0.7, samples, random);
    case Activity::standing:
      return rest(0.05 * draw_normal(random), 1, samples, random);
    case Activity::laying:
      return rest(0, 0.4, samples, random);
  }
  return {};
}

}  // namespace

Subject draw_subject(std::mt19937_64& random) {
  Subject subject;
  subject.step_hz = draw_between(random, 1.5, 2.3);
  subject.amplitude_g = draw_between(random, 0.15, 0.4);
  subject.asymmetry = draw_between(random, 0, 0.3);
  subject.turn_rad_s = draw_between(random, 0.3, 0.9);
  subject.sitting_lean_rad = draw_between(random, 0.2, 0.8);
  for (double& phase : subject.phases_rad) phase = draw_between(random, -0.8, 0.8);
  for (double& angle : subject.worn_rad) angle = 0.15 * draw_normal(random);
  for (double& bias : subject.acceleration_bias_g) bias = 0.01 * draw_normal(random);
  for (double& bias : subject.turn_bias_rad_s) bias = 0.01 * draw_normal(random);
  subject.noise_g = draw_between(random, 0.004, 0.02);
  subject.noise_rad_s = draw_between(random, 0.01, 0.04);
  return subject;
}

std::array<std::vector<double>, kChannels> measure(const Subject& subject, Activity activity,
                                                   std::int64_t samples, std::mt19937_64& random) {
  // The phone is put on anew for every recording; who lies does so on the back or on a side.
  Vector worn = subject.worn_rad;
  for (double& angle : worn) angle += 0.05 * draw_normal(random);
  const double lying_rad = activity != Activity::laying ? 0
                           : draw_unit(random) < 0.5    ? draw_between(random, -0.3, 0.3)
                                                        : draw_between(random, 1.1, 1.8);
  std::array<std::vector<double>, kChannels> channels;
  for (const Instant& instant : move(subject, activity, samples, random)) {
    // What rests measures an acceleration of 1 g upwards.
    Vector gravity{1, 0, 0};
    gravity = turned(gravity, 1, instant.lean_rad);
    if (activity == Activity::laying) gravity = turned({0, 0, 1}, 0, lying_rad);
    Vector acceleration = gravity;
    for (std::size_t i = 0; i < 3; ++i) acceleration[i] += instant.acceleration_g[i];
    Vector turn = instant.turn_rad_s;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      acceleration = turned(acceleration, axis, worn[axis]);
      turn = turned(turn, axis, worn[axis]);
    }
    for (std::size_t i = 0; i < 3; ++i) {
      channels[3 + i].push_back(turn[i] + subject.turn_bias_rad_s[i] +
                                subject.noise_rad_s * draw_normal(random));
      channels[6 + i].push_back(acceleration[i] + subject.acceleration_bias_g[i] +
                                subject.noise_g * draw_normal(random));
    }
  }
  for (std::size_t i = 0; i < 3; ++i) {
    channels[i] = channels[6 + i];
    const std::vector<double> gravity = low_passed(channels[6 + i], kGravityCornerHz);
    for (std::size_t t = 0; t < gravity.size(); ++t) channels[i][t] -= gravity[t];
  }
  return channels;
}

}  // namespace inas::tools
