#include "progress.hpp"

#include <fcntl.h>
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

}  // namespace
}  // namespace inas::apps
