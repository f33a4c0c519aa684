#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>

#include <inas/report/study_page.hpp>
#include <inas/study/deployment.hpp>
#include <inas/study/page.hpp>

namespace inas::study {
namespace {

StudyRecord record_of_a_study() {
  StudyRecord record;
  record.settings.search.latency_requirement_s = 3;
  record.data_hash = "abc";
  record.facts = {.synthetic = true,
                  .class_names = {"yes", "no"},
                  .train_samples = 900,
                  .environment = {{"machine", "a"}},
                  .confusion = {}};
  return record;
}

TrialRecord trained(std::int64_t number, const Architecture& architecture, double accuracy) {
  TrialRecord trial;
  trial.number = number;
  trial.architecture = architecture;
  trial.effort = {2, 100};
  trial.outcome = nas::Outcome::trained;
  trial.accuracy = accuracy;
  trial.costs.latency_s = 1;
  return trial;
}

/// Stores the trial as a search does.
void add(Store& store, const TrialRecord& trial) {
  store.propose(trial);
  const auto claim = store.claim("w", 60);
  nas::ChildResult result;
  result.trained.validation_accuracy = *trial.accuracy;
  result.trained.epoch_accuracies = {0.1, *trial.accuracy};
  ASSERT_TRUE(store.finish(*claim, result));
  nas::Trial ended;
  ended.number = trial.number;
  ended.outcome = trial.outcome;
  ended.accuracy = trial.accuracy;
  store.end(ended, 0, 1);
}

TEST(PageOf, AStudyThatHasJustBegunHasAPage) {
  test::TemporaryFolder folder;
  Store store = Store::create(parse_location(folder.path().string()), record_of_a_study());
  const report::StudyPage page = page_of(store);
  EXPECT_FALSE(page.winner.has_value());
  EXPECT_FALSE(page.confusion.has_value());
  EXPECT_TRUE(page.synthetic_data);
  EXPECT_NO_THROW((void)report::study_html(page));
}

TEST(PageOf, SaysWhichTrialsWereTrainedLessThanOthers) {
  test::TemporaryFolder folder;
  Store store = Store::create(parse_location(folder.path().string()), record_of_a_study());
  TrialRecord screened = trained(1, {3, 8, 3, 8, 3, 8, 3, 8, 3, 8}, 0.5);
  screened.effort = {1, 50};
  add(store, screened);
  EXPECT_FALSE(page_of(store).trials[0].shortly) << "there is none to compare it with";
  add(store, trained(2, {3, 4, 3, 4, 3, 4, 3, 4, 3, 4}, 0.75));
  const report::StudyPage page = page_of(store);
  EXPECT_TRUE(page.trials[0].shortly);
  EXPECT_FALSE(page.trials[1].shortly);
}

TEST(PageOf, TheWinnerIsTheBestSoFarThenTheOneThatWasRetrained) {
  test::TemporaryFolder folder;
  StudyRecord record = record_of_a_study();
  Store store = Store::create(parse_location(folder.path().string()), record);
  add(store, trained(1, {3, 8, 3, 8, 3, 8, 3, 8, 3, 8}, 0.5));
  add(store, trained(2, {3, 4, 3, 4, 3, 4, 3, 4, 3, 4}, 0.75));
  TrialRecord refused = trained(3, {7, 24, 7, 24, 7, 24, 7, 24, 7, 24}, 0);
  refused.outcome = nas::Outcome::too_slow;
  refused.accuracy = std::nullopt;
  refused.effort.train_images = 0;
  refused.constraint = "C2-responsiveness";
  refused.why = "the network takes 4 s and the latency requirement is 3 s: 1 s too long";
  store.propose(refused);
  report::StudyPage page = page_of(store);
  EXPECT_EQ(page.winner->trial, 2);
  EXPECT_EQ(page.accuracy.validation, 0.75);
  EXPECT_TRUE(page.trials[1].is_best);
  EXPECT_EQ(page.trials[0].images, 200);
  EXPECT_EQ(page.trials[2].refusal->constraint, "C2-responsiveness");
  EXPECT_EQ(page.trials[2].refusal->why, refused.why);
  EXPECT_EQ(page.trials[2].outcome, "too-slow") << "also before its turn to be learned from";
  // Parts add up to the whole, cycles to the energy.
  double time_s = 0;
  double energy_j = 0;
  for (const report::CostPart& part : page.winner->parts) {
    time_s += part.time_s;
    energy_j += part.energy_j;
  }
  EXPECT_NEAR(time_s, page.winner->latency_s, 1e-9);
  EXPECT_NEAR(energy_j, *page.winner->energy_j, 1e-12);
  EXPECT_EQ(std::ssize(page.winner->cycle_energy_j), page.winner->power_cycles);
  double cycles_j = 0;
  for (const double cycle_j : page.winner->cycle_energy_j) {
    cycles_j += cycle_j;
    EXPECT_LE(cycle_j, *page.energy_budget_j);
  }
  EXPECT_NEAR(cycles_j, energy_j, 1e-9);

  record.final_trial = 1;
  record.final_accuracy = {0.8, 0.7, 0.69};
  record.facts.confusion.assign(100, 1);
  store.update(record);
  page = page_of(store);
  EXPECT_EQ(page.winner->trial, 1);
  EXPECT_EQ(page.accuracy, record.final_accuracy);
  EXPECT_EQ(page.confusion->classes[0], "yes");
  EXPECT_EQ(page.confusion->classes[9], "9");
  EXPECT_NO_THROW((void)report::study_html(page));
}

TEST(Confusion, CountsLabelsByAnswersAndTheirShare) {
  const std::vector<std::int64_t> labels{0, 0, 1, 2, 2, 2};
  const std::vector<std::int64_t> answers{0, 2, 1, 2, 0, 2};
  const std::vector<std::int64_t> counts = confusion_of(answers, labels, 3);
  EXPECT_EQ(counts, (std::vector<std::int64_t>{1, 0, 1, 0, 1, 0, 1, 0, 2}));
  EXPECT_EQ(share_right(counts, 3), 4.0 / 6);
}

}  // namespace
}  // namespace inas::study
