#pragma once

#include <cstdint>

#include <inas/core/settings.hpp>
#include <inas/nas/trial.hpp>

namespace inas::nas {

/// A training that costs about one part in `shorter` of a full one: fewer epochs, down to one, then
/// fewer images, down to those of kLeastBatches batches, where data.train_images says how many
/// there are; at most a full one.
[[nodiscard]] Effort short_effort(const Settings& settings, std::int64_t shorter);

/// Fewer than so many steps teach a network nothing.
inline constexpr std::int64_t kLeastBatches = 8;

}  // namespace inas::nas
