#include <csignal>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>
#include <sys/resource.h>

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
  trial.lesson = {0.1, 0.7};
  trial.effort = {3, 500};
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
  trial.lesson = {-0.1, 0.7};
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
            "epochs,train_images,seconds\n"
            "3,3 8 1 16,trained,,,12.5,0.75,0.1,0.7,3,500,1.250\n"
            "4,3 24 7 24,infeasible,C1-atomicity,CONV_1,,,-0.1,0.7,1,0,0.000\n");
}

TEST(TrialLog, ADivergedTrialHasALatencyButNoAccuracy) {
  const test::TemporaryFolder folder;
  TrialLog log(folder.path() / "trials.csv");
  Trial trial = trained_trial();
  trial.outcome = Outcome::diverged;
  trial.accuracy.reset();
  trial.lesson.reward = -0.1;
  log.add(trial);
  const std::string text = read_file(folder.path() / "trials.csv");
  EXPECT_EQ(text.substr(text.find('\n') + 1), "3,3 8 1 16,diverged,,,12.5,,-0.1,0.7,3,500,1.250\n");
}

TEST(TrialLog, AStrategyWithoutRewardsLeavesTheirColumnsEmpty) {
  const test::TemporaryFolder folder;
  TrialLog log(folder.path() / "trials.csv");
  Trial trial = trained_trial();
  trial.lesson = {};
  log.add(trial);
  const std::string text = read_file(folder.path() / "trials.csv");
  EXPECT_EQ(text.substr(text.find('\n') + 1), "3,3 8 1 16,trained,,,12.5,0.75,,,3,500,1.250\n");
}

TEST(TrialLog, AFullDiskIsAnError) {
  test::expect_error([] { TrialLog("/dev/full"); }, "/dev/full: cannot be written: No space left");
  test::expect_error([] { TrialLog("/nonexistent/trials.csv"); },
                     "/nonexistent/trials.csv: cannot be written: No such file");
}

/// Keeps this process from writing files longer than `bytes`, as a disk that fills up would.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uintmax_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{static_cast<rlim_t>(bytes), before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

TEST(TrialLog, ADiskThatFillsUpDuringTheSearchIsAnError) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "trials.csv";
  TrialLog log(path);
  log.add(trained_trial());
  std::string error;
  {
    const FileSizeLimit limit(std::filesystem::file_size(path) + 10);
    try {
      log.add(infeasible_trial());
    } catch (const Error& caught) {
      error = caught.what();
    }
  }
  EXPECT_EQ(error, path.string() + ": cannot be written: File too large");
}

TEST(TrialLog, NumbersReadBackToTheSameDoubles) {
  const test::TemporaryFolder folder;
  TrialLog log(folder.path() / "trials.csv");
  Trial trial = trained_trial();
  trial.outcome = Outcome::too_slow;
  trial.network.latency_s = 1.0 / 3;
  trial.network.why.emplace();
  trial.network.why->constraint = explorer::Constraint::responsiveness;
  trial.accuracy.reset();
  trial.lesson.moving_accuracy = 0.1 + 0.2;
  log.add(trial);
  const std::string text = read_file(folder.path() / "trials.csv");
  EXPECT_EQ(text.substr(text.find('\n') + 1),
            "3,3 8 1 16,too-slow," + std::string(to_string(explorer::Constraint::responsiveness)) +
                ",,0.3333333333333333,,0.1,0.30000000000000004,3,500,1.250\n");
}

TEST(TrialPlot, ShowsEveryTrainedTrialAndRingsTheBest) {
  Trial slow = trained_trial();
  slow.number = 5;
  slow.outcome = Outcome::too_slow;
  slow.accuracy.reset();
  Trial diverged = slow;
  diverged.outcome = Outcome::diverged;
  const std::string svg =
      trial_plot_svg({trained_trial(), infeasible_trial(), slow, diverged}, 20, 3);
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

TEST(TrialPlot, ShortTrainingsAreNotShownBesideFullOnes) {
  Trial shorter = trained_trial();
  shorter.number = 6;
  shorter.effort = {1, 500};
  shorter.accuracy = 0.1;
  const std::string svg = trial_plot_svg({trained_trial(), shorter}, 20, 3);
  EXPECT_NE(svg.find("<title>trial 3"), std::string::npos) << svg;
  EXPECT_EQ(svg.find("<title>trial 6"), std::string::npos) << svg;
  EXPECT_EQ(svg, trial_plot_svg({trained_trial(), infeasible_trial()}, 20, 3))
      << "nor do they count";
}

TEST(TrialPlot, ASearchWithoutAnyTrainedNetworkStillDraws) {
  const std::string svg = trial_plot_svg({infeasible_trial()}, 100000, 0);
  EXPECT_EQ(svg.find("='nan"), std::string::npos) << svg;
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace inas::nas
