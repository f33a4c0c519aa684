#pragma once

#include <string>

namespace inas::test {

/// What a shell command did. `code` is its exit code, or 128 + the number of the signal that ended
/// it.
struct CommandResult {
  int code = 0;
  std::string out;
  std::string err;
};

/// Runs `command` in a shell and waits for its end. Standard input is empty.
[[nodiscard]] CommandResult run_command(const std::string& command);

}  // namespace inas::test
