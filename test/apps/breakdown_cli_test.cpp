#include <cmath>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

namespace inas {
namespace {

using nlohmann::json;

const std::string kNetwork = "--choices 3,8,3,16,3,16,3,24,3,24 ";

test::CommandResult eval(const std::string& arguments) {
  return test::run_command(std::string(INAS_TEST_BIN) + "/inas-eval " + arguments);
}

json breakdown(const std::string& options) {
  const test::CommandResult result = eval("breakdown --json " + options);
  EXPECT_EQ(result.code, 0) << result.err;
  return json::parse(result.out);
}

void expect_keys(const json& object, const std::set<std::string>& keys) {
  std::set<std::string> found;
  for (const auto& [key, value] : object.items()) found.insert(key);
  EXPECT_EQ(found, keys);
}

double sum_of(const json& parts) {
  double sum = 0;
  for (const auto& [key, value] : parts.items()) sum += value.get<double>();
  return sum;
}

/// Keys and types of docs/formats.md, and that the parts are all.
void expect_parts(const json& of) {
  expect_keys(of.at("time_s"), {"boot", "fetch", "compute", "bookkeeping", "backup", "recharge"});
  expect_keys(of.at("energy_of_j"), {"boot", "fetch", "compute", "bookkeeping", "backup"});
  const double latency_s = of.at("latency_s");
  const double energy_j = of.at("energy_j");
  EXPECT_NEAR(sum_of(of.at("time_s")), latency_s, 1e-9 * latency_s);
  EXPECT_NEAR(sum_of(of.at("energy_of_j")), energy_j, 1e-9 * energy_j);
}

void expect_breakdown(const json& of) {
  expect_keys(of, {"latency_s", "energy_j", "time_s", "energy_of_j", "power_cycles", "layers"});
  expect_parts(of);
  EXPECT_TRUE(of.at("power_cycles").is_number_integer());
  double latency_s = 0;
  for (const json& layer : of.at("layers")) {
    expect_keys(layer, {"name", "design", "latency_s", "energy_j", "time_s", "energy_of_j", "law"});
    expect_parts(layer);
    latency_s += layer.at("latency_s").get<double>();
    const json& law = layer.at("law");
    expect_keys(law, {"key", "origin", "share"});
    EXPECT_TRUE(law.at("key").is_string());
    const std::set<std::string> words{"measured", "counted", "documented", "assumed", "not said"};
    EXPECT_TRUE(words.contains(law.at("origin").get<std::string>()));
    EXPECT_GT(law.at("share"), 0);
    EXPECT_LE(law.at("share"), 1);
  }
  EXPECT_NEAR(latency_s, of.at("latency_s").get<double>(), 1e-9 * latency_s);
}

TEST(Breakdown, ItsJsonIsThatOfTheFormatAndAddsUpToThePrintedLatency) {
  for (const char* options : {"", "--memory serial ", "--profile msp430fr5994-paper ",
                              "--units lea,cpu --design-space published "}) {
    SCOPED_TRACE(options);
    const json document = breakdown(kNetwork + options);
    expect_keys(document, {"format", "architecture", "profile", "by_layers", "as_scheduled"});
    expect_breakdown(document.at("by_layers"));
    expect_breakdown(document.at("as_scheduled"));
    EXPECT_EQ(document.at("by_layers").at("layers").size(), 7u);
    EXPECT_LE(document.at("as_scheduled").at("latency_s").get<double>(),
              document.at("by_layers").at("latency_s").get<double>() * (1 + 1e-12));
  }
  // Designs with one batch a power cycle are scheduled as by layers.
  const std::string published = kNetwork + "--units cpu --design-space published ";
  const json document = breakdown(published);
  const json priced = json::parse(eval("--json " + published).out);
  const double latency_s = priced.at("latency_s");
  EXPECT_NEAR(document.at("by_layers").at("latency_s"), latency_s, 1e-9 * latency_s);
  EXPECT_NEAR(document.at("as_scheduled").at("latency_s"), latency_s, 1e-9 * latency_s);
  for (std::size_t i = 0; i < priced.at("layers").size(); ++i) {
    const double layer_s = priced.at("layers")[i].at("latency_s");
    EXPECT_NEAR(document.at("by_layers").at("layers")[i].at("latency_s"), layer_s, 1e-9 * layer_s);
  }
}

TEST(Breakdown, UnderContinuousPowerNothingBootsOrRecharges) {
  const json document = breakdown(kNetwork + "--continuous");
  EXPECT_TRUE(document.at("as_scheduled").is_null());
  const json& all = document.at("by_layers");
  expect_breakdown(all);
  EXPECT_EQ(all.at("power_cycles"), 0);
  EXPECT_EQ(all.at("time_s").at("boot"), 0);
  EXPECT_EQ(all.at("time_s").at("recharge"), 0);
}

TEST(Breakdown, TablesShowBothWaysAndTheLawsWord) {
  const test::CommandResult result = eval("breakdown " + kNetwork);
  ASSERT_EQ(result.code, 0) << result.err;
  for (const char* words : {"by layers: ", "as scheduled: ", "time s", "energy mJ", "recharge",
                            "CONV_0", "total", ", counted"}) {
    EXPECT_NE(result.out.find(words), std::string::npos) << words << "\n" << result.out;
  }
}

/// Eleven stages, whose last layers have names that are longer than the words in front of the
/// tables.
TEST(Breakdown, LongNamesKeepTheColumnsOfTheTables) {
  const test::TemporaryFolder folder;
  const std::string settings = (folder.path() / "settings.json").string();
  std::ofstream(settings)
      << R"({"space": {"family": "blocks", "input": [1, 8, 8], "stem_filters": 4,
      "widths": [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4], "expansions": [1], "kernels": [3],
      "depths": [1], "skips": [0], "strides": [1]}})";
  std::string choices = "8,100";
  for (int stage = 0; stage < 11; ++stage) choices += ",1,3,1,0,1";
  const test::CommandResult result =
      eval("breakdown --settings " + settings + " --choices " + choices);
  ASSERT_EQ(result.code, 0) << result.err;
  std::istringstream lines(result.out.substr(result.out.find("energy mJ")));
  std::string line;
  std::getline(lines, line);
  const std::size_t length = line.size();
  int rows = 0;
  for (; std::getline(lines, line) && !line.empty(); ++rows) EXPECT_EQ(line.size(), length) << line;
  EXPECT_EQ(rows, 1 + 3 * 11 + 2 + 1);  // stem, blocks, pooling and the end, total
}

/// Elements of a document close in the order in which they open, and text holds no bare < or &.
void expect_well_formed(const std::string& document) {
  std::vector<std::string> open;
  const std::regex tag(R"(<(/?)([a-z]+)((?: [a-zA-Z-]+="[^"<&]*(?:&[a-z]+;[^"<&]*)*")*)(/?)>)");
  std::size_t at = 0;
  for (std::sregex_iterator it(document.begin(), document.end(), tag), end; it != end; ++it) {
    const std::string text = document.substr(at, static_cast<std::size_t>(it->position()) - at);
    ASSERT_EQ(text.find('<'), std::string::npos) << text;
    at = static_cast<std::size_t>(it->position() + it->length());
    if ((*it)[1].length() > 0) {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), (*it)[2].str());
      open.pop_back();
    } else if ((*it)[4].length() == 0) {
      open.push_back((*it)[2].str());
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(document.find('<', at), std::string::npos);
}

TEST(Breakdown, TheBarsOfThePictureAddUpToTheLatencies) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "bars.svg").string();
  const json document = breakdown(kNetwork + "--svg " + file);
  std::ifstream stream(file);
  const std::string svg{std::istreambuf_iterator<char>(stream), {}};
  expect_well_formed(svg);
  std::smatch scale;
  ASSERT_TRUE(std::regex_search(svg, scale, std::regex("data-seconds-per-unit=\"([^\"]+)\"")));
  double width = 0;
  int bars = 0;
  const std::regex bar("<rect class=\"[a-z]+\" x=\"[^\"]+\" y=\"[^\"]+\" width=\"([^\"]+)\"");
  for (std::sregex_iterator it(svg.begin(), svg.end(), bar), end; it != end; ++it, ++bars) {
    width += std::stod((*it)[1].str());
  }
  EXPECT_EQ(bars, 2 * 7 * 6);
  const double both_s = document.at("by_layers").at("latency_s").get<double>() +
                        document.at("as_scheduled").at("latency_s").get<double>();
  EXPECT_NEAR(width * std::stod(scale[1].str()), both_s, 1e-5 * both_s);
}

TEST(Breakdown, WhatCannotBeBrokenDownIsRefused) {
  const test::CommandResult infeasible = eval("breakdown " + kNetwork + "--ccap 1e-5");
  EXPECT_EQ(infeasible.code, 1);
  EXPECT_NE(infeasible.err.find("infeasible: "), std::string::npos) << infeasible.err;
  const test::CommandResult nothing = eval("breakdown");
  EXPECT_EQ(nothing.code, 2);
  EXPECT_NE(nothing.err.find("--choices, --solution: found none, allowed: one of them"),
            std::string::npos)
      << nothing.err;
  // Too slow for the requirement, which is a reason to ask.
  EXPECT_EQ(eval("breakdown " + kNetwork + "--latreq 0.01").code, 0);
}

}  // namespace
}  // namespace inas
