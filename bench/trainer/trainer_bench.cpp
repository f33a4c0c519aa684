// An epoch of the trainer, and of a plain LibTorch loop on the same network, data and batches, as
// it stands in tutorials: modules, images as batch × channels × height × width.
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/pooling.h>
#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <inas/core/search_space.hpp>
#include <inas/nas/trainer.hpp>

namespace {

using namespace inas;

constexpr std::int64_t kImages = 1024;
constexpr std::int64_t kBatch = 64;
/// Kernel, filters, stride, padding of each convolution: valid ones, and strided ones that are
/// padded.
const std::array kArchitectures{
    Architecture{5, 8, 1, 0, 3, 4, 1, 0, 5, 4, 1, 0, 7, 16, 1, 0, 7, 24, 1, 0},
    Architecture{3, 8, 2, 1, 5, 12, 2, 1, 3, 24, 2, 1, 5, 24, 1, 1, 3, 24, 1, 1}};

const Architecture& architecture_of(const benchmark::State& state) {
  return kArchitectures.at(static_cast<std::size_t>(state.range(0)));
}

bool has_batch_norm(const benchmark::State& state) { return state.range(1) == 1; }

/// Noise: what an image shows does not matter to the time.
data::Dataset images(std::int64_t count) {
  std::mt19937 generator(1);
  data::Dataset data{.shape = {1, 28, 28}, .classes = 10, .values = {}, .labels = {}};
  for (std::int64_t i = 0; i < count; ++i) data.labels.push_back(i % 10);
  for (std::int64_t i = 0; i < count * 784; ++i) {
    data.values.push_back(static_cast<float>(generator() % 1000) / 500 - 1);
  }
  return data;
}

Network network(const Architecture& architecture, bool biases) {
  return build_network({.family = NetworkFamily::convolution_2d,
                        .input = {1, 28, 28},
                        .classes = 10,
                        .layers = 5,
                        .kernels = {},
                        .filters = {},
                        .strides = {1, 2},
                        .paddings = {0, 1},
                        .bias = biases},
                       architecture);
}

void BM_TrainerEpoch(benchmark::State& state) {
  const bool batch_norm = has_batch_norm(state);
  TrainingSettings settings;
  settings.recipe = batch_norm ? TrainingRecipe::batch_norm : TrainingRecipe::plain;
  settings.batch_size = kBatch;
  const nas::Trainer trainer({images(kImages), images(1), images(1), {0}, {1}}, settings);
  const Network trained = network(architecture_of(state), batch_norm);
  for (auto _ : state) benchmark::DoNotOptimize(trainer.train(trained, {}, {}));
  state.SetItemsProcessed(state.iterations() * kImages);
}

torch::nn::Sequential modules(const Architecture& architecture, bool batch_norm) {
  torch::nn::Sequential all;
  std::int64_t channels = 1;
  for (std::size_t i = 0; i < architecture.size(); i += 4) {
    const std::int64_t kernel = architecture[i];
    const std::int64_t filters = architecture[i + 1];
    all->push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, filters, kernel)
                                         .stride(architecture[i + 2])
                                         .padding(architecture[i + 3] * (kernel / 2))
                                         .bias(false)));
    if (batch_norm) all->push_back(torch::nn::BatchNorm2d(filters));
    all->push_back(torch::nn::ReLU(torch::nn::ReLUOptions().inplace(true)));
    channels = filters;
  }
  all->push_back(torch::nn::AdaptiveAvgPool2d(1));
  all->push_back(torch::nn::Flatten());
  all->push_back(torch::nn::Linear(torch::nn::LinearOptions(channels, 10).bias(batch_norm)));
  return all;
}

void BM_PlainLoopEpoch(benchmark::State& state) {
  at::set_num_threads(1);
  data::Dataset data = images(kImages);
  const torch::Tensor inputs =
      torch::from_blob(data.values.data(), {kImages, 1, 28, 28}, torch::kFloat32);
  const torch::Tensor labels = torch::from_blob(data.labels.data(), {kImages}, torch::kInt64);
  for (auto _ : state) {
    torch::nn::Sequential model = modules(architecture_of(state), has_batch_norm(state));
    torch::optim::Adam optimizer(model->parameters(), torch::optim::AdamOptions(1e-3));
    const torch::Tensor order = torch::randperm(kImages, torch::kInt64);
    for (std::int64_t first = 0; first < kImages; first += kBatch) {
      const torch::Tensor batch = order.narrow(0, first, kBatch);
      optimizer.zero_grad();
      const torch::Tensor loss = torch::cross_entropy_loss(
          model->forward(inputs.index_select(0, batch)), labels.index_select(0, batch));
      loss.backward();
      optimizer.step();
    }
  }
  state.SetItemsProcessed(state.iterations() * kImages);
}

/// The network; 0: the plain recipe, 1: with batch normalisation.
void networks_and_recipes(benchmark::internal::Benchmark* all) {
  all->ArgsProduct({{0, 1}, {0, 1}})->Unit(benchmark::kMillisecond);
}
BENCHMARK(BM_TrainerEpoch)->Apply(networks_and_recipes);
BENCHMARK(BM_PlainLoopEpoch)->Apply(networks_and_recipes);

}  // namespace
