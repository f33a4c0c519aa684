#include <atomic>
#include <fstream>
#include <set>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>
#include <sys/stat.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/run_folder.hpp>
#include <inas/study/store.hpp>

#include "postgres_server.hpp"

namespace inas::study {
namespace {

namespace fs = std::filesystem;

/// What both databases must do alike.
class StoreTest : public testing::TestWithParam<bool> {
 protected:
  StoreTest() {
    if (GetParam()) {
      static int number = 0;
      location_ = parse_location(
          fmt::format("{}#study-{}", test::PostgresServer::shared().url(), ++number));
    } else {
      location_ = parse_location(folder_.path().string());
    }
  }

  test::TemporaryFolder folder_;
  Location location_;
};

std::string name_of(const testing::TestParamInfo<bool>& info) {
  return info.param ? "PostgreSQL" : "SQLite";
}

INSTANTIATE_TEST_SUITE_P(Databases, StoreTest, testing::Bool(), name_of);

StudyRecord some_study() {
  StudyRecord record;
  record.data_hash = "0123abc";
  record.software = "1.2.3";
  record.created_s = 1.7e9;
  record.settings.search.trials = 17;
  record.settings.search.seed = 18446744073709551615U;
  return record;
}

TrialRecord some_trial(std::int64_t number, nas::Outcome outcome = nas::Outcome::trained) {
  TrialRecord trial;
  trial.number = number;
  trial.architecture = {3, 8 * number};
  trial.effort = {2, 1000};
  trial.seed = 18446744073709551610U + static_cast<std::uint64_t>(number);
  trial.outcome = outcome;
  if (outcome == nas::Outcome::too_slow) {
    trial.constraint = "responsiveness";
    trial.why = "too slow; it's \"late\" by 0.1 s";
  } else {
    trial.costs = {0.1 + 1.0 / 3, 1e-3 / 7, 12, 34, 56, 78};
    trial.designs = "CONV_0 …";
  }
  return trial;
}

nas::ChildResult some_result(double accuracy) {
  nas::ChildResult result;
  result.seconds = 12.25;
  result.trained.validation_accuracy = accuracy;
  result.trained.epoch_accuracies = {accuracy / 3, accuracy};
  result.trained.weights = {{"CONV_0", {2}, {static_cast<float>(accuracy), -1.5F}}};
  result.trained.completed = true;
  return result;
}

nas::Trial ended(std::int64_t number, double accuracy) {
  nas::Trial trial;
  trial.number = number;
  trial.outcome = nas::Outcome::trained;
  trial.accuracy = accuracy;
  trial.lesson = {0.25, -1.0 / 3};
  return trial;
}

/// Claims, finishes and ends a trial.
void train(Store& store, std::int64_t number, double accuracy, std::int64_t best) {
  const auto claim = store.claim("w", 60);
  ASSERT_TRUE(claim.has_value());
  ASSERT_EQ(claim->trial, number);
  ASSERT_TRUE(store.finish(*claim, some_result(accuracy)));
  store.end(ended(number, accuracy), best, 1);
}

TEST_P(StoreTest, AStudyReadsAsItWasWritten) {
  EXPECT_FALSE(Store::exists(location_));
  StudyRecord record = some_study();
  {
    Store store = Store::create(location_, record);
    EXPECT_EQ(store.study(), record);
    record.state = StudyState::complete;
    record.search_s = 1.0 / 3;
    record.final_trial = 7;
    record.final_epochs = 8;
    record.final_accuracy = {0.9, std::nullopt, 0.1 + 0.2};
    store.update(record);
  }
  EXPECT_TRUE(Store::exists(location_));
  EXPECT_EQ(Store::open(location_, Access::read).study(), record);
  test::expect_error([&] { (void)Store::create(location_, record); }, "--resume");
}

TEST_P(StoreTest, TrialsReadAsTheyWereWritten) {
  Store store = Store::create(location_, some_study());
  const TrialRecord refused = some_trial(1, nas::Outcome::too_slow);
  const TrialRecord proposed = some_trial(2);
  store.propose(refused);
  store.propose(proposed);
  std::vector<TrialRecord> found = store.trials();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_GT(found[0].proposed_s, 1.6e9);
  for (TrialRecord& trial : found) trial.proposed_s = 0;
  TrialRecord expected = refused;
  expected.status = TrialStatus::trained;  // nothing is to be trained
  EXPECT_EQ(found[0], expected);
  EXPECT_EQ(found[1], proposed);
}

TEST_P(StoreTest, ATrainingReadsAsItWasFinishedAndOnlyTheBestKeepsItsWeights) {
  Store store = Store::create(location_, some_study());
  for (int number = 1; number <= 3; ++number) store.propose(some_trial(number));
  EXPECT_FALSE(store.training(1).has_value());
  const auto claim = store.claim("a-1", 60);
  ASSERT_TRUE(claim.has_value());
  EXPECT_EQ(claim->trial, 1);
  EXPECT_EQ(claim->architecture, some_trial(1).architecture);
  EXPECT_EQ(claim->effort, some_trial(1).effort);
  EXPECT_EQ(claim->seed, some_trial(1).seed);
  EXPECT_FALSE(store.training(1).has_value());
  ASSERT_TRUE(store.finish(*claim, some_result(1.0 / 3)));
  const auto training = store.training(1);
  ASSERT_TRUE(training.has_value());
  EXPECT_EQ(training->trained.validation_accuracy, 1.0 / 3);
  EXPECT_EQ(training->trained.epoch_accuracies, some_result(1.0 / 3).trained.epoch_accuracies);
  EXPECT_EQ(training->trained.weights, some_result(1.0 / 3).trained.weights);
  EXPECT_EQ(training->seconds, 12.25);
  EXPECT_TRUE(training->trained.completed);
  store.end(ended(1, 1.0 / 3), 1, 1);
  train(store, 2, 0.75, 2);
  EXPECT_TRUE(store.training(1)->trained.weights.empty());
  EXPECT_FALSE(store.training(2)->trained.weights.empty());
  // One that has ended but whose turn has not come keeps its weights: it may be the best.
  const auto third = store.claim("a-2", 60);
  ASSERT_TRUE(store.finish(*third, some_result(0.5)));
  store.end(ended(2, 0.75), 2, 1);
  EXPECT_FALSE(store.training(3)->trained.weights.empty());
  const TrialRecord record = store.trials()[1];
  EXPECT_EQ(record.accuracy, 0.75);
  EXPECT_EQ(record.status, TrialStatus::ended);
  EXPECT_EQ(record.lesson, (nas::Lesson{0.25, -1.0 / 3}));
  EXPECT_EQ(record.worker, "w");
}

TEST_P(StoreTest, WhileAResumedStudyEndsItsTrialsAgainTheBestOfAllKeepsItsWeights) {
  Store store = Store::create(location_, some_study());
  for (int number = 1; number <= 3; ++number) store.propose(some_trial(number));
  train(store, 1, 0.25, 1);
  train(store, 2, 0.75, 2);
  store.end(ended(1, 0.25), 1, 1);
  EXPECT_FALSE(store.training(2)->trained.weights.empty());
  store.end(ended(2, 0.75), 2, 1);
  train(store, 3, 0.875, 3);
  EXPECT_TRUE(store.training(2)->trained.weights.empty());
  EXPECT_FALSE(store.training(3)->trained.weights.empty());
}

TEST_P(StoreTest, ADivergedTrainingIsStoredWithoutWeights) {
  Store store = Store::create(location_, some_study());
  store.propose(some_trial(1));
  nas::ChildResult result = some_result(0);
  result.trained.epoch_accuracies.clear();
  result.trained.diverged = true;
  ASSERT_TRUE(store.finish(*store.claim("w", 60), result));
  EXPECT_TRUE(store.training(1)->trained.useless());
  EXPECT_TRUE(store.training(1)->trained.weights.empty());
}

TEST_P(StoreTest, ATrainingThatWasTooLongIsStoredAsSuch) {
  Store store = Store::create(location_, some_study());
  store.propose(some_trial(1));
  nas::ChildResult result = some_result(0.5);
  result.trained.too_long = true;
  ASSERT_TRUE(store.finish(*store.claim("w", 60), result));
  EXPECT_TRUE(store.training(1)->trained.too_long);
  EXPECT_FALSE(store.training(1)->trained.useless());
  for (const nas::Outcome outcome : {nas::Outcome::cut_short, nas::Outcome::too_long}) {
    nas::Trial trial = ended(1, 0.5);
    trial.outcome = outcome;
    store.end(trial, 1, 1);
    EXPECT_EQ(store.trials()[0].outcome, outcome);
  }
}

TEST_P(StoreTest, EachTrainingIsClaimedOnceAndInTheirOrder) {
  Store store = Store::create(location_, some_study());
  Store other = Store::open(location_, Access::work);
  for (int number = 1; number <= 4; ++number) {
    store.propose(some_trial(number, number == 2 ? nas::Outcome::known : nas::Outcome::trained));
  }
  EXPECT_EQ(store.claim("a", 60)->trial, 1);
  EXPECT_EQ(other.claim("b", 60)->trial, 3);
  EXPECT_EQ(store.claim("a", 60)->trial, 4);
  EXPECT_FALSE(other.claim("b", 60).has_value());
}

TEST_P(StoreTest, ALeaseThatHasRunOutIsGivenToAnotherAndTheFirstOnesAnswerIsIgnored) {
  Store store = Store::create(location_, some_study());
  store.propose(some_trial(1));
  const auto first = store.claim("a", -1);  // has run out already
  const auto second = store.claim("b", 60);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->trial, 1);
  EXPECT_EQ(second->attempt, first->attempt + 1);
  EXPECT_FALSE(store.renew(*first, 60));
  EXPECT_TRUE(store.renew(*second, 60));
  EXPECT_FALSE(store.finish(*first, some_result(0.1)));
  EXPECT_FALSE(store.training(1).has_value());
  EXPECT_TRUE(store.finish(*second, some_result(0.2)));
  EXPECT_FALSE(store.finish(*first, some_result(0.1)));
  EXPECT_EQ(store.training(1)->trained.validation_accuracy, 0.2);
  // The same worker again: told apart by the attempt.
  store.propose(some_trial(2));
  const auto stopped = store.claim("c", -1);
  const auto again = store.claim("c", 60);
  EXPECT_FALSE(store.finish(*stopped, some_result(0.3)));
  store.give_up(*stopped);
  EXPECT_TRUE(store.finish(*again, some_result(0.4)));
}

TEST_P(StoreTest, WhatIsGivenUpIsClaimedAgain) {
  Store store = Store::create(location_, some_study());
  store.propose(some_trial(1));
  const auto claim = store.claim("a", 60);
  EXPECT_FALSE(store.claim("b", 60).has_value());
  store.give_up(*claim);
  EXPECT_EQ(store.claim("b", 60)->trial, 1);
}

TEST_P(StoreTest, AProposalThatIsThereAlreadyMustBeTheSame) {
  Store store = Store::create(location_, some_study());
  store.propose(some_trial(1));
  const auto claim = store.claim("a", 60);
  ASSERT_TRUE(store.finish(*claim, some_result(0.5)));
  store.propose(some_trial(1));
  EXPECT_EQ(store.training(1)->trained.validation_accuracy, 0.5);
  TrialRecord other = some_trial(1);
  other.effort.epochs = 3;
  test::expect_error([&] { store.propose(other); }, "trial 1 is of network 3,8");
  other = some_trial(1);
  other.architecture = {5, 8};
  test::expect_error([&] { store.propose(other); }, "proposes 5,8");
}

TEST_P(StoreTest, TheWinnersWeightsAreKeptWithItsAccuracy) {
  Store store = Store::create(location_, some_study());
  EXPECT_FALSE(store.final_weights().has_value());
  StudyRecord record = some_study();
  record.final_trial = 3;
  record.final_accuracy.validation = 0.75;
  store.keep_final(record, some_result(0.75).trained.weights);
  record.final_trial = 4;
  store.keep_final(record, some_result(0.5).trained.weights);
  EXPECT_EQ(store.final_weights(), some_result(0.5).trained.weights);
  EXPECT_EQ(store.study(), record);
}

TEST_P(StoreTest, AStudyOfANewerVersionIsNotTouched) {
  { Store store = Store::create(location_, some_study()); }
  const auto set_version = [&](int version) {
    if (GetParam()) {
      const std::string command =
          fmt::format("psql -q {} -c 'UPDATE inas_store SET version = {}'", location_.url, version);
      ASSERT_EQ(std::system(command.c_str()), 0);
    } else {
      const std::string command = fmt::format("sqlite3 {} 'UPDATE inas_store SET version = {}'",
                                              location_.file.string(), version);
      ASSERT_EQ(std::system(command.c_str()), 0);
    }
  };
  set_version(99);
  for (const Access access : {Access::read, Access::work, Access::coordinate}) {
    test::expect_error([&] { (void)Store::open(location_, access); }, "version 99");
  }
  set_version(static_cast<int>(kStoreVersion));
  EXPECT_EQ(Store::open(location_, Access::coordinate).study(), some_study());
}

TEST_P(StoreTest, AStudyOfTheFirstVersionIsBroughtUpByItsCoordinator) {
  {
    Store store = Store::create(location_, some_study());
    store.propose(some_trial(1));
    ASSERT_TRUE(store.finish(*store.claim("w", 60), some_result(0.5)));
  }
  const std::string before =
      "ALTER TABLE trial DROP COLUMN too_long; UPDATE inas_store SET version = 1";
  const std::string command = GetParam()
                                  ? fmt::format("psql -q {} -c '{}'", location_.url, before)
                                  : fmt::format("sqlite3 {} '{}'", location_.file.string(), before);
  ASSERT_EQ(std::system(command.c_str()), 0);
  test::expect_error([&] { (void)Store::open(location_, Access::read); }, "--resume");
  Store store = Store::open(location_, Access::coordinate);
  EXPECT_EQ(store.training(1)->trained.validation_accuracy, 0.5);
  EXPECT_FALSE(store.training(1)->trained.too_long);
}

TEST_P(StoreTest, WhatAnotherProgramHasRemovedIsNotWaitedFor) {
  Store store = Store::create(location_, some_study());
  for (int number = 1; number <= 2; ++number) store.propose(some_trial(number));
  train(store, 1, 0.5, 1);
  const auto change = [&](const std::string& statement) {
    const std::string program =
        GetParam() ? "psql -q " + location_.url + " -c" : "sqlite3 " + location_.file.string();
    ASSERT_EQ(std::system(fmt::format("{} \"{}\"", program, statement).c_str()), 0);
  };
  const std::string name = fmt::format("name = '{}'", location_.name);
  const std::string of_study = "study = (SELECT id FROM study WHERE " + name + ")";
  change("UPDATE trial SET accuracy = NULL WHERE number = 1 AND " + of_study);
  test::expect_error([&] { (void)store.trials(); }, "trial 1 was trained, but has no accuracy");
  change("DELETE FROM trial WHERE number = 2 AND " + of_study);
  test::expect_error([&] { (void)store.training(2); }, "trial 2 is gone");
  for (const char* table : {"tensors", "trial"}) {
    change(fmt::format("DELETE FROM {} WHERE {}", table, of_study));
  }
  change("DELETE FROM study WHERE " + name);
  test::expect_error([&] { (void)store.study(); }, "the study is gone");
}

TEST(Store, ManyStudiesShareADatabaseOfPostgresql) {
  const std::string url = test::PostgresServer::shared().url();
  Store one = Store::create(parse_location(url + "#one"), some_study());
  StudyRecord record = some_study();
  record.data_hash = "other";
  Store two = Store::create(parse_location(url + "#two"), record);
  one.propose(some_trial(1));
  EXPECT_TRUE(two.trials().empty());
  EXPECT_FALSE(two.claim("a", 60).has_value());
  EXPECT_EQ(one.study().data_hash, "0123abc");
  EXPECT_EQ(two.study().data_hash, "other");
}

TEST(Store, ASecondCoordinatorOfPostgresqlIsRefusedAsLongAsTheFirstOneLives) {
  const Location location = parse_location(test::PostgresServer::shared().url() + "#coordinators");
  {
    Store first = Store::create(location, some_study());
    test::expect_error([&] { (void)Store::open(location, Access::coordinate); },
                       "another coordinator");
    EXPECT_NO_THROW((void)Store::open(location, Access::work));
    EXPECT_NO_THROW((void)Store::open(location, Access::read));
  }
  EXPECT_NO_THROW((void)Store::open(location, Access::coordinate));
}

TEST(Store, AStudyIsAbandonedWithoutACoordinatorAndWithNothingToTrain) {
  const Location location = parse_location(test::PostgresServer::shared().url() + "#abandoned");
  Store worker = [&] {
    Store coordinator = Store::create(location, some_study());
    coordinator.propose(some_trial(1));
    Store opened = Store::open(location, Access::work);
    EXPECT_FALSE(opened.abandoned());
    return opened;
  }();
  EXPECT_FALSE(worker.abandoned());  // its training is of use
  train(worker, 1, 0.5, 1);
  EXPECT_TRUE(worker.abandoned());
  const Store again = Store::open(location, Access::coordinate);
  EXPECT_FALSE(worker.abandoned());
}

TEST(Store, WhatPostgresqlRefusesIsOneSentenceOfItsOwn) {
  const std::string url = test::PostgresServer::shared().url();
  const Location nowhere = parse_location(url.substr(0, url.rfind('/')) + "/nowhere");
  const auto message = [](const Location& location) -> std::string {
    try {
      (void)Store::create(location, some_study());
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_TRUE(message(nowhere).ends_with("\"nowhere\" does not exist")) << message(nowhere);
  EXPECT_TRUE(message(nowhere).starts_with(describe(nowhere) + ": connection to server"))
      << message(nowhere);
  const Location closed = parse_location("postgresql://inas@127.0.0.1:1/x");
  for (const char c : message(closed)) EXPECT_GE(c, ' ') << message(closed);
  const Location not_utf8 = parse_location(url + "#a\xff");
  EXPECT_TRUE(message(not_utf8).ends_with("0xff")) << message(not_utf8);
}

/// A database of its own in the server of the tests, without tables.
std::string fresh_database(const std::string& name) {
  const std::string url = test::PostgresServer::shared().url();
  const std::string command = fmt::format("psql -q {} -c 'CREATE DATABASE {}'", url, name);
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  return url.substr(0, url.rfind('/') + 1) + name;
}

void in_postgresql(const std::string& url, const std::string& statements) {
  const std::string command = fmt::format("psql -q {} -c '{}'", url, statements);
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

TEST(Store, AStudyIsFoundAmongHundredsOfOtherTables) {
  const std::string url = fresh_database("crowded");
  std::string others;
  for (int number = 0; number < 300; ++number) {
    others += fmt::format("CREATE TABLE a{} (x INT); ", number);
  }
  in_postgresql(url, others);
  const Location location = parse_location(url + "#one");
  { Store store = Store::create(location, some_study()); }
  EXPECT_EQ(Store::open(location, Access::read).study(), some_study());
  Store another = Store::create(parse_location(url + "#two"), some_study());
}

TEST(Store, StudiesThatBeginAtOnceInAnEmptyDatabaseAllDo) {
  constexpr int kStudies = 8;
  for (const char* name : {"race_1", "race_2", "race_3", "race_4"}) {
    const std::string url = fresh_database(name);
    std::vector<std::string> refused(kStudies);
    {
      std::vector<std::jthread> threads;
      for (int number = 0; number < kStudies; ++number) {
        threads.emplace_back([&url, &refused, number] {
          try {
            (void)Store::create(parse_location(fmt::format("{}#{}", url, number)), some_study());
          } catch (const Error& error) {
            refused[static_cast<std::size_t>(number)] = error.what();
          }
        });
      }
    }
    EXPECT_EQ(refused, std::vector<std::string>(kStudies));
  }
}

TEST(Store, ARoleWithoutARightIsToldWhichItNeeds) {
  const std::string url = fresh_database("rights");
  const std::string of_role = "postgresql://guest" + url.substr(url.find('@')) + "#one";
  in_postgresql(url, "CREATE ROLE guest LOGIN");
  const Location guest = parse_location(of_role);
  test::expect_error([&] { (void)Store::create(guest, some_study()); }, "CREATE on the schema");
  Store owner = Store::create(parse_location(url + "#one"), some_study());
  owner.propose(some_trial(1));
  for (const Access access : {Access::read, Access::work}) {
    test::expect_error([&] { (void)Store::open(guest, access); }, "permission denied");
  }
  in_postgresql(url, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest");
  EXPECT_EQ(Store::open(guest, Access::read).study(), some_study());
  Store worker = Store::open(guest, Access::work);
  test::expect_error([&] { (void)worker.claim("w", 60); }, "INSERT, UPDATE and DELETE");
  in_postgresql(url, "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest");
  EXPECT_TRUE(worker.claim("w", 60).has_value());
}

TEST(Store, OnlyAFileIsTakenForAStudy) {
  test::TemporaryFolder folder;
  const Location pipe = parse_location((folder.path() / "pipe").string());
  ASSERT_EQ(mkfifo(pipe.file.c_str(), 0600), 0);
  fs::create_directories(folder.path() / "folder" / kStudyFile);
  for (const Location& location :
       {pipe, parse_location((folder.path() / "folder").string()), parse_location("/dev/zero")}) {
    test::expect_error([&] { (void)Store::open(location, Access::read); }, "allowed: a file");
  }
}

TEST(Store, AFileThatIsRemovedOrReplacedEndsWhoWritesIt) {
  for (const bool replaced : {false, true}) {
    test::TemporaryFolder folder;
    const Location location = parse_location(folder.path().string());
    Store store = Store::create(location, some_study());
    store.propose(some_trial(1));
    fs::rename(location.file, location.file.string() + "-elsewhere");
    if (replaced) fs::copy(location.file.string() + "-elsewhere", location.file);
    test::expect_error([&] { store.propose(some_trial(2)); }, "removed, moved or replaced");
  }
}

TEST(Store, WhatWasKilledInTheMiddleOfAChangeIsReadAsItWasBefore) {
  for (const Access access : {Access::read, Access::coordinate}) {
    test::TemporaryFolder folder;
    const Location location = parse_location(folder.path().string());
    { Store store = Store::create(location, some_study()); }
    // With a cache of one page the change is in the file before it is committed.
    const std::string command = fmt::format(
        "sqlite3 {} 'PRAGMA cache_size = 1; BEGIN; UPDATE study SET data_hash = "
        "hex(randomblob(200000))' '.shell kill -9 $PPID'",
        location.file.string());
    ASSERT_NE(std::system(command.c_str()), 0);
    ASSERT_TRUE(fs::exists(folder.path() / "study.sqlite-journal"));
    EXPECT_TRUE(Store::exists(location));
    EXPECT_EQ(Store::open(location, access).study(), some_study());
    EXPECT_FALSE(fs::exists(folder.path() / "study.sqlite-journal"));
  }
}

TEST(Store, AFolderMayHaveANameThatSqliteWouldTakeForAUri) {
  test::TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  fs::create_directory("file:a");
  EXPECT_NO_THROW((void)Store::create(parse_location("file:a"), some_study()));
  EXPECT_TRUE(fs::exists(folder.path() / "file:a" / kStudyFile));
  fs::current_path(before);
}

TEST(Store, AServerThatComesBackIsWaitedForAndNothingIsLost) {
  test::PostgresServer server;
  const Location location = parse_location(server.url());
  std::vector<std::string> messages;
  Store store = Store::create(location, some_study(),
                              {.patience_s = 60, .waiting = [&](const std::string& message) {
                                 messages.push_back(message);
                                 if (messages.size() == 1) server.start();
                               }});
  store.propose(some_trial(1));
  const auto claim = store.claim("a", 60);
  server.kill();
  EXPECT_TRUE(store.finish(*claim, some_result(0.5)));
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_NE(messages[0].find("does not answer"), std::string::npos) << messages[0];
  EXPECT_NE(messages[1].find("answers again"), std::string::npos) << messages[1];
  EXPECT_EQ(store.training(1)->trained.validation_accuracy, 0.5);
  // It is still the only coordinator.
  test::expect_error([&] { (void)Store::open(location, Access::coordinate); },
                     "another coordinator");
}

TEST(Store, AServerThatStaysAwayIsGivenUp) {
  test::PostgresServer server;
  const Location location = parse_location(server.url());
  Store store = Store::create(location, some_study(), {.patience_s = 0.3, .waiting = {}});
  server.kill();
  test::expect_error([&] { store.propose(some_trial(1)); }, "no answer for");
}

TEST(Store, TheWaitForAServerEndsWithTheRun) {
  test::PostgresServer server;
  const std::atomic<bool> ended{true};
  Store store = Store::create(parse_location(server.url()), some_study());
  store.heed(ended);
  store.propose(some_trial(1));  // A server that answers is not waited for.
  server.kill();
  test::expect_error([&] { store.propose(some_trial(2)); },
                     "no answer for 0 s, and the run is to end");
}

TEST(Store, TellsWhoCoordinates) {
  const Location location = parse_location(test::PostgresServer::shared().url() + "#coordinated");
  {
    Store coordinator = Store::create(location, some_study());
    Store reader = Store::open(location, Access::read);
    EXPECT_EQ(reader.coordinator(), coordinator.coordinator());
    ASSERT_TRUE(reader.coordinator().has_value());
    EXPECT_TRUE(reader.coordinator()->starts_with("a coordinator of role "))
        << *reader.coordinator();
  }
  EXPECT_EQ(Store::open(location, Access::read).coordinator(), std::nullopt);

  // A file is its folder's.
  test::TemporaryFolder folder;
  Store store = Store::create(parse_location(folder.path().string()), some_study());
  EXPECT_EQ(store.coordinator(), std::nullopt);
  const RunFolder run(folder.path(), "inas-search", {kStudyFile});
  EXPECT_TRUE(store.coordinator()->starts_with("inas-search, process ")) << *store.coordinator();
}

TEST(Store, ClaimsOfADeadProcessAreGivenUpWhenASqliteStudyIsOpenedAgain) {
  test::TemporaryFolder folder;
  const Location location = parse_location(folder.path().string());
  {
    Store store = Store::create(location, some_study());
    store.propose(some_trial(1));
    ASSERT_TRUE(store.claim("a", 1e9).has_value());
  }
  Store store = Store::open(location, Access::coordinate);
  EXPECT_EQ(store.claim("b", 60)->trial, 1);
}

TEST(Store, ASqliteStudyIsOneFileOnceItIsClosed) {
  test::TemporaryFolder folder;
  {
    Store store = Store::create(parse_location(folder.path().string()), some_study());
    store.propose(some_trial(1));
  }
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    names.insert(entry.path().filename().string());
  }
  EXPECT_EQ(names, std::set<std::string>{kStudyFile});
}

TEST(Store, DamagedFilesAreRefusedInOneSentence) {
  test::TemporaryFolder folder;
  const Location location = parse_location(folder.path().string());
  {
    Store store = Store::create(location, some_study());
    for (int number = 1; number <= 300; ++number) store.propose(some_trial(number));
  }
  const std::string whole = read_file(location.file);
  // Text, a file that ends early, and every page overwritten in turn.
  write_file(location.file, "no database at all, but long enough to be taken for one");
  test::expect_error([&] { (void)Store::open(location, Access::coordinate); }, "damaged");
  write_file(location.file, whole.substr(0, whole.size() / 2));
  test::expect_error([&] { (void)Store::open(location, Access::coordinate); }, "damaged");
  constexpr std::size_t kPage = 4096;
  int refused = 0;
  for (std::size_t page = 0; page < whole.size() / kPage; ++page) {
    std::string damaged = whole;
    damaged.replace(page * kPage, kPage, kPage, '\xA5');
    write_file(location.file, damaged);
    try {
      (void)Store::open(location, Access::coordinate).trials();
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_EQ(refused, static_cast<int>(whole.size() / kPage));
  write_file(location.file, "");
  test::expect_error([&] { (void)Store::open(location, Access::read); }, "there is no study");
}

TEST(Store, AReaderChangesNothingAndNeedsNoRightToWrite) {
  test::TemporaryFolder folder;
  const Location location = parse_location(folder.path().string());
  { Store store = Store::create(location, some_study()); }
  const std::string before = read_file(location.file);
  fs::permissions(location.file, fs::perms::owner_read | fs::perms::others_read);
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec |
                                     fs::perms::others_read | fs::perms::others_exec);
  EXPECT_EQ(Store::open(location, Access::read).study(), some_study());
  fs::permissions(folder.path(), fs::perms::owner_all);
  EXPECT_EQ(read_file(location.file), before);
  EXPECT_FALSE(fs::exists(folder.path() / "study.sqlite-wal"));
}

TEST(Store, LocationsOfUsersAreReadOrRefused) {
  EXPECT_EQ(parse_location("a/b.sqlite").file, "a/b.sqlite");
  EXPECT_EQ(parse_location("/tmp").file, fs::path("/tmp") / kStudyFile);
  const Location shared = parse_location("postgresql://me:secret@host:5433/db?sslmode=require#kws");
  EXPECT_EQ(shared.url, "postgresql://me:secret@host:5433/db?sslmode=require");
  EXPECT_EQ(shared.name, "kws");
  EXPECT_EQ(describe(shared), "postgresql://me@host:5433/db?sslmode=require#kws");
  EXPECT_EQ(parse_location("postgres://host/db").name, "study");
  EXPECT_EQ(parse_location("postgres://me@host/db#it's @ 5 %").name, "it's @ 5 %");
  const std::string hidden =
      describe(parse_location("postgresql://host/db?password=secret&sslpassword=secret#a"));
  EXPECT_EQ(hidden.find("secret"), std::string::npos) << hidden;
  EXPECT_TRUE(hidden.ends_with("#a")) << hidden;
  test::expect_error([] { (void)parse_location("postgresql://me:se#cret@host/db"); }, "%23");
  for (const char* text : {"", "mysql://host/db", "postgresql://host/db#"}) {
    EXPECT_THROW((void)parse_location(text), Error) << text;
  }
  test::expect_error([] { (void)Store::open(parse_location("/nonexistent"), Access::read); },
                     "there is no study");
}

}  // namespace
}  // namespace inas::study
