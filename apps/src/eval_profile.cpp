#include <string>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/profile.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"

namespace inas::apps {
namespace {

const Usage kUsage{"inas-eval profile",
                   "inas-eval profile            list the built-in profiles\n"
                   "       inas-eval profile NAME       print one as JSON",
                   "Prints the costs of a built-in platform profile in the form that --profile "
                   "FILE reads: a start\n"
                   "for a profile of your own board. Its keys and units: docs/profiles.md.\n"
                   "Exit code: 0 done, 2 bad input."};

}  // namespace

int eval_profile(int argc, const char* const* argv) {
  std::string name;
  // The word is no option: it is taken off before the options are parsed.
  if (argc > 1 && argv[1][0] != '-' && argv[1][0] != '\0') {
    name = argv[1];
    --argc;
    ++argv;
    if (argc > 1 && argv[1][0] != '-') {
      throw Error(fmt::format("profile: found the words \"{}\" and \"{}\", allowed: one name", name,
                              argv[1]));
    }
  }
  if (!parse_command_line(argc, argv, kUsage, {})) return kDone;
  if (!name.empty()) {
    fmt::print("{}", costmodel::builtin_profile_json(name));
    return kDone;
  }
  for (const std::string& builtin : costmodel::builtin_profiles()) fmt::print("{}\n", builtin);
  return kDone;
}

}  // namespace inas::apps
