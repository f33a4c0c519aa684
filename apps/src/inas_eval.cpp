#include <array>
#include <string>

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"

namespace {

using namespace inas;
using namespace inas::apps;

struct Command {
  const char* name;
  int (*run)(int argc, const char* const* argv);
};

constexpr std::array kCommands{
    Command{"published", eval_published}, Command{"ablation", eval_ablation},
    Command{"space", eval_space},         Command{"pareto", eval_pareto},
    Command{"sweep", eval_sweep},         Command{"profile", eval_profile}};

int run(int argc, const char* const* argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (first.empty() || first.starts_with('-')) return eval_price(argc, argv);
  std::string names;
  for (const Command& command : kCommands) {
    if (first == command.name) return command.run(argc - 1, argv + 1);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", command.name);
  }
  throw Error(fmt::format("unknown command \"{}\", allowed: {}", first, names));
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("inas-eval", [&] { return run(argc, argv); });
}
