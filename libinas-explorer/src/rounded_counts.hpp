#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "priced_graph.hpp"

namespace inas::explorer {

/// How many executable networks have which latency, if each edge's, which is infinite where it is
/// not executable, is rounded to a multiple of `step_s`. Counts are doubles: whole numbers up to
/// 2⁵³, rounded above.
class RoundedCounts {
 public:
  /// `edge_s`: per level and edge; kept by reference.
  RoundedCounts(const PricedGraph& priced, const std::vector<std::vector<double>>& edge_s,
                double step_s, std::int64_t threads);

  [[nodiscard]] double step_s() const { return step_s_; }
  /// Executable completions of a node whose rounded latency is at most `steps`·step_s.
  [[nodiscard]] double at_most(std::size_t level, std::size_t node, std::int64_t steps) const;
  /// The least and the largest rounded latency of all networks, in steps. There must be one.
  [[nodiscard]] std::int64_t least() const { return counts_[0][0].first; }
  [[nodiscard]] std::int64_t largest() const { return counts_[0][0].last(); }
  /// Of an edge; nothing if it is not executable.
  [[nodiscard]] std::optional<std::int64_t> steps_of(std::size_t level, std::size_t edge) const;

 private:
  /// Of one node. Below `first` there is none; from `last()` on all.
  struct Counts {
    std::int64_t first = 0;
    std::vector<double> at_most;  ///< cumulative; empty if no completion is executable

    [[nodiscard]] std::int64_t last() const {
      return first + static_cast<std::int64_t>(at_most.size()) - 1;
    }
  };

  [[nodiscard]] Counts count(const PricedGraph& priced, std::size_t level, std::size_t node) const;

  const std::vector<std::vector<double>>& edge_s_;
  double step_s_;
  std::vector<std::vector<Counts>> counts_;  ///< by level and node
};

}  // namespace inas::explorer
