#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/stop.hpp>
#include <inas/core/weights.hpp>
#include <inas/data/dataset.hpp>

namespace inas::nas {

/// A trained network: the weights of the epoch with the best validation accuracy (the first of
/// equals).
struct TrainedNetwork {
  double validation_accuracy = 0;        ///< share of correct answers, of the kept weights
  std::vector<double> epoch_accuracies;  ///< validation accuracy after each epoch
  /// The tensors of the layers in their order, as `tensors_of` has them, and as the network is
  /// deployed: batch normalisation is folded into them.
  std::vector<Tensor> weights;
  bool completed = false;  ///< false if stopped before the last epoch
  /// The loss, a weight or an output left the numbers that mean anything, and training ended there.
  bool diverged = false;

  /// A limit on the time of a training ended it; `train` alone knows none.
  bool too_long = false;

  /// Did it diverge, or take too long, before the first epoch had ended?
  [[nodiscard]] bool useless() const { return (diverged || too_long) && epoch_accuracies.empty(); }
};

/// Above this, a value of a map means nothing: inputs are standardised, and what a sound network
/// makes of them stays far below.
inline constexpr double kAbsurdValue = 1e6;

/// How long and on how much to train.
struct TrainingRun {
  std::int64_t epochs = 1;
  std::int64_t train_images = 0;  ///< the first so many of the training part; 0: all
  std::uint64_t seed = 1;         ///< of the initial weights and the batches' order
};

/// Called after each epoch with its number from 1 and its validation accuracy.
using EpochObserver = std::function<void(std::int64_t epoch, double validation_accuracy)>;

/// Trains and evaluates networks on one data set, which is averaged (`resampled`) for those that
/// take fewer rows or columns.
///
/// Networks are as on the device: graphs of all types of layers, with their padding, activations
/// and biases, which are 0 at first. Loss: softmax cross-entropy; optimiser: Adam; the rest is what
/// settings.recipe says. All accuracies are of the network as deployed, batch normalisation folded.
/// On the CPU each call uses one torch thread, so calls may run side by side; the same network, run
/// and thread count give the same weights.
class Trainer {
 public:
  /// Copies the data to the device. Throws InvalidArgument if settings.gpu names a device that does
  /// not exist, the learning rate or the batch size is unusable, or a part of the data is empty,
  /// has a label out of its range or another shape than the training part.
  Trainer(const data::DataSplit& data, const TrainingSettings& settings);
  ~Trainer();

  /// Trains from scratch. Returns early, with completed = false and the best epoch so far (or,
  /// before the first epoch ends, untrained weights), soon after `stop` says so.
  ///
  /// An epoch diverged if its loss or its weights are not finite, if for a validation image a map
  /// has a value that is not finite or above kAbsurdValue, or if the outputs of all of them are the
  /// same, as when no ReLU lets anything through any more, or 0. It ends the training, as
  /// completed, with diverged = true and the best epoch before it (or, if there is none, accuracy 0
  /// and untrained weights): such a network is a bad one, no error.
  ///
  /// Throws InvalidArgument if the network takes another number of channels than the data have, or
  /// more rows or columns, or does not give one value per class, `run` asks for no epoch or more
  /// images than there are, or the recipe is batch_norm and a convolution that it normalises has no
  /// bias, or there is one image.
  [[nodiscard]] TrainedNetwork train(const Network& network, const TrainingRun& run,
                                     const Stop& stop, const EpochObserver& observer = {}) const;

  /// Share of correct answers on the validation part.
  [[nodiscard]] double validation_accuracy(const Network& network,
                                           const std::vector<Tensor>& weights) const;
  /// Share of correct answers on the test part, or nothing if `stop` said so before the end. To be
  /// called once, for the final solution.
  [[nodiscard]] std::optional<double> test_accuracy(const Network& network,
                                                    const std::vector<Tensor>& weights,
                                                    const Stop& stop = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The version of LibTorch that trains: "1.13.0".
[[nodiscard]] std::string libtorch_version();

/// What `network` computes for each sample, one row of `samples.classes` values before the softmax,
/// as 32-bit floats on the CPU: the reference for the quantised outputs of the device. Throws
/// InvalidArgument if the network does not suit the samples or the weights not the network.
[[nodiscard]] std::vector<std::vector<float>> logits(const Network& network,
                                                     const std::vector<Tensor>& weights,
                                                     const data::Dataset& samples);

}  // namespace inas::nas
