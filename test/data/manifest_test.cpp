#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>
#include <zlib.h>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include "data_sets.hpp"
#include "loader.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

class Manifests : public DataFolder {
 protected:
  static std::string word(int value) { return {'\0', '\0', '\0', static_cast<char>(value)}; }
  static std::string idx_images(int count, char add = 0) {
    std::string file = std::string("\0\0\x08\x03", 4) + word(count) + word(1) + word(2);
    for (int i = 0; i < 2 * count; ++i) file += static_cast<char>(i * i % 100 + add);
    return file;
  }
  static std::string idx_labels(int count, int classes) {
    std::string file = std::string("\0\0\x08\x01", 4) + word(count);
    for (int i = 0; i < count; ++i) file += static_cast<char>(i % classes);
    return file;
  }
  void write_set(const fs::path& below = "", char add = 0) const {
    write(below / "train-images-idx3-ubyte", idx_images(20, add));
    write(below / "train-labels-idx1-ubyte", idx_labels(20, 2));
    write(below / "t10k-images-idx3-ubyte", idx_images(5));
    write(below / "t10k-labels-idx1-ubyte", idx_labels(5, 2));
  }
  [[nodiscard]] Manifest manifest(const fs::path& below = "") const {
    DataSettings data = settings("mnist", 4);
    data.path = (folder_ / below).string();
    return load_data(data, 2, 1).manifest;
  }
};

TEST_F(Manifests, SaysWhatWasLoaded) {
  write_set();
  const DataSplit split = load_data(settings("mnist", 4), 2, 1);
  const Manifest& found = split.manifest;
  EXPECT_EQ(found.format, "mnist");
  EXPECT_EQ(found.shape, (Shape{1, 1, 2}));
  EXPECT_EQ(found.classes, 2);
  EXPECT_EQ(found.test, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(found.train.at(0) + found.train.at(1), 16);
  EXPECT_EQ(found.train.at(0) + found.validation.at(0), 10);
  EXPECT_EQ(found.mean, split.mean);
  EXPECT_EQ(found.standard_deviation, split.standard_deviation);
  EXPECT_FALSE(found.synthetic);
  EXPECT_EQ(found.content_hash, content_hash(split));
}

// The value is that of `xxhsum -H2` of the bytes, written with Python: each part's extents, classes
// and count as 64 bits, its values as floats, its labels as 64 bits, little-endian.
TEST(ContentHash, IsXxh3OfShapesValuesAndLabels) {
  const Dataset train{
      .shape = {1, 1, 2}, .classes = 3, .values = {0.5F, -1, 2, 4}, .labels = {2, 0}};
  const Dataset validation{.shape = {1, 1, 2}, .classes = 3, .values = {1, 1}, .labels = {1}};
  const Dataset test{.shape = {1, 1, 2}, .classes = 3, .values = {}, .labels = {}};
  EXPECT_EQ(content_hash({train, validation, test, {}, {}}), "9bae086871b1f2353c2540ac9d170f1e");
}

TEST_F(Manifests, TheHashIsOfTheContentAlone) {
  write_set("a");
  write_set("b/MNIST/raw");
  const std::string images = idx_images(20);
  fs::remove(folder_ / "b/MNIST/raw/train-images-idx3-ubyte");
  const gzFile file = gzopen((folder_ / "b/MNIST/raw/train-images.idx3-ubyte.gz").c_str(), "wb");
  gzwrite(file, images.data(), static_cast<unsigned>(images.size()));
  gzclose(file);
  EXPECT_EQ(manifest("a"), manifest("b"));
  write_set("c", 1);
  EXPECT_NE(manifest("a").content_hash, manifest("c").content_hash);
}

TEST_F(Manifests, AnyValueAndAnyLabelChangesTheHash) {
  write_set();
  const DataSplit split = load_data(settings("idx", 4), 2, 1);
  const std::string hash = content_hash(split);
  for (const auto part : {&DataSplit::train, &DataSplit::validation, &DataSplit::test}) {
    DataSplit other = split;
    (other.*part).values.back() += 1e-6F;
    EXPECT_NE(content_hash(other), hash);
    other = split;
    (other.*part).labels.front() ^= 1;
    EXPECT_NE(content_hash(other), hash);
    other = split;
    std::swap((other.*part).shape.width, (other.*part).shape.height);
    EXPECT_NE(content_hash(other), hash);
  }
  DataSplit moved = split;
  std::swap(moved.train, moved.test);
  EXPECT_NE(content_hash(moved), hash);
}

TEST_F(Manifests, ASetMaySayThatItIsSynthetic) {
  write_set();
  write("SYNTHETIC", "");
  EXPECT_TRUE(manifest().synthetic);
  fs::remove(folder_ / "SYNTHETIC");
  write("manifest.json", R"({"synthetic": true, "made": "by a script"})");
  EXPECT_TRUE(manifest().synthetic);
  for (const char* other : {R"({"synthetic": false})", R"({"voices": 3})", "[1]"}) {
    write("manifest.json", other);
    EXPECT_FALSE(manifest().synthetic) << other;
  }
  write("manifest.json", R"({"synthetic": "yes"})");
  expect_part(error_of(settings("mnist"), 2), "synthetic: found \"yes\", allowed: true or false");
  write("manifest.json", R"({"synthetic": )");
  expect_part(error_of(settings("mnist"), 2), "manifest.json");
}

TEST_F(Manifests, AClassWithoutATrainingSampleIsAnError) {
  write_set();
  SearchSpace space;
  space.input = {1, 1, 2};
  space.classes = 2;
  EXPECT_NO_THROW(check_data(load_data(settings("mnist", 4), 2, 1), space));
  space.classes = 3;
  DataSplit split = load_data(settings("mnist", 4), 3, 1);
  test::expect_error([&] { check_data(split, space); },
                     "training data: found no sample of class 2");
  split.manifest.class_names = {"rest", "walk", "run"};
  test::expect_error([&] { check_data(split, space); }, "class 2 ('run')");
}

TEST_F(Manifests, SetsOfTheMnistFamilyAreFoundByTheirUsualNames) {
  write_set();
  const std::string hash = manifest().content_hash;
  const auto rename = [&](const std::string& from, const std::string& to) {
    for (const char* ending : {"-images-idx3-ubyte", "-labels-idx1-ubyte"}) {
      fs::rename(folder_ / (from + ending), folder_ / (to + ending));
    }
  };
  rename("train", "emnist-digits-train");
  rename("t10k", "emnist-digits-test");
  EXPECT_EQ(manifest().content_hash, hash);
  fs::create_directories(folder_ / "up/EMNIST");
  fs::create_directory_symlink(folder_, folder_ / "up/EMNIST/raw");
  EXPECT_EQ(manifest("up").content_hash, hash);
  write("emnist-letters-train-images-idx3-ubyte", idx_images(3));
  expect_part(error_of(settings("mnist"), 2), "holds 2 sets (emnist-digits-, emnist-letters-)");
}

TEST(Loaders, HaveNamesThatSettingsAllow) {
  for (const Loader& loader : loaders()) {
    Settings settings;
    settings.data.name = loader.name;
    EXPECT_NO_THROW(validate(settings)) << loader.name;
  }
}

}  // namespace
}  // namespace inas::data
