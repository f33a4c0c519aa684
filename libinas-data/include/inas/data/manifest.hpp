#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <inas/core/layer.hpp>

namespace inas::data {

/// What is known of a data set that was loaded and split: what a report shows, and what a study
/// compares before it goes on.
struct Manifest {
  std::string format;  ///< data.name
  Shape shape;         ///< of a sample
  std::int64_t classes = 0;
  std::vector<std::string> class_names;  ///< in the order of the labels; empty: the set has none
  // Samples of each class.
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> validation;
  std::vector<std::int64_t> test;
  std::vector<float> mean;                ///< per channel, as DataSplit::mean
  std::vector<float> standard_deviation;  ///< per channel
  /// The set says that it was made, not measured: its folder holds a file SYNTHETIC, or a
  /// manifest.json with "synthetic": true.
  bool synthetic = false;
  std::string content_hash;  ///< of the split, when it was loaded

  bool operator==(const Manifest&) const = default;
};

/// "class 3" or, with its name, "class 3 ('walking')".
[[nodiscard]] std::string name_of_class(const Manifest& manifest, std::int64_t label);

}  // namespace inas::data
