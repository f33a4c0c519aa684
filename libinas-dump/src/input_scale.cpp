#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "input_scale_text.hpp"

namespace inas::dump {
namespace {

constexpr double kMost32 = std::numeric_limits<std::int32_t>::max();

/// The largest shift at which nothing leaves 32 bits; 0 if none keeps the result within 1 of the
/// exact one.
InputScale scale_of(double slope, double at_zero) {
  constexpr int kMostShift = 30;
  constexpr int kLeastShift = 8;
  for (int shift = kMostShift; shift >= kLeastShift; --shift) {
    const double scale = std::round(std::ldexp(slope, shift));
    const double offset = std::round(std::ldexp(at_zero, shift) + std::ldexp(1.0, shift - 1));
    const double largest = scale * kRawMost;
    if (std::fabs(largest) > kMost32 || std::fabs(offset) > kMost32 ||
        std::fabs(largest + offset) > kMost32) {
      continue;
    }
    return {static_cast<std::int32_t>(scale), static_cast<std::int32_t>(offset),
            static_cast<std::uint8_t>(shift)};
  }
  return {};
}

}  // namespace

std::vector<InputScale> input_scales(const Standardisation& standardisation, int exponent) {
  std::vector<InputScale> scales;
  const double unit = std::ldexp(1.0, 15 - exponent);
  for (std::size_t channel = 0; channel < standardisation.mean.size(); ++channel) {
    const double deviation = standardisation.deviation[channel];
    const InputScale scale =
        scale_of(unit / (kRawMost * deviation), -unit * standardisation.mean[channel] / deviation);
    if (scale.shift == 0) return {};
    scales.push_back(scale);
  }
  return scales;
}

std::string input_scale_header(const Model& model) {
  const std::size_t channels =
      input_scales(model.standardisation, model.network.input_exponent()).size();
  if (channels == 0) return {};
  return fmt::format(R"(
/* From a sensor's numbers, raw from 0 to INAS_MODEL_RAW_MOST, to input values: inas_input_value of input.h. */
#define INAS_MODEL_RAW_MOST {}u
#define INAS_MODEL_INPUT_CHANNELS {}u
extern const inas_input_scale inas_model_input_scales[INAS_MODEL_INPUT_CHANNELS];
)",
                     kRawMost, channels);
}

std::string input_scale_table(const Model& model) {
  const std::vector<InputScale> scales =
      input_scales(model.standardisation, model.network.input_exponent());
  if (scales.empty()) return {};
  std::string text =
      "/* From raw numbers to input values, by channel. */\n"
      "const inas_input_scale inas_model_input_scales[INAS_MODEL_INPUT_CHANNELS] = {\n";
  for (std::size_t channel = 0; channel < scales.size(); ++channel) {
    const InputScale& of = scales[channel];
    text += fmt::format("    {{{}l, {}l, {}}}{}", of.scale, of.offset, of.shift,
                        channel + 1 < scales.size() ? ",\n" : "};\n\n");
  }
  return text;
}

}  // namespace inas::dump
