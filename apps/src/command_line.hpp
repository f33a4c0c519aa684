#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/program_options.hpp>

#include <inas/core/settings.hpp>

/// What the three programs share at their edge: options, settings, errors, exit codes.
namespace inas::apps {

/// Exit codes of all programs.
enum ExitCode : int {
  kDone = 0,
  kNoFeasibleSolution = 1,
  kBadInput = 2,
  kInterrupted = 3,
};

/// Runs `body` and turns an exception into one line on standard error and exit code 2. Output that
/// could not be written (a full disk behind a redirection) is an error too.
[[nodiscard]] int run_program(const std::string& name, const std::function<int()>& body);

/// What a program says of itself in `--help`.
struct Usage {
  std::string name;
  std::string synopsis;     ///< the lines after "usage:"
  std::string description;  ///< one paragraph
};

/// Parses the command line. Prints the help or the version and returns nothing if they are asked
/// for. Throws Error, naming the option, for an unknown option, a bad value or a word without
/// dashes.
[[nodiscard]] std::optional<boost::program_options::variables_map> parse_command_line(
    int argc, const char* const* argv, const Usage& usage,
    boost::program_options::options_description options);

/// The options that describe device and power: --settings --ccap --rehm --latreq --design-space
/// --profile …
[[nodiscard]] boost::program_options::options_description settings_options();

/// The settings that the command line asks for: the file's, or the defaults, with options applied
/// on top. The result is validated; an error names the option or the file's key.
[[nodiscard]] Settings settings_from(const boost::program_options::variables_map& options);

/// `settings`, those of a solution, on another device: with the platform, the supply and the
/// latency requirement of the --settings file, if one is given, and the other device options on
/// top. The network and its designs are the solution's, so that --design-space is refused. Throws
/// as `settings_from` does.
[[nodiscard]] Settings on_other_device(Settings settings,
                                       const boost::program_options::variables_map& options);

}  // namespace inas::apps
