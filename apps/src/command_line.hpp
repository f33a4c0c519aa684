#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>

#include <boost/program_options.hpp>

#include <inas/core/settings.hpp>

/// What the programs share at their edge: options, settings, errors, exit codes.
namespace inas::apps {

/// Exit codes of all programs.
enum ExitCode : int {
  kDone = 0,
  kNoFeasibleSolution = 1,
  kBadInput = 2,
  kInterrupted = 3,
  kUnread = 128 + SIGPIPE,  ///< as where this signal ends a program
};

/// Runs `body` and turns an exception into one line on standard error and exit code 2. Output that
/// could not be written (a full disk behind a redirection, a closed standard output) is an error
/// too; but nothing is said where it went to a pipe whose reader has gone, as with `| head -1`: if
/// that has ended `body`, the exit code is 141, otherwise what `body` says. Signals that end
/// programs leave no live line behind (signals.hpp).
[[nodiscard]] int run_program(const std::string& name, const std::function<int()>& body);

/// What a program says of itself in `--help`.
struct Usage {
  std::string name;
  std::string synopsis;     ///< the lines after "usage:"
  std::string description;  ///< one paragraph
};

/// Adds an option that overrides the settings key `key`. Its value is read and checked as that key
/// of a settings file is, so that neither takes what the other refuses; errors name the option. The
/// help gets the key's default. `names` as boost has them: "seed,d".
void add_setting(boost::program_options::options_description& options, const char* names,
                 const char* value_name, const char* key, const std::string& help);

/// The default settings with `key` set to `text`, a part of the value of `option`, which errors
/// name: for options that list values of a key.
[[nodiscard]] Settings with_setting(const char* option, const char* key, const std::string& text);

/// Applies the options of `described` that were made by `add_setting` and given on the command
/// line. Each value is validated by itself; what several have to agree on is left to `validate`.
void apply_settings(const boost::program_options::variables_map& values,
                    const boost::program_options::options_description& described,
                    Settings& settings);

/// Adds an option whose value is a whole number from `least` to `most`, of type std::int64_t;
/// anything else is refused with the option's name. Where it is not given, the value is
/// `otherwise`, or absent without one.
void add_number(boost::program_options::options_description& options, const char* names,
                const char* value_name, std::int64_t least, std::int64_t most,
                std::optional<std::int64_t> otherwise, const std::string& help);

/// Throws Error if one of the files that options of these names give cannot be written, as far as
/// it can be told before the long work whose result goes there.
void check_outputs(const boost::program_options::variables_map& options,
                   std::initializer_list<const char*> names);

/// Adds --threads: a number that no result depends on.
void add_threads(boost::program_options::options_description& options);

/// The word behind the program's name, if it is no option, taken off a command line whose options
/// are still to be parsed; otherwise nothing.
[[nodiscard]] std::string take_word(int& argc, const char* const*& argv);

/// Parses the command line. Prints the help or the version and returns nothing if they are asked
/// for. Throws Error, naming the option, for an unknown option (with the one that may have been
/// meant), a bad value or a word without dashes.
[[nodiscard]] std::optional<boost::program_options::variables_map> parse_command_line(
    int argc, const char* const* argv, const Usage& usage,
    boost::program_options::options_description options);

/// The options that describe device and power: --settings --ccap --rehm --latreq --design-space
/// --profile …
[[nodiscard]] boost::program_options::options_description settings_options();

/// The settings that the command line asks for: the file's, or `otherwise`, with the options of
/// `settings_options` applied on top. The result is validated; an error names the option or the
/// file's key.
[[nodiscard]] Settings settings_from(const boost::program_options::variables_map& options,
                                     Settings otherwise = {});

/// `settings`, those of a solution, on another device: with the platform, the supply and the
/// latency requirement of the --settings file, if one is given, and the other device options on
/// top. The network and its designs are the solution's, so that --design-space is refused. Throws
/// as `settings_from` does.
[[nodiscard]] Settings on_other_device(Settings settings,
                                       const boost::program_options::variables_map& options);

/// `settings`, those of a solution whose designs are to be looked for anew: with the platform, the
/// supply, the latency requirement and the space of designs of the --settings file, if one is
/// given, and the options on top. Throws as `settings_from` does.
[[nodiscard]] Settings for_new_designs(Settings settings,
                                       const boost::program_options::variables_map& options);

}  // namespace inas::apps
