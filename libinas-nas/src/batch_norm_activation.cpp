#include "batch_norm_activation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <torch/csrc/autograd/custom_function.h>

#include <inas/core/batch_norm.hpp>

namespace inas::nas {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Share of a batch in the running averages of the batches.
constexpr float kMomentum = 0.1F;
/// What training adds to a variance, folding must add.
const auto kEpsilon = static_cast<float>(BatchNorm{}.epsilon);

/// Maps with few channels are walked in strips of several pixels, long enough for vector units.
constexpr std::int64_t kLeastStrip = 64;

/// The values of a map, pixel by pixel: `pixels` times `channels` of them.
struct Pixels {
  std::int64_t pixels;
  std::int64_t channels;

  [[nodiscard]] std::int64_t values() const { return pixels * channels; }
  [[nodiscard]] std::int64_t strip() const {
    return channels * std::min(pixels, (kLeastStrip + channels - 1) / channels);
  }
};

/// Calls body(first, count) for each strip; only the last may be shorter.
template <class Body>
void for_each_strip(const Pixels& size, Body&& body) {
  const std::int64_t strip = size.strip();
  for (std::int64_t first = 0; first < size.values(); first += strip) {
    body(first, std::min(strip, size.values() - first));
  }
}

/// One number per channel, repeated over a strip.
std::vector<float> repeated(const std::vector<float>& channels, const Pixels& size) {
  std::vector<float> strip(static_cast<std::size_t>(size.strip()));
  for (std::size_t i = 0; i < strip.size(); ++i) strip[i] = channels[i % channels.size()];
  return strip;
}

/// The sums of a strip's places, for each channel. In doubles: these are few.
std::vector<double> channel_sums(const std::vector<float>& strip, const Pixels& size) {
  std::vector<double> sums(static_cast<std::size_t>(size.channels));
  for (std::size_t i = 0; i < strip.size(); ++i) sums[i % sums.size()] += strip[i];
  return sums;
}

std::vector<double> mean_of(const float* values, const Pixels& size) {
  std::vector<float> sums(static_cast<std::size_t>(size.strip()));
  for_each_strip(size, [&, sum = sums.data()](std::int64_t first, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) sum[i] += values[first + i];
  });
  std::vector<double> mean = channel_sums(sums, size);
  for (double& value : mean) value /= static_cast<double>(size.pixels);
  return mean;
}

/// Sums of the squared differences from the mean.
std::vector<double> squares_of(const float* values, const std::vector<float>& mean,
                               const Pixels& size) {
  const std::vector<float> means = repeated(mean, size);
  std::vector<float> sums(means.size());
  for_each_strip(
      size, [&, sum = sums.data(), centre = means.data()](std::int64_t first, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i) {
          const float difference = values[first + i] - centre[i];
          sum[i] += difference * difference;
        }
      });
  return channel_sums(sums, size);
}

/// What normalises a batch: y = (x − mean)·factor + shift, factor = scale·rate, rate =
/// 1/√(variance + ε).
struct Statistics {
  std::vector<float> mean;
  std::vector<float> rate;
  std::vector<float> factor;
  std::vector<float> shift;
};

/// The same for a strip.
struct StripStatistics {
  std::vector<float> mean;
  std::vector<float> factor;
  std::vector<float> shift;
};

StripStatistics repeated(const Statistics& batch, const Pixels& size) {
  return {repeated(batch.mean, size), repeated(batch.factor, size), repeated(batch.shift, size)};
}

/// What an activation keeps of a value: one that leaves them becomes the bound, and has no
/// gradient.
struct Bounds {
  float low;
  float high;
};

Bounds bounds_of(Activation activation) {
  constexpr float kNone = std::numeric_limits<float>::infinity();
  return {activation == Activation::none ? -kNone : 0.0F,
          activation == Activation::relu6 ? 6.0F : kNone};
}

// The loops over a strip. Compilers make vectors of them because no two pointers may meet, and
// because what a condition chooses from is loaded in any case.

/// Not &&, which is a jump.
bool kept(float value, Bounds bounds) {
  return static_cast<int>(value > bounds.low) & static_cast<int>(value < bounds.high);
}

void normalise_strip(const float* __restrict x, const float* __restrict mean,
                     const float* __restrict factor, const float* __restrict shift,
                     float* __restrict y, Bounds bounds, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float value = (x[i] - mean[i]) * factor[i] + shift[i];
    const float raised =
        value < bounds.low ? bounds.low : value;  // not std::max: a NaN must stay one
    y[i] = raised > bounds.high ? bounds.high : raised;
  }
}

void sum_gradients(const float* __restrict x, const float* __restrict dy,
                   const float* __restrict mean, const float* __restrict factor,
                   const float* __restrict shift, float* __restrict sum, float* __restrict product,
                   Bounds bounds, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float difference = x[i] - mean[i];
    const float whole = dy[i];
    const float value = difference * factor[i] + shift[i];
    const float g = kept(value, bounds) ? whole : 0.0F;
    sum[i] += g;
    product[i] += g * difference;
  }
}

void differentiate_strip(const float* __restrict x, const float* __restrict dy,
                         const float* __restrict mean, const float* __restrict factor,
                         const float* __restrict shift, const float* __restrict constant,
                         const float* __restrict slope, float* __restrict dx, Bounds bounds,
                         std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float difference = x[i] - mean[i];
    const float whole = dy[i];
    const float value = difference * factor[i] + shift[i];
    const float g = kept(value, bounds) ? whole : 0.0F;
    dx[i] = g * factor[i] - constant[i] - difference * slope[i];
  }
}

Pixels pixels_of(const torch::Tensor& nhwc) { return {nhwc.numel() / nhwc.size(3), nhwc.size(3)}; }

/// Moves a running average, and returns nothing of it: the batch is normalised by its own.
void move_average(const torch::Tensor& average, std::int64_t channel, double value) {
  float& running = average.data_ptr<float>()[channel];
  running = (1 - kMomentum) * running + kMomentum * static_cast<float>(value);
}

Statistics statistics_of(const torch::Tensor& nhwc, const TrainedNorm& norm) {
  const Pixels size = pixels_of(nhwc);
  assert(size.pixels > 1);
  const auto* const values = nhwc.data_ptr<float>();
  Statistics result;
  const std::vector<double> mean = mean_of(values, size);
  for (const double value : mean) result.mean.push_back(static_cast<float>(value));
  const std::vector<double> squares = squares_of(values, result.mean, size);
  for (std::int64_t c = 0; c < size.channels; ++c) {
    const auto at = static_cast<std::size_t>(c);
    const auto pixels = static_cast<double>(size.pixels);
    result.rate.push_back(static_cast<float>(1 / std::sqrt(squares[at] / pixels + kEpsilon)));
    result.factor.push_back(norm.scale.data_ptr<float>()[c] * result.rate[at]);
    result.shift.push_back(norm.shift.data_ptr<float>()[c]);
    move_average(norm.mean, c, mean[at]);
    move_average(norm.variance, c, squares[at] / (pixels - 1));
  }
  return result;
}

torch::Tensor to_tensor(const std::vector<float>& values) {
  return torch::tensor(values, torch::kFloat32);
}

std::vector<float> to_vector(const torch::Tensor& tensor) {
  const auto* const first = tensor.data_ptr<float>();
  return {first, first + tensor.numel()};
}

/// An N×C×H×W tensor's values laid out N×H×W×C, without a copy if they are.
torch::Tensor laid_out(const torch::Tensor& nchw) {
  return nchw.permute({0, 2, 3, 1}).contiguous();
}

constexpr const char* kActivationKey = "activation";

class BatchNormActivation : public torch::autograd::Function<BatchNormActivation> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& map,
                               const torch::Tensor& scale, const torch::Tensor& shift,
                               const torch::Tensor& mean, const torch::Tensor& variance,
                               std::int64_t activation) {
    context->saved_data[kActivationKey] = activation;
    const Bounds bounds = bounds_of(static_cast<Activation>(activation));
    const torch::Tensor input = laid_out(map);
    const Pixels size = pixels_of(input);
    const Statistics batch = statistics_of(input, {scale, shift, mean, variance});
    context->save_for_backward({input, to_tensor(batch.mean), to_tensor(batch.rate),
                                to_tensor(batch.factor), to_tensor(batch.shift)});
    torch::Tensor output = torch::empty_like(input);
    const StripStatistics strip = repeated(batch, size);
    const auto* const x = input.data_ptr<float>();
    auto* const y = output.data_ptr<float>();
    for_each_strip(size, [&](std::int64_t first, std::int64_t count) {
      normalise_strip(x + first, strip.mean.data(), strip.factor.data(), strip.shift.data(),
                      y + first, bounds, count);
    });
    return output.permute({0, 3, 1, 2});
  }

  /// With g the gradient where the output is within the activation's bounds and n pixels: shift has
  /// Σg, scale Σg·x̂, and the map factor·(g − Σg/n − x̂·Σg·x̂/n), where x̂ = (x − mean)·rate.
  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const torch::Tensor& input = saved[0];
    const Bounds bounds =
        bounds_of(static_cast<Activation>(context->saved_data[kActivationKey].toInt()));
    const Statistics batch{to_vector(saved[1]), to_vector(saved[2]), to_vector(saved[3]),
                           to_vector(saved[4])};
    const torch::Tensor gradient = laid_out(gradients[0]);
    const Pixels size = pixels_of(input);
    const StripStatistics strip = repeated(batch, size);
    const auto* const x = input.data_ptr<float>();
    const auto* const dy = gradient.data_ptr<float>();
    std::vector<float> sums(strip.mean.size());
    std::vector<float> products(strip.mean.size());
    for_each_strip(size, [&](std::int64_t first, std::int64_t count) {
      sum_gradients(x + first, dy + first, strip.mean.data(), strip.factor.data(),
                    strip.shift.data(), sums.data(), products.data(), bounds, count);
    });
    const std::vector<double> shift_sums = channel_sums(sums, size);
    std::vector<double> scale_sums = channel_sums(products, size);
    std::vector<float> constants;
    std::vector<float> slopes;
    for (std::size_t c = 0; c < scale_sums.size(); ++c) {
      scale_sums[c] *= batch.rate[c];
      const double per_pixel = batch.factor[c] / static_cast<double>(size.pixels);
      constants.push_back(static_cast<float>(per_pixel * shift_sums[c]));
      slopes.push_back(static_cast<float>(per_pixel * batch.rate[c] * scale_sums[c]));
    }
    torch::Tensor result = torch::empty_like(input);
    const std::vector<float> all_constants = repeated(constants, size);
    const std::vector<float> all_slopes = repeated(slopes, size);
    auto* const dx = result.data_ptr<float>();
    for_each_strip(size, [&](std::int64_t first, std::int64_t count) {
      differentiate_strip(x + first, dy + first, strip.mean.data(), strip.factor.data(),
                          strip.shift.data(), all_constants.data(), all_slopes.data(), dx + first,
                          bounds, count);
    });
    const auto of_channels = [](const std::vector<double>& values) {
      return torch::tensor(values, torch::kFloat64).to(torch::kFloat32);
    };
    return {result.permute({0, 3, 1, 2}),
            of_channels(scale_sums),
            of_channels(shift_sums),
            torch::Tensor(),
            torch::Tensor(),
            torch::Tensor()};
  }
};

}  // namespace

torch::Tensor batch_norm_activation(const TrainedNorm& norm, const torch::Tensor& map,
                                    Activation activation) {
  if (map.device().is_cpu()) {
    return BatchNormActivation::apply(map, norm.scale, norm.shift, norm.mean, norm.variance,
                                      static_cast<std::int64_t>(activation));
  }
  return activated(
      torch::batch_norm(map, norm.scale, norm.shift, norm.mean, norm.variance, /*training=*/true,
                        kMomentum, kEpsilon, /*cudnn_enabled=*/true),
      activation);
}

torch::Tensor activated(torch::Tensor map, Activation activation) {
  switch (activation) {
    case Activation::none:
      break;
    case Activation::relu:
      return map.relu_();
    case Activation::relu6:
      return torch::hardtanh_(map, 0, 6);
  }
  return map;
}

}  // namespace inas::nas
