#include "search_options.hpp"

#include <filesystem>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <inas/core/strategies.hpp>
#include <inas/costmodel/profile.hpp>

#include "command_line.hpp"

namespace inas::apps {

namespace po = boost::program_options;

po::options_description search_options() {
  po::options_description options("search", 100);
  add_setting(options, "trials", "N", "search.trials", "number of networks to propose");
  add_setting(options, "recipe", "NAME", "training.recipe",
              "how networks are trained: plain, or batch_norm, which needs network.bias: batch "
              "normalisation that ends in weights and biases, and a learning rate that rises to "
              "training.learning_rate and falls to 0");
  add_setting(options, "epochs", "N", "training.epochs", "training epochs of a proposed network");
  add_setting(options, "final-epochs", "N", "training.final_epochs",
              "epochs of the winner's retraining, 0 for none");
  std::string who = "who proposes";
  for (const StrategyInfo& strategy : strategies()) {
    who +=
        fmt::format("{} {}: {}", who == "who proposes" ? "," : ";", strategy.name, strategy.help);
  }
  add_setting(options, "strategy", "NAME", "search.strategy", who);
  add_setting(options, "budget", "TRAININGS", "search.budget",
              "propose nothing more once the trainings cost as much as so many of "
              "training.epochs on data.train_images, 0 for no limit");
  for (const StrategyInfo& strategy : strategies()) {
    for (const StrategyOption& option : strategy.options) {
      const std::string key = fmt::format("{}.{}", strategy.name, option.name);
      add_setting(options, key.c_str(), "VALUE", key.c_str(), std::string(option.help));
    }
  }
  add_setting(options, "feasible-only", "BOOL", "search.feasible_only",
              "map the whole space first and propose feasible networks only: true or false");
  add_setting(options, "seed,d", "N", "search.seed", "seed of all random choices");
  add_setting(options, "out", "DIR", "out", "folder for the solution and the trials");
  add_setting(options, "suffix,f", "TEXT", "suffix",
              "text appended to the folder's name, to keep runs apart");
  options.add_options()(
      "overwrite", po::bool_switch(),
      "replace what an earlier run has left in that folder: its study at once, its "
      "network as soon as there is another; without it, such a folder is refused")(
      "resume", po::bool_switch(),
      "go on with the study in that folder, or with that of --study, exactly as if it had not been "
      "ended; its settings hold, and only what does not change its trials can be given anew: "
      "trials, "
      "limits, threads, where data are")("study", po::value<std::string>()->value_name("URL"),
                                         "keep the study in a database of PostgreSQL, where "
                                         "workers of other machines can reach it: "
                                         "postgresql://[USER@]HOST/DATABASE[#NAME]");
  add_setting(options, "data", "DIR", "data.path",
              "folder or file of the data set (docs/data.md); none: that of Debian's package for "
              "Fashion-MNIST");
  add_setting(options, "threads", "N", "search.workers",
              "networks trained at the same time, one thread each");
  add_setting(options, "parallelism", "N", "search.parallelism",
              "trainings that may be open when a network is proposed: which networks are proposed "
              "depends on it, and not on --threads");
  add_setting(options, "time-limit", "SECONDS", "search.time_limit_s",
              "propose nothing more after so many s, 0 for no limit; the trainings under way are "
              "finished, and retraining, tests and dump follow: --run-limit bounds all that");
  add_setting(options, "run-limit", "SECONDS", "search.run_limit_s",
              "bound the whole run, from the start to the last test, 0 for no limit: without "
              "--time-limit the search gets half of it, and its unfinished trainings are abandoned "
              "then; retraining is cut short or left out so that the network is tested and written "
              "in time");
  add_setting(options, "training-limit", "SECONDS", "training.time_limit_s",
              "end the training of a proposed network after so many s, at its last whole epoch, 0 "
              "for no limit; the trials say so, and depend on the machine then");
  add_setting(options, "gpuid,g", "N", "training.gpu", "CUDA device to train on, -1 for the CPU");
  return options;
}

Settings search_settings(const po::variables_map& options, Settings otherwise) {
  Settings settings = settings_from(options, std::move(otherwise));
  apply_settings(options, search_options(), settings);
  if (!settings.data.path.empty()) {
    settings.data.path = std::filesystem::absolute(settings.data.path).lexically_normal().string();
  }
  std::string& profile = settings.platform.profile;
  if (!costmodel::is_builtin_profile(profile)) {
    profile = std::filesystem::absolute(profile).lexically_normal().string();
  }
  validate(settings);
  return settings;
}

}  // namespace inas::apps
