#include <algorithm>
#include <cmath>
#include <cstddef>
#include <dlfcn.h>
#include <iterator>
#include <map>
#include <mutex>
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
#include <torch/version.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/core/shape_text.hpp>
#include <inas/core/text.hpp>
#include <inas/nas/schedule.hpp>
#include <inas/nas/trainer.hpp>

#include "initial_weights.hpp"
#include "parameters.hpp"

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

Part make_part(const data::Dataset& data, const torch::Device& device) {
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
    throw InvalidArgument(
        fmt::format("training.gpu: found {}, allowed: -1, the CPU, or one of the {} "
                    "that LibTorch found, counted from 0",
                    gpu, counted(found, "CUDA device")));
  }
  return torch::Device(fmt::format("cuda:{}", gpu));
}

void check_part(const data::Dataset& part, std::string_view name, const data::Dataset& train) {
  if (part.shape != train.shape || part.classes != train.classes) {
    throw InvalidArgument(fmt::format(
        "{} part: found {} classes and shape {}, allowed: {} and {}, as the training part has",
        name, part.classes, shape_text(part.shape, "×"), train.classes,
        shape_text(train.shape, "×")));
  }
  if (part.labels.empty() ||
      static_cast<std::int64_t>(part.values.size()) != part.size() * part.shape.values()) {
    throw InvalidArgument(
        fmt::format("{} part: found {} labels and {} values, allowed: at least one label, and {} "
                    "values for each",
                    name, part.size(), part.values.size(), part.shape.values()));
  }
  for (const std::int64_t label : part.labels) {
    if (label < 0 || label >= part.classes) {
      throw InvalidArgument(fmt::format("{} part: found the label {}, allowed: 0 to {}", name,
                                        label, part.classes - 1));
    }
  }
}

// Throws InvalidArgument unless `network` gives one value per class.
void check_outputs(const Network& network, std::int64_t classes) {
  const Layer& last = network.layers.back();
  if (last.ofm != Shape{classes, 1, 1}) {
    throw InvalidArgument(
        fmt::format("{}: the output is {}, allowed: {} values, one for each class of the data",
                    last.name, shape_text(last.ofm, "×"), classes));
  }
}

// Throws InvalidArgument unless `network` turns one sample of `data` into one value per class.
void check_network(const Network& network, const Shape& input, std::int64_t classes) {
  validate(network);
  const Layer& first = network.layers.front();
  if (first.ifm != input) {
    throw InvalidArgument(fmt::format("{}: the input is {}, allowed: {}, as the data have",
                                      first.name, shape_text(first.ifm, "×"),
                                      shape_text(input, "×")));
  }
  check_outputs(network, classes);
}

// The same part with samples of `shape`, to which those of `from` can be averaged.
Part resampled_part(const Part& part, const Shape& from, const Shape& shape) {
  const torch::Tensor values =
      part.images.to(torch::kCPU).permute({0, 3, 1, 2}).contiguous();  // channels first
  const float* const first = values.data_ptr<float>();
  data::Dataset data{
      .shape = from, .classes = 0, .values = {first, first + values.numel()}, .labels = {}};
  data.labels.resize(static_cast<std::size_t>(part.size()));
  data = data::resampled(std::move(data), shape);
  Part result = make_part(data, part.images.device());
  result.labels = part.labels;
  return result;
}

// Throws InvalidArgument unless `network` can be trained on so many images with batch
// normalisation.
void check_normalisable(const Network& network, std::int64_t images) {
  for (const Layer& layer : network.layers) {
    if (is_normalised(network, layer) && !layer.bias) {
      throw InvalidArgument(fmt::format(
          "{}: has no bias, allowed: one, because batch normalisation behind it must end in it",
          layer.name));
    }
  }
  if (images < kLeastNormalisedBatch) {
    throw InvalidArgument(
        fmt::format("training images: found {}, allowed: at least {} with batch normalisation",
                    images, kLeastNormalisedBatch));
  }
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

// Outputs that differ by less, relative to the largest, differ by rounding: the same image may be
// summed in another order at another place of a batch.
constexpr float kSameOutput = 1e-6F;

// How a network does on a part of the data.
struct Evaluation {
  double share_correct = 0;
  bool sound = false;  // no value is absurd, and the outputs depend on the image
};

// Nothing if stopped.
std::optional<Evaluation> evaluate(const Network& network, const std::vector<Tensor>& weights,
                                   const Part& part, const Stop& stop) {
  const Parameters parameters = to_parameters(network, weights, part.images.device());
  const torch::NoGradGuard no_gradients;
  torch::Tensor correct = torch::zeros({}, part.labels.options());
  torch::Tensor largest = torch::zeros({}, part.images.options());
  // Of all images, class by class.
  torch::Tensor highest;
  torch::Tensor lowest;
  for (std::int64_t first = 0; first < part.size(); first += kEvaluationBatch) {
    if (stop) return {};
    const std::int64_t count = std::min(kEvaluationBatch, part.size() - first);
    const torch::Tensor outputs =
        forward(network, parameters, part.images.narrow(0, first, count), &largest);
    highest = first == 0 ? outputs.amax(0) : torch::maximum(highest, outputs.amax(0));
    lowest = first == 0 ? outputs.amin(0) : torch::minimum(lowest, outputs.amin(0));
    correct += outputs.argmax(1).eq(part.labels.narrow(0, first, count)).sum();
  }
  // Comparisons are not true of a NaN either.
  const float largest_output = torch::maximum(highest.abs(), lowest.abs()).amax().item<float>();
  const float spread = (highest - lowest).amax().item<float>();
  const bool depends = part.size() == 1 || spread > kSameOutput * largest_output;
  const bool sound = largest.item<float>() <= kAbsurdValue && largest_output > 0 && depends;
  return Evaluation{
      static_cast<double>(correct.item<std::int64_t>()) / static_cast<double>(part.size()), sound};
}

enum class EpochEnd { finished, stopped, diverged };

std::int64_t least_batch(const TrainingSettings& settings) {
  return settings.recipe == TrainingRecipe::batch_norm ? kLeastNormalisedBatch : 1;
}

// The ends of the batches of an epoch. A last batch too small for its own statistics joins the one
// before it.
std::vector<std::int64_t> batch_ends(std::int64_t images, const TrainingSettings& settings) {
  std::vector<std::int64_t> ends;
  for (std::int64_t end = settings.batch_size; end < images; end += settings.batch_size) {
    ends.push_back(end);
  }
  if (!ends.empty() && images - ends.back() < least_batch(settings)) ends.pop_back();
  ends.push_back(images);
  return ends;
}

// One training: the parameters, and how far it is.
class Training {
 public:
  Training(const Network& network, const TrainingSettings& settings, const TrainingRun& run,
           const Part& part, std::vector<std::int64_t> ends,
           const std::vector<Tensor>& initial_weights)
      : network_(network),
        settings_(settings),
        part_(part),
        ends_(std::move(ends)),
        steps_(run.epochs * std::ssize(ends_)),
        batches_(make_generator(run.seed, Stream::batches)),
        parameters_(to_parameters(network, initial_weights, part.images.device())) {
    if (settings.recipe == TrainingRecipe::batch_norm) add_norms(network, parameters_);
    trained_ = trained(parameters_);
    optimizer_.emplace(trained_, torch::optim::AdamOptions(settings.learning_rate));
  }

  // One pass over the images.
  EpochEnd train_epoch(const Stop& stop) {
    std::vector<std::int64_t> order = random_order(ends_.back(), batches_);
    const torch::Tensor shuffled =
        torch::from_blob(order.data(), {ends_.back()}, torch::kInt64).to(part_.labels.device());
    torch::Tensor loss_sum = torch::zeros({}, part_.images.options());
    std::int64_t first = 0;
    for (const std::int64_t end : ends_) {
      if (stop) return EpochEnd::stopped;
      loss_sum += step(shuffled.narrow(0, first, end - first));
      first = end;
    }
    // Checked once an epoch, since reading a value waits for the device. The last step's weights
    // are in no loss yet.
    const torch::NoGradGuard no_gradients;
    for (const torch::Tensor& tensor : trained_) loss_sum += tensor.sum();
    return std::isfinite(loss_sum.item<float>()) ? EpochEnd::finished : EpochEnd::diverged;
  }

  // As the network is deployed: batch normalisation folded.
  [[nodiscard]] std::vector<Tensor> weights() const { return to_weights(network_, parameters_); }

 private:
  // Returns the loss of the images that `batch` lists.
  torch::Tensor step(const torch::Tensor& batch) {
    ++step_;
    if (settings_.recipe == TrainingRecipe::batch_norm) {
      optimizer_->param_groups().front().options().set_lr(
          scheduled_rate(settings_.learning_rate, step_, steps_));
    }
    const torch::Tensor loss = torch::cross_entropy_loss(
        forward(network_, parameters_, part_.images.index_select(0, batch)),
        part_.labels.index_select(0, batch));
    // Absent gradients are set, not added to. Optimizer::zero_grad does this in 2.x only.
    for (torch::Tensor& tensor : trained_) tensor.mutable_grad().reset();
    loss.backward();
    optimizer_->step();
    return loss.detach();
  }

  const Network& network_;
  const TrainingSettings& settings_;
  const Part& part_;
  std::vector<std::int64_t> ends_;  // of the batches of an epoch
  std::int64_t steps_;              // of all epochs
  std::int64_t step_ = 0;           // of these have begun
  std::mt19937_64 batches_;
  Parameters parameters_;
  std::vector<torch::Tensor> trained_;  // of the parameters
  std::optional<torch::optim::Adam> optimizer_;
};

}  // namespace

namespace {

struct Parts {
  Part train;
  Part validation;
  Part test;
};

}  // namespace

struct Trainer::State {
  State(const TrainingSettings& with, const Shape& of, std::int64_t of_classes, Parts all)
      : settings(with), shape(of), classes(of_classes), parts(std::move(all)) {}

  TrainingSettings settings;
  Shape shape;
  std::int64_t classes;
  Parts parts;
  // At lower resolutions, as networks ask for them.
  std::map<std::pair<std::int64_t, std::int64_t>, Parts> resampled;
  std::mutex mutex;

  // With samples of the shape that `network` takes. Throws InvalidArgument if it does not suit.
  const Parts& parts_for(const Network& network) {
    validate(network);
    const Shape& input = network.layers.front().ifm;
    if (input.channels != shape.channels || input.height > shape.height ||
        input.width > shape.width) {
      throw InvalidArgument(fmt::format("{}: the input is {}, allowed: {}, as the data have",
                                        network.layers.front().name, shape_text(input, "×"),
                                        shape_text(shape, "×")));
    }
    check_outputs(network, classes);
    if (input == shape) return parts;
    const std::lock_guard lock(mutex);
    const auto [at, is_new] = resampled.try_emplace({input.height, input.width});
    if (is_new) {
      at->second = {resampled_part(parts.train, shape, input),
                    resampled_part(parts.validation, shape, input),
                    resampled_part(parts.test, shape, input)};
    }
    return at->second;
  }
};

Trainer::Trainer(const data::DataSplit& data, const TrainingSettings& settings) {
  const std::int64_t least = least_batch(settings);
  if (settings.batch_size < least) {
    throw InvalidArgument(fmt::format("training.batch_size: found {}, allowed: at least {}",
                                      settings.batch_size, least));
  }
  // LibTorch refuses steps that are no 32-bit floats, and Adam's first is ten times the rate.
  constexpr double kMaxLearningRate = 1e30;
  if (!(settings.learning_rate > 0 && settings.learning_rate <= kMaxLearningRate)) {
    throw InvalidArgument(
        fmt::format("training.learning_rate: found {}, allowed: a positive number up to {}",
                    settings.learning_rate, kMaxLearningRate));
  }
  check_part(data.train, "training", data.train);
  check_part(data.validation, "validation", data.train);
  check_part(data.test, "test", data.train);
  const torch::Device device = find_device(settings.gpu);
  use_one_thread();
  state_ = std::make_unique<State>(
      settings, data.train.shape, data.train.classes,
      Parts{make_part(data.train, device), make_part(data.validation, device),
            make_part(data.test, device)});
}

Trainer::~Trainer() = default;

TrainedNetwork Trainer::train(const Network& network, const TrainingRun& run, const Stop& stop,
                              const EpochObserver& observer) const {
  State& state = *state_;
  const Parts& parts = state.parts_for(network);
  if (run.epochs < 1) {
    throw InvalidArgument(
        fmt::format("epochs of training: found {}, allowed: at least 1", run.epochs));
  }
  const std::int64_t available = parts.train.size();
  if (run.train_images < 0 || run.train_images > available) {
    throw InvalidArgument(fmt::format("training images: found {}, allowed: 1 to {}, or 0 for all",
                                      run.train_images, available));
  }
  const std::int64_t images = run.train_images == 0 ? available : run.train_images;
  if (state.settings.recipe == TrainingRecipe::batch_norm) check_normalisable(network, images);
  use_one_thread();

  TrainedNetwork result;
  result.weights = initial_weights(network, state.settings.recipe, run.seed);
  Training training(network, state.settings, run, parts.train, batch_ends(images, state.settings),
                    result.weights);

  for (std::int64_t epoch = 1; epoch <= run.epochs; ++epoch) {
    const EpochEnd end = training.train_epoch(stop);
    if (end == EpochEnd::stopped) return result;
    std::vector<Tensor> weights = training.weights();
    std::optional<Evaluation> evaluation;
    if (end == EpochEnd::finished) {
      evaluation = evaluate(network, weights, parts.validation, stop);
      if (!evaluation) return result;
    }
    if (!evaluation || !evaluation->sound) {
      result.diverged = true;
      break;
    }
    const double accuracy = evaluation->share_correct;
    if (result.epoch_accuracies.empty() || accuracy > result.validation_accuracy) {
      result.validation_accuracy = accuracy;
      result.weights = std::move(weights);
    }
    result.epoch_accuracies.push_back(accuracy);
    if (observer) observer(epoch, accuracy);
  }
  result.completed = true;
  return result;
}

double Trainer::validation_accuracy(const Network& network,
                                    const std::vector<Tensor>& weights) const {
  const Parts& parts = state_->parts_for(network);
  use_one_thread();
  return evaluate(network, weights, parts.validation, {})->share_correct;
}

std::optional<double> Trainer::test_accuracy(const Network& network,
                                             const std::vector<Tensor>& weights,
                                             const Stop& stop) const {
  const Parts& parts = state_->parts_for(network);
  use_one_thread();
  const std::optional<Evaluation> evaluation = evaluate(network, weights, parts.test, stop);
  if (!evaluation) return {};
  return evaluation->share_correct;
}

std::string libtorch_version() { return TORCH_VERSION; }

std::vector<std::vector<float>> logits(const Network& network, const std::vector<Tensor>& weights,
                                       const data::Dataset& samples) {
  check_part(samples, "given", samples);
  check_network(network, samples.shape, samples.classes);
  use_one_thread();
  const torch::NoGradGuard no_gradients;
  const torch::Device cpu(torch::kCPU);
  const Parameters on_cpu = to_parameters(network, weights, cpu);
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
