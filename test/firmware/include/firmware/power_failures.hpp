#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "firmware/test_model.hpp"

/// Cuts power wherever a model can lose it, and looks whether the answer is still the same.
namespace inas::firmware {

struct CampaignCounts {
  std::uint64_t bytes = 0;     ///< cuts after each single NVM byte written
  std::uint64_t calls = 0;     ///< cuts before each single call of the HAL
  std::uint64_t pairs = 0;     ///< runs with two cuts, at random bytes or calls
  std::uint64_t restarts = 0;  ///< inferences given up somewhere and started again
  std::uint64_t bouncing = 0;  ///< runs under bouncing power, with restarts
  std::uint64_t periodic = 0;  ///< runs with a cut every k NVM bytes
  std::uint64_t stuck = 0;     ///< of these, those with k too small, reported as stuck

  [[nodiscard]] std::uint64_t all() const {
    return bytes + calls + pairs + restarts + bouncing + periodic;
  }
  CampaignCounts& operator+=(const CampaignCounts& other);
};

struct CampaignResult {
  CampaignCounts counts;
  bool right_without_failures = false;
  std::optional<std::string> wrong;  ///< the first cut that changed something, in words
};

/// The model runs two inferences: one undisturbed, then, on another input, one for every cut: from
/// the start of the inference (its commit included) to its end, power is cut
///   after every NVM byte written,
///   before every call of the HAL,
///   at `pairs` random pairs of these, the second counted from the reboot,
///   after every commit, at `pairs` random bytes and calls, and not at all, and then the inference
///   is started again, with another cut in half of these runs,
///   by bursts of power-ups of a few bytes or calls, `pairs`/20 times, with starts in between,
///   every k bytes, for all k from what the whole inference writes down to 2.
/// Nobody writes the input again. Each time the output equals the undisturbed one, the first output
/// is intact as long as the second inference is not started, a k too small to finish a batch is
/// reported as stuck, and power cycles end where model.h says. Stops at the first difference.
CampaignResult run_campaign(const TestModel& model, std::uint64_t seed, std::uint64_t pairs);

/// The layers and designs in words.
std::string description(const TestModel& model);

}  // namespace inas::firmware
