#pragma once

#include <string>
#include <string_view>

#include <inas/core/settings.hpp>

namespace inas::study {

/// May the setting at `key` ("search.seed") be another where a study is resumed? True for what
/// says when a study ends, who trains and where files lie; false for what its trials depend on.
[[nodiscard]] bool may_change(std::string_view key);

/// Throws InvalidArgument, naming the field with both values, if `now` differs from `stored` in a
/// setting that its trials depend on.
void check_resumable(const Settings& stored, const Settings& now);

/// Throws Error, with both hashes, unless the data are those that the study began with.
void check_data_hash(const std::string& stored, const std::string& now);

}  // namespace inas::study
