#include "progress.hpp"

#include <fcntl.h>
#include <optional>
#include <pty.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "terminal.hpp"

namespace inas::apps {
namespace {

/// In a child process with a terminal as standard output, which then is a full disk.
TEST(Progress, AFullStandardOutputEndsNothing) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    int terminal = -1;
    int ours = -1;
    if (openpty(&terminal, &ours, nullptr, nullptr, nullptr) != 0) _exit(1);
    dup2(ours, STDOUT_FILENO);
    try {
      Progress progress;
      if (!progress.is_live()) _exit(2);
      progress.live("shown");
      dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
      progress.line("lost");
      progress.live("lost");
    } catch (...) {
      _exit(3);
    }
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

/// The terminal has 80 columns.
TEST(Progress, ALineThatIsTooLongIsCutBetweenCharacters) {
  const std::string long_name(78, 'n');
  const test::OnTerminal result = test::on_terminal([&] {
    Progress progress;
    progress.live(long_name + "µ…");
    return 0;
  });
  EXPECT_EQ(result.output.substr(0, result.output.find('\x1b')), '\r' + long_name + "µ");
}

TEST(Progress, ALineThatIsTooLongLosesItsMiddleBeforeItsEnd) {
  const std::string line = "trial 7 | best 91.95 % | 12 s gone, about 52 s left";
  EXPECT_EQ(fitted(line, 51), line);
  EXPECT_EQ(fitted(line, 50), "trial 7 | 12 s gone, about 52 s left");
  EXPECT_EQ(fitted(line, 36), "trial 7 | 12 s gone, about 52 s left");
  EXPECT_EQ(fitted(line, 12), "trial 7 | 12");
  EXPECT_EQ(fitted("a | b | c | d", 9), "a | b | d");
  EXPECT_EQ(fitted("größer", 4), "größ");
  EXPECT_EQ(fitted("größer", 0), "");
}

TEST(Progress, TheRestOfASearchIsThatOfTheLimitThatEndsItFirst) {
  SearchSettings search;
  search.trials = 1000;
  SearchProgress progress{.ended_trials = 100, .ended_cost = 12, .begun_s = 1, .elapsed_s = 11};
  EXPECT_DOUBLE_EQ(search_left_s(search, progress).value(), 90);
  search.budget = 48;
  EXPECT_DOUBLE_EQ(search_left_s(search, progress).value(), 30);
  search.time_limit_s = 21;
  EXPECT_DOUBLE_EQ(search_left_s(search, progress).value(), 10);
  progress.ended_cost = 50;  // what was under way when the budget was spent
  EXPECT_DOUBLE_EQ(search_left_s(search, progress).value(), 0);
}

TEST(Progress, ASearchThatGoesOnHasThePaceOfItsNewTrials) {
  SearchSettings search;
  search.trials = 1000;
  search.budget = 48;
  SearchProgress progress{.known_trials = 100,
                          .ended_trials = 100,
                          .known_cost = 12,
                          .ended_cost = 12,
                          .begun_s = 1,
                          .elapsed_s = 3};
  EXPECT_EQ(search_left_s(search, progress), std::nullopt);
  progress.ended_trials = 110;
  progress.ended_cost = 13;
  EXPECT_DOUBLE_EQ(search_left_s(search, progress).value(), 70);
}

TEST(Progress, TheLineOfTheDefaultJobFitsATerminalOf80Columns) {
  SearchSettings search;
  search.trials = 1000;
  const std::string best = "best 91.95 % in 1.781 s";
  const SearchProgress progress{.ended_trials = 304, .ended_cost = 36, .elapsed_s = 90};
  EXPECT_EQ(search_text(search, progress, best),
            "trial 304/1000 | best 91.95 % in 1.781 s | 1:30 gone, about 3:26 left");
  search.budget = 48;
  const std::string text = search_text(search, progress, best);
  EXPECT_EQ(text, "trial 304, budget 75 % | best 91.95 % in 1.781 s | 1:30 gone, about 30 s left");
  EXPECT_EQ(fitted(text, 79), text);
}

}  // namespace
}  // namespace inas::apps
