#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/data/dataset.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/space_map.hpp>
#include <inas/nas/search.hpp>
#include <inas/nas/trainer.hpp>

/// How well short trainings rank networks: what a strategy may save.
namespace inas {
namespace {

const test::Tool kTool{
    .name = "inas-rank-efforts",
    .arguments = "SETTINGS [--networks N] [--efforts EPOCHSxIMAGES[@SEED],...] [--seed S]",
    .description =
        "Trains N random feasible networks of the settings' space (default: 40) once per effort, "
        "and prints\n"
        "the validation accuracies, a line a network, then Spearman's rank correlation of each "
        "effort\n"
        "with the first.\n\n"
        "--efforts LIST  default: 3x10000,3x10000@2,1x10000,1x5000,2x2500,1x2500,3x1000,1x1000\n"
        "--seed S        of the networks (default: 1)\n\n"
        "Exit code: 0 done, 2 bad input.",
    .least_words = 1,
    .most_words = 1,
    .options = {"--networks", "--efforts", "--seed"}};

std::vector<nas::TrainingRun> parse_efforts(const std::string& text) {
  std::vector<nas::TrainingRun> efforts;
  std::istringstream all(text);
  for (std::string one; std::getline(all, one, ',');) {
    nas::TrainingRun run;
    char times = 0;
    char at = 0;
    std::istringstream parts(one);
    parts >> run.epochs >> times >> run.train_images;
    if (!parts || times != 'x') {
      throw Error(fmt::format("--efforts: found \"{}\", allowed: EPOCHSxIMAGES[@SEED]", one));
    }
    if (parts >> at >> run.seed && at != '@') {
      throw Error(fmt::format("--efforts: found \"{}\", allowed: EPOCHSxIMAGES[@SEED]", one));
    }
    efforts.push_back(run);
  }
  return efforts;
}

/// The rank of each value, from 0; equal ones share the mean of theirs.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<double> all;
  for (const double value : values) {
    const auto below = std::count_if(values.begin(), values.end(),
                                     [&](const double other) { return other < value; });
    const auto equal = std::count(values.begin(), values.end(), value);
    all.push_back(static_cast<double>(below) + static_cast<double>(equal - 1) / 2);
  }
  return all;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

int rank(const test::ToolArguments& arguments) {
  const auto option = [&](const char* name, const char* otherwise) {
    const auto found = arguments.options.find(name);
    return found == arguments.options.end() ? std::string(otherwise) : found->second;
  };
  const std::int64_t count = arguments.number("--networks", 2, 40);
  std::vector<nas::TrainingRun> efforts = parse_efforts(
      option("--efforts", "3x10000,3x10000@2,1x10000,1x5000,2x2500,1x2500,3x1000,1x1000"));
  const Settings settings = load_settings(arguments.words[0]);
  const costmodel::Device device = costmodel::make_device(settings.platform, settings.power);
  const explorer::SpaceMap map(settings.space, device, settings.explorer,
                               {.latency_requirement_s = settings.search.latency_requirement_s});
  const data::DataSplit data = data::load_data(settings.data, settings.space.classes,
                                               settings.search.seed, settings.space.input);
  nas::check_search(settings, data);
  const nas::Trainer trainer(data, settings.training);
  std::mt19937_64 random(static_cast<std::uint64_t>(arguments.number("--seed", 0, 1)));
  std::vector<std::vector<double>> accuracies(efforts.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const Architecture architecture = map.sample_feasible(random).value();
    const Network network = build_network(settings.space, architecture);
    fmt::print("{} {}", to_string(architecture), mac_count(network));
    for (std::size_t effort = 0; effort < efforts.size(); ++effort) {
      nas::TrainingRun run = efforts[effort];
      run.seed += 1000 * static_cast<std::uint64_t>(i);
      accuracies[effort].push_back(trainer.train(network, run, {}).validation_accuracy);
      fmt::print(" {:.4f}", accuracies[effort].back());
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
  for (std::size_t effort = 0; effort < efforts.size(); ++effort) {
    fmt::print("{} epochs on {} images: Spearman {:.3f}\n", efforts[effort].epochs,
               efforts[effort].train_images,
               correlation(ranks(accuracies[0]), ranks(accuracies[effort])));
  }
  return 0;
}

}  // namespace
}  // namespace inas

int main(int argc, char** argv) {
  return inas::test::run_tool(inas::kTool, argc, argv, inas::rank);
}
