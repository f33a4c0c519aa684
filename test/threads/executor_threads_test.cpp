#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <support/sample_solution.hpp>

#include <inas/core/random_draw.hpp>
#include <inas/core/worker_threads.hpp>
#include <inas/dump/executor.hpp>
#include <inas/dump/host_device.hpp>

namespace inas::dump {
namespace {

constexpr std::int64_t kSamples = 256;

/// A network with samples in (−2, 2) and the class of each as one thread finds it, but for every
/// fourth.
class ExecutorThreads : public ::testing::Test {
 protected:
  ExecutorThreads() {
    std::mt19937_64 random(7);
    for (std::int64_t i = 0; i < kSamples * input_size_; ++i) {
      values_.push_back(static_cast<float>(4 * draw_unit(random) - 2));
    }
    const auto calibration = std::span(values_).first(static_cast<std::size_t>(16 * input_size_));
    model_ = make_model(solution_, weights_, {calibration, 16});
    for (std::int64_t i = 0; i < kSamples; ++i) {
      outputs_.push_back(run_network(model_.network, quantize_input(model_.network, sample(i))));
      labels_.push_back((predicted_class(outputs_.back()) + (i % 4 == 0 ? 1 : 0)) % 3);
    }
  }

  [[nodiscard]] std::span<const float> sample(std::int64_t i) const {
    return std::span(values_).subspan(static_cast<std::size_t>(i * input_size_),
                                      static_cast<std::size_t>(input_size_));
  }
  [[nodiscard]] Samples samples() const { return {values_, kSamples}; }

  Solution solution_ = test::sample_solution();
  std::int64_t input_size_ = solution_.settings.space.input.values();
  std::vector<Tensor> weights_ = test::sample_weights(solution_, 3);
  std::vector<float> values_;
  Model model_;
  std::vector<std::vector<std::int16_t>> outputs_;
  std::vector<std::int64_t> labels_;
};

TEST_F(ExecutorThreads, AllCoresFindTheAccuracyThatOneFinds) {
  EXPECT_EQ(deployed_accuracy(model_.network, samples(), labels_), 0.75);
  double right = 0;
  for (std::int64_t i = 0; i < kSamples; ++i) {
    const std::span label = std::span(labels_).subspan(static_cast<std::size_t>(i), 1);
    right += float_accuracy(model_.network, weights_, {sample(i), 1}, label);
  }
  EXPECT_EQ(float_accuracy(model_.network, weights_, samples(), labels_), right / kSamples);
}

TEST_F(ExecutorThreads, ProgressIsToldByOneThreadAtATime) {
  std::vector<std::int64_t> told;
  (void)deployed_accuracy(model_.network, samples(), labels_,
                          [&](std::int64_t done) { told.push_back(done); });
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), kSamples);
  for (std::size_t call = 1; call < told.size(); ++call) EXPECT_LT(told[call - 1], told[call]);
}

TEST_F(ExecutorThreads, AfterAnExceptionOfTheCallbackTheNetworkServesOn) {
  const auto fails = [](std::int64_t) { throw std::runtime_error("the screen is full"); };
  EXPECT_THROW((void)deployed_accuracy(model_.network, samples(), labels_, fails),
               std::runtime_error);
  EXPECT_THROW((void)float_accuracy(model_.network, weights_, samples(), labels_, fails),
               std::runtime_error);
  EXPECT_EQ(deployed_accuracy(model_.network, samples(), labels_), 0.75);
}

TEST_F(ExecutorThreads, CallersSideBySideShareANetwork) {
  std::vector<double> found(3);
  {
    std::vector<std::jthread> callers;
    for (double& accuracy : found) {
      callers.emplace_back(
          [&] { accuracy = deployed_accuracy(model_.network, samples(), labels_); });
    }
  }
  EXPECT_EQ(found, std::vector<double>(3, 0.75));
}

TEST_F(ExecutorThreads, DevicesOfThreadsDoNotDisturbEachOther) {
  std::vector<std::vector<std::int16_t>> found(64);
  on_threads(4, std::ssize(found), [&] {
    return [&, device = std::make_unique<HostDevice>(model_)](std::int64_t i) {
      found[static_cast<std::size_t>(i)] = device->run(quantize_input(model_.network, sample(i)));
    };
  });
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], outputs_[i]) << i;
}

}  // namespace
}  // namespace inas::dump
