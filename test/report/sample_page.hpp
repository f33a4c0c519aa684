#pragma once

#include <cstdint>
#include <string>

#include <inas/report/study_page.hpp>

namespace inas::test {

/// A page of a made-up study with everything that a page can have: `trials` proposals of networks
/// for 28×28 images, some refused, the winner with a residual connection. The same arguments give
/// the same page.
[[nodiscard]] report::StudyPage sample_page(std::int64_t trials, std::uint64_t seed = 1);

/// The same where every text that a user or a data set may choose is `text`.
[[nodiscard]] report::StudyPage page_of_texts(const std::string& text);

/// A study whose winner has 62 layers, residual connections within others, thousands of power
/// cycles and 35 classes, under continuous power if `continuous`.
[[nodiscard]] report::StudyPage deep_page(bool continuous);

/// A study of which no proposal is feasible.
[[nodiscard]] report::StudyPage infeasible_page();

}  // namespace inas::test
