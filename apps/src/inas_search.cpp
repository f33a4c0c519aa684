#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/run_folder.hpp>
#include <inas/core/solution.hpp>
#include <inas/core/stop.hpp>
#include <inas/data/dataset.hpp>
#include <inas/dump/dump.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>
#include <inas/nas/retrain.hpp>
#include <inas/nas/run_limit.hpp>
#include <inas/nas/search.hpp>
#include <inas/nas/strategy.hpp>
#include <inas/nas/trainer.hpp>
#include <inas/nas/trial_log.hpp>
#include <inas/nas/trial_plot.hpp>

#include "command_line.hpp"
#include "deployment.hpp"
#include "report.hpp"
#include "search_display.hpp"
#include "search_options.hpp"

namespace {

using namespace inas;
using namespace inas::apps;
using Clock = Stop::Clock;

const Usage kUsage{
    "inas-search", "inas-search [--settings FILE] [options]",
    "Searches a network that a batteryless device can finish: proposes networks, finds the best\n"
    "execution and preservation design of every layer, trains those that fit the device, its "
    "energy\n"
    "budget and the latency requirement, and keeps the most accurate one. The winner is retrained "
    "on\n"
    "all images, tested once, and written as a solution folder with the files for the device.\n"
    "SIGINT (Ctrl-C), SIGTERM and SIGHUP end the search, retraining and the tests, whichever is "
    "under\n"
    "way, and the best network so far is written; a second one ends the program at once, and so "
    "does\n"
    "the first one before the search begins, when there is nothing to keep.\n"
    "Exit code: 0 done, 1 no usable network found, 2 bad input, 3 the best network so far is "
    "written,\n"
    "but a signal or --run-limit came before all tests were done."};

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void interrupt(int signal) {
  if (!interrupted.exchange(true)) return;
  // The second one ends at once, whichever of them it is; it waits for the end of this handler.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void listen_to_signals() {
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  // What nohup has switched off stays off.
  if (std::signal(SIGHUP, interrupt) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

const char* why_stopped() { return interrupted ? "interrupted" : "the run limit"; }

/// Ends the program if the run limit passes while the search is being prepared: nothing is there to
/// keep then, and the mapping of a large space asks nobody.
class PreparationLimit {
 public:
  explicit PreparationLimit(const nas::RunLimit& limit) {
    if (!limit.exists()) return;
    thread_ = std::jthread([stop = limit.whole({})](const std::stop_token& prepared) {
      while (!stop) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        if (prepared.stop_requested()) return;
      }
      fmt::print("no network was trained: the run limit passed before the search began\n");
      std::fflush(stdout);
      std::_Exit(kNoFeasibleSolution);
    });
  }

 private:
  std::jthread thread_;
};

/// The log of the trials. What an earlier run left in the folder is only removed when something has
/// taken its place; until then no row is written.
class ResultLog {
 public:
  /// `replaced`: the files of a network, which its writing replaces.
  ResultLog(RunFolder& folder, std::vector<std::string> replaced)
      : folder_(folder),
        replaced_(std::move(replaced)),
        earlier_(!folder.earlier_results().empty()) {}

  /// After the last of `trials`, which are all so far. `usable`: a network has been written.
  void trial_ended(const std::vector<nas::Trial>& trials, bool usable) {
    if (log_) {
      log_->add(trials.back());
    } else if (usable || !earlier_) {
      folder_.remove_earlier_results(replaced_);
      log_.emplace(folder_.path() / "trials.csv");
      for (const nas::Trial& trial : trials) log_->add(trial);
    }
  }

  /// Has anything been written?
  [[nodiscard]] bool started() const { return log_.has_value(); }
  /// Is what an earlier run left still there?
  [[nodiscard]] bool earlier_stays() const { return earlier_ && !log_; }

 private:
  RunFolder& folder_;
  std::vector<std::string> replaced_;
  bool earlier_;
  std::optional<nas::TrialLog> log_;
};

/// The best network, on its way from the search to the device.
struct Winner {
  Solution solution;
  std::vector<Tensor> weights;
};

/// One search, step by step. The constructor makes every check that can be made before the first
/// trial; nothing in the folder has changed until then.
class SearchRun {
 public:
  SearchRun(const Settings& settings, bool overwrite, Clock::time_point start)
      : settings_(settings),
        limit_(settings.search, start),
        folder_(settings.out + settings.suffix, "inas-search", result_names()),
        explorer_(costmodel::make_device(settings.platform, settings.power), settings.explorer) {
    if (!overwrite) folder_.refuse_earlier_results("--overwrite", "--out");
    const PreparationLimit bounded(limit_);
    dump::check_platform(settings.platform);
    data_ = load_data(settings.data, settings.space, settings.search.seed);
    nas::check_search(settings, data_);
    strategy_ = nas::make_strategy(settings, explorer_);
    trainer_ = std::make_unique<nas::Trainer>(data_, settings.training);
    fmt::print(
        "{}: {} training, {} validation, {} test samples; {} networks of up to {} at a time\n",
        settings.data.name, data_.train.size(), data_.validation.size(), data_.test.size(),
        settings.search.trials, settings.search.workers);
    test_per_validation_image_ =
        static_cast<double>(data_.test.size()) / static_cast<double>(data_.validation.size());
    keep_for_deployment(data_);
  }

  /// Returns the exit code.
  int run() {
    const nas::SearchResult found = search();
    if (!found.best) return report_nothing_found(found);
    Winner winner{nas::solution_of(settings_, *found.best), found.best->weights};
    retrain(*found.best, winner);
    test(winner);
    write_solution(folder_.path(), winner.solution, winner.weights);
    report(found, winner);
    if (!not_deployable_.empty()) {
      throw Error(fmt::format("there are no files for the device: {}", not_deployable_));
    }
    const SolutionAccuracy& accuracy = winner.solution.accuracy;
    return interrupted || !accuracy.test || !accuracy.deployed ? kInterrupted : kDone;
  }

 private:
  nas::SearchResult search() {
    ResultLog log(folder_, network_names());
    std::vector<nas::Trial> trials;
    const nas::TrainChild train_child = [&](const nas::ChildTraining& child, const Stop& stop) {
      return trainer_->train(child.network,
                             {.epochs = child.effort.epochs,
                              .train_images = child.effort.train_images,
                              .seed = child.seed},
                             stop);
    };
    const nas::SearchObserver observer{
        .trial_ended =
            [&](const nas::Trial& trial, const nas::BestTrial* best) {
              // Whatever ends the process, the best network so far is there.
              if (best != nullptr && best->trial.number == trial.number) {
                write({nas::solution_of(settings_, *best), best->weights});
              }
              trials.push_back(trial);
              trials.back().network.layers = {};  // not needed for the log and the plot
              log.trial_ended(trials, best != nullptr);
              display_.trial_ended(trial, best);
            },
        .waiting = [&] { display_.waiting(); }};
    const nas::SearchResult result = nas::run_search(settings_, explorer_, *strategy_, train_child,
                                                     limit_.search(interrupted), observer);
    if (result.used_up) {
      display_.line(fmt::format(
          "the search ended after {} trials: no network is left to propose that is not known",
          result.trials));
    } else if (result.stopped) {
      display_.line(fmt::format("the search ended after {} trials: {}", result.trials,
                                limit_.search(interrupted) ? why_stopped() : "the time limit"));
    }
    if (log.started()) {
      write_file(folder_.path() / "trials.svg",
                 nas::trial_plot_svg(trials, settings_.search.latency_requirement_s,
                                     result.best ? result.best->trial.number : 0));
    }
    if (log.earlier_stays()) {
      display_.line(fmt::format("the results of an earlier run in {} are still there",
                                folder_.path().string()));
    }
    return result;
  }

  /// The samples kept for deployment, as the network of `solution` takes them.
  const data::DataSplit& data_for(const Solution& solution) {
    const Shape& input = solution.layers.front().layer.ifm;
    if (input == data_.test.shape) return data_;
    if (input != resampled_.test.shape) resampled_ = resampled(data_, input);
    return resampled_;
  }

  /// Writes a network and its files for the device. A process killed between the two leaves the
  /// former files, whole, with the checksum of the weights that they were made from.
  void write(const Winner& winner) {
    const std::filesystem::path device = folder_.path() / kDeviceFolder;
    not_deployable_.clear();
    try {
      const data::DataSplit& data = data_for(winner.solution);
      model_ = apps::deploy(winner.solution, winner.weights,
                            first_samples(data.train, kCalibrationImages), data);
    } catch (const InvalidArgument& error) {
      model_.reset();
      not_deployable_ = error.what();  // the end says so, if this stays the best network
    }
    write_solution(folder_.path(), winner.solution, winner.weights);
    try {
      if (model_) dump::write_model(device, *model_);
    } catch (const Error&) {
      dump::remove_model(device);  // of another network
      throw;
    }
    if (!model_) dump::remove_model(device);
  }

  void retrain(const nas::BestTrial& best, Winner& winner) {
    const Stop stop = limit_.retraining(interrupted, limit_.exists() ? rest_s(winner) : 0);
    nas::Retraining retrained = nas::retrain(
        settings_, best,
        [&](const Network& network, const nas::TrainingRun& run, const Stop& until,
            const nas::EpochObserver& observer) {
          return trainer_->train(network, run, until, observer);
        },
        stop, [&](std::int64_t epoch, double accuracy) { display_.epoch_ended(epoch, accuracy); });
    report_retraining(retrained);
    if (!retrained.better) return;
    winner.solution.accuracy.validation = retrained.validation_accuracy;
    winner.weights = std::move(retrained.weights);
    write(winner);
  }

  /// About how long tests and dump of `winner` will take, from a few samples of each, with as much
  /// again for what else the machine does, and a second for the files.
  double rest_s(const Winner& winner) {
    constexpr std::int64_t kSamples = 32;
    constexpr double kFiles_s = 1;
    const Clock::time_point start = Clock::now();
    static_cast<void>(trainer_->validation_accuracy(network_of(winner.solution), winner.weights));
    const double test_s = seconds_since(start) * test_per_validation_image_;
    double deployed_s = 0;
    if (model_) {
      const data::Dataset& train = data_for(winner.solution).train;
      const dump::Samples few = first_samples(train, kSamples);
      const Clock::time_point deployed_start = Clock::now();
      static_cast<void>(apps::deployed_accuracy(model_->network, few, train.labels, {}));
      deployed_s = seconds_since(deployed_start) * static_cast<double>(data_.test.size()) /
                   static_cast<double>(few.count);
    }
    return 2 * (test_s + deployed_s + seconds_since(start)) + kFiles_s;
  }

  void test(Winner& winner) {
    const Stop stop = limit_.whole(interrupted);
    SolutionAccuracy& accuracy = winner.solution.accuracy;
    accuracy.test = trainer_->test_accuracy(network_of(winner.solution), winner.weights, stop);
    if (!model_) return;
    const data::Dataset& data = data_for(winner.solution).test;
    const dump::Samples samples = first_samples(data, data.size());
    accuracy.deployed =
        apps::deployed_accuracy(model_->network, samples, data.labels, stop,
                                [&](std::int64_t done) { display_.testing(done, samples.count); });
  }

  int report_nothing_found(const nas::SearchResult& result) {
    if (result.trials == 0) {
      display_.line("the search ended before the first network was trained");
      return kNoFeasibleSolution;
    }
    display_.line(fmt::format("no {} network in {} trials: {} infeasible, {} too slow, {} diverged",
                              result.diverged > 0 ? "usable" : "feasible", result.trials,
                              result.infeasible, result.too_slow, result.diverged));
    if (result.diverged > 0) {
      display_.line(
          fmt::format("all trainings diverged; try a smaller training.learning_rate than {}",
                      settings_.training.learning_rate));
    }
    return kNoFeasibleSolution;
  }

  void report_retraining(const nas::Retraining& retrained) {
    const std::int64_t wanted = settings_.training.final_epochs;
    const char* const kept =
        retrained.better ? "its best epoch is kept" : "the weights of the search are kept";
    if (retrained.diverged) {
      display_.line(fmt::format(
          "retraining diverged after {} of {} epochs, {}; try a smaller training.learning_rate",
          retrained.epochs, wanted, kept));
    } else if (retrained.stopped) {
      display_.line(fmt::format(
          "retraining {}, {}: {}",
          retrained.epochs == 0
              ? "left out"
              : fmt::format("cut short after {} of {} epochs", retrained.epochs, wanted),
          kept, why_stopped()));
    }
  }

  void report(const nas::SearchResult& result, const Winner& winner) {
    const Solution& solution = winner.solution;
    display_.line(fmt::format(
        "{} trials: {} trained, {} known, {} infeasible, {} too slow, {} diverged", result.trials,
        result.trained, result.known, result.infeasible, result.too_slow, result.diverged));
    display_.line(fmt::format(
        "\n{}", layer_table(settings_, network_of(solution), explorer::price_solution(solution))));
    const auto measured = [](const std::optional<double>& share) {
      return share ? percent(*share) : fmt::format("not measured ({})", why_stopped());
    };
    display_.line(fmt::format("accuracy: validation {}, test {}, test as deployed in 16 bits {}",
                              measured(solution.accuracy.validation),
                              measured(solution.accuracy.test),
                              not_deployable_.empty() ? measured(solution.accuracy.deployed)
                                                      : "not measured (not deployable)"));
    display_.line(fmt::format(
        "written to {}: solution.json, weights.safetensors, trials.csv, trials.svg{}",
        folder_.path().string(),
        not_deployable_.empty()
            ? fmt::format("; for the device, in {}: model.h, model.c, nvm_image.c, nvm.bin, "
                          "manifest.json",
                          kDeviceFolder)
            : ""));
  }

  static std::vector<std::string> network_names() {
    std::vector<std::string> names = solution_file_names();
    for (const std::string& name : dump::model_file_names()) {
      names.push_back(fmt::format("{}/{}", kDeviceFolder, name));
    }
    return names;
  }

  static std::vector<std::string> result_names() {
    std::vector<std::string> names = network_names();
    names.insert(names.end(), {"trials.csv", "trials.svg"});
    return names;
  }

  const Settings& settings_;
  nas::RunLimit limit_;
  RunFolder folder_;
  explorer::Explorer explorer_;
  data::DataSplit data_;
  data::DataSplit resampled_;  ///< `data_` for a network of a lower resolution
  std::unique_ptr<nas::Strategy> strategy_;
  std::unique_ptr<nas::Trainer> trainer_;
  SearchDisplay display_{settings_};
  double test_per_validation_image_ = 0;
  std::optional<dump::Model> model_;  ///< of the best network so far …
  std::string not_deployable_;        ///< … or why there is none
};

int run(int argc, const char* const* argv) {
  const Clock::time_point start = Clock::now();
  const auto options =
      parse_command_line(argc, argv, kUsage, search_options().add(settings_options()));
  if (!options) return kDone;
  const Settings settings = search_settings(*options);
  SearchRun search(settings, (*options)["overwrite"].as<bool>(), start);
  listen_to_signals();
  return search.run();
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
