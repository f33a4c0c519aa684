#pragma once

#include <vector>

#include <inas/nas/trial.hpp>

namespace inas::study {

/// The trials whose networks may win, the best first: trained, in the order in which the search
/// calls one better than another (nas::better), each network once.
[[nodiscard]] std::vector<const nas::Trial*> candidates(const std::vector<nas::Trial>& trials);

}  // namespace inas::study
