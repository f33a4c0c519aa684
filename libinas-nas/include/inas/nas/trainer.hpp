#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/weights.hpp>
#include <inas/nas/dataset.hpp>

namespace inas::nas {

/// A trained network: the weights of the epoch with the best validation accuracy (the first of
/// equals).
struct TrainedNetwork {
  double validation_accuracy = 0;        ///< share of correct answers, of the kept weights
  std::vector<double> epoch_accuracies;  ///< validation accuracy after each epoch
  std::vector<Tensor> weights;           ///< one [out, in, kh, kw] per layer that has weights
  bool completed = false;                ///< false if stopped before the last epoch
};

/// How long and on how much to train.
struct TrainingRun {
  std::int64_t epochs = 1;
  std::int64_t train_images = 0;  ///< the first so many of the training part; 0: all
  std::uint64_t seed = 1;         ///< of the initial weights and the batches' order
};

/// Called after each epoch with its number from 1 and its validation accuracy.
using EpochObserver = std::function<void(std::int64_t epoch, double validation_accuracy)>;

/// Trains and evaluates networks on one data set.
///
/// Networks are as on the device: valid padding, ReLU after every layer with weights but the last
/// layer, no bias. Loss: softmax cross-entropy; optimiser: Adam; initial weights: Glorot
/// uniform. On the CPU each call uses one torch thread, so calls may run side by side; the same
/// network, run and thread count give the same weights.
class Trainer {
 public:
  /// Copies the data to the device. Throws InvalidArgument if settings.gpu names a device that does
  /// not exist, the learning rate or the batch size is unusable, or a part of the data is empty,
  /// has a label out of its range or another shape than the training part.
  Trainer(const DataSplit& data, const TrainingSettings& settings);
  ~Trainer();

  /// Trains from scratch. Returns early, with completed = false and the best epoch so far (or,
  /// before the first epoch ends, untrained weights), soon after `stop` becomes true. An epoch that
  /// ends with a loss or weights that are not finite ends the training, as completed and with the
  /// best epoch before it (or, if there is none, accuracy 0 and untrained weights): such a network
  /// is a bad one, no error. Throws InvalidArgument if the network does not take the data's shape
  /// or give one value per class, or `run` asks for no epoch or more images than there are.
  [[nodiscard]] TrainedNetwork train(const Network& network, const TrainingRun& run,
                                     const std::atomic<bool>& stop,
                                     const EpochObserver& observer = {}) const;

  /// Share of correct answers on the validation part.
  [[nodiscard]] double validation_accuracy(const Network& network,
                                           const std::vector<Tensor>& weights) const;
  /// Share of correct answers on the test part. To be called once, for the final solution.
  [[nodiscard]] double test_accuracy(const Network& network,
                                     const std::vector<Tensor>& weights) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What `network` computes for each sample, one row of `samples.classes` values before the softmax,
/// as 32-bit floats on the CPU: the reference for the quantised outputs of the device. Throws
/// InvalidArgument if the network does not suit the samples or the weights not the network.
[[nodiscard]] std::vector<std::vector<float>> logits(const Network& network,
                                                     const std::vector<Tensor>& weights,
                                                     const Dataset& samples);

}  // namespace inas::nas
