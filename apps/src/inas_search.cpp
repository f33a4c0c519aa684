#include <atomic>
#include <csignal>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>
#include <inas/dump/dump.hpp>
#include <inas/dump/executor.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>
#include <inas/nas/dataset.hpp>
#include <inas/nas/search.hpp>
#include <inas/nas/strategy.hpp>
#include <inas/nas/trainer.hpp>
#include <inas/nas/trial_log.hpp>
#include <inas/nas/trial_plot.hpp>

#include "command_line.hpp"
#include "deployment.hpp"
#include "progress.hpp"
#include "report.hpp"

namespace {

namespace po = boost::program_options;
using namespace inas;
using namespace inas::apps;

const Usage kUsage{
    "inas-search", "inas-search [--settings FILE] [options]",
    "Searches a network that a batteryless device can finish: proposes networks, finds the best\n"
    "execution and preservation design of every layer, trains those that fit the device, its "
    "energy\n"
    "budget and the latency requirement, and keeps the most accurate one. The winner is retrained "
    "on\n"
    "all images, tested once, and written as a solution folder with the files for the device.\n"
    "Exit code: 0 done, 1 no feasible network found, 2 bad input, 3 interrupted (the best solution "
    "so\n"
    "far is written)."};

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void request_stop(int signal) {
  stop_requested = true;
  std::signal(signal, SIG_DFL);  // a second Ctrl-C ends at once
}

po::options_description search_options() {
  po::options_description options("search", 100);
  options.add_options()("trials", po::value<std::int64_t>()->value_name("N"),
                        "number of networks to propose (default: the settings', 100)")(
      "epochs", po::value<std::int64_t>()->value_name("N"),
      "training epochs of a proposed network (default: the settings', 3)")(
      "final-epochs", po::value<std::int64_t>()->value_name("N"),
      "epochs of the winner's retraining, 0 for none (default: the settings', 10)")(
      "strategy", po::value<std::string>()->value_name("NAME"),
      "who proposes: reinforce, random or random-feasible (default: the settings', reinforce)")(
      "feasible-only", po::value<bool>()->value_name("BOOL"),
      "map the whole space first and propose feasible networks only: true or false (default: the "
      "settings', true)")("seed,d", po::value<std::uint64_t>()->value_name("N"),
                          "seed of all random choices (default: the settings', 1)")(
      "out", po::value<std::string>()->value_name("DIR"),
      "folder for the solution and the trials (default: the settings', solution)")(
      "suffix,f", po::value<std::string>()->value_name("TEXT"),
      "text appended to the folder's name, to keep runs apart (default: none)")(
      "data", po::value<std::string>()->value_name("DIR"),
      "folder of the data set (default: the settings'; Fashion-MNIST: Debian's package)")(
      "threads", po::value<std::int64_t>()->value_name("N"),
      "networks trained at the same time, one thread each (default: the settings', 2)")(
      "time-limit", po::value<double>()->value_name("SECONDS"),
      "propose nothing more after so many s; 0 for no limit (default: the settings', 0)")(
      "gpuid,g", po::value<std::int64_t>()->value_name("N"),
      "CUDA device to train on, -1 for the CPU (default: the settings', -1)");
  return options;
}

Settings search_settings(const po::variables_map& options) {
  Settings settings = settings_from(options);
  const auto apply = [&]<class T>(const char* name, T& field) {
    if (options.count(name) > 0) field = options[name].as<T>();
  };
  apply("trials", settings.search.trials);
  apply("epochs", settings.training.epochs);
  apply("final-epochs", settings.training.final_epochs);
  apply("feasible-only", settings.search.feasible_only);
  apply("seed", settings.search.seed);
  apply("out", settings.out);
  apply("suffix", settings.suffix);
  apply("data", settings.data.path);
  apply("threads", settings.search.workers);
  apply("time-limit", settings.search.time_limit_s);
  apply("gpuid", settings.training.gpu);
  if (options.count("strategy") > 0) {
    settings.search.strategy = parse_strategy(options["strategy"].as<std::string>());
  }
  validate(settings);
  return settings;
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

/// Prints a search as it goes: a live line on a terminal, a line per trial otherwise.
class SearchDisplay {
 public:
  explicit SearchDisplay(const Settings& settings) : settings_(settings) {}

  void trial_ended(const nas::Trial& trial, const nas::BestTrial* best) {
    ended_ = trial.number;
    const bool is_best = best != nullptr && best->trial.number == trial.number;
    if (best != nullptr) {
      best_ =
          fmt::format("best {} in {:.4g} s (trial {})", percent(best->trial.accuracy.value_or(0)),
                      best->trial.network.latency_s, best->trial.number);
    }
    if (!progress_.is_live() || is_best) progress_.line(trial_line(trial, is_best));
    waiting();
  }

  void waiting() {
    const double elapsed_s = progress_.elapsed_s();
    std::string left = "–";
    if (ended_ > 0) {
      double left_s = elapsed_s / static_cast<double>(ended_) *
                      static_cast<double>(settings_.search.trials - ended_);
      if (settings_.search.time_limit_s > 0) {
        left_s = std::min(left_s, settings_.search.time_limit_s - elapsed_s);
      }
      left = format_duration(left_s);
    }
    progress_.live(fmt::format("trial {}/{} | {} | {} gone, about {} left", ended_,
                               settings_.search.trials, best_, format_duration(elapsed_s), left));
  }

  void epoch_ended(std::int64_t epoch, double accuracy) {
    const std::string text = fmt::format("retraining the winner: epoch {}/{}, validation {}", epoch,
                                         settings_.training.final_epochs, percent(accuracy));
    if (progress_.is_live()) {
      progress_.live(text);
    } else {
      progress_.line(text);
    }
  }

  void testing(std::int64_t done, std::int64_t count) {
    progress_.live(fmt::format("testing the deployed network: {} of {} images", done, count));
  }

  void line(const std::string& text) { progress_.line(text); }

 private:
  static std::string trial_line(const nas::Trial& trial, bool is_best) {
    std::string line = fmt::format("trial {:>4}  {:<24} {:<10}", trial.number,
                                   to_string(trial.architecture), to_string(trial.outcome));
    if (trial.accuracy) {
      line += fmt::format(" {:>8}  {:8.4g} s  reward {:+.3f}", percent(*trial.accuracy),
                          trial.network.latency_s, trial.reward);
    } else if (trial.network.why) {
      line += fmt::format(" {}", describe(*trial.network.why));
    }
    return is_best ? line + "  best" : line;
  }

  const Settings& settings_;
  Progress progress_;
  std::int64_t ended_ = 0;
  std::string best_ = "none feasible yet";
};

/// The solution of a trial, complete but for the test accuracy.
Solution solution_of(const Settings& settings, const nas::BestTrial& best) {
  const Network network = build_network(settings.space, best.trial.architecture);
  Solution solution =
      explorer::make_solution(settings, best.trial.architecture, network, best.trial.network);
  solution.accuracy.validation = best.trial.accuracy;
  solution.trial = best.trial.number;
  return solution;
}

/// Writes the device's files, calibrated on training samples of `data`. Throws InvalidArgument,
/// with no file left, if the device's memories are too small after all.
dump::Model write_device(const std::filesystem::path& folder, const Solution& solution,
                         const std::vector<Tensor>& weights, const nas::DataSplit& data) {
  std::filesystem::remove_all(folder / kDeviceFolder);  // of the network that was best before
  dump::Model model =
      deploy(solution, weights, first_samples(data.train, kCalibrationImages), data);
  dump::write_model(folder / kDeviceFolder, model);
  return model;
}

/// Retrains the winner for longer and on more images; the child's weights stay if they are better.
void retrain(const Settings& settings, const nas::Trainer& trainer, SearchDisplay& display,
             Solution& solution, std::vector<Tensor>& weights) {
  if (settings.training.final_epochs == 0) return;
  const nas::TrainingRun run{.epochs = settings.training.final_epochs,
                             .train_images = settings.training.final_train_images,
                             .seed = settings.search.seed};
  nas::TrainedNetwork retrained = trainer.train(
      network_of(solution), run, stop_requested,
      [&](std::int64_t epoch, double accuracy) { display.epoch_ended(epoch, accuracy); });
  if (retrained.validation_accuracy > solution.accuracy.validation.value_or(0)) {
    solution.accuracy.validation = retrained.validation_accuracy;
    weights = std::move(retrained.weights);
  }
}

int report_nothing_found(const nas::SearchResult& result) {
  fmt::print("no feasible network in {} trials: {} infeasible, {} too slow\n", result.trials,
             result.infeasible, result.too_slow);
  return stop_requested ? kInterrupted : kNoFeasibleSolution;
}

int run(int argc, const char* const* argv) {
  const auto options =
      parse_command_line(argc, argv, kUsage, search_options().add(settings_options()));
  if (!options) return kDone;
  const Settings settings = search_settings(*options);
  const std::filesystem::path folder = settings.out + settings.suffix;

  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const auto strategy = nas::make_strategy(settings, explorer);
  nas::DataSplit data = nas::load_data(settings.data, settings.search.seed);
  nas::check_data(data, settings.space);
  fmt::print("{}: {} training, {} validation, {} test samples; {} networks of up to {} at a time\n",
             settings.data.name, data.train.size(), data.validation.size(), data.test.size(),
             settings.search.trials, settings.search.workers);
  const nas::Trainer trainer(data, settings.training);
  keep_for_deployment(data);
  create_folder(folder);
  nas::TrialLog log(folder / "trials.csv");
  std::vector<nas::Trial> trials;

  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);

  SearchDisplay display(settings);
  const nas::TrainChild train_child = [&](const Network& network, std::uint64_t seed,
                                          const std::atomic<bool>& stop) {
    return trainer.train(network,
                         {.epochs = settings.training.epochs,
                          .train_images = settings.data.train_images,
                          .seed = seed},
                         stop);
  };
  const nas::SearchObserver observer{
      .trial_ended =
          [&](const nas::Trial& trial, const nas::BestTrial* best) {
            log.add(trial);
            trials.push_back(trial);
            if (best != nullptr && best->trial.number == trial.number) {
              const Solution solution = solution_of(settings, *best);
              write_solution(folder, solution, best->weights);
              try {
                write_device(folder, solution, best->weights, data);
              } catch (const InvalidArgument&) {
                // If this stays the best network, the end says so.
              }
            }
            display.trial_ended(trial, best);
          },
      .waiting = [&] { display.waiting(); }};

  const nas::SearchResult result =
      nas::run_search(settings, explorer, *strategy, train_child, stop_requested, observer);
  write_file(folder / "trials.svg",
             nas::trial_plot_svg(trials, settings.search.latency_requirement_s,
                                 result.best ? result.best->trial.number : 0));
  if (!result.best) return report_nothing_found(result);

  Solution solution = solution_of(settings, *result.best);
  std::vector<Tensor> weights = result.best->weights;
  if (!stop_requested) retrain(settings, trainer, display, solution, weights);
  if (!stop_requested) {
    solution.accuracy.test = trainer.test_accuracy(network_of(solution), weights);
  }
  write_solution(folder, solution, weights);
  const dump::Model model = write_device(folder, solution, weights, data);
  if (!stop_requested) {
    const dump::Samples test = first_samples(data.test, data.test.size());
    solution.accuracy.deployed =
        dump::deployed_accuracy(model.network, test, data.test.labels,
                                [&](std::int64_t done) { display.testing(done, test.count); });
    write_solution(folder, solution, weights);
  }

  display.line(fmt::format("{} trials: {} trained, {} known, {} infeasible, {} too slow",
                           result.trials, result.trained, result.known, result.infeasible,
                           result.too_slow));
  display.line(fmt::format(
      "\n{}", layer_table(settings, network_of(solution), explorer::price_solution(solution))));
  const auto measured = [](const std::optional<double>& share) {
    return share ? percent(*share) : "not measured (interrupted)";
  };
  display.line(fmt::format("accuracy: validation {}, test {}, test as deployed in 16 bits {}",
                           measured(solution.accuracy.validation), measured(solution.accuracy.test),
                           measured(solution.accuracy.deployed)));
  display.line(
      fmt::format("written to {}: solution.json, weights.safetensors, trials.csv, trials.svg; "
                  "for the device, in {}: model.h, model.c, nvm_image.c, nvm.bin, manifest.json",
                  folder.string(), kDeviceFolder));
  return stop_requested ? kInterrupted : kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("inas-search", [&] {
    try {
      return run(argc, argv);
    } catch (const nas::NoFeasibleNetwork& nothing) {
      fmt::print("no feasible network: {}\n", nothing.what());
      return static_cast<int>(kNoFeasibleSolution);
    }
  });
}
