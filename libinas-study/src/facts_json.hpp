#pragma once

#include <string>

#include <inas/study/records.hpp>

namespace inas::study {

/// The facts as JSON, in one column of the store.
[[nodiscard]] std::string facts_text(const StudyFacts& facts);
/// The inverse. Throws Error, naming `source`.
[[nodiscard]] StudyFacts facts_of(const std::string& text, const std::string& source);

}  // namespace inas::study
