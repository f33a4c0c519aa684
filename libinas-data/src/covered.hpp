#pragma once

#include <cstdint>

namespace inas::data {

/// Old rows or columns that one new one covers.
struct Covered {
  std::int64_t first = 0;
  std::int64_t end = 0;
};

/// Of `before` rows, those that row `index` of `after` new ones covers, in part or whole.
inline Covered covered(std::int64_t index, std::int64_t before, std::int64_t after) {
  return {index * before / after, ((index + 1) * before + after - 1) / after};
}

}  // namespace inas::data
