#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/version.hpp>
#include <inas/data/dataset.hpp>
#include <inas/dump/dump.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/nas/run_limit.hpp>
#include <inas/nas/strategy.hpp>
#include <inas/nas/trainer.hpp>
#include <inas/report/study_page.hpp>
#include <inas/study/deployment.hpp>
#include <inas/study/page.hpp>
#include <inas/study/resume.hpp>
#include <inas/study/study.hpp>

#include "candidates.hpp"
#include "child_training.hpp"
#include "result_files.hpp"
#include "stored_trainings.hpp"
#include "trial_costs.hpp"

namespace inas::study {
namespace {

using Clock = Stop::Clock;

/// Networks that are tried, the best first, until one can be deployed.
constexpr std::size_t kMostCandidates = 5;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Location location_of(const StudyPlan& plan) {
  if (plan.location) return *plan.location;
  Location location;
  location.file = std::filesystem::path(plan.settings.out + plan.settings.suffix) / kStudyFile;
  return location;
}

/// "lab-3, 16 cores, Linux 6.1 x86_64"
std::string machine_text() {
  utsname system{};
  if (uname(&system) != 0) return "unknown";
  return fmt::format("{}, {} cores, {} {} {}", system.nodename, std::thread::hardware_concurrency(),
                     system.sysname, system.release, system.machine);
}

/// A model of a network, or why there is none.
struct Deployment {
  std::optional<dump::Model> model;
  std::string why_not;
};

}  // namespace

struct Study::State {
  State(StudyPlan with, StudyObserver told)
      : plan(std::move(with)),
        observer(std::move(told)),
        settings(plan.settings),
        limit(settings.search, plan.begun),
        files(settings, plan.resume),
        explorer(costmodel::make_device(settings.platform, settings.power), settings.explorer) {
    store_options.waiting = observer.said;
    const Location location = location_of(plan);
    if (plan.resume) {
      open(location);
    } else {
      refuse_earlier(location);
    }
    dump::check_platform(settings.platform);
    begins("loading the data");
    samples = load_data(settings.data, settings.space, settings.search.seed);
    nas::check_search(settings, samples);
    if (plan.resume) check_data_hash(record.data_hash, samples.manifest.content_hash);
    begins("mapping the space of networks");
    strategy = nas::make_strategy(settings, explorer);
    trainer.emplace(samples, settings.training);
    counts = {samples.train.size(), samples.validation.size(), samples.test.size(),
              samples.manifest.synthetic};
    keep_for_deployment(samples);
    begin(location);
  }

  StudyPlan plan;
  StudyObserver observer;
  const Settings& settings;
  nas::RunLimit limit;
  ResultFiles files;
  explorer::Explorer explorer;
  StoreOptions store_options;
  std::optional<Store> store;
  StudyRecord record;
  std::int64_t known_trials = 0;  ///< that the study has when it is resumed
  std::int64_t ended_trials = 0;  ///< of them, up to the first one that has not
  data::DataSplit samples;        ///< those that are kept for deployment
  data::DataSplit averaged;       ///< the same for a network of a lower resolution
  SampleCounts counts;
  std::unique_ptr<nas::Strategy> strategy;
  std::optional<nas::Trainer> trainer;
  std::vector<nas::Trial> trials;
  std::optional<nas::BestTrial> best;  ///< of the search, with its weights
  std::set<std::int64_t> not_deployable;
  bool written = false;      ///< a network, by this run
  bool interrupted = false;  ///< the search, by a signal or the run limit
  StudyResult result;

  void say(const std::string& sentence) const {
    if (observer.said) observer.said(sentence);
  }
  void begins(const std::string& what) const {
    if (observer.begins) observer.begins(what);
  }
  [[nodiscard]] static const char* why_stopped(const Stop& stop) {
    return stop ? "interrupted" : "the run limit";
  }

  // Before the search.

  void open(const Location& location) {
    if (location.shared() && std::filesystem::exists(files.folder().path() / kStudyFile)) {
      throw Error(
          fmt::format("{}: holds another study, in {}, whose results would be mixed with those of "
                      "{}; --out names another folder",
                      files.folder().path().string(), kStudyFile, describe(location)));
    }
    store.emplace(Store::open(location, Access::coordinate, store_options));
    record = store->study();
    check_resumable(record.settings, settings);
    const std::vector<TrialRecord> stored = store->trials();
    known_trials = std::ssize(stored);
    const auto first_open =
        std::find_if(stored.begin(), stored.end(),
                     [](const TrialRecord& trial) { return trial.status != TrialStatus::ended; });
    ended_trials = first_open - stored.begin();
    if (settings.search.trials < known_trials) {
      throw InvalidArgument(
          fmt::format("search.trials: found {}, allowed: from {}, the trials "
                      "that the study has",
                      settings.search.trials, known_trials));
    }
  }

  void refuse_earlier(const Location& location) {
    if (plan.overwrite) return;
    if (Store::exists(location, store_options)) {
      throw Error(
          fmt::format("{}: holds a study; --resume goes on with it, --overwrite replaces "
                      "it, --out names another folder",
                      describe(location)));
    }
    // A database without a study is what a run has left that was killed when it began.
    if (!files.holds_earlier_network()) return;
    files.folder().refuse_earlier_results("--overwrite", "--out");
  }

  /// The first thing that changes.
  void begin(const Location& location) {
    record.facts.synthetic = samples.manifest.synthetic;
    record.facts.class_names = samples.manifest.class_names;
    record.facts.environment = {{"machine", machine_text()},
                                {"LibTorch", nas::libtorch_version()},
                                {"latest run by version", std::string(version())}};
    if (store) {
      record.settings = settings;
      record.state = StudyState::searching;
      store->update(record);
      return;
    }
    if (plan.overwrite) {
      Store::remove(location, store_options);
      Location other;
      other.file = files.folder().path() / kStudyFile;
      if (location.shared()) Store::remove(other);
    }
    record.settings = settings;
    record.data_hash = samples.manifest.content_hash;
    record.software = version();
    record.created_s = now_s();
    store.emplace(Store::create(location, record, store_options));
  }

  // The search.

  void search(const Stop& stop) {
    const Clock::time_point start = Clock::now();
    const double spent_s = record.search_s;
    const Stop end = limit.search(stop);
    const nas::TrainChild train = child_training(*trainer, settings.training);
    const nas::SearchObserver told{
        .proposed =
            [this](const nas::Trial& trial) {
              store->propose(record_of(trial, costs_of(settings, explorer.device(), trial),
                                       designs_text(trial)));
            },
        .trial_ended =
            [&](const nas::Trial& trial, const nas::BestTrial* so_far) {
              record.search_s = spent_s + seconds_since(start);
              end_trial(trial, so_far);
            },
        .waiting = observer.waiting};
    if (observer.search_begins) observer.search_begins(ended_trials);
    StoredTrainings trainings(*store, settings.space, train, settings.search.workers, plan.leases,
                              end);
    result.search = nas::run_search(
        settings, explorer, *strategy, trainings, end, told,
        {.known_trials = known_trials, .ended_trials = ended_trials, .spent_s = spent_s});
    interrupted = result.search.stopped && end;
    best = std::move(result.search.best);
    result.search.best.reset();
    say_why_it_ended(end, stop);
    files.draw(trials, settings, best ? best->trial.number : 0);
    if (files.earlier_stays()) {
      say(fmt::format("the results of an earlier run in {} are still there",
                      files.folder().path().string()));
    }
  }

  void end_trial(const nas::Trial& trial, const nas::BestTrial* so_far) {
    store->end(trial, so_far == nullptr ? 0 : so_far->trial.number, record.search_s);
    // Whatever ends the process, the best network so far is there. Of trials that are made again
    // only the best has its weights.
    if (so_far != nullptr && so_far->trial.number == trial.number && !so_far->weights.empty()) {
      write_best(*so_far);
    }
    trials.push_back(trial);
    trials.back().network.layers = {};  // needed no more
    files.log(trials, written);
    if (observer.trial_ended) observer.trial_ended(trial, so_far);
  }

  void write_best(const nas::BestTrial& so_far) {
    Winner winner{nas::solution_of(settings, so_far), so_far.weights};
    if (so_far.trial.number == record.final_trial) take_final(winner);
    const Deployment deployment = deploy_to_device(winner);
    if (!deployment.model) {
      not_deployable.insert(so_far.trial.number);
      if (written) return;  // the best that can be deployed stays
    }
    files.write(winner, deployment.model);
    written = true;
  }

  /// A resumed study has its winner retrained already, until there is a better one.
  void take_final(Winner& winner) {
    if (auto weights = store->final_weights()) {
      winner.weights = std::move(*weights);
      winner.solution.accuracy = record.final_accuracy;
    }
  }

  void say_why_it_ended(const Stop& end, const Stop& stop) const {
    if (result.search.used_up) {
      say(
          fmt::format("the search ended after {} trials: no network is left to propose that is "
                      "not known",
                      result.search.trials));
    } else if (result.search.stopped) {
      say(fmt::format("the search ended after {} trials: {}", result.search.trials,
                      end ? why_stopped(stop) : "the time limit"));
    }
  }

  // From the search to the device.

  /// The samples kept for deployment, as the network of `solution` takes them.
  const data::DataSplit& samples_for(const Solution& solution) {
    const Shape& input = solution.layers.front().layer.ifm;
    if (input == samples.test.shape) return samples;
    if (input != averaged.test.shape) averaged = resampled(samples, input);
    return averaged;
  }

  Deployment deploy_to_device(const Winner& winner) {
    try {
      const data::DataSplit& data = samples_for(winner.solution);
      return {plan.deploy(winner.solution, winner.weights,
                          first_samples(data.train, kCalibrationImages), data),
              ""};
    } catch (const InvalidArgument& error) {
      return {std::nullopt, error.what()};
    }
  }

  /// A trial with its weights, trained again where they are not kept; nothing if `stop` said so.
  std::optional<nas::BestTrial> with_weights(const nas::Trial& trial, const Stop& stop) {
    if (best && best->trial.number == trial.number && !best->weights.empty()) return best;
    const Network network = build_network(settings.space, trial.architecture);
    nas::BestTrial found{trial, {}};
    found.trial.network = explorer.explore(network, settings.search.latency_requirement_s);
    if (const auto training = store->training(trial.number)) {
      found.weights = training->trained.weights;
    }
    if (found.weights.empty()) {
      say(fmt::format("training the network of trial {} again, whose weights were not kept",
                      trial.number));
      nas::TrainedNetwork trained = train_again(*trainer, network, trial, stop);
      if (!trained.completed) return std::nullopt;
      found.weights = std::move(trained.weights);
    }
    return found;
  }

  struct Chosen {
    Winner winner;
    std::optional<dump::Model> model;
  };

  /// The best network that can be deployed, retrained; the best of all if none can.
  std::optional<Chosen> choose(const Stop& stop) {
    std::vector<const nas::Trial*> of_search = candidates(trials, {});
    of_search.resize(std::min(of_search.size(), kMostCandidates));
    std::optional<Chosen> first;
    for (const nas::Trial* trial : of_search) {
      const std::optional<nas::BestTrial> candidate = with_weights(*trial, limit.whole(stop));
      if (!candidate) break;
      Chosen chosen{{nas::solution_of(settings, *candidate), candidate->weights}, {}};
      Deployment deployment = deploy_to_device(chosen.winner);
      chosen.model = std::move(deployment.model);
      if (!first) {
        first = chosen;
        result.not_deployable = deployment.why_not;
      }
      if (!chosen.model) {
        say(fmt::format("the network of trial {} cannot be deployed: {}", trial->number,
                        deployment.why_not));
        continue;
      }
      result.not_deployable.clear();
      retrain(*candidate, chosen, stop);
      return chosen;
    }
    return first;
  }

  void retrain(const nas::BestTrial& candidate, Chosen& chosen, const Stop& stop) {
    nas::Retraining retrained = known_retraining(candidate);
    if (retrained.weights.empty()) {
      begins("retraining the winner");
      const Stop until = limit.retraining(stop, limit.exists() ? rest_s(chosen) : 0);
      retrained = nas::retrain(
          settings, candidate,
          [this](const Network& network, const nas::TrainingRun& run, const Stop& end,
                 const nas::EpochObserver& epochs) {
            return trainer->train(network, run, end, epochs);
          },
          until, observer.epoch_ended);
      say_how_retraining_ended(retrained, stop);
      result.retraining_stopped = retrained.stopped;
    }
    take_retrained(retrained, chosen);
    if (retrained.stopped) return;  // a resumed study retrains in full
    record.final_trial = candidate.trial.number;
    record.final_epochs = retrained.epochs;
    record.final_accuracy = {.validation = chosen.winner.solution.accuracy.validation,
                             .test = std::nullopt,
                             .deployed = std::nullopt};
    store->keep_final(record, chosen.winner.weights);
  }

  /// What an earlier run of this study has made of the winner.
  nas::Retraining known_retraining(const nas::BestTrial& candidate) {
    nas::Retraining known;
    if (record.final_trial != candidate.trial.number) return known;
    if (auto weights = store->final_weights()) {
      known.weights = std::move(*weights);
      known.validation_accuracy = record.final_accuracy.validation.value_or(0);
      known.epochs = record.final_epochs;
      known.better = true;
    }
    return known;
  }

  void take_retrained(nas::Retraining& retrained, Chosen& chosen) {
    if (!retrained.better) return;
    Winner better = chosen.winner;
    better.solution.accuracy.validation = retrained.validation_accuracy;
    better.weights = std::move(retrained.weights);
    Deployment deployment = deploy_to_device(better);
    if (!deployment.model) {
      say(fmt::format("the retrained weights cannot be deployed, those of the search are kept: {}",
                      deployment.why_not));
      return;
    }
    chosen.winner = std::move(better);
    chosen.model = std::move(deployment.model);
  }

  void say_how_retraining_ended(const nas::Retraining& retrained, const Stop& stop) const {
    const std::int64_t wanted = settings.training.final_epochs;
    const char* const kept =
        retrained.better ? "its best epoch is kept" : "the weights of the search are kept";
    if (retrained.diverged) {
      say(fmt::format(
          "retraining diverged after {} of {} epochs, {}; try a smaller training.learning_rate",
          retrained.epochs, wanted, kept));
    } else if (retrained.stopped) {
      say(fmt::format("retraining {}, {}: {}",
                      retrained.epochs == 0 ? "left out"
                                            : fmt::format("cut short after {} of {} epochs",
                                                          retrained.epochs, wanted),
                      kept, why_stopped(stop)));
    }
  }

  /// About how long tests and dump will take, from a few samples of each, with as much again for
  /// what else the machine does, and a second for the files.
  double rest_s(const Chosen& chosen) {
    constexpr std::int64_t kSamples = 32;
    constexpr double kFiles_s = 1;
    const Clock::time_point start = Clock::now();
    static_cast<void>(
        trainer->validation_accuracy(network_of(chosen.winner.solution), chosen.winner.weights));
    const double test_s = seconds_since(start) * static_cast<double>(counts.test) /
                          static_cast<double>(counts.validation);
    const data::Dataset& train = samples_for(chosen.winner.solution).train;
    const dump::Samples few = first_samples(train, kSamples);
    const Clock::time_point deployed_start = Clock::now();
    static_cast<void>(study::deployed_answers(chosen.model->network, few, Stop()));
    const double deployed_s = seconds_since(deployed_start) * static_cast<double>(counts.test) /
                              static_cast<double>(few.count);
    return 2 * (test_s + deployed_s + seconds_since(start)) + kFiles_s;
  }

  void test(Chosen& chosen, const Stop& stop) {
    const Stop until = limit.whole(stop);
    Solution& solution = chosen.winner.solution;
    begins("testing the network");
    solution.accuracy.test =
        trainer->test_accuracy(network_of(solution), chosen.winner.weights, until);
    if (!chosen.model) return;
    const data::Dataset& data = samples_for(solution).test;
    const dump::Samples all = first_samples(data, data.size());
    begins("testing the deployed network");
    const auto answers =
        study::deployed_answers(chosen.model->network, all, until, [&](std::int64_t done) {
          if (observer.testing) observer.testing(done, all.count);
        });
    if (!answers) return;
    record.facts.confusion = confusion_of(*answers, data.labels, data.classes);
    solution.accuracy.deployed = share_right(record.facts.confusion, data.classes);
  }

  void conclude(bool complete) {
    if (complete) record.state = StudyState::complete;
    store->update(record);
    // Not beside the network of another study.
    if (files.earlier_stays()) return;
    write_file(files.folder().path() / kReportFile, report::study_html(page_of(*store)));
  }

  StudyResult run(const Stop& stop) {
    try {
      search(stop);
    } catch (const nas::NoFeasibleNetwork&) {
      conclude(true);
      throw;
    }
    std::optional<Chosen> chosen = choose(stop);
    if (!chosen) {
      conclude(!interrupted);
      return result;
    }
    if (!interrupted) record.state = StudyState::searched;
    store->update(record);
    files.write(chosen->winner, chosen->model);
    test(*chosen, stop);
    files.write(chosen->winner, chosen->model);
    const SolutionAccuracy& accuracy = chosen->winner.solution.accuracy;
    const bool complete = !interrupted && !result.retraining_stopped && accuracy.test;
    if (complete) record.final_accuracy = accuracy;
    conclude(complete);
    result.solution = std::move(chosen->winner.solution);
    return result;
  }
};

Study::Study(StudyPlan plan, StudyObserver observer)
    : state_(std::make_unique<State>(std::move(plan), std::move(observer))) {}
Study::~Study() = default;

SampleCounts Study::samples() const { return state_->counts; }
std::string Study::folder() const { return state_->files.folder().path().string(); }
StudyResult Study::run(const Stop& stop) { return state_->run(stop); }

}  // namespace inas::study
