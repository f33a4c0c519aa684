#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/solution.hpp>
#include <inas/explorer/make_solution.hpp>
#include <inas/nas/run_limit.hpp>
#include <inas/nas/strategy.hpp>
#include <inas/report/number_text.hpp>
#include <inas/study/deployment.hpp>
#include <inas/study/study.hpp>

#include "command_line.hpp"
#include "report.hpp"
#include "search_commands.hpp"
#include "search_options.hpp"
#include "signals.hpp"
#include "study_display.hpp"

namespace inas::apps {

namespace {

namespace po = boost::program_options;
using Clock = Stop::Clock;

const Usage kUsage{
    "inas-search", R"(inas-search [--settings FILE] [options]
       inas-search --resume [--out DIR | --study URL] [options]
       inas-search --worker --study URL [options]
       inas-search show STUDY [--trials]
       inas-search batch FILE [--out DIR]
       inas-search report STUDY [--out FILE]
       inas-search export STUDY --csv FILE)",
    R"(Searches a network that a batteryless device can finish: proposes networks, finds the best
execution and preservation design of every layer, trains those that fit the device, its energy
budget and the latency requirement, and keeps the most accurate one. The winner is retrained on
all images, tested once, and written as a solution folder with the files for the device; where
they cannot be made of it, the next best takes its place. Everything is stored as it goes: what
ends the program, --resume goes on with it, and show prints it. --worker, show, batch, report
and export each have their own --help.
SIGINT (Ctrl-C), SIGTERM and SIGHUP end the search, retraining and the tests, whichever is under
way, and the best network so far is written; a second one ends the program at once, and so does
the first one before the search begins, when there is nothing to keep.
Exit code: 0 done, 1 no usable network found, 2 bad input, 3 the best network so far is written,
but a signal or --run-limit came before all tests were done.)"};

/// Ends the program if the run limit passes while the search is being prepared: nothing is there to
/// keep then, and the mapping of a large space asks nobody.
class PreparationLimit {
 public:
  PreparationLimit(const SearchSettings& search, Clock::time_point begun) {
    const nas::RunLimit limit(search, begun);
    if (!limit.exists()) return;
    thread_ = std::jthread([stop = limit.whole({})](const std::stop_token& prepared) {
      while (!stop) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        if (prepared.stop_requested()) return;
      }
      clear_live_line();
      fmt::print("no network was trained: the run limit passed before the search began\n");
      std::fflush(stdout);
      std::_Exit(kNoFeasibleSolution);
    });
  }

 private:
  std::jthread thread_;
};

/// ", 3 too long", or nothing without such trials, which need a training.time_limit_s.
std::string too_long_text(const nas::SearchResult& result) {
  return result.too_long > 0 ? fmt::format(", {} too long", result.too_long) : std::string();
}

/// Prints a study as it goes, and what came of it.
class Run {
 public:
  Run(const study::StudyPlan& plan) : plan_(plan), display_(plan_.settings) {}

  /// Returns the exit code.
  int operator()() {
    std::optional<study::Study> study;
    {
      const PreparationLimit bounded(plan_.settings.search, plan_.begun);
      study.emplace(plan_, display_.observer());
    }
    say_what_begins(study->samples());
    const Stop stop = stop_by_signals();
    const study::StudyResult result = study->run(stop);
    display_.ended();
    if (!result.solution) return report_nothing_found(result.search);
    report(result, *study, stop);
    if (!result.not_deployable.empty()) {
      throw Error(fmt::format("files for the device: there are none: {}", result.not_deployable));
    }
    const SolutionAccuracy& accuracy = result.solution->accuracy;
    return stop || !accuracy.test || !accuracy.deployed ? kInterrupted : kDone;
  }

 private:
  void say_what_begins(const study::SampleCounts& samples) {
    const Settings& settings = plan_.settings;
    display_.line(fmt::format(
        "{}{}: {} training, {} validation, {} test samples; {} networks of up to {} at a time",
        settings.data.name, samples.synthetic ? " (synthetic)" : "", samples.train,
        samples.validation, samples.test, settings.search.trials, settings.search.workers));
    if (settings.search.workers > settings.search.parallelism) {
      display_.line(fmt::format(
          "{} of {} threads will be idle: search.parallelism lets {} trainings be open at a time",
          settings.search.workers - settings.search.parallelism, settings.search.workers,
          settings.search.parallelism));
    }
  }

  int report_nothing_found(const nas::SearchResult& result) {
    if (result.trials == 0) {
      display_.line("the search ended before the first network was trained");
      return kNoFeasibleSolution;
    }
    const bool any_begun = result.diverged + result.too_long > 0;
    display_.line(
        fmt::format("no {} network in {} trials: {} infeasible, {} too slow, {} diverged{}",
                    any_begun ? "usable" : "feasible", result.trials, result.infeasible,
                    result.too_slow, result.diverged, too_long_text(result)));
    const TrainingSettings& training = plan_.settings.training;
    if (result.too_long > 0) {
      display_.line(fmt::format("no epoch ended within the training.time_limit_s of {:g} s",
                                training.time_limit_s));
    } else if (result.diverged > 0) {
      display_.line(
          fmt::format("all trainings diverged; try a smaller training.learning_rate than {}",
                      training.learning_rate));
    }
    return kNoFeasibleSolution;
  }

  void report(const study::StudyResult& result, const study::Study& study, const Stop& stop) {
    const nas::SearchResult& search = result.search;
    const Solution& solution = *result.solution;
    const bool deployable = result.not_deployable.empty();
    display_.line(fmt::format(
        "{} trials: {} trained{}, {} known, {} infeasible, {} too slow, {} diverged{}",
        search.trials, search.trained,
        search.cut_short > 0 ? fmt::format(" ({} of them cut short)", search.cut_short) : "",
        search.known, search.infeasible, search.too_slow, search.diverged, too_long_text(search)));
    display_.line(fmt::format("\n{}", layer_table(plan_.settings, network_of(solution),
                                                  explorer::price_solution(solution))));
    const auto measured = [&](const std::optional<double>& share) {
      return share ? report::percent_text(*share)
                   : fmt::format("not measured ({})", stop ? "interrupted" : "the run limit");
    };
    display_.line(fmt::format(
        "accuracy{}: validation {}, test {}, test as deployed in 16 bits {}",
        study.samples().synthetic ? " on synthetic data" : "",
        measured(solution.accuracy.validation), measured(solution.accuracy.test),
        deployable ? measured(solution.accuracy.deployed) : "not measured (not deployable)"));
    display_.line(fmt::format(
        "written to {}: solution.json, weights.safetensors, trials.csv, report.html{}",
        study.folder(),
        deployable ? fmt::format("; for the device, in {}: model.h, model.c, nvm_image.c, nvm.bin, "
                                 "manifest.json",
                                 study::kDeviceFolder)
                   : ""));
  }

  const study::StudyPlan& plan_;
  StudyDisplay display_;
};

/// The settings of the study that --resume goes on with, and what the command line changes.
Settings resumed_settings(const po::variables_map& options,
                          const std::optional<study::Location>& shared) {
  // Where the results are is all that is needed to find the others; the folder may have been moved.
  const Settings named = search_settings(options);
  const study::Location location = shared.value_or(study::location_in(named));
  Settings stored = study::Store::open(location, study::Access::read).study().settings;
  if (!shared || options.count("out") > 0) {
    stored.out = named.out;
    stored.suffix = named.suffix;
  }
  return search_settings(options, std::move(stored));
}

}  // namespace

int search_run(int argc, const char* const* argv) {
  const Clock::time_point begun = Clock::now();
  const auto options =
      parse_command_line(argc, argv, kUsage, search_options().add(settings_options()));
  if (!options) return kDone;
  study::StudyPlan plan;
  plan.begun = begun;
  plan.resume = (*options)["resume"].as<bool>();
  plan.overwrite = (*options)["overwrite"].as<bool>();
  if (plan.resume && plan.overwrite) {
    throw Error(
        "--resume, --overwrite: found both, allowed: one of them, to go on with a study or to "
        "replace it");
  }
  if (options->count("study") > 0) {
    plan.location = study::parse_location((*options)["study"].as<std::string>());
    if (!plan.location->shared()) {
      throw Error(
          "--study: found a file, allowed: a database of PostgreSQL, postgresql://HOST/DATABASE; a "
          "study in a file is in the folder of --out");
    }
  }
  plan.settings =
      plan.resume ? resumed_settings(*options, plan.location) : search_settings(*options);
  try {
    return Run(plan)();
  } catch (const nas::NoFeasibleNetwork& nothing) {
    fmt::print("no feasible network: {}\n", nothing.what());
    return kNoFeasibleSolution;
  }
}

}  // namespace inas::apps
