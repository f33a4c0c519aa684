#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_error.hpp>

#include <inas/core/files.hpp>
#include <inas/core/settings.hpp>

/// docs/settings.md lists the keys of a settings file as the reader knows them.
namespace inas {
namespace {

using nlohmann::json;

/// The cells of the page's table rows, without blanks and backquotes around them.
std::vector<std::vector<std::string>> rows_of_page() {
  std::vector<std::vector<std::string>> rows;
  std::istringstream page(read_file(INAS_TEST_DOCS "/settings.md"));
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(1));
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '|');) {
      const std::size_t begin = cell.find_first_not_of(" `");
      const std::size_t end = cell.find_last_not_of(" `");
      rows.back().push_back(begin == std::string::npos ? "" : cell.substr(begin, end + 1 - begin));
    }
  }
  return rows;
}

/// The keys' paths ("power.kind"), with their values.
void collect(const json& object, const std::string& path, std::map<std::string, json>& keys) {
  for (const auto& [key, value] : object.items()) {
    const std::string at = path.empty() ? key : path + "." + key;
    if (value.is_object()) {
      collect(value, at, keys);
    } else {
      keys[at] = value;
    }
  }
}

bool is_original(const std::string& first_cell) { return first_cell.ends_with("_SETTINGS"); }

TEST(SettingsPage, ListsEveryKeyWithItsDefaultAndNoOther) {
  std::map<std::string, json> known;
  collect(json::parse(to_json(Settings{})), "", known);
  std::map<std::string, json> of_blocks;
  collect(json::parse(to_json(parse_settings(R"({"space": {"family": "blocks"}})", "s.json"))), "",
          of_blocks);
  known.insert(of_blocks.begin(), of_blocks.end());  // what the default family has, too, stays
  known["comment"] = "";                             // read, and not kept
  EXPECT_EQ(parse_settings(R"({"comment": "a text"})", "s.json"), Settings{});
  std::map<std::string, json> listed;
  for (const std::vector<std::string>& row : rows_of_page()) {
    if (is_original(row.at(0))) continue;
    EXPECT_FALSE(listed.contains(row.at(0))) << row.at(0) << " stands twice";
    listed[row.at(0)] = json::parse(row.at(2));
  }
  for (const auto& [key, value] : known) {
    ASSERT_TRUE(listed.contains(key)) << key << " is missing";
    EXPECT_EQ(listed.at(key), value) << key;
  }
  for (const auto& [key, value] : listed) EXPECT_TRUE(known.contains(key)) << key << " is unknown";
}

TEST(SettingsPage, KeysOfTheOriginalsFormAreKnownToTheReader) {
  std::size_t listed = 0;
  for (const std::vector<std::string>& row : rows_of_page()) {
    if (!is_original(row.at(0))) continue;
    ++listed;
    // A known key is asked for its value, which may not be an object.
    const json document{{row.at(0), {{row.at(1), json::object()}}}};
    test::expect_error([&] { (void)parse_settings(document.dump(), "s.json"); },
                       row.at(0) + "." + row.at(1) + ": found {}");
  }
  EXPECT_GT(listed, 0u);
}

}  // namespace
}  // namespace inas
