#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_error.hpp>

#include <inas/core/error.hpp>
#include <inas/report/study_page.hpp>

#include "has.hpp"
#include "sample_page.hpp"

namespace inas::report {
namespace {

using test::has;
using test::sample_page;

constexpr std::string_view kHostile = "</script><img src=x onerror=\"f('&')\">--><!--";

StudyPage small_page() {
  StudyPage page;
  page.title = "wrist sensor";
  page.state = "running";
  page.planned_trials = 8;
  return page;
}

/// What stands before the first script: the elements that the library writes.
std::string elements_of(const StudyPage& page) {
  const std::string html = study_html(page);
  return html.substr(html.find("<body>"), html.find("<script") - html.find("<body>"));
}

nlohmann::json data_of(const StudyPage& page) {
  const std::string html = study_html(page);
  const std::string_view begin = "id=\"study-data\">";
  const std::size_t start = html.find(begin) + begin.size();
  return nlohmann::json::parse(html.substr(start, html.find("</script>", start) - start));
}

std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(StudyPage, HoldsTitleAndState) {
  const std::string html = study_html(small_page());
  EXPECT_TRUE(has(html, "<title>wrist sensor</title>"));
  EXPECT_TRUE(has(html, "<h1>wrist sensor</h1>"));
  EXPECT_TRUE(has(html, "<span class=\"state\">running</span>"));
}

TEST(StudyPage, LeavesOutWhatIsAbsent) {
  const std::string html = elements_of(small_page());
  EXPECT_EQ(count_of("<section", html), 1U) << "of the search, which says that there is no trial";
  EXPECT_TRUE(has(html, "No trial has ended yet"));
  EXPECT_FALSE(has(html, "<canvas"));
  EXPECT_FALSE(has(html, "<details"));
}

TEST(StudyPage, OfABatchSpeaksOfNoTrials) {
  StudyPage page;
  page.kind = "batch of studies";
  page.title = "evaluation";
  page.state = "complete";
  page.tables = {{.title = "Studies", .columns = {"study"}, .rows = {{"first"}, {"second"}}}};
  const std::string html = elements_of(page);
  EXPECT_TRUE(has(html, "iNAS batch of studies"));
  EXPECT_EQ(count_of("<section", html), 1U) << "of its table";
  EXPECT_FALSE(has(html, "class=\"card\""));
}

TEST(StudyPage, HasEverySectionAndFigureOfAWholeStudy) {
  const std::string html = elements_of(sample_page(50));
  for (const char* id : {"search", "network", "costs", "confusion", "trials", "table-1", "settings",
                         "environment"}) {
    EXPECT_EQ(count_of(std::string("<section id=\"") + id + "\"", html), 1U) << id;
    EXPECT_EQ(count_of(std::string("<a href=\"#") + id + "\"", html), 1U) << id;
  }
  for (const char* id : {"front", "progress", "refusals", "cycles", "parts", "layer-parts"}) {
    EXPECT_EQ(count_of(std::string("<canvas id=\"") + id + "\" role=\"img\" aria-label=\"", html),
              1U)
        << id;
  }
  EXPECT_EQ(count_of("<canvas", html), 6U);
  EXPECT_EQ(count_of("The same as a table", html), 6U) << "each figure has its numbers";
}

TEST(StudyPage, SaysOfARefusedProposalByHowMuch) {
  StudyPage page = small_page();
  page.trials = {
      {.number = 1,
       .outcome = "infeasible",
       .refusal = Refusal{"C1-atomicity", "CONV_3", "CONV_3: 1.83 mJ needed, 1.51 mJ there"}}};
  EXPECT_TRUE(has(study_html(page), "CONV_3: 1.83 mJ needed, 1.51 mJ there"));
}

TEST(StudyPage, IsTheSameTextForTheSamePage) {
  EXPECT_EQ(study_html(sample_page(20)), study_html(sample_page(20)));
}

TEST(StudyPage, TextsThatLookLikeElementsStayTexts) {
  const std::string html = study_html(test::page_of_texts(std::string(kHostile)));
  EXPECT_FALSE(has(html, "<img"));
  EXPECT_FALSE(has(html, "onerror=\"f("));
  EXPECT_EQ(count_of("<script", html), 5U);
  EXPECT_EQ(count_of("</script", html), 5U);
  EXPECT_EQ(count_of("<!--", html), 1U) << "that of the licence";
}

TEST(StudyPage, TextsReachTheScriptUnchanged) {
  const nlohmann::json data = data_of(test::page_of_texts(std::string(kHostile)));
  EXPECT_EQ(data["trials"]["outcomes"], nlohmann::json::array({kHostile}));
  EXPECT_EQ(data["trials"]["columns"]["architecture"][0], kHostile);
  EXPECT_EQ(data["winner"]["parts"][0]["name"], kHostile);
}

TEST(StudyPage, BytesThatAreNoTextDoNotBreakIt) {
  const std::string bytes("\xff\xc0<\x80\0\x01\x7f", 7);
  const StudyPage page = test::page_of_texts(bytes);
  EXPECT_EQ(data_of(page)["trials"]["columns"]["number"].size(), page.trials.size());
  EXPECT_EQ(elements_of(page).find('\0'), std::string::npos);
}

TEST(StudyPage, AsksForNothingFromAnyNetwork) {
  const std::string html = study_html(sample_page(20));
  EXPECT_TRUE(has(html, "content=\"default-src 'none'; script-src 'sha256-"));
  for (const char* attribute :
       {" src=", "<link rel=\"stylesheet", "@import", "url(", "fetch(", "XMLHttpRequest"}) {
    EXPECT_FALSE(has(html, attribute));
  }
  // Addresses stand in the comments of the charting library only.
  EXPECT_EQ(count_of("http:", html), 0U);
  EXPECT_EQ(count_of("https:", html), count_of("\n * https://", html));
}

TEST(StudyPage, HoldsTheLicenceOfTheLibraryThatDraws) {
  const std::string html = study_html(small_page());
  EXPECT_TRUE(has(html, "Copyright (c) 2014-2022 Chart.js Contributors"));
  EXPECT_TRUE(has(html, "The above copyright notice and this permission notice shall be"));
}

TEST(StudyPage, SaysThatDataAreSyntheticBesideEveryAccuracy) {
  StudyPage page = sample_page(20);
  EXPECT_FALSE(has(elements_of(page), "ynthetic"));
  EXPECT_EQ(data_of(page)["synthetic"], false);
  page.synthetic_data = true;
  const std::string html = elements_of(page);
  EXPECT_EQ(data_of(page)["synthetic"], true);
  EXPECT_TRUE(has(html, "Synthetic data."));
  for (const char* title :
       {"test accuracy, deployed", "<dt>test accuracy", "<dt>validation accuracy",
        "<h3>Accuracy and latency", "<h3>Progress", "validation accuracy</th>"}) {
    const std::string_view text(title);
    const bool column = text.ends_with("</th>");
    const std::string plain(column ? text.substr(0, text.size() - 5) : text);
    EXPECT_TRUE(has(html, plain + " (synthetic data)" + (column ? "</th>" : "")));
  }
  EXPECT_TRUE(has(html, "samples are right: 91.17 % (synthetic data)"));
}

TEST(StudyPage, HasNumbersAsTheProgramsPrintThem) {
  const std::string html = elements_of(sample_page(20));
  EXPECT_TRUE(has(html, "<b>91.67 %</b>"));
  EXPECT_TRUE(has(html, "<b>1.671 s</b><small>requirement 2 s</small>"));
  EXPECT_TRUE(has(html, "<b>1.5126 mJ</b>"));
  EXPECT_TRUE(has(html,
                  "<td class=\"n\">1.1563</td><td class=\"n\">76.4 %</td><td "
                  "class=\"n\">0.5370</td>"));
}

TEST(StudyPage, WhatNeverEndsHasNoNumber) {
  StudyPage page = sample_page(20);
  page.winner->latency_s = std::numeric_limits<double>::infinity();
  page.winner->layers[0].latency_s = std::numeric_limits<double>::infinity();
  page.trials[0].latency_s = std::numeric_limits<double>::infinity();
  page.trials[1].accuracy = std::nan("");
  page.winner->cycle_energy_j[0] = std::nan("");
  const std::string html = elements_of(page);
  EXPECT_TRUE(has(html, "<dt>latency</dt><dd><b>never</b>"));
  EXPECT_FALSE(has(html, "inf "));
  EXPECT_FALSE(has(html, "nan"));
  const nlohmann::json columns = data_of(page)["trials"]["columns"];
  EXPECT_TRUE(columns["latency"][0].is_null());
  EXPECT_TRUE(columns["accuracy"][1].is_null());
}

TEST(StudyPage, SaysThatNothingIsFeasible) {
  const std::string html = elements_of(test::infeasible_page());
  EXPECT_TRUE(has(html, "No network has an accuracy: see why proposals were refused."));
  EXPECT_TRUE(has(html, "<canvas id=\"refusals\""));
  EXPECT_EQ(count_of("<canvas", html), 1U);
}

TEST(StudyPage, OfAStudyWithoutWinnerShowsTheBestSoFar) {
  StudyPage page = sample_page(20);
  page.winner.reset();
  page.accuracy = {};
  page.state = "running";
  const std::string html = elements_of(page);
  EXPECT_TRUE(has(html, "best so far, in the search"));
  EXPECT_FALSE(has(html, "<section id=\"network\""));
}

TEST(StudyPage, OfThousandsOfTrialsStaysSmall) {
  const std::string html = study_html(sample_page(5000));
  EXPECT_LT(html.size(), 2'000'000U);
  EXPECT_EQ(data_of(sample_page(5000))["trials"]["columns"]["number"].size(), 5000U);
}

TEST(StudyPage, OfManyClassesListsWhatIsConfusedMost) {
  StudyPage page = sample_page(5);
  constexpr std::size_t kClasses = 300;
  page.confusion->classes.assign(kClasses, "class");
  page.confusion->classes[7] = "seven";
  page.confusion->counts.assign(kClasses * kClasses, 1);
  page.confusion->counts[7 * kClasses] = 50;
  const std::string html = elements_of(page);
  EXPECT_TRUE(has(html, "<td>seven</td><td>class</td><td class=\"n\">50</td>"));
  EXPECT_LT(html.size(), 200'000U);
}

TEST(StudyPage, RefusesAConfusionMatrixOfAnotherSize) {
  StudyPage page = sample_page(5);
  page.confusion->counts.pop_back();
  test::expect_error([&] { (void)study_html(page); }, "of 10 classes: found 99 counts");
}

TEST(StudyPage, RefusesATableWhoseRowsAreNotAsLongAsItsHead) {
  StudyPage page = sample_page(5);
  page.tables[0].rows[1].emplace_back("one more");
  test::expect_error([&] { (void)study_html(page); },
                     "\"Workers\": found a row of 3 cells, allowed: 2");
}

TEST(StudyPage, RefusesLayersThatReadWhatIsNotThere) {
  StudyPage page = sample_page(5);
  page.winner->layers[4].layer.inputs = {"CONV_1", "CONV_9"};
  test::expect_error([&] { (void)study_html(page); }, "CONV_9");
}

}  // namespace
}  // namespace inas::report
