#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/nearest.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"

namespace {

using namespace inas;
using namespace inas::apps;

int run(int argc, const char* const* argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (first.empty() || first.starts_with('-')) return eval_price(argc, argv);
  std::vector<std::string> names;
  for (const Command& command : eval_commands()) {
    if (first == command.name) return command.run(argc - 1, argv + 1);
    names.emplace_back(command.name);
  }
  const std::string meant = nearest(first, names);
  throw Error(fmt::format("command: found \"{}\"; {}allowed: {}", first,
                          meant.empty() ? meant : fmt::format("did you mean {}? ", meant),
                          fmt::join(names, ", ")));
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("inas-eval", [&] { return run(argc, argv); });
}
