#include <array>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include "data_sets.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSignals{"body_acc_x",  "body_acc_y",  "body_acc_z",
                              "body_gyro_x", "body_gyro_y", "body_gyro_z",
                              "total_acc_x", "total_acc_y", "total_acc_z"};
constexpr int kSteps = 4;

/// Value of a signal, by which window, signal and step can be told.
double value_at(int window, std::size_t signal, int step) {
  return 0.001 * window + static_cast<double>(signal) - 0.1 * step;
}

/// Files in the form of the published ones: numbers 16 characters wide, exponents of three digits.
class Har : public DataFolder {
 protected:
  static std::string number(double value) {
    std::string text = fmt::format("{:.7e}", value);
    const std::size_t sign = text.find('e') + 1;
    text.insert(sign + 1, "0");
    return fmt::format("{:>16}", text);
  }

  void write_part(const std::string& part, int first, int windows, int subjects_from,
                  int per_subject) const {
    const fs::path folder = root_ / part;
    for (std::size_t signal = 0; signal < kSignals.size(); ++signal) {
      std::string text;
      for (int window = first; window < first + windows; ++window) {
        for (int step = 0; step < kSteps; ++step) text += number(value_at(window, signal, step));
        text += '\n';
      }
      write(folder / "Inertial Signals" / fmt::format("{}_{}.txt", kSignals[signal], part), text);
    }
    std::string labels;
    std::string subjects;
    for (int window = 0; window < windows; ++window) {
      labels += fmt::format("{}\n", window % 3 + 1);
      subjects += fmt::format("{}\n", subjects_from + window / per_subject);
    }
    write(folder / fmt::format("y_{}.txt", part), labels);
    write(folder / fmt::format("subject_{}.txt", part), subjects);
  }
  void write_set() const {
    write_part("train", 0, 60, 1, 6);
    write_part("test", 60, 12, 20, 6);
    write(root_ / "activity_labels.txt", "1 WALKING\n2 SITTING\n3 LAYING\n");
  }

  /// The window that a sample is, by its first value.
  static int window_of(const DataSplit& split, const Dataset& part, std::int64_t sample) {
    return static_cast<int>(std::lround(raw_value(split, part, sample, 0) / 0.001));
  }

  fs::path root_;
};

TEST_F(Har, WindowsAreNineSignalsOfTheirSteps) {
  write_set();
  const DataSplit split = load_data(settings("har", 6), 3, 1);
  EXPECT_EQ(split.train.shape, (Shape{9, kSteps, 1}));
  EXPECT_EQ(split.test.size(), 12);
  for (std::int64_t sample = 0; sample < 12; ++sample) {
    EXPECT_EQ(split.test.labels[static_cast<std::size_t>(sample)], sample % 3);
    for (std::size_t signal = 0; signal < 9; ++signal) {
      for (int step = 0; step < kSteps; ++step) {
        const auto at = static_cast<std::int64_t>(signal) * kSteps + step;
        EXPECT_NEAR(raw_value(split, split.test, sample, at),
                    value_at(60 + static_cast<int>(sample), signal, step), 1e-5);
      }
    }
  }
  EXPECT_EQ(split.manifest.class_names, (std::vector<std::string>{"WALKING", "SITTING", "LAYING"}));
  EXPECT_EQ(split.manifest.test, (std::vector<std::int64_t>{4, 4, 4}));
}

TEST_F(Har, NoSubjectIsOnTwoSides) {
  write_set();
  for (std::uint64_t seed = 1; seed < 8; ++seed) {
    const DataSplit split = load_data(settings("har", 13), 3, seed);
    EXPECT_EQ(split.validation.size(), 18);
    EXPECT_EQ(split.train.size(), 42);
    std::set<int> train;
    for (std::int64_t i = 0; i < 42; ++i) train.insert(window_of(split, split.train, i) / 6);
    for (std::int64_t i = 0; i < 18; ++i) {
      EXPECT_FALSE(train.contains(window_of(split, split.validation, i) / 6)) << "seed " << seed;
    }
  }
}

TEST_F(Har, TheArchivesOwnFolderMayBeBelow) {
  write_set();
  const std::string hash = load_data(settings("har", 6), 3, 1).manifest.content_hash;
  for (const std::string below : {"UCI HAR Dataset", "UCI/Data"}) {
    fs::create_directories(folder_ / "x" / below);
    for (const char* part : {"train", "test", "activity_labels.txt"}) {
      fs::rename(folder_ / part, folder_ / "x" / below / part);
    }
    DataSettings data = settings("har", 6);
    data.path += "/x";
    EXPECT_EQ(load_data(data, 3, 1).manifest.content_hash, hash) << below;
    for (const char* part : {"train", "test", "activity_labels.txt"}) {
      fs::rename(folder_ / "x" / below / part, folder_ / part);
    }
    fs::remove_all(folder_ / "x");
  }
}

TEST_F(Har, EachFaultIsOneSentenceWithItsPlace) {
  const std::string signal = "train/Inertial Signals/body_gyro_y_train.txt";
  const auto expect = [&](const std::string& file, const std::string& content,
                          const std::string& first, const std::string& second) {
    write_set();
    write(file, content);
    const std::string message = error_of(settings("har", 6), 3);
    expect_part(message, first);
    expect_part(message, second);
  };
  expect(signal, "", signal, "has 0 lines, allowed: 60");
  expect(signal, "1 2 3 4\n1 2 3\n", "line 2", "a window of 3 values, allowed: 4");
  expect(signal, "1 2 x 4\n", "line 1", "found \"x\", allowed: finite numbers");
  expect(signal, "1 2 nan 4\n", "line 1", "found \"nan\"");
  expect(signal, "1 2 3 1e99\n", "line 1", "found \"1e99\"");
  expect(signal, std::string(9'000'000, '7'), "line 1", "found \"777");
  std::string long_file;
  for (int i = 0; i < 61; ++i) long_file += "1 2 3 4\n";
  expect(signal, long_file, signal, "more than 60 lines");
  expect("train/y_train.txt", "", "y_train.txt", "is empty");
  expect("train/y_train.txt", "1\n4\n", "y_train.txt", "window 1 has the label 3, allowed: 0 to 2");
  expect("test/y_test.txt", "0\n", "y_test.txt: line 1", "found \"0\", allowed: a whole number");
  expect("test/subject_test.txt", "20\n", "subject_test.txt: has 1 lines, allowed: 12",
         "y_test.txt has");
  std::string shared = "3\n";
  for (int i = 0; i < 11; ++i) shared += "20\n";
  expect("test/subject_test.txt", shared, "group \"subject 3\": has samples in", "allowed: in one");
  write_set();
  fs::remove(folder_ / "test/Inertial Signals/total_acc_z_test.txt");
  expect_part(error_of(settings("har", 6), 3), "has no file total_acc_z_test.txt");
  fs::remove_all(folder_ / "test");
  expect_part(error_of(settings("har", 6), 3), "has no folder test of UCI HAR");
}

}  // namespace
}  // namespace inas::data
