#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/settings.hpp>

namespace inas::data {

/// Labelled samples. `values` holds size() samples of shape.values() floats each, channels × height
/// × width; `labels` are from 0 to classes − 1.
struct Dataset {
  Shape shape;
  std::int64_t classes = 0;
  std::vector<float> values;
  std::vector<std::int64_t> labels;

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

/// The three parts of a data set. Training and validation are disjoint parts of the training files;
/// the test part is the test files, touched once, for the final solution. All are standardised per
/// channel by the mean and the standard deviation of the training part.
struct DataSplit {
  Dataset train;
  Dataset validation;
  Dataset test;
  std::vector<float> mean;  ///< per channel, of the raw training part (pixels: 0 … 1)
  std::vector<float> standard_deviation;  ///< per channel
};

/// Loads and splits `data.name` from `data.path`, samples of `classes` classes:
///   fashion-mnist: IDX files of bytes, gzipped or not
///   ({train,t10k}-{images-idx3,labels-idx1}-ubyte,
///     also with a dot before idx), of Fashion-MNIST or any own set, in the folder or in
///     FashionMNIST/raw, MNIST/raw or raw below it; empty path: the folder of Debian's package
///     dataset-fashion-mnist;
///   cifar10: the binary version (data_batch_*.bin, test_batch.bin), in the folder or in
///     cifar-10-batches-bin below it.
/// Which training images go to validation depends on `seed` alone: the last data.validation_images
/// of a random order; train keeps all others, in that order. `data.train_images` is the trainer's
/// business. Throws Error, naming the file and the system's reason, if one is absent, cannot be
/// read, is truncated, not of its format, inconsistent with the others, or has a label that is not
/// below `classes`; InvalidArgument if the set is not supported or validation would leave no
/// training image.
[[nodiscard]] DataSplit load_data(const DataSettings& data, std::int64_t classes,
                                  std::uint64_t seed);

/// `data` with samples of `shape`, by averaging: of n rows for m new ones, row i is the mean of the
/// rows from ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉ − 1, columns likewise. Throws InvalidArgument unless `shape`
/// has the channels of the data, and no more rows or columns.
[[nodiscard]] Dataset resampled(Dataset data, const Shape& shape);

/// Throws InvalidArgument unless the shape and the classes of the data are those of the search
/// space.
void check_data(const DataSplit& data, const SearchSpace& space);

}  // namespace inas::data
