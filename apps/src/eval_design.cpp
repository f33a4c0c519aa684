#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/run_folder.hpp>
#include <inas/core/solution.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "report.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;

const Usage kUsage{
    "inas-eval design", "inas-eval design DIR [--out DIR2] [options]",
    "Looks for the best designs of a solution folder's network, as of one that inas-import has "
    "written, under\nthe folder's settings and the options here, prints them and writes them into "
    "the folder, or into another.\nExit code: 0 done, 1 there are none: which layer and "
    "constraint; 2 bad input."};

/// What was measured of the network as it was quantised for other designs is not known of these.
Solution with_designs(const Solution& solution, const Settings& settings,
                      const explorer::NetworkResult& result) {
  Solution designed =
      explorer::make_solution(settings, solution.architecture, network_of(solution), result);
  designed.accuracy = solution.accuracy;
  designed.accuracy.deployed.reset();
  designed.trial = solution.trial;
  return designed;
}

bool is_same_folder(const std::filesystem::path& first, const std::filesystem::path& second) {
  std::error_code ignored;
  return std::filesystem::equivalent(first, second, ignored);
}

}  // namespace

int eval_design(int argc, const char* const* argv) {
  const std::string path = take_word(argc, argv);
  po::options_description what("what to write", 100);
  what.add_options()("out", po::value<std::string>()->value_name("DIR"),
                     "folder to write to (default: the solution's)")(
      "overwrite", po::bool_switch(),
      "replace the results of an earlier run in the folder of --out");
  what.add(settings_options());
  const auto options = parse_command_line(argc, argv, kUsage, what);
  if (!options) return kDone;
  if (path.empty()) {
    throw Error("DIR: found none, allowed: a solution folder, as in inas-eval design DIR");
  }
  const std::filesystem::path out =
      options->count("out") > 0 ? (*options)["out"].as<std::string>() : path;
  const Solution solution = read_solution(path);
  const std::vector<Tensor> weights = read_solution_weights(path, solution);
  const Settings settings = for_new_designs(solution.settings, *options);
  RunFolder folder(out, "inas-eval design", solution_file_names());
  if (!(*options)["overwrite"].as<bool>() && !is_same_folder(out, path)) {
    folder.refuse_earlier_results("--overwrite", "--out");
  }
  const Network network = network_of(solution);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const explorer::NetworkResult result =
      explorer.explore(network, settings.search.latency_requirement_s);
  fmt::print("{}", layer_table(settings, network, result));
  if (!result.feasible()) return kNoFeasibleSolution;
  write_solution(out, with_designs(solution, settings, result), weights);
  fmt::print("{}: solution.json, weights.safetensors; next: inas-dump --solution {}\n",
             out.string(), out.string());
  return kDone;
}

}  // namespace inas::apps
