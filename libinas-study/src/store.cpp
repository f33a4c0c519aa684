#include <filesystem>
#include <system_error>
#include <utility>

#include "schema.hpp"
#include "store_state.hpp"

namespace inas::study {

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

Store Store::create(const Location& location, const StudyRecord& record,
                    const StoreOptions& options) {
  auto state = std::make_unique<State>(location, Access::coordinate, options);
  state->database.transaction([&](soci::session& sql) {
    state->alone_with_tables(sql);
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
    if (access == Access::coordinate) state->alone_with_tables(sql);
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
    // Whoever opened a pipe would wait for ever.
    if (type != std::filesystem::file_type::regular) {
      throw Error(fmt::format("{}: found {}, allowed: a file", location.file.string(),
                              type == std::filesystem::file_type::directory
                                  ? "a folder"
                                  : "a device, a pipe or a socket"));
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

void Store::heed(const Stop& stop) { state_->database.heed(stop); }

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
    if (!sql.got_data()) {
      throw Error(
          fmt::format("{}: the study is gone: another program has removed it", state_->name()));
    }
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
