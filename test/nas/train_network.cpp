#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/set_setting.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/solution.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/data/dataset.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/infeasibility.hpp>
#include <inas/explorer/make_solution.hpp>
#include <inas/nas/search.hpp>
#include <inas/nas/trainer.hpp>

/// Trains one network as a search retrains its winner, to compare recipes and networks.
namespace inas {
namespace {

const test::Tool kTool{
    .name = "inas-train-network",
    .arguments = "SETTINGS NETWORK [--set KEY=VALUE,...] [--out DIR]",
    .description =
        "Trains the network NETWORK of the settings' space (5,8,3,4: its choices) for\n"
        "training.final_epochs epochs on training.final_train_images images, and prints its\n"
        "accuracies: validation after each epoch, test once, of the best epoch.\n\n"
        "--set KEY=VALUE,...  settings in place of the file's: training.recipe=batch_norm\n"
        "--out DIR            write a solution folder there, with the network's best designs\n\n"
        "Exit code: 0 done, 1 it diverged, 2 bad input, or no designs for --out.",
    .least_words = 2,
    .most_words = 2,
    .options = {"--set", "--out"}};

constexpr int kDone = 0;
constexpr int kNothing = 1;

void set(Settings& settings, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    throw Error(fmt::format("--set: found \"{}\", allowed: KEY=VALUE", text));
  }
  const std::string key = text.substr(0, equals);
  try {
    set_setting(settings, key, text.substr(equals + 1));
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {
    throw Error(fmt::format("--set: found {}, allowed: a key of docs/settings.md", key));
  }
}

Settings settings_of(const test::ToolArguments& arguments) {
  Settings settings = load_settings(arguments.words[0]);
  if (const auto found = arguments.options.find("--set"); found != arguments.options.end()) {
    std::istringstream all(found->second);
    for (std::string one; std::getline(all, one, ',');) set(settings, one);
  }
  validate(settings);
  return settings;
}

/// Before the training, which would be in vain.
void check_folder(const std::string& folder) {
  std::error_code error;
  if (folder.empty() ||
      (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder, error))) {
    throw Error(fmt::format("--out: found \"{}\", allowed: a new or an empty folder", folder));
  }
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(fmt::format("--out: {}: {}", folder, error.message()));
}

int train(const test::ToolArguments& arguments) {
  const Settings settings = settings_of(arguments);
  const Architecture architecture = parse_architecture(arguments.words[1]);
  validate(settings.space, architecture);
  const Network network = build_network(settings.space, architecture);
  const auto out = arguments.options.find("--out");
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const explorer::NetworkResult designs = explorer.explore(network);
  if (out != arguments.options.end() && designs.layers.size() != network.layers.size()) {
    throw Error(fmt::format("--out: {}", explorer::describe(*designs.why)));
  }
  if (out != arguments.options.end()) check_folder(out->second);
  const data::DataSplit data = data::load_data(settings.data, settings.space.classes,
                                               settings.search.seed, settings.space.input);
  nas::check_search(settings, data);
  const nas::Trainer trainer(data, settings.training);
  const nas::TrainedNetwork trained =
      trainer.train(network,
                    {.epochs = settings.training.final_epochs,
                     .train_images = settings.training.final_train_images,
                     .seed = settings.search.seed},
                    {}, [](std::int64_t epoch, double accuracy) {
                      fmt::print("epoch {}: validation {:.2f} %\n", epoch, 100 * accuracy);
                      std::fflush(stdout);
                    });
  if (trained.useless()) {
    fmt::print("the training diverged\n");
    return kNothing;
  }
  const std::optional<double> test = trainer.test_accuracy(network, trained.weights);
  fmt::print("best epoch: validation {:.2f} %, test {:.2f} %\n", 100 * trained.validation_accuracy,
             100 * test.value_or(0));
  if (out == arguments.options.end()) return kDone;
  Solution solution = explorer::make_solution(settings, architecture, network, designs);
  solution.accuracy.validation = trained.validation_accuracy;
  solution.accuracy.test = test;
  write_solution(out->second, solution, trained.weights);
  return kDone;
}

}  // namespace
}  // namespace inas

int main(int argc, char** argv) {
  return inas::test::run_tool(inas::kTool, argc, argv, inas::train);
}
