#include "schema.hpp"

#include <cstddef>

namespace inas::study {

std::span<const Migration> migrations() {
  // Types that both databases have. Numbers of 64 bits are text where SQLite would have to keep
  // them as signed ones: seeds. docs/studies.md explains the columns.
  static const std::vector<Migration> all{
      {"CREATE TABLE inas_store (version BIGINT NOT NULL)", "INSERT INTO inas_store VALUES (1)",
       "CREATE TABLE study ("
       "id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, settings TEXT NOT NULL, "
       "data_hash TEXT NOT NULL, software TEXT NOT NULL, created_s DOUBLE PRECISION NOT NULL, "
       "state TEXT NOT NULL, search_s DOUBLE PRECISION NOT NULL, "
       "final_trial BIGINT NOT NULL, final_epochs BIGINT NOT NULL, "
       "validation DOUBLE PRECISION, test DOUBLE PRECISION, deployed DOUBLE PRECISION, "
       "facts TEXT NOT NULL)",
       "CREATE TABLE trial ("
       "study BIGINT NOT NULL REFERENCES study (id), number BIGINT NOT NULL, "
       "architecture TEXT NOT NULL, epochs BIGINT NOT NULL, train_images BIGINT NOT NULL, "
       "seed TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT NOT NULL, "
       "broken_constraint TEXT NOT NULL, layer TEXT NOT NULL, why TEXT NOT NULL, "
       "latency_s DOUBLE PRECISION, energy_j DOUBLE PRECISION, power_cycles BIGINT, macs BIGINT, "
       "weights BIGINT, nvm_bytes BIGINT, designs TEXT NOT NULL, "
       "accuracy DOUBLE PRECISION, epoch_accuracies TEXT NOT NULL, diverged BIGINT NOT NULL, "
       "reward DOUBLE PRECISION, moving_accuracy DOUBLE PRECISION, "
       "worker TEXT NOT NULL, attempt BIGINT NOT NULL, lease_until_s DOUBLE PRECISION NOT NULL, "
       "seconds DOUBLE PRECISION NOT NULL, proposed_s DOUBLE PRECISION NOT NULL, "
       "ended_s DOUBLE PRECISION NOT NULL, PRIMARY KEY (study, number))",
       "CREATE INDEX trial_status ON trial (study, status, number)",
       "CREATE TABLE tensors ("
       "study BIGINT NOT NULL REFERENCES study (id), trial BIGINT NOT NULL, kind TEXT NOT NULL, "
       "content TEXT NOT NULL, PRIMARY KEY (study, trial, kind))"},
      {"ALTER TABLE trial ADD COLUMN too_long BIGINT NOT NULL DEFAULT 0"}};
  return all;
}

std::int64_t version_of(soci::session& sql) {
  // Asked for by its name: a list of all tables has no bound, and leaves out those of PostgreSQL
  // that the role may not read.
  int found = 0;
  sql << (sql.get_backend_name() == "postgresql"
              ? "SELECT CASE WHEN to_regclass('inas_store') IS NULL THEN 0 ELSE 1 END"
              : "SELECT COUNT(*) FROM sqlite_master WHERE name = 'inas_store'"),
      soci::into(found);
  if (found == 0) return 0;
  long long version = 0;
  sql << "SELECT version FROM inas_store", soci::into(version);
  return version;
}

void migrate(soci::session& sql, std::span<const Migration> steps) {
  const std::int64_t found = version_of(sql);
  for (auto version = static_cast<std::size_t>(found); version < steps.size(); ++version) {
    for (const std::string& statement : steps[version]) sql << statement;
  }
  const auto newest = static_cast<long long>(steps.size());
  if (found < newest) sql << "UPDATE inas_store SET version = :version", soci::use(newest);
}

}  // namespace inas::study
