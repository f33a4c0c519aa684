#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/nas/trial_log.hpp>
#include <inas/nas/trial_plot.hpp>

namespace inas::nas {
namespace {

Trial trained_trial() {
  Trial trial;
  trial.number = 3;
  trial.architecture = {3, 8, 1, 16};
  trial.outcome = Outcome::trained;
  trial.network.latency_s = 12.5;
  trial.accuracy = 0.75;
  trial.reward = 0.1;
  trial.moving_accuracy = 0.7;
  trial.seconds = 1.25;
  return trial;
}

Trial infeasible_trial() {
  Trial trial;
  trial.number = 4;
  trial.architecture = {3, 24, 7, 24};
  trial.network.why.emplace();
  trial.network.why->constraint = explorer::Constraint::atomicity;
  trial.network.why->layer = "CONV_1";
  trial.reward = -0.1;
  trial.moving_accuracy = 0.7;
  return trial;
}

TEST(TrialLog, EveryTrialIsARowAsSoonAsItEnds) {
  const test::TemporaryFolder folder;
  TrialLog log(folder.path() / "trials.csv");
  log.add(trained_trial());
  log.add(infeasible_trial());
  // Read while the log is open: rows do not wait for its end.
  EXPECT_EQ(read_file(folder.path() / "trials.csv"),
            "trial,architecture,outcome,constraint,layer,latency_s,accuracy,reward,moving_accuracy,"
            "seconds\n"
            "3,3 8 1 16,trained,,,12.5,0.75,0.1,0.7,1.250\n"
            "4,3 24 7 24,infeasible,C1-atomicity,CONV_1,,,-0.1,0.7,0.000\n");
}

TEST(TrialLog, AFullDiskIsAnError) {
  EXPECT_THROW(TrialLog("/dev/full"), Error);
  EXPECT_THROW(TrialLog("/nonexistent/trials.csv"), Error);
}

TEST(TrialPlot, ShowsEveryTrainedTrialAndRingsTheBest) {
  Trial slow = trained_trial();
  slow.number = 5;
  slow.outcome = Outcome::too_slow;
  slow.accuracy.reset();
  const std::string svg = trial_plot_svg({trained_trial(), infeasible_trial(), slow}, 20, 3);
  const auto count = [&](const std::string& word) {
    int found = 0;
    for (std::size_t at = svg.find(word); at != std::string::npos; at = svg.find(word, at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count("<circle"), 2) << svg;
  EXPECT_EQ(count("<title>trial 3"), 1) << svg;
  EXPECT_EQ(count("requirement 20 s"), 1) << svg;
  EXPECT_EQ(svg.find("='nan"), std::string::npos);
  EXPECT_EQ(svg.find("='inf"), std::string::npos);
}

TEST(TrialPlot, ASearchWithoutAnyTrainedNetworkStillDraws) {
  const std::string svg = trial_plot_svg({infeasible_trial()}, 100000, 0);
  EXPECT_EQ(svg.find("='nan"), std::string::npos) << svg;
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace inas::nas
