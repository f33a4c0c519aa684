#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

/// A simple model of what a phone at the waist measures, in the axes of the phone: x up, y to the
/// left, z to the front where it is worn straight.
///
/// Walking moves the body by the harmonics of the step frequency f up and forward, which repeat
/// with every step, and by odd harmonics of f / 2 to the side, which repeat with every second one:
///
///     a_up(t)      = A Σ_h u_h cos(2π h f t + φ_h)            h = 1 … 4
///     a_forward(t) = A Σ_h v_h sin(2π h f t + φ_h)            h = 1, 2
///     a_side(t)    = A Σ_h w_h sin(2π (h − ½) f t + ψ)        h = 1, 2
///
/// with turning rates of the trunk at the same frequencies. On stairs the weights differ: up is
/// slow, smooth and leans forward, down is fast, with impacts that are rich in harmonics. At rest
/// there are a posture, the sway of standing, breath and a tremor. The phone's orientation turns
/// all of it, gravity included; its sensors add bias and noise.
namespace inas::tools {

inline constexpr double kMotionRateHz = 50;
inline constexpr std::int64_t kWindow = 128;
inline constexpr std::int64_t kWindowStep = 64;
inline constexpr std::int64_t kChannels = 9;

/// In the order of UCI HAR, whose labels count from 1.
enum class Activity : std::uint8_t {
  walking,
  walking_upstairs,
  walking_downstairs,
  sitting,
  standing,
  laying
};
inline constexpr std::array<std::string_view, 6> kActivityNames{
    "WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "SITTING", "STANDING", "LAYING"};

/// The files of UCI HAR, in their order: body acceleration in g, turning rate in rad/s,
/// acceleration with gravity in g.
inline constexpr std::array<std::string_view, kChannels> kChannelNames{
    "body_acc_x",  "body_acc_y",  "body_acc_z",  "body_gyro_x", "body_gyro_y",
    "body_gyro_z", "total_acc_x", "total_acc_y", "total_acc_z"};

/// One person's gait, and how the phone is worn.
struct Subject {
  double step_hz = 1.9;
  double amplitude_g = 0.25;
  double asymmetry = 0.1;  ///< of left and right steps: a share of the vertical motion
  double turn_rad_s = 0.5;
  double sitting_lean_rad = 0.35;
  std::array<double, 4> phases_rad{};
  std::array<double, 3> worn_rad{};  ///< turns of the phone about x, y and z
  std::array<double, 3> acceleration_bias_g{};
  std::array<double, 3> turn_bias_rad_s{};
  double noise_g = 0.01;
  double noise_rad_s = 0.02;
};

/// Steps of 1.5 to 2.3 Hz, 0.15 to 0.4 g.
[[nodiscard]] Subject draw_subject(std::mt19937_64& random);

/// The nine channels of `samples` samples of one activity without a break, each channel by itself.
/// Body acceleration is what a low-pass filter of 0.3 Hz, run forward and back, leaves of the
/// total, as in the set of recordings.
[[nodiscard]] std::array<std::vector<double>, kChannels> measure(const Subject& subject,
                                                                 Activity activity,
                                                                 std::int64_t samples,
                                                                 std::mt19937_64& random);

}  // namespace inas::tools
