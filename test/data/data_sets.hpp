#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/data/dataset.hpp>

namespace inas::data {

/// A folder that a test writes a data set into, and loads it from.
class DataFolder : public testing::Test {
 protected:
  void write(const std::filesystem::path& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  /// The message of the error of loading, or an empty one.
  [[nodiscard]] static std::string error_of(const DataSettings& data, std::int64_t classes,
                                            const std::optional<Shape>& input = {}) {
    try {
      static_cast<void>(load_data(data, classes, 1, input));
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      EXPECT_FALSE(std::string(error.what()).ends_with('.')) << error.what();
      return error.what();
    }
    return {};
  }

  /// The same folder as any other, for loading.
  [[nodiscard]] DataSettings settings(const std::string& format,
                                      std::int64_t validation_images = 1) const {
    return {.name = format, .path = folder_.string(), .validation_images = validation_images};
  }

  test::TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
};

/// Expects `text` to contain `part`.
inline void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in: " << text;
}

/// A raw value of the sample, back from its standardised one.
inline double raw_value(const DataSplit& split, const Dataset& part, std::int64_t sample,
                        std::int64_t at) {
  const auto channel = static_cast<std::size_t>(at / (part.shape.height * part.shape.width));
  const auto index = static_cast<std::size_t>(sample * part.shape.values() + at);
  return static_cast<double>(part.values[index]) * split.standard_deviation[channel] +
         split.mean[channel];
}

}  // namespace inas::data
