#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>
#include <zlib.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include "csv.hpp"
#include "data_sets.hpp"
#include "window_table.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

std::vector<std::vector<std::string>> cells_of(const std::string& text) {
  CsvReader reader(text, "t.csv");
  std::vector<std::vector<std::string>> rows;
  for (std::vector<std::string> cells; reader.next(cells);) rows.push_back(cells);
  return rows;
}

using Rows = std::vector<std::vector<std::string>>;

TEST(Csv, CellsAreApartBySeparatorsOutsideQuotes) {
  EXPECT_EQ(cells_of("a, b ,c\n1,,3\n"), (Rows{{"a", "b", "c"}, {"1", "", "3"}}));
  EXPECT_EQ(cells_of("\xEF\xBB\xBF"
                     "a,b\r\n\r\n1,2\r\n"),
            (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(cells_of("\"a,b\", \"c\"\"d\" ,e\n1,2,"), (Rows{{"a,b", "c\"d", "e"}, {"1", "2", ""}}));
  EXPECT_EQ(cells_of("a;b\n1;2"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(cells_of("a\tb c\n1\t2\n"), (Rows{{"a", "b c"}, {"1", "2"}}));
  EXPECT_EQ(cells_of("a\n\n \nb"), (Rows{{"a"}, {"b"}}));
  EXPECT_EQ(cells_of(""), Rows{});
}

TEST(Csv, WhatIsNoTableOfLinesIsRefused) {
  test::expect_error([] { (void)cells_of("a,b\n1,\"2\n3\"\n"); }, "line 2: found a quote that");
  test::expect_error([] { (void)cells_of("a,\"b\"c\n"); }, "line 1: found a quote within");
  const std::string huge(CsvReader::kLongestLine + 1, '1');
  test::expect_error([&] { (void)cells_of("a\n" + huge); }, "line 2: found 1048577 bytes");
  EXPECT_EQ(cells_of(huge.substr(1)).front().front().size(), CsvReader::kLongestLine);
}

DataSettings of_steps() {
  DataSettings data;
  data.name = "windows";
  data.window_column = "window";
  return data;
}

TEST(WindowTables, LinesOfAWindowBecomeChannelsOfSteps) {
  const std::string text =
      "window,x,label,y\n"
      "a,1,run,10\na,2,run,20\na,3,run,30\n"
      "b,4,sit,40\nb,5,sit,50\nb,6,sit,60\n";
  const WindowTable table = parse_window_table(text, "t.csv", of_steps(), {});
  EXPECT_EQ(table.shape, (Shape{2, 3, 1}));
  EXPECT_EQ(table.channels, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(table.values, (std::vector<float>{1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60}));
  EXPECT_EQ(table.labels, (std::vector<std::string>{"run", "sit"}));
  EXPECT_TRUE(table.groups.empty());
}

TEST(WindowTables, ChannelsMayBeNamedAndOrdered) {
  DataSettings data = of_steps();
  data.channel_columns = {"y", "x"};
  const WindowTable table = parse_window_table(
      "time,window,x,y,label\n09:00,a,1,3,0\n09:01,a,2,4,0\n", "t.csv", data, Shape{2, 2, 1});
  EXPECT_EQ(table.values, (std::vector<float>{3, 4, 1, 2}));
}

TEST(WindowTables, WindowsAreNumberedAnewInEachGroup) {
  DataSettings data = of_steps();
  data.group_column = "who";
  const WindowTable table = parse_window_table(
      "who,window,label,x\nA,1,0,1\nA,1,0,2\nB,1,1,3\nB,1,1,4\n", "t.csv", data, {});
  EXPECT_EQ(table.groups, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(table.values, (std::vector<float>{1, 2, 3, 4}));
}

TEST(WindowTables, ALineMayBeAWholeWindow) {
  DataSettings data;
  data.name = "windows";
  const std::string text = "label,x1,x2,y1,y2\n1,1,2,3,+4e1\n0,5,6,7,8\n";
  const WindowTable signal = parse_window_table(text, "t.csv", data, Shape{2, 2, 1});
  EXPECT_EQ(signal.shape, (Shape{2, 2, 1}));
  EXPECT_EQ(signal.values, (std::vector<float>{1, 2, 3, 40, 5, 6, 7, 8}));
  EXPECT_EQ(parse_window_table(text, "t.csv", data, {}).shape, (Shape{1, 4, 1}));
  EXPECT_EQ(parse_window_table(text, "t.csv", data, Shape{1, 9, 1}).shape, (Shape{1, 4, 1}));
}

TEST(WindowTables, UnequalWindowsAreNamedWithTheirLengthAndTheExpected) {
  const std::string text = "window,x,label\n7,1,0\n7,2,0\n8,1,0\n8,2,0\n8,3,0\n";
  test::expect_error([&] { (void)parse_window_table(text, "t.csv", of_steps(), {}); },
                     "window \"8\" has 3 steps, allowed: 2, as the first window has");
  test::expect_error(
      [&] {
        (void)parse_window_table(text, "t.csv", of_steps(), Shape{1, 3, 1});
      },
      "window \"7\" has 2 steps, allowed: 3, as space.input has");
}

/// Another folder, which programs offer for other faults, would not mend it.
TEST(WindowTables, AColumnThatIsMissingIsAFaultOfTheSettings) {
  EXPECT_THROW((void)parse_window_table("window,x,class\n1,2,3\n", "t.csv", of_steps(), {}),
               InvalidArgument);
}

TEST(WindowTables, EachFaultIsOneSentenceWithItsLine) {
  const auto expect = [](const std::string& text, const std::string& word) {
    test::expect_error([&] { (void)parse_window_table(text, "t.csv", of_steps(), {}); }, word);
  };
  expect("", "t.csv: is empty");
  expect("window,x,label\n", "holds no window");
  expect("window,x,class\n1,2,3\n",
         "no column \"label\", which data.label_column names; it has window");
  expect("id,x,label\n", "no column \"window\", which data.window_column names");
  expect("window,label\n1,2\n", "no column of values");
  expect("window,x,x,label\n", "the column \"x\" twice");
  expect("window,x,label\n1,2\n", "line 2: found 2 cells, allowed: 3");
  expect("window,x,label\n1,2,0\n1,oops,0\n",
         "line 3: column \"x\": found \"oops\", allowed: a finite");
  expect("window,x,label\n1,,0\n", "found \"\"");
  expect("window,x,label\n1,nan,0\n", "found \"nan\"");
  expect("window,x,label\n1,-inf,0\n", "found \"-inf\"");
  expect("window,x,label\n1,1e39,0\n", "found \"1e39\"");
  expect("window,x,label\n1,\"1,5\",0\n", "found \"1,5\"");
  expect("window,x,label\n1,2,0\n1,2,1\n",
         "line 3: found the label \"1\" in window \"1\", allowed: \"0\"");
  expect("window,x,label\n1,2,0\n2,2,0\n1,2,0\n", "line 4: found window \"1\" again");
  expect("window,x,label\n1,2,\n", "line 2: found a window without a label");
}

class Windows : public DataFolder {
 protected:
  /// Windows of two steps, number % 2 their labels, five to a person.
  static std::string table(int first, int count) {
    std::string text = "person,window,label,x\n";
    for (int window = first; window < first + count; ++window) {
      for (const char* step : {"0", "5"}) {
        text += fmt::format("p{},{},{},{}.{}\n", window / 5, window, window % 2 ? "up" : "down",
                            window, step);
      }
    }
    return text;
  }
  [[nodiscard]] DataSettings settings(std::int64_t validation) const {
    DataSettings data = DataFolder::settings("windows", validation);
    data.group_column = "person";
    data.window_column = "window";
    return data;
  }
  static std::set<int> people(const DataSplit& split, const Dataset& part) {
    std::set<int> found;
    for (std::int64_t i = 0; i < part.size(); ++i) {
      found.insert(static_cast<int>(raw_value(split, part, i, 0) + 0.25) / 5);
    }
    return found;
  }
};

TEST_F(Windows, OfOneTableWholePeopleAreTestAndValidation) {
  write("all.csv", table(0, 100));
  DataSettings data = settings(8);
  data.path += "/all.csv";
  const DataSplit split = load_data(data, 2, 1);
  EXPECT_EQ(split.test.size(), 20);
  EXPECT_EQ(split.validation.size(), 10);
  EXPECT_EQ(split.train.size(), 70);
  EXPECT_EQ(people(split, split.test).size() + people(split, split.validation).size() +
                people(split, split.train).size(),
            20U);
  EXPECT_EQ(split.manifest.class_names, (std::vector<std::string>{"down", "up"}));
  EXPECT_EQ(load_data(data, 2, 5).test.values.size(), split.test.values.size());
  EXPECT_EQ(load_data(data, 2, 5).test.labels, split.test.labels);
}

TEST_F(Windows, TablesOfPartsAreKeptAndMayBeCompressed) {
  write("train.csv", table(0, 50));
  write("test.csv", table(50, 10));
  const DataSplit plain = load_data(settings(5), 2, 1);
  EXPECT_EQ(plain.test.size(), 10);
  EXPECT_NEAR(raw_value(plain, plain.test, 3, 1), 53.5, 1e-4);
  EXPECT_EQ(plain.test.labels[3], 1);
  fs::remove(folder_ / "train.csv");
  const gzFile file = gzopen((folder_ / "train.csv.gz").c_str(), "wb");
  const std::string text = table(0, 50);
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  EXPECT_EQ(load_data(settings(5), 2, 1).manifest, plain.manifest);
  write("validation.csv", table(60, 15));
  EXPECT_EQ(load_data(settings(5), 2, 1).validation.size(), 15);
}

TEST_F(Windows, PeopleAndColumnsMustSuitEachOther) {
  write("train.csv", table(0, 50));
  write("test.csv", table(45, 10));
  expect_part(error_of(settings(5), 2), "group \"p9\": has samples in");
  write("test.csv", "person,window,label,y\np77,1,up,1\np77,1,up,2\n");
  expect_part(error_of(settings(5), 2), "other columns of values");
  write("test.csv", "person,window,label,x\np77,1,sideways,1\np77,1,sideways,2\n");
  expect_part(error_of(settings(5), 2), "3 different labels (down, sideways, up), allowed: 2");
  fs::remove(folder_ / "test.csv");
  fs::remove(folder_ / "train.csv");
  expect_part(error_of(settings(5), 2), "has no file train.csv");
}

TEST_F(Windows, LabelsThatAreNumbersAreInTheirOrder) {
  std::string text = "label,x\n";
  for (int i = 0; i < 120; ++i) text += fmt::format("{},{}\n", i % 12, i % 12);
  write("train.csv", text);
  DataSettings data = DataFolder::settings("windows", 12);
  const DataSplit split = load_data(data, 12, 1);
  EXPECT_TRUE(split.manifest.class_names.empty());
  for (std::int64_t i = 0; i < split.train.size(); ++i) {
    EXPECT_NEAR(raw_value(split, split.train, i, 0),
                static_cast<double>(split.train.labels[static_cast<std::size_t>(i)]), 1e-4);
  }
}

}  // namespace
}  // namespace inas::data
