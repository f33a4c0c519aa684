#include "short_effort.hpp"

#include <algorithm>

namespace inas::nas {

Effort short_effort(const Settings& settings, std::int64_t shorter) {
  const Effort full = full_effort(settings);
  Effort effort{std::max<std::int64_t>(1, full.epochs / shorter), full.train_images};
  if (full.train_images == 0) return effort;
  const std::int64_t least = kLeastBatches * settings.training.batch_size;
  const std::int64_t wanted = full.epochs * full.train_images / shorter / effort.epochs;
  effort.train_images = std::min(full.train_images, std::max(wanted, least));
  return effort;
}

}  // namespace inas::nas
