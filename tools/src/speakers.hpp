#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "espeak.hpp"

/// Who speaks in a set of spoken keywords.
namespace inas::tools {

enum class Part : std::uint8_t { train, validation, test };

struct Speaker {
  Voice voice;
  Part part = Part::train;
};

/// `count` speakers, at least 3. A variant has speakers in one part only, so that no timbre that is
/// tested was heard in training: about 15 % of the variants are of the validation part, as many of
/// the test part, at least one each.
[[nodiscard]] std::vector<Speaker> draw_speakers(std::int64_t count, std::int64_t seed);

/// The variants that are chosen from: those of espeak-ng 1.51 that sound like people.
[[nodiscard]] const std::vector<std::string>& natural_variants();

}  // namespace inas::tools
