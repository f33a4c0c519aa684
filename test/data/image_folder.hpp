#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <zlib.h>

#include <gtest/gtest.h>

#include <inas/data/dataset.hpp>

#include "data_sets.hpp"

namespace inas::data {

using Files = std::map<std::string, std::string>;

/// A folder of files of images, as IDX and CIFAR-10 have them.
class ImageFolder : public DataFolder {
 protected:
  using DataFolder::write;
  void write(const Files& files) const {
    for (const auto& [name, content] : files) write(name, content);
  }
  void compress(const std::string& name, const std::string& content) const {
    const gzFile file = gzopen((folder_ / (name + ".gz")).c_str(), "wb");
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(gzwrite(file, content.data(), static_cast<unsigned>(content.size())),
              static_cast<int>(content.size()));
    ASSERT_EQ(gzclose(file), Z_OK);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  [[nodiscard]] DataSplit load(const std::string& set, std::int64_t validation_images,
                               std::uint64_t seed = 1, std::int64_t classes = 10) const {
    return load_data(settings(set, validation_images), classes, seed);
  }
  /// The message of the error of loading, or an empty one.
  [[nodiscard]] std::string error(const std::string& set, std::int64_t validation_images = 1,
                                  std::int64_t classes = 10) const {
    return error_of(settings(set, validation_images), classes);
  }
};

/// The pixel at `index` of the values of a part, as its file has it.
inline std::int64_t raw_pixel(const DataSplit& split, const Dataset& part, std::int64_t index) {
  const std::int64_t channel = index % part.shape.values() / (part.shape.height * part.shape.width);
  const auto c = static_cast<std::size_t>(channel);
  return std::lround(
      255 *
      (part.values[static_cast<std::size_t>(index)] * split.standard_deviation[c] + split.mean[c]));
}

inline void expect_equal(const Dataset& a, const Dataset& b) {
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.values, b.values);
  EXPECT_EQ(a.labels, b.labels);
}

inline void expect_equal(const DataSplit& a, const DataSplit& b) {
  expect_equal(a.train, b.train);
  expect_equal(a.validation, b.validation);
  expect_equal(a.test, b.test);
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.standard_deviation, b.standard_deviation);
}

}  // namespace inas::data
