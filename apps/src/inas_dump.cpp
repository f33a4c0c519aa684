#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/solution.hpp>
#include <inas/dump/dump.hpp>

#include "command_line.hpp"

namespace {

namespace po = boost::program_options;
using namespace inas;
using namespace inas::apps;

const Usage kUsage{
    "inas-dump", "inas-dump --solution DIR [--out DIR]",
    "Writes a solution as tables for the device: model.h, a C99 header with the layers, "
    "their\naddresses, designs and Q15 weights, and weights.bin, the same weights as an "
    "image of NVM.\nExit code: 0 done, 2 bad input."};

int run(int argc, const char* const* argv) {
  po::options_description options("options", 100);
  options.add_options()("solution", po::value<std::string>()->value_name("DIR"),
                        "solution folder (required)")(
      "out", po::value<std::string>()->value_name("DIR"),
      "folder to write to (default: the solution folder)");
  const auto values = parse_command_line(argc, argv, kUsage, options);
  if (!values) return kDone;
  if (values->count("solution") == 0) {
    throw Error("--solution DIR is missing; see inas-dump --help");
  }
  const std::filesystem::path folder = (*values)["solution"].as<std::string>();
  const std::filesystem::path out =
      values->count("out") > 0 ? std::filesystem::path((*values)["out"].as<std::string>()) : folder;

  const Solution solution = read_solution(folder);
  const dump::Model model = dump::make_model(solution, read_solution_weights(folder, solution));
  dump::write_model(out, model);
  fmt::print("{}: {} layers, {} bytes of weights from address {}, {} of {} bytes of NVM\n",
             (out / "model.h").string(), model.weights.size(),
             model.layout.total_bytes - model.layout.weights_begin, model.layout.weights_begin,
             model.layout.total_bytes, solution.settings.platform.nvm_bytes);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("inas-dump", [&] { return run(argc, argv); });
}
