#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/study/store.hpp>

#include "clock.hpp"
#include "database.hpp"
#include "facts_json.hpp"
#include "tensor_text.hpp"

// What the parts of the store share: store.cpp opens it and keeps studies, store_trials.cpp keeps
// trials, store_claims.cpp what workers do.
namespace inas::study {

using soci::into;
using soci::use;
/// A statement is carried out at the end of its expression, where temporaries are gone.
template <class T>
requires(!std::is_lvalue_reference_v<T>) void use(T&& temporary) = delete;

/// SOCI's number of 64 bits.
using Number = long long;

inline constexpr const char* kChild = "child";  // weights of a proposed network
inline constexpr const char* kFinal = "final";  // … and of the winner as retrained

/// First half of the key of a coordinator's advisory lock; the second one is the study's number.
inline constexpr int kCoordinatorLock = 0x694E4153;
/// In the place of a study's number, which is 1 at least: the tables and the list of studies.
inline constexpr int kTablesLock = 0;

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

/// The database's clock, which all who share it go by.
inline double database_now_s(soci::session& sql, bool shared) {
  if (!shared) return now_s();
  double now = 0;
  sql << "SELECT EXTRACT(EPOCH FROM clock_timestamp())::double precision", into(now);
  return now;
}

inline std::string numbers_text(const std::vector<double>& numbers) {
  return fmt::format("{}", fmt::join(numbers, " "));
}

inline std::vector<double> numbers_of(const std::string& text) {
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

inline std::uint64_t seed_of(const std::string& text) {
  std::uint64_t seed = 0;
  std::from_chars(text.data(), text.data() + text.size(), seed);
  return seed;
}

inline Number affected(soci::statement& statement) { return statement.get_affected_rows(); }

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

  /// Until the transaction ends, nobody else makes or changes tables, or adds a study: both look at
  /// what is there first. A file of SQLite is guarded by the lock of its folder.
  void alone_with_tables(soci::session& sql) const {
    if (!shared()) return;
    sql << "SELECT pg_advisory_xact_lock(:what, :tables)", use(kCoordinatorLock), use(kTablesLock);
  }

  /// Makes this the only coordinator, as long as the connection lives. A file of SQLite is guarded
  /// by the lock of its folder.
  void coordinate() {
    if (!shared()) return;
    database.on_connection([this](soci::session& sql) {
      const int second = static_cast<int>(id);
      int locked = 0;
      sql << "SELECT CASE WHEN pg_try_advisory_lock(:what, :id) THEN 1 ELSE 0 END",
          use(kCoordinatorLock), use(second), into(locked);
      if (locked == 0) {
        throw Error(fmt::format("{}: another coordinator is at work on this study", name()));
      }
    });
  }

  /// Who holds PostgreSQL's lock of the study. The address is told to those who may see it.
  std::optional<std::string> coordinator(soci::session& sql) {
    std::string who;
    sql << "SELECT 'a coordinator of role ' || a.usename || COALESCE(' at ' || "
           "host(a.client_addr), '') FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
           "WHERE l.locktype = 'advisory' AND l.database = a.datid AND a.datname = "
           "current_database() AND CAST(l.classid AS bigint) = :what AND CAST(l.objid AS bigint) = "
           ":id AND l.granted",
        use(kCoordinatorLock), use(id), into(who);
    if (!sql.got_data()) return std::nullopt;
    return who;
  }

  TrialStatus status_of(const std::string& text) const {
    return named(text, TrialStatus::ended, name());
  }

  std::optional<std::vector<Tensor>> tensors(soci::session& sql, Number trial, const char* kind) {
    const std::string named_kind = kind;
    std::string content;
    sql << "SELECT content FROM tensors WHERE study = :study AND trial = :trial AND kind = :kind",
        use(id), use(trial), use(named_kind), into(content);
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

}  // namespace inas::study
