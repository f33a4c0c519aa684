#include <algorithm>
#include <filesystem>
#include <iterator>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sys/utsname.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/version.hpp>
#include <inas/report/study_page.hpp>
#include <inas/study/page.hpp>
#include <inas/study/resume.hpp>

#include "clock.hpp"
#include "software.hpp"
#include "study_state.hpp"

namespace inas::study {
namespace {

/// "lab-3, 16 cores, Linux 6.1 x86_64"
std::string machine_text() {
  utsname system{};
  if (uname(&system) != 0) return "unknown";
  return fmt::format("{}, {} cores, {} {} {}", system.nodename, std::thread::hardware_concurrency(),
                     system.sysname, system.release, system.machine);
}

}  // namespace

Study::State::State(StudyPlan with, StudyObserver told)
    : plan(std::move(with)),
      observer(std::move(told)),
      settings(plan.settings),
      limit(settings.search, plan.begun),
      files(settings, plan.resume),
      explorer(costmodel::make_device(settings.platform, settings.power), settings.explorer) {
  store_options.waiting = observer.said;
  const Location location = plan.location.value_or(location_in(plan.settings));
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

void Study::State::open(const Location& location) {
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
  const auto first_open = std::find_if(stored.begin(), stored.end(), [](const TrialRecord& trial) {
    return trial.status != TrialStatus::ended;
  });
  ended_trials = first_open - stored.begin();
  if (settings.search.trials < known_trials) {
    throw InvalidArgument(
        fmt::format("search.trials: found {}, allowed: from {}, the trials "
                    "that the study has",
                    settings.search.trials, known_trials));
  }
}

void Study::State::refuse_earlier(const Location& location) {
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

void Study::State::begin(const Location& location) {
  record.facts.synthetic = samples.manifest.synthetic;
  record.facts.class_names = samples.manifest.class_names;
  record.facts.train_samples = counts.train;
  record.facts.search_end.clear();
  record.facts.environment = {{"machine", machine_text()}};
  for (Fact& fact : software_facts()) record.facts.environment.push_back(std::move(fact));
  if (store) {
    record.settings = settings;
    record.state = StudyState::searching;
    store->update(record);
    return;
  }
  if (plan.overwrite) {
    Store::remove(location, store_options);
    if (location.shared()) Store::remove(location_in(settings));
  }
  record.settings = settings;
  record.data_hash = samples.manifest.content_hash;
  record.software = version();
  record.created_s = now_s();
  store.emplace(Store::create(location, record, store_options));
}

void Study::State::conclude(bool complete) {
  if (complete) record.state = StudyState::complete;
  store->update(record);
  // Not beside the network of another study.
  if (files.earlier_stays()) return;
  write_file(files.folder().path() / kReportFile, report::study_html(page_of(*store)));
}

StudyResult Study::State::run(const Stop& stop) {
  store->heed(stop);
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

Study::Study(StudyPlan plan, StudyObserver observer)
    : state_(std::make_unique<State>(std::move(plan), std::move(observer))) {}
Study::~Study() = default;

SampleCounts Study::samples() const { return state_->counts; }
std::string Study::folder() const { return state_->files.folder().path().string(); }
StudyResult Study::run(const Stop& stop) { return state_->run(stop); }

}  // namespace inas::study
