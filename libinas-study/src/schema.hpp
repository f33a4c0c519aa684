#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <soci/soci.h>

namespace inas::study {

/// What brings the tables from one version to the next, in order.
using Migration = std::vector<std::string>;

/// Migration n leads from version n to n + 1; 0 is an empty database.
[[nodiscard]] std::span<const Migration> migrations();

/// The version of the tables; 0 if there are none.
[[nodiscard]] std::int64_t version_of(soci::session& sql);

/// Brings the tables to the version behind the last of `steps`.
void migrate(soci::session& sql, std::span<const Migration> steps);

}  // namespace inas::study
