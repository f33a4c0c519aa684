#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/as_nobody.hpp>

#include <inas/core/error.hpp>
#include <inas/data/dataset.hpp>

#include "image_folder.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

using LoadData = ImageFolder;

TEST_F(LoadData, WhatIsInTheWayOfAFolderIsSaid) {
  const auto error_of_folder = [](const std::string& set, const fs::path& folder) {
    return error_of({.name = set, .path = folder.string()}, 10);
  };
  write("file", "x");
  fs::create_directory(folder_ / "closed");
  fs::create_directory(folder_ / "empty");
  fs::create_symlink("loop", folder_ / "loop");
  for (const std::string set : {"fashion-mnist", "cifar10"}) {
    for (const auto& [name, obstacle] :
         std::map<std::string, std::string>{{"none", "No such file or directory"},
                                            {"file", "is not a folder"},
                                            {"file/below", "No such file or directory"},
                                            {"loop", "Too many levels of symbolic links"},
                                            {"empty", "it is empty"}}) {
      const std::string message = error_of_folder(set, folder_ / name);
      EXPECT_NE(message.find(obstacle), std::string::npos) << set << ": " << message;
      EXPECT_NE(message.find((folder_ / name).string()), std::string::npos) << message;
    }
    fs::permissions(folder_, fs::perms::owner_all | fs::perms::others_all);
    fs::permissions(folder_ / "closed", fs::perms::none);
    {
      const test::AsNobody nobody;
      const std::string message = error_of_folder(set, folder_ / "closed");
      EXPECT_NE(message.find("Permission denied"), std::string::npos) << set << ": " << message;
      EXPECT_NE(message.find("closed"), std::string::npos) << message;
    }
    fs::permissions(folder_ / "closed", fs::perms::owner_all);
  }
  write("empty/fashion.csv", "x");
  EXPECT_NE(error_of_folder("fashion-mnist", folder_ / "empty").find("it holds fashion.csv"),
            std::string::npos);
}

TEST_F(LoadData, UnsupportedSetsAreNamedBesideTheSupported) {
  for (const std::string name : {"imagenet", "", "Fashion-MNIST"}) {
    EXPECT_THROW(static_cast<void>(load(name, 1)), InvalidArgument) << name;
    const std::string message = error(name);
    for (const std::string& part : {"data.name: found \"" + name + "\"",
                                    std::string(" fashion-mnist,"), std::string(", cifar10,")}) {
      EXPECT_NE(message.find(part), std::string::npos) << message;
    }
  }
}

TEST(CheckData, ShapeAndClassesMustBeThoseOfTheSpace) {
  const Dataset part{.shape = {1, 2, 3}, .classes = 10, .values = {}, .labels = {}};
  const DataSplit data{part, part, part, {0}, {1}};
  SearchSpace space{.family = NetworkFamily::convolution_2d,
                    .input = {1, 2, 3},
                    .classes = 10,
                    .layers = 1,
                    .kernels = {1},
                    .filters = {4}};
  EXPECT_NO_THROW(check_data(data, space));
  space.input = {1, 3, 2};
  EXPECT_THROW(check_data(data, space), InvalidArgument);
  space.input = {1, 2, 3};
  space.classes = 9;
  EXPECT_THROW(check_data(data, space), InvalidArgument);
}

/// 5×4 to 3×2: rows {0, 1}, {1, 2, 3}, {3, 4}, columns {0, 1}, {2, 3}; two samples of two channels.
TEST(Resampled, EachNewValueIsTheMeanOfThoseItCovers) {
  Dataset data{.shape = {2, 5, 4}, .classes = 3, .values = {}, .labels = {2, 0}};
  for (int value = 0; value < 80; ++value) data.values.push_back(static_cast<float>(value * value));
  const Dataset found = resampled(data, {2, 3, 2});
  EXPECT_EQ(found.shape, (Shape{2, 3, 2}));
  EXPECT_EQ(found.classes, 3);
  EXPECT_EQ(found.labels, data.labels);
  ASSERT_EQ(found.values.size(), 24u);
  const std::vector<std::vector<int>> rows{{0, 1}, {1, 2, 3}, {3, 4}};
  const std::vector<std::vector<int>> columns{{0, 1}, {2, 3}};
  std::size_t at = 0;
  for (int map = 0; map < 4; ++map) {
    for (const std::vector<int>& of_row : rows) {
      for (const std::vector<int>& of_column : columns) {
        double sum = 0;
        for (const int row : of_row) {
          for (const int column : of_column) {
            sum += data.values[static_cast<std::size_t>(20 * map + 4 * row + column)];
          }
        }
        EXPECT_FLOAT_EQ(found.values[at++],
                        static_cast<float>(sum / static_cast<double>(of_row.size() * 2)));
      }
    }
  }
}

TEST(Resampled, TheSameShapeIsTheSameDataAndOthersAreRefused) {
  const Dataset data{.shape = {1, 2, 3}, .classes = 2, .values = {1, 2, 3, 4, 5, 6}, .labels = {1}};
  EXPECT_EQ(resampled(data, {1, 2, 3}).values, data.values);
  for (const Shape& shape : {Shape{1, 3, 3}, Shape{1, 2, 4}, Shape{2, 1, 1}, Shape{1, 0, 3}}) {
    EXPECT_THROW(static_cast<void>(resampled(data, shape)), InvalidArgument);
  }
}

}  // namespace
}  // namespace inas::data
