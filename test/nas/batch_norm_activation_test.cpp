#include <array>
#include <cstdint>
#include <limits>

#include <batch_norm_activation.hpp>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace inas::nas {
namespace {

struct Case {
  torch::Tensor map;    // batch × channels × height × width
  torch::Tensor scale;  // of the channels
  torch::Tensor shift;
  torch::Tensor weight;  // of each output in the loss
};

// In doubles. The means are far from 0, as those of a convolution may be.
Case random_case(const std::array<std::int64_t, 4>& shape) {
  const auto doubles = torch::TensorOptions(torch::kFloat64);
  torch::manual_seed(7);
  return {torch::randn(shape, doubles) * 3 + 5, torch::randn({shape[1]}, doubles),
          torch::randn({shape[1]}, doubles), torch::randn(shape, doubles)};
}

// LibTorch's own, in doubles.
struct Expected {
  torch::Tensor output;
  TrainedNorm norm;
  torch::Tensor map_gradient;
};

TrainedNorm norm_of(const Case& given, torch::ScalarType type) {
  return {given.scale.to(type).detach().clone().requires_grad_(),
          given.shift.to(type).detach().clone().requires_grad_(),
          torch::full_like(given.scale, 0.5, type), torch::full_like(given.scale, 2, type)};
}

torch::Tensor definition_of(const torch::Tensor& values, Activation activation) {
  if (activation == Activation::none) return values;
  return activation == Activation::relu ? torch::relu(values) : torch::relu6(values);
}

Expected expected_of(const Case& given, Activation activation) {
  Expected result{{}, norm_of(given, torch::kFloat64), {}};
  const torch::Tensor map = given.map.clone().requires_grad_();
  result.output =
      definition_of(torch::batch_norm(map, result.norm.scale, result.norm.shift, result.norm.mean,
                                      result.norm.variance, true, 0.1, 1e-5, false),
                    activation);
  (result.output * given.weight).sum().backward();
  result.map_gradient = map.grad();
  return result;
}

void expect_close(const torch::Tensor& found, const torch::Tensor& expected, const char* what) {
  ASSERT_EQ(found.sizes(), expected.sizes()) << what;
  const torch::Tensor difference = (found.to(torch::kFloat64) - expected).abs().amax();
  const double scale = expected.abs().amax().item<double>();
  EXPECT_LE(difference.item<double>(), 2e-5 * scale) << what;
}

void expect_equal(const Case& given, Activation activation, torch::MemoryFormat layout) {
  const Expected expected = expected_of(given, activation);
  TrainedNorm norm = norm_of(given, torch::kFloat32);
  const torch::Tensor map =
      given.map.to(torch::kFloat32).contiguous(layout).clone().requires_grad_();
  const torch::Tensor output = batch_norm_activation(norm, map, activation);
  (output * given.weight.to(torch::kFloat32)).sum().backward();
  expect_close(output.detach(), expected.output.detach(), "outputs");
  expect_close(norm.mean, expected.norm.mean, "running mean");
  expect_close(norm.variance, expected.norm.variance, "running variance");
  expect_close(norm.scale.grad(), expected.norm.scale.grad(), "gradient of the scale");
  expect_close(norm.shift.grad(), expected.norm.shift.grad(), "gradient of the shift");
  if (map.numel() / map.size(1) > 2) {  // of two values it is all but 0
    expect_close(map.grad(), expected.map_gradient, "gradient of the map");
  }
}

TEST(BatchNormActivation, EqualsItsDefinitionAndItsGradients) {
  for (const std::array<std::int64_t, 4>& shape : {std::array<std::int64_t, 4>{2, 5, 1, 1},
                                                   {3, 1, 4, 5},
                                                   {7, 24, 6, 6},
                                                   {5, 100, 3, 1},
                                                   {16, 8, 24, 24},
                                                   {2, 64, 1, 1}}) {
    for (const Activation activation : kActivations) {
      for (const auto layout :
           {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
        SCOPED_TRACE(testing::Message()
                     << shape[0] << "x" << shape[1] << "x" << shape[2] << "x" << shape[3] << ", "
                     << to_string(activation) << ", in layout " << static_cast<int>(layout));
        expect_equal(random_case(shape), activation, layout);
      }
    }
  }
}

TEST(BatchNormActivation, TakesTheGradientOfAMean) {
  // One value for all pixels, which is no memory of its own.
  const Case given = random_case({4, 6, 5, 5});
  TrainedNorm norm = norm_of(given, torch::kFloat32);
  TrainedNorm same = norm_of(given, torch::kFloat32);
  const torch::Tensor map = given.map.to(torch::kFloat32);
  batch_norm_activation(norm, map, Activation::relu).mean({2, 3}).pow(2).sum().backward();
  torch::relu(torch::batch_norm(map, same.scale, same.shift, same.mean, same.variance, true, 0.1,
                                1e-5, false))
      .mean({2, 3})
      .pow(2)
      .sum()
      .backward();
  expect_close(norm.scale.grad(), same.scale.grad().to(torch::kFloat64), "gradient of the scale");
  expect_close(norm.shift.grad(), same.shift.grad().to(torch::kFloat64), "gradient of the shift");
}

TEST(BatchNormActivation, ANumberThatIsNoneStaysNone) {
  const Case given = random_case({4, 2, 3, 3});
  torch::Tensor map = given.map.to(torch::kFloat32);
  map[0][1][0][0] = std::numeric_limits<float>::quiet_NaN();
  const torch::Tensor output =
      batch_norm_activation(norm_of(given, torch::kFloat32), map, Activation::relu).detach();
  EXPECT_FALSE(output.select(1, 0).isnan().any().item<bool>());
  EXPECT_TRUE(output.select(1, 1).isnan().any().item<bool>());
}

}  // namespace
}  // namespace inas::nas
