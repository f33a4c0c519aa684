#include "long_work.hpp"

#include <csignal>
#include <fcntl.h>
#include <string>

#include <gtest/gtest.h>

#include "signals.hpp"
#include "terminal.hpp"

namespace inas::apps {
namespace {

using test::on_terminal;
using test::OnTerminal;

constexpr std::chrono::milliseconds kAtOnce{0};
const std::string kClear = "\r\x1b[K";

/// Shows a live line until the process is ended.
int work_for_ever() {
  const LongWork shown("work", "things", kAtOnce);
  while (true) pause();
}

/// Sends the child `signal` when its live line is there.
auto when_shown(int signal) {
  return [signal](const std::string& output, pid_t child) {
    if (output.find("work") != std::string::npos) kill(child, signal);
  };
}

TEST(ProgressText, SaysHowFarTheWorkIsAndHowLongTheRestTakesAtThatPace) {
  EXPECT_EQ(progress_text("sweep", "points", 120, 640, 12),
            "sweep: 120 of 640 points | 12 s gone, about 52 s left");
  EXPECT_EQ(progress_text("sweep", "points", 640, 640, 100),
            "sweep: 640 of 640 points | 1:40 gone, about 0 s left");
  EXPECT_EQ(progress_text("sweep", "points", 0, 640, 3), "sweep: 0 of 640 points | 3 s gone");
  EXPECT_EQ(progress_text("loading", "", 0, 0, 3), "loading | 3 s gone");
}

/// The child is told by a signal, for which it waits, that its line has been seen.
TEST(LongWork, OnATerminalItHasALineThatDisappears) {
  sigset_t seen;
  sigemptyset(&seen);
  sigaddset(&seen, SIGUSR1);
  const OnTerminal result = on_terminal(
      [&] {
        sigprocmask(SIG_BLOCK, &seen, nullptr);
        LongWork shown("some work", "things", kAtOnce);
        shown.rounds()(3, 10);
        int signal = 0;
        sigwait(&seen, &signal);
        return 0;
      },
      [](const std::string& output, pid_t child) {
        if (output.find("work: 3 of 10 things") != std::string::npos) kill(child, SIGUSR1);
      });
  EXPECT_EQ(result.status, 0);
  EXPECT_TRUE(result.output.ends_with(kClear)) << result.output;
}

TEST(LongWork, WithoutATerminalItPrintsNothing) {
  const OnTerminal result = on_terminal([] {
    if (dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) < 0) return 1;
    for (int times = 0; times < 100; ++times) {
      LongWork shown("work", "things", kAtOnce);
      shown.rounds()(1, 2);
    }
    return 0;
  });
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, "");
}

TEST(Signals, TheyEndAProgramAsByDefaultAndLeaveNoLiveLine) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const OnTerminal result = on_terminal(
        [] {
          end_by_signals();
          return work_for_ever();
        },
        when_shown(signal));
    EXPECT_TRUE(WIFSIGNALED(result.status)) << signal;
    EXPECT_EQ(WTERMSIG(result.status), signal);
    EXPECT_TRUE(result.output.ends_with(kClear)) << result.output;
  }
}

TEST(Signals, TheSecondOneEndsAProgramThatStopsByThem) {
  for (const int second : {SIGINT, SIGTERM, SIGHUP}) {
    const OnTerminal result = on_terminal(
        [] {
          const Stop stop = stop_by_signals();
          std::raise(SIGTERM);
          return stop ? work_for_ever() : 1;
        },
        when_shown(second));
    EXPECT_TRUE(WIFSIGNALED(result.status)) << second;
    EXPECT_EQ(WTERMSIG(result.status), second);
    EXPECT_TRUE(result.output.ends_with(kClear)) << result.output;
  }
}

TEST(Signals, ThoseThatAreIgnoredStaySo) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const OnTerminal result = on_terminal([signal] {
      std::signal(signal, SIG_IGN);
      end_by_signals();
      std::raise(signal);
      const Stop stop = stop_by_signals();
      std::raise(signal);
      return stop ? 1 : 0;
    });
    EXPECT_EQ(result.status, 0) << signal;
  }
}

}  // namespace
}  // namespace inas::apps
