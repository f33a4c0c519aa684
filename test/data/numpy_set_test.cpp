#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>
#include <zlib.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/npy_bytes.hpp>

#include "data_sets.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;
using test::bytes_of;

template <class T>
std::string little_endian(T value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

/// An archive of stored members, as numpy.savez writes it.
std::string zip(const std::map<std::string, std::string>& members) {
  std::string file;
  std::string directory;
  for (const auto& [name, content] : members) {
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    const std::string sizes = little_endian(crc, 4) + little_endian(content.size(), 4) +
                              little_endian(content.size(), 4) + little_endian(name.size(), 2);
    const std::string offset = little_endian(file.size(), 4);
    file += std::string("PK\x03\x04\x14\0\0\0\0\0\0\0\0\0", 14) + sizes + std::string(2, '\0') +
            name + content;
    directory += std::string("PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0", 16) + sizes +
                 std::string(12, '\0') + offset + name;
  }
  const std::string count = little_endian(members.size(), 2);
  return file + directory + std::string("PK\x05\x06\0\0\0\0", 8) + count + count +
         little_endian(directory.size(), 4) + little_endian(file.size(), 4) + std::string(2, '\0');
}

class NumpySet : public DataFolder {
 protected:
  /// `count` samples of 12 values, of the shape that `extents` says.
  static std::string samples(int count, const std::string& extents, float first = 0) {
    std::vector<float> values;
    for (int i = 0; i < 12 * count; ++i) values.push_back(first + static_cast<float>(i));
    return test::npy_bytes("<f4", fmt::format("{}, {}", count, extents), bytes_of(values));
  }
  static std::string labels(int count, int classes = 2) {
    std::vector<std::int64_t> values;
    for (int i = 0; i < count; ++i) values.push_back(i % classes);
    return test::npy_bytes("<i8", fmt::format("{},", count), bytes_of(values));
  }
  static std::map<std::string, std::string> set(const std::string& extents) {
    return {{"x_train.npy", samples(10, extents)},
            {"y_train.npy", labels(10)},
            {"x_test.npy", samples(3, extents, 1000)},
            {"y_test.npy", labels(3)}};
  }
  void write_all(const std::map<std::string, std::string>& files) const {
    for (const auto& [name, content] : files) write(name, content);
  }
};

TEST_F(NumpySet, ShapesAreWhatTheirExtentsSay) {
  struct Case {
    std::string extents;
    Shape input;
    Shape expected;
  };
  for (const Case& one : std::vector<Case>{{"3, 2, 2", {3, 2, 2}, {3, 2, 2}},
                                           {"3, 4", {3, 4, 1}, {3, 4, 1}},
                                           {"3, 4", {1, 3, 4}, {1, 3, 4}},
                                           {"12", {1, 12, 1}, {1, 12, 1}}}) {
    write_all(set(one.extents));
    const DataSplit split = load_data(settings("numpy", 2), 2, 1, one.input);
    EXPECT_EQ(split.train.shape, one.expected) << one.extents;
    EXPECT_EQ(split.train.size(), 8);
    ASSERT_EQ(split.test.size(), 3);
    EXPECT_EQ(split.test.labels, (std::vector<std::int64_t>{0, 1, 0}));
    for (int i = 0; i < 36; ++i) {
      EXPECT_NEAR(raw_value(split, split.test, i / 12, i % 12), 1000 + i, 1e-2) << one.extents;
    }
  }
}

TEST_F(NumpySet, ArchiveAndFolderAreReadAlike) {
  const auto files = set("3, 4");
  write_all(files);
  const Manifest folder = load_data(settings("numpy", 2), 2, 1).manifest;
  for (const auto& [name, content] : files) fs::remove(folder_ / name);
  write("own.npz", zip(files));
  EXPECT_EQ(load_data(settings("numpy", 2), 2, 1).manifest, folder);  // the one archive in it
  DataSettings data = settings("numpy", 2);
  data.path = (folder_ / "own.npz").string();
  EXPECT_EQ(load_data(data, 2, 1).manifest, folder);
}

TEST_F(NumpySet, AValidationPartOfItsOwnIsKept) {
  write_all(set("12"));
  write("x_validation.npy", samples(4, "12", 500));
  expect_part(error_of(settings("numpy"), 2), "has no array y_validation.npy");
  write("y_validation.npy", labels(4));
  const DataSplit split = load_data(settings("numpy", 2000), 2, 1);
  EXPECT_EQ(split.train.size(), 10);
  EXPECT_EQ(split.validation.size(), 4);
  EXPECT_NEAR(raw_value(split, split.validation, 0, 3), 503, 1e-3);
}

TEST_F(NumpySet, WithoutATestPartAFifthOfEachClassIsSplitOff) {
  auto files = set("12");
  files.erase("x_test.npy");
  files.erase("y_test.npy");
  write("own.npz", zip(files));
  const DataSplit split = load_data(settings("numpy", 2), 2, 1);
  EXPECT_EQ(split.test.size(), 2);
  EXPECT_EQ(split.train.size(), 6);
}

TEST_F(NumpySet, BytesArePixelsAndTheSameAsInOtherForms) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 40; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 37 % 256));
  const std::vector<std::uint8_t> truth{0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  for (const char* part : {"train", "test"}) {
    write(fmt::format("x_{}.npy", part), test::npy_bytes("|u1", "10, 2, 2", bytes_of(pixels)));
    write(fmt::format("y_{}.npy", part), test::npy_bytes("|u1", "10, 1", bytes_of(truth)));
  }
  const DataSplit numpy = load_data(settings("numpy", 2), 2, 1);
  EXPECT_NEAR(raw_value(numpy, numpy.test, 0, 3), 111.0 / 255, 1e-6);
  for (const char* part : {"train", "t10k"}) {
    write(fmt::format("{}-images-idx3-ubyte", part),
          std::string("\0\0\x08\x03\0\0\0\x0a\0\0\0\x02\0\0\0\x02", 16) + bytes_of(pixels));
    write(fmt::format("{}-labels-idx1-ubyte", part),
          std::string("\0\0\x08\x01\0\0\0\x0a", 8) + bytes_of(truth));
  }
  EXPECT_EQ(load_data(settings("idx", 2), 2, 1).manifest.content_hash, numpy.manifest.content_hash);
}

TEST_F(NumpySet, EachFaultIsOneSentenceWithTheArray) {
  const auto expect = [&](const std::string& file, const std::string& content,
                          const std::string& word, const Shape& input = {3, 2, 2}) {
    write_all(set("3, 2, 2"));
    write(file, content);
    const std::string message = error_of(settings("numpy"), 2, input);
    expect_part(message, word);
    expect_part(message, file.substr(0, file.find('.')));
  };
  expect("y_test.npy", test::npy_bytes("<f4", "3, 2", bytes_of(std::vector<float>(6))), "one-hot");
  expect("y_test.npy", test::npy_bytes("<f4", "3,", bytes_of(std::vector<float>{0, 0.5F, 1})),
         "whole numbers");
  expect("y_test.npy", test::npy_bytes("<i8", "", bytes_of(std::vector<std::int64_t>{1})),
         "one label a sample");
  expect("y_test.npy", labels(4), "has 3 samples");
  expect("y_train.npy", labels(10, 3), "the label 2, allowed: 0 to 1");
  expect("x_test.npy", samples(3, "3, 4"), "3×2×2");
  expect("x_test.npy", samples(3, "2, 2, 3"), "x.transpose(0, 3, 1, 2)");
  expect("x_test.npy", test::npy_bytes("<f4", "3, 0", ""), "at least one of everything");
  expect("x_test.npy", samples(1, "1, 1, 1, 12"), "samples × features");
  expect("x_test.npy", test::npy_bytes("|u1", "3, 3, 2, 2", std::string(36, '\1')), "8 bits");
  expect("x_train.npy", test::npy_bytes("<f4", "1000000000000, 3, 2, 2", ""), "allowed: at most");
  expect("x_train.npy", "", "another format");
  expect("x_train.npy", test::npy_bytes("|O", "10,", "pickle"), "whole numbers or truth values");
  std::vector<float> values(36);
  values[5] = std::numeric_limits<float>::quiet_NaN();
  expect("x_test.npy", test::npy_bytes("<f4", "3, 3, 2, 2", bytes_of(values)),
         "found nan as value 5");
}

TEST_F(NumpySet, AbsentArraysAreNamedBesideThoseThatAreThere) {
  expect_part(error_of(settings("numpy"), 2), "has no array x_train.npy");
  DataSettings data = settings("numpy");
  data.path += "/own.npz";
  expect_part(error_of(data, 2), "No such file");
  write("own.npz", zip({{"X.npy", samples(2, "12")}, {"y.npy", labels(2)}}));
  expect_part(error_of(data, 2), "has no array x_train; it has X, y");
  auto files = set("12");
  files.erase("y_test.npy");
  write("own.npz", zip(files));
  expect_part(error_of(data, 2), "has no array y_test; it has x_test, x_train, y_train");
  write("own.npz", samples(2, "12"));
  expect_part(error_of(data, 2), "is one array");
  data.path = "";
  expect_part(error_of(data, 2), "data.path: found \"\", allowed: an .npz file");
}

}  // namespace
}  // namespace inas::data
