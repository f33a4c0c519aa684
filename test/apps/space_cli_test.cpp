#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/search_space.hpp>

namespace inas {
namespace {

test::CommandResult space(const std::string& arguments) {
  return test::run_command(INAS_TEST_BIN "/inas-eval space " + arguments);
}

std::int64_t count(const nlohmann::json& text) { return std::stoll(text.get<std::string>()); }

const char* const kHar = "--settings " INAS_TEST_CONFIGS "/paper-har.json";

TEST(InasEvalSpace, CountsEveryNetworkOnceAndTheHistogramHoldsThoseThatCanRun) {
  for (const char* limit : {"", " --list-limit 0"}) {
    SCOPED_TRACE(limit);
    const test::CommandResult result = space(std::string(kHar) + " --json --bins 9" + limit);
    ASSERT_EQ(result.code, 0) << result.err;
    const nlohmann::json document = nlohmann::json::parse(result.out);
    EXPECT_EQ(document.at("exact").get<bool>(), *limit == '\0');
    EXPECT_EQ(document.at("networks"), "4096");
    std::int64_t sum = count(document.at("feasible"));
    for (const auto& ruled_out : document.at("ruled_out")) sum += count(ruled_out);
    EXPECT_EQ(sum, 4096);
    ASSERT_EQ(document.at("histogram").size(), 9u);
    double networks = 0;
    for (const auto& bin : document.at("histogram")) networks += bin.at("networks").get<double>();
    EXPECT_EQ(networks, static_cast<double>(count(document.at("executable"))));
    ASSERT_EQ(document.at("percentiles").size(), 10u);
    double before_s = 0;
    for (const auto& row : document.at("percentiles")) {
      EXPECT_GE(row.at("latency_s").get<double>(), before_s);
      before_s = row.at("latency_s").get<double>();
    }
  }
}

TEST(InasEvalSpace, TheRequirementMovesNetworksFromFeasibleToC2) {
  const auto at = [](const std::string& requirement) {
    return nlohmann::json::parse(space(std::string(kHar) + " --json --latreq " + requirement).out);
  };
  const nlohmann::json loose = at("1000000");
  const double median_s = loose.at("percentiles").at(5).at("latency_s").get<double>();
  const nlohmann::json tight = at(std::to_string(median_s));
  EXPECT_EQ(count(loose.at("ruled_out").at("responsiveness")), 0);
  EXPECT_NEAR(static_cast<double>(count(tight.at("feasible"))),
              static_cast<double>(count(loose.at("feasible"))) / 2, 2);
  EXPECT_EQ(space(std::string(kHar) + " --latreq 0.001").code, 1);
}

/// Where NVM holds none of a counted space's fastest networks the map lacks that list alone.
TEST(InasEvalSpace, AMapWithoutItsFastestNetworksIsStillShown) {
  const test::TemporaryFolder folder;
  const std::string settings = (folder.path() / "s.json").string();
  write_file(settings, R"({"platform": {"nvm_bytes": 100}})");
  const test::CommandResult result = space("--list-limit 0 --settings " + settings);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("fastest networks: none is shown: the 100000 fastest networks exceed "
                            "NVM"),
            std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("50 %"), std::string::npos) << result.out;
  EXPECT_EQ(nlohmann::json::parse(space("--json --list-limit 0 --settings " + settings).out)
                .at("fastest")
                .size(),
            0u);
}

TEST(InasEvalSpace, TheFastestOfAClassIsPricedTheSameAlone) {
  const nlohmann::json document =
      nlohmann::json::parse(space(std::string(kHar) + " --json --by macs --fastest 2").out);
  ASSERT_GT(document.at("fastest").size(), 2u);
  for (const auto& size_class : document.at("fastest")) {
    const auto& network = size_class.at("fastest").at(0);
    EXPECT_GE(network.at("macs"), size_class.at("at_least"));
    EXPECT_LT(network.at("macs"), size_class.at("below"));
    const std::string choices = to_string(network.at("architecture").get<Architecture>());
    const test::CommandResult alone = test::run_command(
        INAS_TEST_BIN "/inas-eval --json " + std::string(kHar) + " --choices " + choices);
    EXPECT_EQ(nlohmann::json::parse(alone.out).at("latency_s"), network.at("latency_s")) << choices;
  }
}

TEST(InasEvalSpace, WritesTheHistogramAsCsvAndSvg) {
  const test::TemporaryFolder folder;
  const std::string csv = (folder.path() / "a.csv").string();
  const std::string svg = (folder.path() / "a.svg").string();
  ASSERT_EQ(space(std::string(kHar) + " --bins 12 --csv " + csv + " --svg " + svg).code, 0);
  const std::string rows = read_file(csv);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 13);
  EXPECT_TRUE(rows.ends_with(",1\n")) << rows;
  const std::string drawing = read_file(svg);
  std::size_t bars = 0;
  for (std::size_t at = 0; (at = drawing.find("<title>", at)) != std::string::npos; ++at) ++bars;
  EXPECT_EQ(bars, 12u);
  EXPECT_NE(drawing.find("</svg>"), std::string::npos);
}

TEST(InasEvalSpace, BadInputGetsOneSentenceAndExitCodeTwo) {
  for (const char* arguments :
       {"--bins 0", "--bins many", "--fastest -1", "--by size", "--threads -1", "--resolution 2",
        "--list-limit -1", "--csv /proc/nowhere/a.csv", "--frobnicate", "--settings /nowhere"}) {
    SCOPED_TRACE(arguments);
    test::expect_refused(space(arguments), "inas-eval: ");
  }
}

}  // namespace
}  // namespace inas
