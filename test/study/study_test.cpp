#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/idx_files.hpp>
#include <support/temporary_folder.hpp>
#include <sys/resource.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>
#include <inas/core/version.hpp>
#include <inas/study/remote_work.hpp>
#include <inas/study/resume.hpp>
#include <inas/study/study.hpp>

#include "postgres_server.hpp"
#include "processes.hpp"

namespace inas::study {
namespace {

namespace fs = std::filesystem;
using test::ChildProcess;

/// Studies of small networks on fabricated images, each run in a process of its own.
class StudyRun : public testing::Test {
 protected:
  StudyRun() {
    test::write_idx(folder_.path(), "train", 300, 1);
    test::write_idx(folder_.path(), "t10k", 60, 2);
  }

  [[nodiscard]] Settings settings(std::int64_t trials) const {
    Settings settings;
    settings.data.path = folder_.path().string();
    settings.data.train_images = 100;
    settings.data.validation_images = 50;
    settings.space.layers = 2;
    settings.space.kernels = {1, 3, 5};
    settings.space.filters = {4, 8};
    settings.search.strategy = "reinforce";
    settings.search.trials = trials;
    settings.search.latency_requirement_s = 60;
    settings.search.workers = 2;
    settings.search.parallelism = 3;
    settings.search.feasible_only = false;  // so that there are refused proposals, too
    settings.training = {.epochs = 1, .batch_size = 25, .final_epochs = 1};
    return settings;
  }

  [[nodiscard]] StudyPlan plan(const std::string& name, std::int64_t trials) const {
    StudyPlan plan;
    plan.settings = settings(trials);
    plan.settings.out = out(name).string();
    return plan;
  }

  /// A study of three trials in a database, run to its end.
  void run_small_study(const Location& shared) const {
    ChildProcess process([&] {
      StudyPlan small = plan("shared", 3);
      small.location = shared;
      return run(small);
    });
    ASSERT_EQ(process.wait(), 0) << process.message();
  }

  [[nodiscard]] fs::path out(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] Location location(const std::string& name) const {
    return {.file = out(name) / kStudyFile, .url = "", .name = "study"};
  }

  /// Runs `plan` to its end; goes on with what is there.
  static int run(StudyPlan plan, const StudyObserver& observer = {}) {
    const Location location = plan.location.value_or(
        Location{.file = fs::path(plan.settings.out) / kStudyFile, .url = "", .name = "study"});
    plan.resume = Store::exists(location);
    // What was killed before there was a study may have left its folder.
    plan.overwrite = !plan.resume;
    Study study(plan, observer);
    return study.run({}).solution ? 0 : 1;
  }

  test::TemporaryFolder folder_;
};

/// A study's trials without what differs from run to run: who trained when, and for how long.
std::vector<TrialRecord> comparable(const Location& location) {
  std::vector<TrialRecord> trials = Store::open(location, Access::read).trials();
  for (TrialRecord& trial : trials) {
    trial.worker.clear();
    trial.attempt = 0;
    trial.seconds = trial.proposed_s = trial.ended_s = 0;
  }
  return trials;
}

TEST_F(StudyRun, KilledAtRandomInstantsAndResumedItEndsAsIfNothingHadHappened) {
  constexpr std::int64_t kTrials = 14;
  constexpr int kKills = 50;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(ChildProcess([&] { return run(plan("whole", kTrials)); }).wait(), 0);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  const std::vector<TrialRecord> expected = comparable(location("whole"));
  ASSERT_EQ(std::ssize(expected), kTrials);
  const Solution solution = read_solution(out("whole"));

  std::mt19937_64 random(7);
  int killed = 0;
  for (int study = 0; killed < kKills; ++study) {
    const std::string name = fmt::format("killed-{}", study);
    while (true) {
      ChildProcess process([&] { return run(plan(name, kTrials)); });
      // Instants all over a run; later ones only where the process is still there.
      std::this_thread::sleep_for(std::chrono::microseconds(
          static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(whole.count()))));
      if (killed < kKills) process.signal(SIGKILL);
      const int code = process.wait();
      if (code == 0) break;
      ASSERT_EQ(code, -SIGKILL) << process.message();
      ++killed;
    }
    EXPECT_EQ(comparable(location(name)), expected) << name;
    const Solution found = read_solution(out(name));
    EXPECT_EQ(found.architecture, solution.architecture);
    EXPECT_EQ(found.accuracy, solution.accuracy);
    EXPECT_EQ(found.weights, solution.weights);
    fs::remove_all(out(name));
  }
}

TEST_F(StudyRun, ResumedWithMoreTrialsItEqualsAStudyOfSoMany) {
  ASSERT_EQ(ChildProcess([&] { return run(plan("whole", 12)); }).wait(), 0);
  ASSERT_EQ(ChildProcess([&] { return run(plan("more", 5)); }).wait(), 0);
  ASSERT_EQ(ChildProcess([&] {
              StudyPlan more = plan("more", 12);
              more.settings.search.workers = 1;
              return run(more);
            }).wait(),
            0);
  EXPECT_EQ(comparable(location("more")), comparable(location("whole")));
  EXPECT_EQ(read_solution(out("more")).weights, read_solution(out("whole")).weights);
  EXPECT_EQ(Store::open(location("more"), Access::read).study().state, StudyState::complete);
}

TEST_F(StudyRun, StoppedAtOnceWhenItIsResumedItKeepsWhatWasFound) {
  ASSERT_EQ(ChildProcess([&] { return run(plan("a", 8)); }).wait(), 0);
  const Solution before = read_solution(out("a"));
  ChildProcess process([&] {
    StudyPlan more = plan("a", 30);
    more.resume = true;
    Study study(more, {});
    const std::atomic<bool> stop{true};
    return study.run(stop).search.trials == 8 ? 0 : 1;
  });
  EXPECT_EQ(process.wait(), 0) << process.message();
  EXPECT_EQ(read_solution(out("a")).architecture, before.architecture);
  EXPECT_EQ(read_solution(out("a")).weights, before.weights);
  EXPECT_EQ(std::ssize(comparable(location("a"))), 8);
}

TEST_F(StudyRun, CompleteAndResumedNothingIsTrainedAgainAndItsFilesAreThoseBefore) {
  ASSERT_EQ(ChildProcess([&] { return run(plan("a", 8)); }).wait(), 0);
  const std::vector<TrialRecord> before = comparable(location("a"));
  const Solution solution = read_solution(out("a"));
  // Told of anything, it fails.
  ChildProcess process([&] {
    return run(plan("a", 8), {.said = [](const std::string& said) { throw Error(said); }});
  });
  EXPECT_EQ(process.wait(), 0) << process.message();
  EXPECT_EQ(comparable(location("a")), before);
  EXPECT_EQ(read_solution(out("a")).weights, solution.weights);
  EXPECT_EQ(read_solution(out("a")).accuracy, solution.accuracy);
}

TEST_F(StudyRun, WithoutAFeasibleNetworkItIsCompleteAndWorkersEnd) {
  const Location shared = parse_location(test::PostgresServer::shared().url() + "#infeasible");
  StudyPlan hopeless = plan("a", 3);
  hopeless.settings.search.latency_requirement_s = 1e-4;
  hopeless.location = shared;
  ChildProcess coordinator([&] { return run(hopeless); });
  EXPECT_EQ(coordinator.wait(), 1) << coordinator.message();
  EXPECT_EQ(Store::open(shared, Access::read).study().state, StudyState::complete);
  EXPECT_TRUE(fs::exists(out("a") / "report.html"));
  ChildProcess worker([&] {
    return work_for({.location = shared, .data_path = std::nullopt}, {}, {}) == 0 ? 0 : 1;
  });
  EXPECT_EQ(worker.wait(), 0) << worker.message();
}

TEST_F(StudyRun, AWorkerWaitsForAStudyAndForWhoeverGoesOnWithIt) {
  const Location shared = parse_location(test::PostgresServer::shared().url() + "#late");
  RemoteWork work{.location = shared, .data_path = std::nullopt, .wait_s = 0};
  const auto message = [&] {
    ChildProcess worker([&] { return work_for(work, {}, {}) >= 0 ? 0 : 1; });
    EXPECT_EQ(worker.wait(), 2);
    return worker.message();
  };
  EXPECT_NE(message().find("there is no study"), std::string::npos);
  work.wait_s = 600;
  ChildProcess early([&] { return work_for(work, {}, {}) >= 0 ? 0 : 1; });
  StudyPlan plan = this->plan("a", 3);
  plan.location = shared;
  EXPECT_EQ(ChildProcess([&] { return run(plan); }).wait(), 0);
  EXPECT_EQ(early.wait(), 0) << early.message();
  {
    Store store = Store::open(shared, Access::coordinate);
    StudyRecord record = store.study();
    record.state = StudyState::searching;  // as a coordinator leaves it that is killed
    store.update(record);
  }
  work.wait_s = 0;
  EXPECT_NE(message().find("nobody has coordinated"), std::string::npos);
}

TEST_F(StudyRun, AStudyOfPostgresqlIsNotMixedWithOneInItsFolder) {
  const Location shared = parse_location(test::PostgresServer::shared().url() + "#mixed");
  ASSERT_EQ(ChildProcess([&] { return run(plan("file", 3)); }).wait(), 0);
  const std::string before = read_file(out("file") / "solution.json");
  StudyPlan plan = this->plan("shared", 3);
  plan.location = shared;
  ASSERT_EQ(ChildProcess([&] { return run(plan); }).wait(), 0);
  plan.settings.out = out("file").string();
  ChildProcess mixed([&] { return run(plan); });
  EXPECT_EQ(mixed.wait(), 2);
  EXPECT_NE(mixed.message().find("holds another study"), std::string::npos) << mixed.message();
  EXPECT_EQ(read_file(out("file") / "solution.json"), before);
  EXPECT_TRUE(fs::exists(location("file").file));
  plan.overwrite = true;
  ChildProcess replaced([&] {
    Study study(plan, {});
    return study.run({}).solution ? 0 : 1;
  });
  EXPECT_EQ(replaced.wait(), 0) << replaced.message();
  EXPECT_FALSE(fs::exists(location("file").file));
}

TEST_F(StudyRun, ANewWinnerThatIsNotTestedYetHasNoAnswersOfTheOneBefore) {
  bool other_winner = false;
  for (std::uint64_t seed = 1; seed <= 8 && !other_winner; ++seed) {
    const std::string name = fmt::format("seed-{}", seed);
    const auto plan_of = [&](std::int64_t trials) {
      StudyPlan seeded = plan(name, trials);
      seeded.settings.search.seed = seed;
      return seeded;
    };
    ASSERT_EQ(ChildProcess([&] { return run(plan_of(1)); }).wait(), 0);
    EXPECT_FALSE(Store::open(location(name), Access::read).study().facts.confusion.empty());
    ChildProcess process([&] {
      StudyPlan more = plan_of(14);
      more.resume = true;
      std::atomic<bool> stop{false};
      Study study(more, {.begins = [&](const std::string& what) {
                    if (what == "testing the network") stop = true;
                  }});
      (void)study.run(stop);
      return 0;
    });
    ASSERT_EQ(process.wait(), 0) << process.message();
    const StudyRecord record = Store::open(location(name), Access::read).study();
    EXPECT_FALSE(record.final_accuracy.test.has_value());
    EXPECT_TRUE(record.facts.confusion.empty());
    other_winner = record.final_trial > 1;
  }
  EXPECT_TRUE(other_winner);
}

TEST_F(StudyRun, WhatItsTrialsDependOnCannotChange) {
  ASSERT_EQ(ChildProcess([&] { return run(plan("a", 3)); }).wait(), 0);
  const std::vector<TrialRecord> before = comparable(location("a"));
  const auto refused = [&](const std::function<void(Settings&)>& change, std::int64_t trials = 3) {
    StudyPlan changed = plan("a", trials);
    changed.resume = true;
    change(changed.settings);
    ChildProcess process([&] { return run(changed); });
    EXPECT_EQ(process.wait(), 2);
    return process.message();
  };
  using testing::internal::RE;
  EXPECT_TRUE(RE::PartialMatch(refused([](Settings& s) { s.search.seed = 9; }),
                               RE("search.seed: found 9, allowed: 1")));
  EXPECT_TRUE(RE::PartialMatch(refused([](Settings& s) {
                                 s.space.kernels = {1, 3};
                               }),
                               RE("space.kernels")));
  EXPECT_TRUE(
      RE::PartialMatch(refused([](Settings& s) { s.training.epochs = 2; }), RE("training.epochs")));
  EXPECT_TRUE(RE::PartialMatch(refused([](Settings& s) { s.power.capacitance_f = 1e-3; }),
                               RE("power.capacitance_f")));
  EXPECT_TRUE(RE::PartialMatch(refused([](Settings&) {}, 2), RE("search.trials: found 2, allowed: "
                                                                "from 3")));
  test::write_idx(folder_.path(), "train", 300, 5);
  const std::string message = refused([](Settings&) {});
  EXPECT_TRUE(RE::PartialMatch(message, RE("data: have changed.*[0-9a-f]{32}.*[0-9a-f]{32}")))
      << message;
  EXPECT_EQ(comparable(location("a")), before);
}

TEST_F(StudyRun, KilledBeforeItWasStoredItIsBegunAgain) {
  fs::create_directory(out("a"));
  std::ofstream(location("a").file).close();
  ChildProcess process([&] {
    Study study(plan("a", 3), {});
    return study.run({}).solution ? 0 : 1;
  });
  EXPECT_EQ(process.wait(), 0) << process.message();
}

TEST_F(StudyRun, WithoutResumeAStudyIsNotTouched) {
  ASSERT_EQ(ChildProcess([&] { return run(plan("a", 3)); }).wait(), 0);
  const std::string before = read_file(location("a").file);
  ChildProcess process([&] {
    Study study(plan("a", 3), {});
    return 0;
  });
  EXPECT_EQ(process.wait(), 2);
  EXPECT_NE(process.message().find("--resume"), std::string::npos) << process.message();
  EXPECT_EQ(read_file(location("a").file), before);
}

TEST_F(StudyRun, WhereTheBestCannotBeDeployedTheNextBestIs) {
  ASSERT_EQ(ChildProcess([&] { return run(plan("a", 8)); }).wait(), 0);
  const Solution best = read_solution(out("a"));
  const auto run_refusing = [&](const std::string& name, auto refuses) {
    StudyPlan refusing = plan(name, 8);
    refusing.deploy = [=](const Solution& solution, const std::vector<Tensor>& weights,
                          const dump::Samples& calibration, const data::DataSplit& data) {
      if (refuses(solution)) throw InvalidArgument("a map is too large");
      return deploy(solution, weights, calibration, data);
    };
    ASSERT_EQ(ChildProcess([&] { return run(refusing); }).wait(), 0);
  };
  run_refusing(
      "b", [&](const Solution& solution) { return solution.architecture == best.architecture; });
  const Solution next = read_solution(out("b"));
  EXPECT_NE(next.architecture, best.architecture);
  EXPECT_TRUE(next.accuracy.deployed.has_value());
  EXPECT_TRUE(fs::exists(out("b") / kDeviceFolder / "model.c"));
  for (const TrialRecord& trial : comparable(location("b"))) {
    if (trial.architecture == best.architecture || !trial.accuracy) continue;
    const auto next_trial = comparable(location("b"))[static_cast<std::size_t>(next.trial - 1)];
    EXPECT_LE(*trial.accuracy, *next_trial.accuracy) << trial.number;
  }
  // Where none can be, the best is there without files for the device.
  run_refusing("c", [](const Solution&) { return true; });
  EXPECT_EQ(read_solution(out("c")).architecture, best.architecture);
  EXPECT_FALSE(fs::exists(out("c") / kDeviceFolder / "model.c"));
}

TEST_F(StudyRun, AFullDiskEndsItInASentenceAndItCanBeResumed) {
  ASSERT_EQ(ChildProcess([&] { return run(plan("whole", 8)); }).wait(), 0);
  const auto size = fs::file_size(location("whole").file);
  // A limit for the size of each file stands for the disk.
  int failed = 0;
  for (const double share : {0.05, 0.3, 0.5, 0.7, 0.9}) {
    const std::string name = fmt::format("full-{}", share);
    ChildProcess process([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const auto limit = static_cast<rlim_t>(static_cast<double>(size) * share);
      const rlimit bound{limit, limit};
      setrlimit(RLIMIT_FSIZE, &bound);
      return run(plan(name, 8));
    });
    const int code = process.wait();
    if (code != 0) {
      ++failed;
      EXPECT_EQ(code, 2);
      EXPECT_NE(process.message().find(name), std::string::npos) << process.message();
    }
    ChildProcess again([&] { return run(plan(name, 8)); });
    EXPECT_EQ(again.wait(), 0) << again.message();
    EXPECT_EQ(comparable(location(name)), comparable(location("whole")));
  }
  EXPECT_GE(failed, 3);
}

TEST_F(StudyRun, AFolderThatCannotBeWrittenIsSaidBeforeAnything) {
  ASSERT_EQ(ChildProcess([&] { return run(plan("a", 3)); }).wait(), 0);
  fs::permissions(location("a").file, fs::perms::owner_read | fs::perms::others_read);
  fs::permissions(out("a"), fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                                fs::perms::others_exec);
  fs::permissions(folder_.path(), fs::perms::all);
  ChildProcess process([&] {
    if (geteuid() == 0 && seteuid(65534) != 0) return 1;
    return run(plan("a", 5));
  });
  EXPECT_EQ(process.wait(), 2);
  const std::string message = process.message();
  EXPECT_TRUE(message.find("denied") != std::string::npos ||
              message.find("read-only") != std::string::npos)
      << message;
  fs::permissions(out("a"), fs::perms::owner_all);
}

/// Waits until `condition` holds, or a bound that only ends a test that would hang otherwise.
template <class Condition>
::testing::AssertionResult becomes_true(Condition condition) {
  for (int tries = 0; tries < 3000; ++tries) {
    if (condition()) return ::testing::AssertionSuccess();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return ::testing::AssertionFailure() << "it never came true";
}

TEST_F(StudyRun, WorkersThatDieOrAreStoppedChangeNoTrial) {
  constexpr std::int64_t kTrials = 16;
  const auto slow = [&](const std::string& name) {
    StudyPlan slow = plan(name, kTrials);
    slow.settings.training.epochs = 24;
    slow.settings.search.workers = 1;
    return slow;
  };
  ASSERT_EQ(ChildProcess([&] { return run(slow("alone")); }).wait(), 0);
  const std::vector<TrialRecord> expected = comparable(location("alone"));

  test::PostgresServer& server = test::PostgresServer::shared();
  const Location shared = parse_location(server.url() + "#workers");
  const LeaseTimes leases{.lease_s = 1, .renew_s = 0.2, .look_s = 0.02};
  // Workers come first, and wait: each then has its share of the trainings, whatever else the
  // machine does.
  const auto work = [&] {
    const RemoteWork remote{
        .location = shared, .data_path = std::nullopt, .threads = 1, .gpu = -1, .leases = leases};
    return work_for(remote, {}, {}) >= 0 ? 0 : 1;
  };
  ChildProcess killed(work);
  ChildProcess stopped(work);
  ChildProcess third(work);
  ChildProcess coordinator([&] {
    StudyPlan plan = slow("shared");
    plan.location = shared;
    plan.leases = leases;
    return run(plan);
  });
  ASSERT_TRUE(becomes_true([&] { return Store::exists(shared) || coordinator.ended(); }));
  Store store = Store::open(shared, Access::read);
  /// The trial that a process trains.
  const auto trains = [&](const ChildProcess& process) {
    for (const TrialRecord& trial : store.trials()) {
      if (trial.status == TrialStatus::training &&
          trial.worker.find(fmt::format("-{}-", process.id())) != std::string::npos) {
        return trial.number;
      }
    }
    return std::int64_t{0};
  };
  ASSERT_TRUE(becomes_true([&] { return trains(killed) > 0; }));
  killed.signal(SIGKILL);
  EXPECT_EQ(killed.wait(), -SIGKILL);
  std::int64_t held = 0;
  ASSERT_TRUE(becomes_true([&] {
    stopped.signal(SIGSTOP);
    held = trains(stopped);
    if (held == 0) stopped.signal(SIGCONT);
    return held > 0;
  }));
  // Another one takes its training over, which it may have taken over itself; then it goes on, and
  // its answer comes too late.
  const auto attempt = [&] { return store.trials()[static_cast<std::size_t>(held - 1)].attempt; };
  const std::int64_t its_attempt = attempt();
  ASSERT_TRUE(becomes_true([&] { return attempt() > its_attempt; }));
  stopped.signal(SIGCONT);
  EXPECT_EQ(coordinator.wait(), 0) << coordinator.message();
  EXPECT_EQ(stopped.wait(), 0) << stopped.message();
  EXPECT_EQ(third.wait(), 0) << third.message();
  EXPECT_EQ(comparable(shared), expected);
  EXPECT_EQ(store.trials()[static_cast<std::size_t>(held - 1)].worker.find(
                fmt::format("-{}-", stopped.id())),
            std::string::npos);
  EXPECT_EQ(read_solution(out("shared")).weights, read_solution(out("alone")).weights);
}

TEST_F(StudyRun, AWorkerWithOtherDataIsRefused) {
  const Location shared = parse_location(test::PostgresServer::shared().url() + "#data");
  run_small_study(shared);
  test::TemporaryFolder other;
  test::write_idx(other.path(), "train", 300, 8);
  test::write_idx(other.path(), "t10k", 60, 9);
  ChildProcess worker([&] {
    const RemoteWork remote{.location = shared, .data_path = other.path().string()};
    return work_for(remote, {}, {}) >= 0 ? 0 : 1;
  });
  EXPECT_EQ(worker.wait(), 2);
  EXPECT_NE(worker.message().find("data: have changed"), std::string::npos) << worker.message();
}

TEST_F(StudyRun, AWorkerOfAnotherVersionIsRefused) {
  const std::string url = test::PostgresServer::shared().url();
  const Location shared = parse_location(url + "#version");
  run_small_study(shared);
  const auto outcome = [&](const std::string& found, const std::string& in_its_place) {
    const std::string change = fmt::format(
        "psql -q {} -c \"UPDATE study SET facts = replace(facts, '{}', '{}') WHERE name = "
        "'version'\"",
        url, found, in_its_place);
    EXPECT_EQ(std::system(change.c_str()), 0);
    ChildProcess worker(
        [&] { return work_for({.location = shared, .data_path = {}}, {}, {}) >= 0 ? 0 : 1; });
    const int code = worker.wait();
    return fmt::format("{} {}", code, worker.message());
  };
  const std::string own(version());
  EXPECT_TRUE(outcome(own, own).starts_with("0 "));
  const std::string refused = outcome(own, "9.9.9");
  EXPECT_TRUE(refused.starts_with("2 version of this worker")) << refused;
  EXPECT_NE(refused.find("allowed: 9.9.9"), std::string::npos) << refused;
}

TEST_F(StudyRun, TrainingsThatAreTooLongForOneEpochAreTrialsWithoutAnAccuracy) {
  StudyPlan limited = plan("limited", 6);
  limited.settings.training.time_limit_s = 1e-9;
  ASSERT_EQ(ChildProcess([&] { return run(limited); }).wait(), 1);
  const std::vector<TrialRecord> trials = comparable(location("limited"));
  ASSERT_EQ(trials.size(), 6u);
  EXPECT_TRUE(std::any_of(trials.begin(), trials.end(), [](const TrialRecord& trial) {
    return trial.outcome == nas::Outcome::too_long;
  }));
  for (const TrialRecord& trial : trials) {
    EXPECT_FALSE(trial.accuracy.has_value()) << trial.number;
    EXPECT_NE(trial.outcome, nas::Outcome::trained) << trial.number;
  }
}

TEST(Resume, EverySettingIsEitherFreeOrHoldsTheTrials) {
  // A new setting holds the trials until somebody says otherwise.
  EXPECT_FALSE(may_change("search.seed"));
  EXPECT_FALSE(may_change("search.parallelism"));
  EXPECT_FALSE(may_change("training.final_epochs"));
  EXPECT_FALSE(may_change("training.time_limit_s"));
  EXPECT_FALSE(may_change("a.setting.of.tomorrow"));
  for (const char* key : {"search.trials", "search.workers", "search.time_limit_s", "out"}) {
    EXPECT_TRUE(may_change(key)) << key;
  }
  Settings now;
  now.search.trials += 5;
  now.training.gpu = 0;
  now.out = "elsewhere";
  EXPECT_NO_THROW(check_resumable(Settings(), now));
}

}  // namespace
}  // namespace inas::study
