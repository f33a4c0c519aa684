#pragma once

#include <vector>

#include <inas/core/search_space.hpp>

namespace inas::test {

/// Every list of choices of `space`, the last choice fastest.
[[nodiscard]] std::vector<Architecture> all_architectures(const SearchSpace& space);

}  // namespace inas::test
