#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/settings.hpp>
#include <inas/data/manifest.hpp>

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

/// The three parts of a data set, which have no sample in common. The test part is touched once,
/// for the final solution. All are standardised per channel by the mean and the standard deviation
/// of the training part.
struct DataSplit {
  Dataset train;
  Dataset validation;
  Dataset test;
  std::vector<float> mean;  ///< per channel, of the raw training part (pixels of 8 bits: 0 … 1)
  std::vector<float> standard_deviation;  ///< per channel
  Manifest manifest = {};                 ///< of what load_data has loaded
};

/// Loads, splits and standardises `data.name` from `data.path`, samples of `classes` classes. The
/// formats and their files are described in docs/data.md. Formats whose files leave the shape open
/// go by `input`, that of the search space, if it is given.
///
/// A part that the set has is kept. Otherwise a fifth of the training files is the test part,
/// whatever the seed, and the last data.validation_images of a random order, which `seed` alone
/// decides, are the validation part; train keeps all others, in that order. Where the set has
/// groups, as the persons of UCI HAR, they are kept whole. `data.train_images` is the trainer's
/// business.
///
/// Throws Error, naming the file and the system's reason, if one is absent, cannot be read, is
/// truncated, not of its format, inconsistent with the others, or has a label that is not below
/// `classes` or a value that is no finite number; InvalidArgument if the format is not known or
/// validation would leave no training sample.
[[nodiscard]] DataSplit load_data(const DataSettings& data, std::int64_t classes,
                                  std::uint64_t seed, const std::optional<Shape>& input = {});

/// XXH3 of 128 bits, as 32 hexadecimal digits, of the shape, the values and the labels of train,
/// validation and test, in this order. Where the files lie, how they are called and whether they
/// are compressed does not change it.
[[nodiscard]] std::string content_hash(const DataSplit& data);

/// `data` with samples of `shape`, by averaging: of n rows for m new ones, row i is the mean of the
/// rows from ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉ − 1, columns likewise. Throws InvalidArgument unless `shape`
/// has the channels of the data, and no more rows or columns.
[[nodiscard]] Dataset resampled(Dataset data, const Shape& shape);

/// Throws InvalidArgument unless the shape and the classes of the data are those of the search
/// space, and Error if a class has no training sample.
void check_data(const DataSplit& data, const SearchSpace& space);

}  // namespace inas::data
