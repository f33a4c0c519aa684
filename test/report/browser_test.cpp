// What a browser makes of the page: Chromium without a window, started once for each way to look at
// pages. A browser that hangs is ended by `timeout`, and the test fails.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>

#include "has.hpp"

namespace inas::report {
namespace {

using test::has;

/// Runs Chromium on a file of `folder`, with a profile of its own; its standard output.
std::string run_browser(const std::filesystem::path& folder, const std::string& options,
                        const std::string& file) {
  const std::string command =
      "timeout -k 5 120 " INAS_TEST_CHROMIUM
      " --headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
      "--disable-background-networking --disable-component-update --disable-sync "
      "--allow-file-access-from-files --virtual-time-budget=20000 --user-data-dir=" +
      (folder / "profile").string() + " " + options + " file://" + (folder / file).string();
  const test::CommandResult result = test::run_command(command);
  EXPECT_EQ(result.code, 0) << command << "\n" << result.err;
  return result.out;
}

/// One line of the harness: findings by name.
using Findings = std::map<std::string, std::string>;

struct Harness {
  std::vector<Findings> pages;
  std::string hostile;
};

Harness look_at_pages(const std::filesystem::path& folder, const std::string& options) {
  const std::string html = run_browser(folder, options + " --dump-dom", "harness.html");
  EXPECT_TRUE(has(html, "<title>done</title>"));
  const std::string begin = "<pre id=\"result\">";
  const std::size_t start = html.find(begin) + begin.size();
  std::istringstream lines(html.substr(start, html.find("</pre>", start) - start));
  Harness harness;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Findings findings;
    for (std::string name, value; words >> name >> value;) findings[name] = value;
    if (findings.contains("page")) harness.pages.push_back(findings);
    if (findings.contains("hostile")) harness.hostile = findings["hostile"];
  }
  return harness;
}

class BrowserTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(test::run_command(INAS_TEST_BIN "/inas-sample-pages " + path().string()).code, 0);
    write_file(path() / "harness.html", read_file(INAS_TEST_HARNESS));
  }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(BrowserTest, DrawsEveryFigureAtEveryWidthInLightAndDarkWithoutAnyRequest) {
  const std::map<std::string, int> figures{
      {"sample.html", 6}, {"one-trial.html", 5}, {"infeasible.html", 1}, {"texts.html", 6},
      {"long.html", 6},   {"deep.html", 6},      {"large.html", 6}};
  const Harness light = look_at_pages(path(), "--blink-settings=preferredColorScheme=1");
  const Harness dark = look_at_pages(path(), "--blink-settings=preferredColorScheme=0");
  ASSERT_EQ(light.pages.size(), 8U);
  ASSERT_EQ(dark.pages.size(), light.pages.size());
  for (std::size_t index = 0; index < light.pages.size(); ++index) {
    for (const Harness* harness : {&light, &dark}) {
      Findings of = harness->pages[index];
      SCOPED_TRACE(of["page"] + " at " + of["width"] + (harness == &dark ? ", dark" : ", light"));
      EXPECT_LE(std::stoi(of["overflow"]), 0) << "the page scrolls sideways";
      EXPECT_EQ(std::stoi(of["canvases"]), figures.at(of["page"]));
      // Axes and texts alone are some hundreds.
      EXPECT_GT(std::stoi(of["least-pixels"]), 1500) << "a figure is not drawn";
      EXPECT_EQ(of["requests"], "0");
      EXPECT_EQ(of["images"], "0") << "a text of the study became an element";
      EXPECT_EQ(of["rows"], of["page"] == "one-trial.html" ? "1" : "25")
          << "the page's scripts do not run";
    }
    EXPECT_EQ(light.pages[index].at("background"), "rgb(255,255,255)");
    EXPECT_EQ(dark.pages[index].at("background"), "rgb(20,23,27)");
    EXPECT_NE(light.pages[index].at("brightness"), dark.pages[index].at("brightness"))
        << "figures have the same colours in the dark";
  }
  EXPECT_EQ(light.hostile, "undefined") << "a script in a text of the study ran";
}

/// What a picture as pdftoppm writes it ("P6", width, height, 255, red green blue…) looks like.
struct Look {
  double brightness = 0;  ///< mean, 0 to 255
  int of_front = 0;       ///< pixels of the colour that the Pareto front has on light ground
};

Look look_of(const std::string& ppm) {
  std::istringstream head(ppm);
  std::string kind;
  std::size_t width = 0;
  std::size_t height = 0;
  int largest = 0;
  head >> kind >> width >> height >> largest;
  const auto start = static_cast<std::size_t>(head.tellg()) + 1;
  EXPECT_EQ(ppm.size() - start, 3 * width * height);
  Look look;
  for (std::size_t at = start; at + 2 < ppm.size(); at += 3) {
    const auto value = [&](std::size_t of) {
      return static_cast<int>(static_cast<unsigned char>(ppm[of]));
    };
    const auto [low, high] = std::minmax({value(at), value(at + 1), value(at + 2)});
    look.brightness += (low + high) / 2.0;
    const bool red = std::abs(value(at) - 0x19) < 40;
    const bool green = std::abs(value(at + 1) - 0x7a) < 40;
    const bool blue = std::abs(value(at + 2) - 0x3c) < 40;
    if (red && green && blue) ++look.of_front;
  }
  look.brightness /= static_cast<double>(width * height);
  return look;
}

TEST_F(BrowserTest, PrintsFiguresTablesAndSettingsOnLightPaperAlsoWhereTheScreenIsDark) {
  const std::string pdf = (path() / "page.pdf").string();
  run_browser(path(), "--blink-settings=preferredColorScheme=0 --print-to-pdf=" + pdf,
              "sample.html");
  const std::string text = test::run_command("pdftotext -layout " + pdf + " -").out;
  for (const char* words : {"Garments on a wrist sensor", "91.67 %", "DWCONV_1", "Confusion matrix",
                            "Ankle boot", "1 to 25 of 200", "capacitance_f", "crc32:5f3a91c2"}) {
    EXPECT_TRUE(has(text, words));
  }
  const Look first_page = look_of(test::run_command("pdftoppm -r 100 -f 1 -l 1 " + pdf).out);
  EXPECT_GT(first_page.of_front, 200) << "the first figure is not there, or as on a dark screen";
  EXPECT_GT(first_page.brightness, 200) << "dark paper";
}

}  // namespace
}  // namespace inas::report
