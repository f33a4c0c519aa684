#include "candidates.hpp"

#include <algorithm>

#include <inas/nas/search.hpp>

namespace inas::study {

std::vector<const nas::Trial*> candidates(const std::vector<nas::Trial>& trials) {
  std::vector<const nas::Trial*> all;
  for (const nas::Trial& trial : trials) {
    if (is_trained(trial.outcome)) all.push_back(&trial);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const nas::Trial* a, const nas::Trial* b) { return nas::better(*a, *b); });
  std::vector<const nas::Trial*> best;
  for (const nas::Trial* trial : all) {
    const bool known = std::any_of(best.begin(), best.end(), [&](const nas::Trial* other) {
      return other->architecture == trial->architecture;
    });
    if (!known) best.push_back(trial);
  }
  return best;
}

}  // namespace inas::study
