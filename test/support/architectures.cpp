#include <utility>

#include <support/architectures.hpp>

namespace inas::test {

std::vector<Architecture> all_architectures(const SearchSpace& space) {
  std::vector<Architecture> all{{}};
  for (const Decision& decision : decisions(space)) {
    std::vector<Architecture> longer;
    for (const Architecture& start : all) {
      for (const std::int64_t value : decision.values) {
        longer.push_back(start);
        longer.back().push_back(value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace inas::test
