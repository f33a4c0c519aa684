#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <inas/core/search_space.hpp>

namespace inas::nas {

/// The ladder of asynchronous successive halving: rungs of ever longer trainings. Of the networks
/// that a rung knows, one in `factor`, rounded down, the most accurate ones, may go on to the next,
/// as soon as it is among them. Source: Li et al., A System for Massively Parallel Hyperparameter
/// Tuning, MLSys 2020, algorithm 2.
class Ladder {
 public:
  Ladder(std::int64_t rungs, std::int64_t factor);

  /// A network that is trained on a rung next.
  struct Promotion {
    Architecture architecture;
    std::int64_t rung = 0;

    bool operator==(const Promotion&) const = default;
  };

  /// What a training on `rung`, from 0, has given. A network that is there already stays as it is.
  void add(std::int64_t rung, const Architecture& architecture, double accuracy);
  /// The network that is promoted next, once: of the highest rung that has one to give, its most
  /// accurate, the first added of equals. Nothing if no rung has one.
  [[nodiscard]] std::optional<Promotion> promote();

 private:
  struct Result {
    Architecture architecture;
    double accuracy = 0;
  };
  struct Rung {
    std::vector<Result> results;  ///< the most accurate first
    std::set<Architecture> known;
    std::set<Architecture> promoted;
  };

  std::int64_t factor_;
  std::vector<Rung> rungs_;
};

}  // namespace inas::nas
