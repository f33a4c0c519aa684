#pragma once

#include <cstdlib>
#include <functional>
#include <pty.h>
#include <string>
#include <unistd.h>

#include <sys/wait.h>

namespace inas::test {

/// What a child process did, and what a terminal got that was its standard output and error.
struct OnTerminal {
  int status = 0;  ///< as wait gives it
  std::string output;
};

/// Runs `body` in a child process that has a terminal; what it returns is the exit code. `seen` is
/// told of the output so far and of the child.
inline OnTerminal on_terminal(
    const std::function<int()>& body,
    const std::function<void(const std::string& output, pid_t child)>& seen = {}) {
  OnTerminal result;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) _exit(body());
  char text[4096];
  // The last process that has a terminal open takes what is read from it with EIO.
  for (ssize_t size = 0; (size = read(terminal, text, sizeof text)) > 0;) {
    result.output.append(text, static_cast<std::size_t>(size));
    if (seen) seen(result.output, child);
  }
  waitpid(child, &result.status, 0);
  close(terminal);
  return result;
}

}  // namespace inas::test
