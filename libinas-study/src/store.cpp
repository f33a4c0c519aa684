#include <charconv>
#include <chrono>
#include <cstddef>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/study/store.hpp>

#include "database.hpp"
#include "facts_json.hpp"
#include "schema.hpp"
#include "tensor_text.hpp"

namespace inas::study {
namespace {

using soci::into;
using soci::use;

/// SOCI's number of 64 bits.
using Number = long long;

constexpr const char* kChild = "child";  // weights of a proposed network
constexpr const char* kFinal = "final";  // … and of the winner as retrained

/// First half of the key of a coordinator's advisory lock; the second one is the study's number.
constexpr int kCoordinatorLock = 0x694E4153;

/// A value that may be absent, as SOCI binds it in both directions.
template <class T>
struct Nullable {
  T value{};
  soci::indicator state = soci::i_null;

  Nullable() = default;
  template <class Other>
  explicit Nullable(const std::optional<Other>& other)
      : value(other ? static_cast<T>(*other) : T{}), state(other ? soci::i_ok : soci::i_null) {}

  template <class Other>
  [[nodiscard]] std::optional<Other> get() const {
    if (state != soci::i_ok) return std::nullopt;
    return static_cast<Other>(value);
  }
};

double now_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The database's clock, which all who share it go by.
double database_now_s(soci::session& sql, bool shared) {
  if (!shared) return now_s();
  double now = 0;
  sql << "SELECT EXTRACT(EPOCH FROM clock_timestamp())::double precision", into(now);
  return now;
}

std::string numbers_text(const std::vector<double>& numbers) {
  return fmt::format("{}", fmt::join(numbers, " "));
}

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    double number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    numbers.push_back(number);
  }
  return numbers;
}

/// The value whose `to_string` is `text`, of those from 0 to `last`.
template <class Enum>
Enum named(const std::string& text, Enum last, const std::string& what) {
  for (int value = 0; value <= static_cast<int>(last); ++value) {
    const auto candidate = static_cast<Enum>(value);
    using nas::to_string;
    if (to_string(candidate) == text) return candidate;
  }
  throw Error(fmt::format("{}: found \"{}\", which this version does not know", what, text));
}

std::uint64_t seed_of(const std::string& text) {
  std::uint64_t seed = 0;
  std::from_chars(text.data(), text.data() + text.size(), seed);
  return seed;
}

Number affected(soci::statement& statement) { return statement.get_affected_rows(); }

}  // namespace

struct Store::State {
  State(const Location& location, Access with, const StoreOptions& options)
      : access(with), database(location, with != Access::read, options) {}
  ~State() {
    // A file alone then, which is also read from where nothing can be written.
    if (access == Access::read || database.location().shared()) return;
    try {
      database.without_transaction(
          [](soci::session& sql) { sql << "PRAGMA journal_mode = DELETE"; });
    } catch (const Error&) {
      // Somebody looks at it: the last to close it does this.
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Access access;
  Database database;
  Number id = 0;

  [[nodiscard]] bool shared() const { return database.location().shared(); }
  [[nodiscard]] std::string name() const { return describe(database.location()); }

  void check_not_newer(std::int64_t found) const {
    if (found <= kStoreVersion) return;
    throw Error(
        fmt::format("{}: found version {} of the store, allowed: up to {}; a newer "
                    "version of iNAS wrote it",
                    name(), found, kStoreVersion));
  }
  /// Throws Error unless this version can work with the tables.
  void check_version(std::int64_t found) const {
    check_not_newer(found);
    if (found < 1) throw Error(fmt::format("{}: there is no study", name()));
    if (found < kStoreVersion && access != Access::coordinate) {
      throw Error(
          fmt::format("{}: found version {} of the store, which inas-search --resume "
                      "brings to version {}",
                      name(), found, kStoreVersion));
    }
  }

  bool find(soci::session& sql) {
    sql << "SELECT id FROM study WHERE name = :name", use(database.location().name), into(id);
    return sql.got_data();
  }

  /// Makes this the only coordinator, as long as the connection lives. A file of SQLite is guarded
  /// by the lock of its folder.
  void coordinate() {
    if (!shared()) return;
    database.on_connection([this](soci::session& sql) {
      int locked = 0;
      sql << "SELECT CASE WHEN pg_try_advisory_lock(:what, :id) THEN 1 ELSE 0 END",
          use(kCoordinatorLock), use(static_cast<int>(id)), into(locked);
      if (locked == 0) {
        throw Error(fmt::format("{}: another coordinator is at work on this study", name()));
      }
    });
  }

  TrialStatus status_of(const std::string& text) const {
    return named(text, TrialStatus::ended, name());
  }

  std::optional<std::vector<Tensor>> tensors(soci::session& sql, Number trial, const char* kind) {
    std::string content;
    sql << "SELECT content FROM tensors WHERE study = :study AND trial = :trial AND kind = :kind",
        use(id), use(trial), use(std::string(kind)), into(content);
    if (!sql.got_data()) return std::nullopt;
    return tensors_of_text(content, fmt::format("{}, trial {}", name(), trial));
  }

  void keep(soci::session& sql, Number trial, const char* kind,
            const std::vector<Tensor>& tensors) {
    const std::string named_kind = kind;
    const std::string content = to_text(tensors, fmt::format("{}, trial {}", name(), trial));
    sql << "DELETE FROM tensors WHERE study = :study AND trial = :trial AND kind = :kind", use(id),
        use(trial), use(named_kind);
    sql << "INSERT INTO tensors (study, trial, kind, content) VALUES (:study, :trial, :kind, "
           ":content)",
        use(id), use(trial), use(named_kind), use(content);
  }

  void write(soci::session& sql, const StudyRecord& record) {
    const std::string settings = to_json(record.settings);
    const std::string state(to_string(record.state));
    const std::string facts = facts_text(record.facts);
    const Number final_trial = record.final_trial;
    const Number final_epochs = record.final_epochs;
    Nullable<double> validation(record.final_accuracy.validation);
    Nullable<double> test(record.final_accuracy.test);
    Nullable<double> deployed(record.final_accuracy.deployed);
    sql << "UPDATE study SET settings = :settings, data_hash = :data_hash, state = :state, "
           "search_s = :search_s, final_trial = :final_trial, final_epochs = :final_epochs, "
           "validation = :validation, test = :test, deployed = :deployed, facts = :facts WHERE id "
           "= :id",
        use(settings), use(record.data_hash), use(state), use(record.search_s), use(final_trial),
        use(final_epochs), use(validation.value, validation.state), use(test.value, test.state),
        use(deployed.value, deployed.state), use(facts), use(id);
  }
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

Store Store::create(const Location& location, const StudyRecord& record,
                    const StoreOptions& options) {
  auto state = std::make_unique<State>(location, Access::coordinate, options);
  state->database.transaction([&](soci::session& sql) {
    const std::int64_t found = version_of(sql);
    if (found > 0) state->check_version(found);
    migrate(sql, migrations());
    if (state->find(sql)) {
      throw Error(
          fmt::format("{}: there is a study already; --resume goes on with it", state->name()));
    }
    sql << "SELECT COALESCE(MAX(id), 0) + 1 FROM study", into(state->id);
    const std::string settings = to_json(record.settings);
    const std::string study_state(to_string(record.state));
    const std::string facts = facts_text(record.facts);
    sql << "INSERT INTO study (id, name, settings, data_hash, software, created_s, state, "
           "search_s, final_trial, final_epochs, facts) VALUES (:id, :name, :settings, :data_hash, "
           ":software, :created_s, :state, 0, 0, 0, :facts)",
        use(state->id), use(location.name), use(settings), use(record.data_hash),
        use(record.software), use(record.created_s), use(study_state), use(facts);
  });
  state->coordinate();
  return Store(std::move(state));
}

Store Store::open(const Location& location, Access access, const StoreOptions& options) {
  if (!exists(location, options)) {
    throw Error(fmt::format("{}: there is no study", describe(location)));
  }
  auto state = std::make_unique<State>(location, access, options);
  state->database.transaction([&](soci::session& sql) {
    if (!state->shared()) {
      std::string verdict;
      sql << "PRAGMA quick_check(1)", into(verdict);
      if (verdict != "ok")
        throw Error(fmt::format("{}: it is damaged: {}", state->name(), verdict));
    }
    state->check_version(version_of(sql));
    if (access == Access::coordinate) migrate(sql, migrations());
    static_cast<void>(state->find(sql));
  });
  if (access == Access::coordinate) {
    state->coordinate();
    if (!state->shared()) {
      state->database.transaction([&](soci::session& sql) {
        sql << "UPDATE trial SET status = 'waiting' WHERE status = 'training'";
      });
    }
  }
  return Store(std::move(state));
}

bool Store::exists(const Location& location, const StoreOptions& options) {
  if (!location.shared()) {
    std::error_code error;
    const auto type = std::filesystem::status(location.file, error).type();
    if (type == std::filesystem::file_type::not_found) return false;
    if (type == std::filesystem::file_type::none) {
      throw Error(fmt::format("{}: cannot be read: {}", location.file.string(), error.message()));
    }
  }
  State state(location, Access::read, options);
  return state.database.transaction([&](soci::session& sql) {
    const std::int64_t found = version_of(sql);
    if (found == 0) return false;
    state.check_not_newer(found);
    return state.find(sql);
  });
}

void Store::remove(const Location& location, const StoreOptions& options) {
  if (!location.shared()) {
    // Also one that is damaged, with what SQLite has beside it.
    for (const char* ending : {"-wal", "-shm", "-journal", ""}) {
      std::error_code error;
      std::filesystem::remove(location.file.string() + ending, error);
      if (error) {
        throw Error(
            fmt::format("{}: cannot be removed: {}", location.file.string(), error.message()));
      }
    }
    return;
  }
  if (!exists(location, options)) return;
  Store store = open(location, Access::coordinate, options);
  State& state = *store.state_;
  state.database.transaction([&](soci::session& sql) {
    for (const char* table : {"tensors", "trial"}) {
      sql << fmt::format("DELETE FROM {} WHERE study = :study", table), use(state.id);
    }
    sql << "DELETE FROM study WHERE id = :id", use(state.id);
  });
}

const Location& Store::location() const { return state_->database.location(); }

StudyRecord Store::study() {
  return state_->database.transaction([&](soci::session& sql) {
    StudyRecord record;
    std::string settings;
    std::string study_state;
    std::string facts;
    Number final_trial = 0;
    Number final_epochs = 0;
    Nullable<double> validation;
    Nullable<double> test;
    Nullable<double> deployed;
    sql << "SELECT settings, data_hash, software, created_s, state, search_s, final_trial, "
           "final_epochs, validation, test, deployed, facts FROM study WHERE id = :id",
        use(state_->id), into(settings), into(record.data_hash), into(record.software),
        into(record.created_s), into(study_state), into(record.search_s), into(final_trial),
        into(final_epochs), into(validation.value, validation.state), into(test.value, test.state),
        into(deployed.value, deployed.state), into(facts);
    record.facts = facts_of(facts, state_->name());
    record.settings = parse_settings(settings, state_->name());
    record.state = named(study_state, StudyState::complete, state_->name());
    record.final_trial = final_trial;
    record.final_epochs = final_epochs;
    record.final_accuracy = {validation.get<double>(), test.get<double>(), deployed.get<double>()};
    return record;
  });
}

void Store::update(const StudyRecord& record) {
  state_->database.transaction([&](soci::session& sql) { state_->write(sql, record); });
}

void Store::propose(const TrialRecord& trial) {
  const std::string architecture = inas::to_string(trial.architecture);
  const Number number = trial.number;
  const Number epochs = trial.effort.epochs;
  const Number images = trial.effort.train_images;
  state_->database.transaction([&](soci::session& sql) {
    std::string found;
    Number found_epochs = 0;
    Number found_images = 0;
    sql << "SELECT architecture, epochs, train_images FROM trial WHERE study = :study AND number "
           "= :number",
        use(state_->id), use(number), into(found), into(found_epochs), into(found_images);
    if (sql.got_data()) {
      if (found == architecture && found_epochs == epochs && found_images == images) return;
      throw Error(fmt::format(
          "{}: trial {} is of network {} ({} epochs, {} images), but this version proposes {} ({} "
          "epochs, {} images); the version that began the study can go on with it",
          state_->name(), number, found, found_epochs, found_images, architecture, epochs, images));
    }
    const TrialCosts& costs = trial.costs;
    Nullable<double> latency(costs.latency_s);
    Nullable<double> energy(costs.energy_j);
    Nullable<Number> cycles(costs.power_cycles);
    Nullable<Number> macs(costs.macs);
    Nullable<Number> weights(costs.weights);
    Nullable<Number> nvm(costs.nvm_bytes);
    // Only a training of its own waits for a worker; the others have nothing to wait for.
    const bool trains = trial.outcome == nas::Outcome::trained;
    const std::string status(to_string(trains ? TrialStatus::waiting : TrialStatus::trained));
    const std::string outcome(nas::to_string(trial.outcome));
    const std::string seed = fmt::format("{}", trial.seed);
    const double proposed = database_now_s(sql, state_->shared());
    sql << "INSERT INTO trial (study, number, architecture, epochs, train_images, seed, status, "
           "outcome, broken_constraint, layer, why, latency_s, energy_j, power_cycles, macs, "
           "weights, nvm_bytes, designs, epoch_accuracies, diverged, worker, attempt, "
           "lease_until_s, seconds, proposed_s, ended_s) VALUES (:study, :number, :architecture, "
           ":epochs, :train_images, :seed, :status, :outcome, :broken, :layer, :why, :latency_s, "
           ":energy_j, :power_cycles, :macs, :weights, :nvm_bytes, :designs, '', 0, '', 0, 0, 0, "
           ":proposed_s, 0)",
        use(state_->id), use(number), use(architecture), use(epochs), use(images), use(seed),
        use(status), use(outcome), use(trial.constraint), use(trial.layer), use(trial.why),
        use(latency.value, latency.state), use(energy.value, energy.state),
        use(cycles.value, cycles.state), use(macs.value, macs.state),
        use(weights.value, weights.state), use(nvm.value, nvm.state), use(trial.designs),
        use(proposed);
  });
}

void Store::end(const nas::Trial& trial, std::int64_t best, double search_s) {
  const Number number = trial.number;
  const Number kept = best;
  const std::string outcome(nas::to_string(trial.outcome));
  Nullable<double> accuracy(trial.accuracy);
  Nullable<double> reward(trial.lesson.reward);
  Nullable<double> moving(trial.lesson.moving_accuracy);
  state_->database.transaction([&](soci::session& sql) {
    std::string status;
    sql << "SELECT status FROM trial WHERE study = :study AND number = :number", use(state_->id),
        use(number), into(status);
    const bool ended_before = status == to_string(TrialStatus::ended);
    sql << "UPDATE trial SET status = 'ended', outcome = :outcome, accuracy = :accuracy, reward = "
           ":reward, moving_accuracy = :moving WHERE study = :study AND number = :number",
        use(outcome), use(accuracy.value, accuracy.state), use(reward.value, reward.state),
        use(moving.value, moving.state), use(state_->id), use(number);
    // A resumed study ends its trials again, and the best of them may be one that it has not come
    // to: what is there then is what is to be kept.
    if (!ended_before) {
      sql << "DELETE FROM tensors WHERE study = :study AND kind = 'child' AND trial <> :best AND "
             "trial IN (SELECT number FROM trial WHERE study = :study2 AND status = 'ended')",
          use(state_->id), use(kept), use(state_->id);
    }
    sql << "UPDATE study SET search_s = :search_s WHERE id = :id", use(search_s), use(state_->id);
  });
}

std::vector<TrialRecord> Store::trials() {
  return state_->database.transaction([&](soci::session& sql) {
    std::vector<TrialRecord> trials;
    TrialRecord trial;
    Number number = 0;
    Number epochs = 0;
    Number images = 0;
    Number attempt = 0;
    std::string architecture, seed, status, outcome, epoch_accuracies;
    Nullable<double> latency, energy, accuracy, reward, moving;
    Nullable<Number> cycles, macs, weights, nvm;
    soci::statement statement =
        (sql.prepare
             << "SELECT number, architecture, epochs, train_images, seed, status, outcome, "
                "broken_constraint, layer, why, latency_s, energy_j, power_cycles, macs, weights, "
                "nvm_bytes, designs, accuracy, epoch_accuracies, reward, moving_accuracy, worker, "
                "attempt, seconds, proposed_s, ended_s FROM trial WHERE study = :study ORDER BY "
                "number",
         use(state_->id), into(number), into(architecture), into(epochs), into(images), into(seed),
         into(status), into(outcome), into(trial.constraint), into(trial.layer), into(trial.why),
         into(latency.value, latency.state), into(energy.value, energy.state),
         into(cycles.value, cycles.state), into(macs.value, macs.state),
         into(weights.value, weights.state), into(nvm.value, nvm.state), into(trial.designs),
         into(accuracy.value, accuracy.state), into(epoch_accuracies),
         into(reward.value, reward.state), into(moving.value, moving.state), into(trial.worker),
         into(attempt), into(trial.seconds), into(trial.proposed_s), into(trial.ended_s));
    statement.execute();
    while (statement.fetch()) {
      trial.number = number;
      trial.architecture = parse_architecture(architecture);
      trial.effort = {epochs, images};
      trial.seed = seed_of(seed);
      trial.status = state_->status_of(status);
      trial.outcome = named(outcome, nas::kLastOutcome, state_->name());
      trial.costs = {latency.get<double>(),       energy.get<double>(),
                     cycles.get<std::int64_t>(),  macs.get<std::int64_t>(),
                     weights.get<std::int64_t>(), nvm.get<std::int64_t>()};
      trial.accuracy = accuracy.get<double>();
      trial.epoch_accuracies = numbers_of(epoch_accuracies);
      trial.lesson = {reward.get<double>(), moving.get<double>()};
      trial.attempt = attempt;
      trials.push_back(trial);
    }
    return trials;
  });
}

std::optional<nas::ChildResult> Store::training(std::int64_t trial) {
  const Number number = trial;
  return state_->database.transaction([&](soci::session& sql) -> std::optional<nas::ChildResult> {
    std::string status;
    std::string epoch_accuracies;
    Nullable<double> accuracy;
    Number diverged = 0;
    Number too_long = 0;
    double seconds = 0;
    sql << "SELECT status, accuracy, epoch_accuracies, diverged, too_long, seconds FROM trial "
           "WHERE "
           "study = :study AND number = :number",
        use(state_->id), use(number), into(status), into(accuracy.value, accuracy.state),
        into(epoch_accuracies), into(diverged), into(too_long), into(seconds);
    if (!sql.got_data()) return std::nullopt;
    const TrialStatus found = state_->status_of(status);
    if (found != TrialStatus::trained && found != TrialStatus::ended) return std::nullopt;
    nas::ChildResult result;
    result.seconds = seconds;
    result.trained.validation_accuracy = accuracy.get<double>().value_or(0);
    result.trained.epoch_accuracies = numbers_of(epoch_accuracies);
    result.trained.diverged = diverged != 0;
    result.trained.too_long = too_long != 0;
    result.trained.completed = true;
    if (auto kept = state_->tensors(sql, number, kChild)) {
      result.trained.weights = std::move(*kept);
    }
    return result;
  });
}

bool Store::abandoned() {
  if (!state_->shared()) return false;
  return state_->database.transaction([&](soci::session& sql) {
    int alive = 0;
    sql << "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND "
           "database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND "
           "CAST(classid AS bigint) = :what AND CAST(objid AS bigint) = :id AND granted) OR EXISTS "
           "(SELECT 1 FROM trial WHERE study = :study AND status IN ('waiting', 'training')) THEN "
           "1 ELSE 0 END",
        use(kCoordinatorLock), use(state_->id), use(state_->id), into(alive);
    return alive == 0;
  });
}

std::optional<Claim> Store::claim(const std::string& worker, double lease_s) {
  return state_->database.transaction([&](soci::session& sql) -> std::optional<Claim> {
    const double now = database_now_s(sql, state_->shared());
    Number number = 0;
    Number epochs = 0;
    Number images = 0;
    Number attempt = 0;
    std::string architecture;
    std::string seed;
    const std::string query = fmt::format(
        "SELECT number, architecture, epochs, train_images, seed, attempt FROM trial WHERE study "
        "= :study AND (status = 'waiting' OR (status = 'training' AND lease_until_s < :now)) ORDER "
        "BY number LIMIT 1{}",
        state_->shared() ? " FOR UPDATE SKIP LOCKED" : "");
    sql << query, use(state_->id), use(now), into(number), into(architecture), into(epochs),
        into(images), into(seed), into(attempt);
    if (!sql.got_data()) return std::nullopt;
    ++attempt;
    const double until = now + lease_s;
    sql << "UPDATE trial SET status = 'training', worker = :worker, attempt = :attempt, "
           "lease_until_s = :until WHERE study = :study AND number = :number",
        use(worker), use(attempt), use(until), use(state_->id), use(number);
    return Claim{.trial = number,
                 .architecture = parse_architecture(architecture),
                 .effort = {epochs, images},
                 .seed = seed_of(seed),
                 .worker = worker,
                 .attempt = attempt};
  });
}

bool Store::renew(const Claim& claim, double lease_s) {
  const Number number = claim.trial;
  const Number attempt = claim.attempt;
  return state_->database.transaction([&](soci::session& sql) {
    const double until = database_now_s(sql, state_->shared()) + lease_s;
    soci::statement statement =
        (sql.prepare << "UPDATE trial SET lease_until_s = :until WHERE study = :study AND number = "
                        ":number AND status = 'training' AND worker = :worker AND attempt = "
                        ":attempt",
         use(until), use(state_->id), use(number), use(claim.worker), use(attempt));
    statement.execute(true);
    return affected(statement) == 1;
  });
}

bool Store::finish(const Claim& claim, const nas::ChildResult& result) {
  const Number number = claim.trial;
  const Number attempt = claim.attempt;
  const nas::TrainedNetwork& trained = result.trained;
  const std::string epochs = numbers_text(trained.epoch_accuracies);
  const Number diverged = trained.diverged ? 1 : 0;
  const Number too_long = trained.too_long ? 1 : 0;
  return state_->database.transaction([&](soci::session& sql) {
    const double now = database_now_s(sql, state_->shared());
    // The second half is a repetition, after a commit whose answer was lost.
    soci::statement statement =
        (sql.prepare << "UPDATE trial SET status = 'trained', accuracy = :accuracy, "
                        "epoch_accuracies = :epochs, diverged = :diverged, too_long = "
                        ":too_long, seconds = :seconds, ended_s = :now WHERE study = :study AND "
                        "number = :number AND worker = "
                        ":worker AND attempt = :attempt AND status IN ('training', 'trained')",
         use(trained.validation_accuracy), use(epochs), use(diverged), use(too_long),
         use(result.seconds), use(now), use(state_->id), use(number), use(claim.worker),
         use(attempt));
    statement.execute(true);
    if (affected(statement) != 1) return false;
    if (!trained.useless()) state_->keep(sql, number, kChild, trained.weights);
    return true;
  });
}

void Store::give_up(const Claim& claim) {
  const Number number = claim.trial;
  const Number attempt = claim.attempt;
  state_->database.transaction([&](soci::session& sql) {
    sql << "UPDATE trial SET status = 'waiting', worker = '' WHERE study = :study AND number = "
           ":number AND status = 'training' AND worker = :worker AND attempt = :attempt",
        use(state_->id), use(number), use(claim.worker), use(attempt);
  });
}

void Store::keep_final(const StudyRecord& record, const std::vector<Tensor>& weights) {
  const Number trial = record.final_trial;
  state_->database.transaction([&](soci::session& sql) {
    state_->write(sql, record);
    sql << "DELETE FROM tensors WHERE study = :study AND kind = 'final'", use(state_->id);
    state_->keep(sql, trial, kFinal, weights);
  });
}

std::optional<std::vector<Tensor>> Store::final_weights() {
  return state_->database.transaction([&](soci::session& sql) {
    Number trial = 0;
    sql << "SELECT final_trial FROM study WHERE id = :id", use(state_->id), into(trial);
    return state_->tensors(sql, trial, kFinal);
  });
}

}  // namespace inas::study
