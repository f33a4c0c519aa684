#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace inas::test {

inline constexpr std::int64_t kMostNumber = std::numeric_limits<std::int64_t>::max();

/// What a program of the test tree takes, and what it says of itself in `--help`.
struct Tool {
  std::string name;
  std::string arguments;    ///< behind the name in the usage: "ELF FOLDER [--seed N]"
  std::string description;  ///< what it does, what the arguments are, its exit codes
  std::size_t least_words = 0;
  std::size_t most_words = 0;
  std::vector<std::string> flags = {};    ///< options without a value: "--exhaustive"
  std::vector<std::string> options = {};  ///< options with one
};

/// A command line that a tool takes.
struct ToolArguments {
  std::vector<std::string> words;
  std::map<std::string, std::string> options;  ///< the last value of each; of flags empty

  [[nodiscard]] bool has(const std::string& option) const { return options.contains(option); }
  /// The value of `option`, a whole number from `least`; where it is not given, `otherwise`.
  /// Throws Error.
  [[nodiscard]] std::int64_t number(const std::string& option, std::int64_t least,
                                    std::int64_t otherwise) const;
};

/// The number that `text` is, the value of `what`. Throws Error unless it is a whole one from
/// `least` to `most`.
[[nodiscard]] std::int64_t whole_number(const std::string& what, const std::string& text,
                                        std::int64_t least, std::int64_t most = kMostNumber);

/// The main function of a tool: `body` gives the exit code. `--help` prints what the tool says of
/// itself; an unknown option, too few or too many words, and what `body` throws are one line on
/// standard error and exit code 2.
[[nodiscard]] int run_tool(const Tool& tool, int argc, const char* const* argv,
                           const std::function<int(const ToolArguments&)>& body);

}  // namespace inas::test
