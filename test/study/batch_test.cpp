#include <cmath>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/idx_files.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/search_space.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/study/batch.hpp>
#include <inas/study/location.hpp>
#include <inas/study/store.hpp>

namespace inas::study {
namespace {

namespace fs = std::filesystem;

class Batch : public testing::Test {
 protected:
  Batch() { write_file(folder_.path() / "base.json", R"({"search": {"trials": 7}})"); }

  [[nodiscard]] std::vector<BatchStudy> read(const std::string& text) const {
    write_file(folder_.path() / "batch.json", text);
    return read_batch(folder_.path() / "batch.json", folder_.path() / "out");
  }

  test::TemporaryFolder folder_;
};

TEST_F(Batch, EveryCaseIsCombinedWithEveryValue) {
  const std::vector<BatchStudy> studies = read(R"({
    "comment": "c", "vary": {"search.seed": [1, 2]},
    "studies": [
      {"name": "a", "settings": "base.json", "set": {"search.trials": 5},
       "vary": {"training.epochs": [3, 6]},
       "cases": [{"name": "1mF", "power.capacitance_f": 0.001, "power.ehm_resistance_ohm": 62},
                 {"name": "5mF", "power.capacitance_f": 0.005}]},
      {"name": "b", "settings": "base.json"}]})");
  ASSERT_EQ(studies.size(), 2U * 2 * 2 + 2);
  EXPECT_EQ(studies[0].name, "a-1mF-epochs=3-seed=1");
  EXPECT_EQ(studies[1].name, "a-1mF-epochs=3-seed=2");
  EXPECT_EQ(studies[0].group, studies[1].group);
  EXPECT_NE(studies[0].group, studies[2].group);
  EXPECT_EQ(studies[0].settings.power.ehm_resistance_ohm, 62);
  EXPECT_EQ(studies[0].settings.search.trials, 5);
  EXPECT_EQ(studies[7].name, "a-5mF-epochs=6-seed=2");
  EXPECT_EQ(studies[7].settings.power.capacitance_f, 0.005);
  EXPECT_EQ(studies[7].settings.training.epochs, 6);
  EXPECT_EQ(studies[7].settings.search.seed, 2U);
  EXPECT_EQ(studies[8].name, "b-seed=1");
  EXPECT_EQ(studies[8].settings.search.trials, 7);
  EXPECT_EQ(studies[8].settings.out, (folder_.path() / "out" / "b-seed=1").string());
}

TEST_F(Batch, WhatItDoesNotTakeIsNamed) {
  const auto refused = [&](const std::string& text, const std::string& word) {
    test::expect_error([&] { (void)read(text); }, word);
  };
  refused("[]", "studies");
  refused(R"({"studies": []})", "studies");
  refused(R"({"studies": [3]})", "studies[0]");
  refused(R"({"studies": [{"name": "a", "settings": "none.json"}]})", "none.json");
  refused(R"({"studies": [{"name": "a", "settings": "base.json", "very": {}}]})", "very");
  refused(R"({"studies": [{"name": "a", "settings": "base.json", "vary": {"search.seeds": [1]}}]})",
          "search.seeds");
  refused(R"({"studies": [{"name": "a", "settings": "base.json", "vary": {"search.seed": 1}}]})",
          "a list of values");
  refused(R"({"studies": [{"name": "a", "settings": "base.json", "set": {"search.seed": "x"}}]})",
          "search.seed");
  refused(R"({"studies": [{"name": "a", "settings": "base.json", "cases": [{"search.seed": 1}]}]})",
          "name");
  refused(R"({"studies": [{"name": "a", "settings": "base.json"},
                          {"name": "a", "settings": "base.json"}]})",
          "two studies");
}

TEST_F(Batch, NamesAreFoldersWhateverTheirValues) {
  const std::vector<BatchStudy> studies = read(R"({"studies": [
    {"name": "x y/../z", "settings": "base.json", "vary": {"space.kernels": [[1, 3]]}}]})");
  EXPECT_EQ(studies[0].name, "x_y_.._z-kernels=_1_3_");
  EXPECT_EQ(read(R"({"studies": [{"name": "a\nb", "settings": "base.json"}]})")[0].group, "a_b");
}

TEST_F(Batch, AStudyIsAFolderInThatOfTheBatchAndNoFileOfIt) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string(".inas-lock"),
        std::string("summary.csv"), std::string("report.html"), std::string(256, 'a')}) {
    const std::string entry = R"({"name": ")" + name + R"(", "settings": "base.json"})";
    test::expect_error([&] { (void)read(R"({"studies": [)" + entry + "]}"); },
                       "\"" + name + "\" as the name of a study");
  }
  for (const char* key : {"out", "suffix"}) {
    test::expect_error(
        [&] {
          (void)read(R"({"studies": [{"name": "a", "settings": "base.json", "vary": {")" +
                     std::string(key) + R"(": ["x", "y"]}}]})");
        },
        key);
  }
}

TEST_F(Batch, AMatrixOfMoreStudiesThanAnybodyRunsIsRefusedBeforeItIsMade) {
  std::string numbers;
  for (std::size_t seed = 1; seed <= kMostBatchStudies; ++seed) {
    numbers += (seed == 1 ? "" : ",") + std::to_string(seed);
  }
  const std::string most = R"({"vary": {"search.seed": [)" + numbers +
                           R"(]}, "studies": [{"name": "a", "settings": "base.json"})";
  EXPECT_EQ(read(most + "]}").size(), kMostBatchStudies);
  const auto refused = [&](const std::string& text) {
    test::expect_error([&] { (void)read(text); }, "up to 10000 studies");
  };
  refused(most + R"(, {"name": "b", "settings": "base.json"}]})");
  // 10^20 combinations.
  std::string keys;
  for (const char* key : {"search.seed", "search.trials", "training.epochs", "training.batch_size",
                          "data.validation_images"}) {
    keys += (keys.empty() ? "\"" : ",\"") + std::string(key) + "\":[" + numbers + "]";
  }
  refused(R"({"vary": {)" + keys + R"(}, "studies": [{"name": "a", "settings": "base.json"}]})");
}

TEST_F(Batch, WhatOneOfItsStudiesWouldRefuseIsSaidBeforeTheFirstBegins) {
  test::write_idx(folder_.path(), "train", 300, 1);
  test::write_idx(folder_.path(), "t10k", 60, 2);
  const auto studies = [&](const std::string& key, const std::string& value) {
    return read(R"({"studies": [{"name": "a", "settings": "base.json",
      "set": {"data.path": ".", "data.validation_images": 50, "data.train_images": 100},
      "vary": {"search.seed": [1, 2]},
      "cases": [{"name": "good"}, {"name": "bad", ")" +
                key + "\": " + value + "}]}]}");
  };
  EXPECT_NO_THROW(check_batch(studies("training.epochs", "2")));
  const auto refused = [&](const std::string& key, const std::string& value) {
    test::expect_error([&] { check_batch(studies(key, value)); }, "a-bad-seed=1: " + key);
  };
  refused("data.train_images", "100000");
  refused("platform.profile", R"("none.json")");
  refused("platform.data_bytes", "4");
}

TEST_F(Batch, ThePapersEvaluationHasThreeSpacesCapacitorsAndRequirements) {
  const std::vector<BatchStudy> studies =
      read_batch(fs::path(INAS_TEST_EXAMPLES) / "paper-evaluation.json", "out");
  EXPECT_EQ(studies.size(), 27U);
  for (const BatchStudy& study : studies) {
    EXPECT_EQ(study.settings.platform.profile, "msp430fr5994-paper") << study.name;
  }
}

TEST_F(Batch, OfThePapersEvaluationEveryCaseHasANetworkThatCanRun) {
  for (const BatchStudy& study :
       read_batch(fs::path(INAS_TEST_EXAMPLES) / "paper-evaluation.json", "out")) {
    const Settings& settings = study.settings;
    Architecture smallest;
    for (const Decision& decision : decisions(settings.space)) {
      smallest.push_back(decision.values.front());
    }
    explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                                settings.explorer);
    const explorer::NetworkResult found =
        explorer.explore(settings.space, smallest, settings.search.latency_requirement_s);
    EXPECT_TRUE(found.feasible()) << study.name << ": " << describe(*found.why);
  }
}

TEST_F(Batch, ResultsAreThoseOfTheStudies) {
  std::vector<BatchStudy> studies = read(R"({"studies": [
    {"name": "a", "settings": "base.json", "vary": {"search.seed": [1, 2, 3]}}]})");
  EXPECT_EQ(result_of(studies[0]).state, "not begun");
  std::vector<BatchResult> results;
  for (std::size_t index = 0; index < 2; ++index) {
    fs::create_directories(studies[index].settings.out);
    StudyRecord record;
    record.settings = studies[index].settings;
    record.facts.synthetic = true;
    Store store = Store::create(parse_location(studies[index].settings.out), record);
    TrialRecord trial;
    trial.number = 1;
    trial.architecture = {1};
    trial.outcome = nas::Outcome::trained;
    trial.costs.latency_s = index == 0 ? 1.0 : 2.0;
    store.propose(trial);
    record.state = StudyState::complete;
    record.final_trial = 1;
    record.final_accuracy = {0.9, index == 0 ? 0.5 : 0.7, 0.5};
    store.update(record);
  }
  for (const BatchStudy& study : studies) results.push_back(result_of(study));
  EXPECT_EQ(results[1].latency_s, 2.0);
  EXPECT_EQ(results[1].state, "complete");
  EXPECT_EQ(results[2].state, "not begun");
  EXPECT_TRUE(results[1].over);
  EXPECT_FALSE(results[2].over);
  const report::PageTable groups = groups_table(results);
  ASSERT_EQ(groups.rows.size(), 1U);
  EXPECT_EQ(groups.rows[0],
            (std::vector<std::string>{"a", "2 of 3", "90.00 ± 0.00 %", "60.00 ± 14.14 %",
                                      "50.00 ± 0.00 %", "1.5 ± 0.71", "synthetic"}));
  EXPECT_EQ(groups_csv(results),
            "group,studies,complete,synthetic,validation_mean,validation_sd,test_mean,test_sd,"
            "deployed_mean,deployed_sd,latency_s_mean,latency_s_sd\n"
            "a,3,2,1,0.9,0,0.6,0.14142135623730948,0.5,0,1.5,0.7071067811865476\n");
  EXPECT_EQ(studies_table(results).rows.size(), 3U);
}

TEST(Spread, IsThatOfASample) {
  EXPECT_EQ(spread_of({}).count, 0);
  EXPECT_FALSE(spread_of({3}).deviation.has_value());
  EXPECT_EQ(spread_of({3}).mean, 3);
  const Spread spread = spread_of({1, 2, 4});
  EXPECT_NEAR(spread.mean, 7.0 / 3, 1e-15);
  EXPECT_NEAR(*spread.deviation, std::sqrt(7.0 / 3), 1e-12);
  EXPECT_EQ(percent_text({}), "–");
  EXPECT_EQ(percent_text(spread_of({0.5})), "50.00 %");
}

TEST(StudiesCsv, HasPlainNumbersAndQuotesNamesThatNeedIt) {
  BatchResult done;
  done.name = "a,b=1";
  done.group = "a \"x\"";
  done.state = "complete";
  done.trials = 4;
  done.accuracy = {0.75, 0.5, std::nullopt};
  done.latency_s = 1.25;
  done.search_s = 3;
  EXPECT_EQ(studies_csv({done}),
            "study,group,state,trials,synthetic,validation,test,deployed,latency_s,search_s\n"
            "\"a,b=1\",\"a \"\"x\"\"\",complete,4,0,0.75,0.5,,1.25,3\n");
  // Of one study there is no deviation.
  EXPECT_TRUE(groups_csv({done}).ends_with("\"a \"\"x\"\"\",1,1,0,0.75,,0.5,,,,1.25,\n"))
      << groups_csv({done});
}

}  // namespace
}  // namespace inas::study
