#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/data/dataset.hpp>

#include "image_folder.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

using Cifar10 = ImageFolder;

// Records of CIFAR-10's binary version from number `first` on. The label and the first red pixel
// tell the number; green is darker than red, blue is constant.
std::string cifar_records(std::int64_t first, std::int64_t count) {
  std::string file;
  for (std::int64_t i = first; i < first + count; ++i) {
    file += static_cast<char>(i % 10);
    for (std::int64_t p = 0; p < 1024; ++p) file += static_cast<char>(p == 0 ? i : 128 + p % 100);
    for (std::int64_t p = 0; p < 1024; ++p) file += static_cast<char>(p % 50);
    file += std::string(1024, '\x33');
  }
  return file;
}

TEST_F(Cifar10, AllBatchesAreReadInTheOrderOfTheirNames) {
  write("data_batch_2.bin", cifar_records(5, 7));
  write("data_batch_1.bin", cifar_records(0, 5));
  write("data_batch_3.bin", cifar_records(12, 4));
  write("batches.meta.txt", "airplane\n");
  write("test_batch.bin", cifar_records(100, 3));
  const DataSplit several = load("cifar10", 6);
  fs::remove(folder_ / "data_batch_2.bin");
  fs::remove(folder_ / "data_batch_3.bin");
  write("data_batch_1.bin", cifar_records(0, 16));
  expect_equal(load("cifar10", 6), several);
  EXPECT_EQ(several.train.size(), 10);
  EXPECT_EQ(several.validation.size(), 6);
  EXPECT_EQ(several.test.size(), 3);
}

TEST_F(Cifar10, RecordsAreALabelAndThreeChannels) {
  write("data_batch_1.bin", cifar_records(0, 16));
  write("test_batch.bin", cifar_records(100, 3));
  const DataSplit split = load("cifar10", 6);
  EXPECT_EQ(split.train.shape, (Shape{3, 32, 32}));
  EXPECT_EQ(split.test.labels, (std::vector<std::int64_t>{0, 1, 2}));
  for (std::int64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(raw_pixel(split, split.test, i * 3072), 100 + i);
    EXPECT_EQ(raw_pixel(split, split.test, i * 3072 + 99), 128 + 99);
    EXPECT_EQ(raw_pixel(split, split.test, i * 3072 + 1024 + 49), 49);
    EXPECT_EQ(raw_pixel(split, split.test, i * 3072 + 2048), 0x33);
  }
  for (std::int64_t i = 0; i < split.train.size(); ++i) {
    EXPECT_EQ(raw_pixel(split, split.train, i * 3072) % 10,
              split.train.labels[static_cast<std::size_t>(i)]);
  }
}

TEST_F(Cifar10, EachChannelIsStandardisedByItself) {
  write("data_batch_1.bin", cifar_records(0, 16));
  write("test_batch.bin", cifar_records(100, 3));
  const DataSplit split = load("cifar10", 6);
  ASSERT_EQ(split.mean.size(), 3U);
  ASSERT_EQ(split.standard_deviation.size(), 3U);
  EXPECT_EQ(split.standard_deviation[2], 1);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < split.train.values.size(); ++i) {
      if (i / 1024 % 3 != channel) continue;
      sum += split.train.values[i];
      squares += split.train.values[i] * split.train.values[i];
    }
    EXPECT_NEAR(sum / 10'240, 0, 1e-5) << "channel " << channel;
    EXPECT_NEAR(squares / 10'240, channel == 2 ? 0 : 1, 1e-5) << "channel " << channel;
  }
}

TEST_F(Cifar10, FaultyFilesAreErrorsThatSayWhatIsWrong) {
  const Files good{{"data_batch_1.bin", cifar_records(0, 4)},
                   {"data_batch_2.bin", cifar_records(4, 4)},
                   {"test_batch.bin", cifar_records(8, 2)}};
  for (const auto& [name, content] : good) {
    write(good);
    ASSERT_EQ(error("cifar10"), "");
    const std::size_t size = content.size();
    for (const std::size_t wrong : {std::size_t{0}, std::size_t{1}, size - 1, size - 3072}) {
      write(name, content.substr(0, wrong));
      const std::string message = error("cifar10");
      EXPECT_NE(message.find(name), std::string::npos) << message;
      EXPECT_NE(message.find("3073"), std::string::npos) << message;
    }
    write(name, content + '\0');
    EXPECT_NE(error("cifar10").find("3073"), std::string::npos) << name;
    std::string label = content;
    label[3073] = 10;
    write(name, label);
    const std::string message = error("cifar10");
    EXPECT_NE(message.find(name), std::string::npos) << message;
    EXPECT_NE(message.find("image 1 has the label 10"), std::string::npos) << message;
  }
}

TEST_F(Cifar10, NamesOfClassesAreThoseOfTheSetIfThereAreAsMany) {
  write("data_batch_1.bin", cifar_records(0, 16));
  write("test_batch.bin", cifar_records(100, 3));
  EXPECT_TRUE(load("cifar10", 6).manifest.class_names.empty());
  std::string names;
  for (char name = 'a'; name <= 'j'; ++name) names += std::string(1, name) + "\n";
  write("batches.meta.txt", names + "\n");
  EXPECT_EQ(load("cifar10", 6).manifest.class_names.at(9), "j");
  write("batches.meta.txt", "airplane\n");
  EXPECT_TRUE(load("cifar10", 6).manifest.class_names.empty());
}

TEST_F(Cifar10, ThePythonVersionIsRefusedWithTheNameOfTheOther) {
  write("data_batch_1", "pickle");
  EXPECT_NE(error("cifar10").find("cifar-10-binary.tar.gz"), std::string::npos);
  fs::remove(folder_ / "data_batch_1");
  fs::create_directory(folder_ / "cifar-10-batches-py");
  EXPECT_NE(error("cifar10").find("cifar-10-binary.tar.gz"), std::string::npos);
}

TEST_F(Cifar10, AbsentFilesAreErrors) {
  EXPECT_NE(error("cifar10").find("data_batch_*.bin"), std::string::npos) << error("cifar10");
  write("data_batch_1.bin", cifar_records(0, 4));
  EXPECT_NE(error("cifar10").find("test_batch.bin"), std::string::npos) << error("cifar10");
  // As an absent folder: who asked for the set may name another one.
  try {
    static_cast<void>(load_data({.name = "cifar10", .path = {}}, 10, 1));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(dynamic_cast<const InvalidArgument*>(&error), nullptr);
    EXPECT_NE(std::string(error.what()).find("data.path: found \"\""), std::string::npos);
  }
  EXPECT_THROW(
      static_cast<void>(load_data({.name = "cifar10", .path = (folder_ / "none").string()}, 10, 1)),
      Error);
}

}  // namespace
}  // namespace inas::data
