#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <dlfcn.h>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <torch/cuda.h>
#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/nas/trainer.hpp>

#include "random_order.hpp"

// Written for LibTorch 1.13 and 2.x alike: see the comments where the two differ.

namespace inas::nas {
namespace {

// Larger batches leave the cache: they are slower on a CPU, and do not matter to a GPU at these
// sizes.
constexpr std::int64_t kEvaluationBatch = 500;

// One part of the data on the device. Images are stored batch × height × width × channels, so that
// a batch seen as batch × channels × height × width is "channels last", the layout with the fastest
// CPU convolutions, without a copy.
struct Part {
  torch::Tensor images;
  torch::Tensor labels;

  [[nodiscard]] std::int64_t size() const { return labels.size(0); }
};

torch::Tensor channels_first(const torch::Tensor& nhwc) { return nhwc.permute({0, 3, 1, 2}); }
torch::Tensor channels_last(const torch::Tensor& nchw) { return nchw.permute({0, 2, 3, 1}); }

// A copy of row-major N×C×H×W `values`, laid out N×H×W×C. from_blob only wants a mutable pointer.
torch::Tensor copy_channels_last(const std::vector<float>& values, torch::IntArrayRef shape,
                                 const torch::Device& device) {
  const torch::Tensor view =
      torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat32);
  return channels_last(view).clone(torch::MemoryFormat::Contiguous).to(device);
}

Part make_part(const Dataset& data, const torch::Device& device) {
  const Shape& shape = data.shape;
  torch::Tensor labels =
      torch::from_blob(const_cast<std::int64_t*>(data.labels.data()), {data.size()}, torch::kInt64)
          .clone()
          .to(device);
  return {copy_channels_last(data.values, {data.size(), shape.channels, shape.height, shape.width},
                             device),
          std::move(labels)};
}

torch::Device find_device(std::int64_t gpu) {
  if (gpu < 0) return torch::Device(torch::kCPU);
  const auto found = static_cast<std::int64_t>(torch::cuda::device_count());
  if (gpu >= found) {
    throw InvalidArgument(fmt::format(
        "training.gpu is {}, but LibTorch found {} CUDA device{}; -1 trains on the CPU.", gpu,
        found, found == 1 ? "" : "s"));
  }
  return torch::Device(fmt::format("cuda:{}", gpu));
}

std::string describe(const Shape& shape) {
  return fmt::format("{}×{}×{}", shape.channels, shape.height, shape.width);
}

void check_part(const Dataset& part, std::string_view name, const Dataset& train) {
  if (part.shape != train.shape || part.classes != train.classes) {
    throw InvalidArgument(fmt::format(
        "The {} part has {} classes and shape {}, but the training part {} and {}.", name,
        part.classes, describe(part.shape), train.classes, describe(train.shape)));
  }
  if (part.labels.empty() ||
      static_cast<std::int64_t>(part.values.size()) != part.size() * part.shape.values()) {
    throw InvalidArgument(
        fmt::format("The {} part has {} labels and {} values, but must have at least one label and "
                    "{} values for each.",
                    name, part.size(), part.values.size(), part.shape.values()));
  }
  for (const std::int64_t label : part.labels) {
    if (label < 0 || label >= part.classes) {
      throw InvalidArgument(
          fmt::format("The {} part has the label {}, but labels are from 0 to {}.", name, label,
                      part.classes - 1));
    }
  }
}

// Throws InvalidArgument unless `network` turns one sample of `data` into one value per class.
void check_network(const Network& network, const Shape& input, std::int64_t classes) {
  validate(network);
  for (const Layer& layer : network.layers) {
    if (layer.bias) {
      throw InvalidArgument(fmt::format(
          "Layer {} has a bias, but networks with biases cannot be trained.", layer.name));
    }
  }
  const Layer& first = network.layers.front();
  const Layer& last = network.layers.back();
  if (first.ifm != input) {
    throw InvalidArgument(fmt::format("Layer {} takes {}, but the data have {}.", first.name,
                                      describe(first.ifm), describe(input)));
  }
  if (last.ofm != Shape{classes, 1, 1}) {
    throw InvalidArgument(fmt::format("Layer {} gives {}, but the data have {} classes.", last.name,
                                      describe(last.ofm), classes));
  }
}

std::vector<std::int64_t> weight_shape(const Layer& layer) {
  return {layer.ofm.channels, layer.ifm.channels, layer.kernel_height, layer.kernel_width};
}

// Limits this thread's calls into LibTorch to one thread. Several trainings run side by side, one a
// core: threads of one call that wait for each other on a busy machine cost 3 to 10 times what they
// gain.
void use_one_thread() {
  // OpenBLAS keeps a pool of its own that LibTorch does not limit: left at two threads, fully
  // connected networks train 30 times slower on a busy machine. It is looked up because the BLAS is
  // the system's choice. The setting holds for the whole process.
  static const bool limited = [] {
    using SetThreads = void (*)(int);
    const auto set_threads =
        reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
    if (set_threads != nullptr) set_threads(1);
    return set_threads != nullptr;
  }();
  static_cast<void>(limited);
  at::set_num_threads(1);  // counts for the calling thread only
}

// One generator per purpose, so that all networks trained with one seed see the same batches.
enum class Stream : std::uint32_t { weights, batches };

std::mt19937_64 make_generator(std::uint64_t seed, Stream stream) {
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(stream)};
  return std::mt19937_64(words);
}

// Uniform in ±√(6 / (fan in + fan out)). LibTorch's own generators differ between its versions.
std::vector<Tensor> glorot_uniform(const Network& network, std::uint64_t seed) {
  std::mt19937_64 generator = make_generator(seed, Stream::weights);
  std::vector<Tensor> weights;
  for (const Layer& layer : network.layers) {
    if (weight_count(layer) == 0) continue;
    const std::int64_t area = layer.kernel_height * layer.kernel_width;
    const double limit =
        std::sqrt(6.0 / static_cast<double>(area * (layer.ifm.channels + layer.ofm.channels)));
    Tensor& tensor = weights.emplace_back(Tensor{layer.name, weight_shape(layer), {}});
    tensor.values.resize(static_cast<std::size_t>(weight_count(layer)));
    for (float& value : tensor.values) {
      value = static_cast<float>(limit * (2 * draw_unit(generator) - 1));
    }
  }
  return weights;
}

// The weights on the device, as out × in × height × width in "channels last" layout.
std::vector<torch::Tensor> to_torch(const Network& network, const std::vector<Tensor>& weights,
                                    const torch::Device& device) {
  std::vector<torch::Tensor> result;
  auto next = weights.begin();
  for (const Layer& layer : network.layers) {
    if (weight_count(layer) == 0) continue;
    const std::vector<std::int64_t> shape = weight_shape(layer);
    if (next == weights.end() || next->shape != shape ||
        static_cast<std::int64_t>(next->values.size()) != weight_count(layer)) {
      throw InvalidArgument(fmt::format(
          "The weights of layer {} are {}, but must be one tensor of {}×{}×{}×{} values.",
          layer.name, next == weights.end() ? "absent" : "of another size", shape[0], shape[1],
          shape[2], shape[3]));
    }
    result.push_back(channels_first(copy_channels_last(next->values, shape, device)));
    ++next;
  }
  if (next != weights.end()) {
    throw InvalidArgument(fmt::format("The network has {} layers with weights, but {} were given.",
                                      result.size(), weights.size()));
  }
  return result;
}

// The inverse: replaces the values of `weights`.
void copy_values(const std::vector<torch::Tensor>& from, std::vector<Tensor>& weights) {
  assert(from.size() == weights.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const torch::Tensor values = from[i].detach().to(torch::kCPU).contiguous();
    std::copy_n(values.data_ptr<float>(), values.numel(), weights[i].values.begin());
  }
}

// The outputs, batch × classes, for images stored as in Part. `largest`, if given, becomes the
// largest absolute value of all maps and of it itself, NaN if one of them is.
torch::Tensor forward(const Network& network, const std::vector<torch::Tensor>& weights,
                      const torch::Tensor& images, torch::Tensor* largest = nullptr) {
  torch::Tensor map = channels_first(images);
  auto weight = weights.begin();
  for (const Layer& layer : network.layers) {
    switch (layer.type) {
      case LayerType::convolution:
        map = torch::conv2d(map, *weight++);
        break;
      case LayerType::fully_connected:
        // Both sides flattened as they lie in memory, which is no copy.
        map = channels_last(map)
                  .flatten(1)
                  .matmul(channels_last(*weight++).flatten(1).t())
                  .unsqueeze(-1)
                  .unsqueeze(-1);
        break;
      case LayerType::global_average_pool:
        map = map.mean({2, 3}, /*keepdim=*/true);
        continue;
      case LayerType::max_pool:
        map = torch::max_pool2d(map, {layer.kernel_height, layer.kernel_width}, layer.stride);
        continue;
    }
    if (&layer != &network.layers.back()) map = map.relu_();
    if (largest != nullptr) *largest = torch::maximum(*largest, map.abs().amax());
  }
  return map.flatten(1);
}

// How a network does on a part of the data.
struct Evaluation {
  double share_correct = 0;
  bool sound = false;  // no value is absurd, and not all outputs are 0
};

// Nothing if stopped.
std::optional<Evaluation> evaluate(const Network& network,
                                   const std::vector<torch::Tensor>& weights, const Part& part,
                                   const Stop& stop) {
  const torch::NoGradGuard no_gradients;
  torch::Tensor correct = torch::zeros({}, part.labels.options());
  torch::Tensor largest = torch::zeros({}, part.images.options());
  torch::Tensor largest_output = torch::zeros({}, part.images.options());
  for (std::int64_t first = 0; first < part.size(); first += kEvaluationBatch) {
    if (stop) return {};
    const std::int64_t count = std::min(kEvaluationBatch, part.size() - first);
    const torch::Tensor outputs =
        forward(network, weights, part.images.narrow(0, first, count), &largest);
    largest_output = torch::maximum(largest_output, outputs.abs().amax());
    correct += outputs.argmax(1).eq(part.labels.narrow(0, first, count)).sum();
  }
  // Not true of a NaN either.
  const bool sound = largest.item<float>() <= kAbsurdValue && largest_output.item<float>() > 0;
  return Evaluation{
      static_cast<double>(correct.item<std::int64_t>()) / static_cast<double>(part.size()), sound};
}

enum class EpochEnd { finished, stopped, diverged };

// One pass over the images that `order` lists.
EpochEnd train_epoch(const Network& network, std::vector<torch::Tensor>& weights,
                     torch::optim::Adam& optimizer, const Part& part,
                     std::vector<std::int64_t> order, std::int64_t batch_size, const Stop& stop) {
  const auto count = static_cast<std::int64_t>(order.size());
  const torch::Tensor shuffled =
      torch::from_blob(order.data(), {count}, torch::kInt64).to(part.labels.device());
  torch::Tensor loss_sum = torch::zeros({}, part.images.options());
  for (std::int64_t first = 0; first < count; first += batch_size) {
    if (stop) return EpochEnd::stopped;
    const torch::Tensor batch = shuffled.narrow(0, first, std::min(batch_size, count - first));
    const torch::Tensor loss =
        torch::cross_entropy_loss(forward(network, weights, part.images.index_select(0, batch)),
                                  part.labels.index_select(0, batch));
    // Absent gradients are set, not added to. Optimizer::zero_grad does this in 2.x only.
    for (torch::Tensor& weight : weights) weight.mutable_grad().reset();
    loss.backward();
    optimizer.step();
    loss_sum += loss.detach();
  }
  // Checked once an epoch, since reading a value waits for the device. The last step's weights are
  // in no loss yet.
  const torch::NoGradGuard no_gradients;
  for (const torch::Tensor& weight : weights) loss_sum += weight.sum();
  return std::isfinite(loss_sum.item<float>()) ? EpochEnd::finished : EpochEnd::diverged;
}

}  // namespace

struct Trainer::State {
  TrainingSettings settings;
  torch::Device device;
  Shape shape;
  std::int64_t classes;
  Part train;
  Part validation;
  Part test;
};

Trainer::Trainer(const DataSplit& data, const TrainingSettings& settings) {
  if (settings.batch_size < 1) {
    throw InvalidArgument(
        fmt::format("training.batch_size is {}, but must be at least 1.", settings.batch_size));
  }
  // LibTorch refuses steps that are no 32-bit floats, and Adam's first is ten times the rate.
  constexpr double kMaxLearningRate = 1e30;
  if (!(settings.learning_rate > 0 && settings.learning_rate <= kMaxLearningRate)) {
    throw InvalidArgument(
        fmt::format("training.learning_rate is {}, but must be positive and at most {}.",
                    settings.learning_rate, kMaxLearningRate));
  }
  check_part(data.train, "training", data.train);
  check_part(data.validation, "validation", data.train);
  check_part(data.test, "test", data.train);
  const torch::Device device = find_device(settings.gpu);
  use_one_thread();
  state_ = std::make_unique<State>(
      State{settings, device, data.train.shape, data.train.classes, make_part(data.train, device),
            make_part(data.validation, device), make_part(data.test, device)});
}

Trainer::~Trainer() = default;

TrainedNetwork Trainer::train(const Network& network, const TrainingRun& run, const Stop& stop,
                              const EpochObserver& observer) const {
  const State& state = *state_;
  check_network(network, state.shape, state.classes);
  if (run.epochs < 1) {
    throw InvalidArgument(
        fmt::format("{} epochs of training, but there must be at least 1.", run.epochs));
  }
  const std::int64_t available = state.train.size();
  if (run.train_images < 0 || run.train_images > available) {
    throw InvalidArgument(
        fmt::format("{} images to train on, but there must be from 1 to {}, or 0 for all.",
                    run.train_images, available));
  }
  use_one_thread();

  const std::int64_t images = run.train_images == 0 ? available : run.train_images;
  TrainedNetwork result;
  result.weights = glorot_uniform(network, run.seed);
  std::vector<torch::Tensor> weights = to_torch(network, result.weights, state.device);
  for (torch::Tensor& weight : weights) weight.requires_grad_();
  torch::optim::Adam optimizer(weights, torch::optim::AdamOptions(state.settings.learning_rate));
  std::mt19937_64 batches = make_generator(run.seed, Stream::batches);

  for (std::int64_t epoch = 1; epoch <= run.epochs; ++epoch) {
    const EpochEnd end =
        train_epoch(network, weights, optimizer, state.train, random_order(images, batches),
                    state.settings.batch_size, stop);
    if (end == EpochEnd::stopped) return result;
    std::optional<Evaluation> evaluation;
    if (end == EpochEnd::finished) {
      evaluation = evaluate(network, weights, state.validation, stop);
      if (!evaluation) return result;
    }
    if (!evaluation || !evaluation->sound) {
      result.diverged = true;
      break;
    }
    const double accuracy = evaluation->share_correct;
    if (result.epoch_accuracies.empty() || accuracy > result.validation_accuracy) {
      result.validation_accuracy = accuracy;
      copy_values(weights, result.weights);
    }
    result.epoch_accuracies.push_back(accuracy);
    if (observer) observer(epoch, accuracy);
  }
  result.completed = true;
  return result;
}

double Trainer::validation_accuracy(const Network& network,
                                    const std::vector<Tensor>& weights) const {
  check_network(network, state_->shape, state_->classes);
  use_one_thread();
  return evaluate(network, to_torch(network, weights, state_->device), state_->validation, {})
      ->share_correct;
}

std::optional<double> Trainer::test_accuracy(const Network& network,
                                             const std::vector<Tensor>& weights,
                                             const Stop& stop) const {
  check_network(network, state_->shape, state_->classes);
  use_one_thread();
  const std::optional<Evaluation> evaluation =
      evaluate(network, to_torch(network, weights, state_->device), state_->test, stop);
  if (!evaluation) return {};
  return evaluation->share_correct;
}

std::vector<std::vector<float>> logits(const Network& network, const std::vector<Tensor>& weights,
                                       const Dataset& samples) {
  check_part(samples, "given", samples);
  check_network(network, samples.shape, samples.classes);
  use_one_thread();
  const torch::NoGradGuard no_gradients;
  const torch::Device cpu(torch::kCPU);
  const std::vector<torch::Tensor> on_cpu = to_torch(network, weights, cpu);
  const Part part = make_part(samples, cpu);
  std::vector<std::vector<float>> result;
  for (std::int64_t first = 0; first < part.size(); first += kEvaluationBatch) {
    const std::int64_t count = std::min(kEvaluationBatch, part.size() - first);
    const torch::Tensor outputs =
        forward(network, on_cpu, part.images.narrow(0, first, count)).contiguous();
    const float* row = outputs.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i, row += samples.classes) {
      result.emplace_back(row, row + samples.classes);
    }
  }
  return result;
}

}  // namespace inas::nas
