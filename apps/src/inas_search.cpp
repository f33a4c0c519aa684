#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/nearest.hpp>

#include "command_line.hpp"
#include "search_commands.hpp"

namespace {

using namespace inas;
using namespace inas::apps;

struct Command {
  const char* name;
  int (*run)(int argc, const char* const* argv);
};
constexpr std::array kCommands{Command{"batch", search_batch}, Command{"show", search_show},
                               Command{"export", search_export}, Command{"report", search_report}};

int run(int argc, const char* const* argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (first.empty() || first.starts_with('-')) {
    const bool worker = std::any_of(argv + 1, argv + argc, [](const char* word) {
      return std::string_view(word) == "--worker";
    });
    return worker ? search_worker(argc, argv) : search_run(argc, argv);
  }
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    if (first == command.name) return command.run(argc - 1, argv + 1);
    names.emplace_back(command.name);
  }
  const std::string meant = nearest(first, names);
  throw Error(fmt::format("command: found \"{}\"; {}allowed: {}, or options alone to search", first,
                          meant.empty() ? meant : fmt::format("did you mean {}? ", meant),
                          fmt::join(names, ", ")));
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("inas-search", [&] { return run(argc, argv); });
}
