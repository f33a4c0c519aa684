#pragma once

#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <vector>

#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/space_map.hpp>

namespace inas::nas {

/// The feasible networks of a search: every constraint holds, which costs no training to know.
class FeasibleSpace {
 public:
  /// Maps the settings' space on the explorer's device, with the settings' latency requirement.
  /// Throws Error, naming the strategies that do without, if the space is too large.
  FeasibleSpace(const Settings& settings, const explorer::Explorer& explorer);

  /// Is a feasible network one that starts with these choices? Exact of whole architectures.
  [[nodiscard]] bool contains(std::span<const std::int64_t> beginning) const {
    return map_->can_be_feasible(beginning);
  }
  /// A feasible network, each with the same probability. Throws NoFeasibleNetwork.
  [[nodiscard]] Architecture draw(std::mt19937_64& random) const;
  /// The same, one that is not in `known` if one of 100 draws is not.
  [[nodiscard]] Architecture draw_new(const std::set<Architecture>& known,
                                      std::mt19937_64& random) const;
  /// The feasible networks that differ from `architecture` in one choice, in the order of the
  /// decisions and their values.
  [[nodiscard]] std::vector<Architecture> neighbours(const Architecture& architecture) const;
  /// One of the neighbours that are not in `known`, each with the same probability; nothing if
  /// there is none.
  [[nodiscard]] std::optional<Architecture> new_neighbour(const Architecture& architecture,
                                                          const std::set<Architecture>& known,
                                                          std::mt19937_64& random) const;

  [[nodiscard]] const std::vector<Decision>& decisions() const { return decisions_; }

 private:
  std::shared_ptr<const explorer::SpaceMap> map_;
  std::vector<Decision> decisions_;
};

}  // namespace inas::nas
