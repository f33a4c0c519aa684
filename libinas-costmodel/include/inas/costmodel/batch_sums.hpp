#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/execution/batch_range.hpp>

/// What any batches of a layer, one after the other, cost in one power cycle, wherever they begin
/// and end. Source: cost-model page, section 10.
namespace inas::costmodel {

/// What each thing of a `RangeCounts` costs, in a Cost or in the parts of a CycleCost.
template <class Value>
struct RangeRates {
  Value entry;
  std::array<std::array<Value, execution::kTileShapes>, execution::kInputSteps> tile;
  std::array<std::array<Value, execution::kTileShapes>, execution::kInputSteps> operand;
  std::array<Value, execution::kTileShapes> batch;
};

/// The energy of a layer's dearest batch, records included, in J: of its steps and shapes of tiles
/// the most.
struct BatchEnergies {
  double entry_j = 0;    ///< entering the layer
  double fetched_j = 0;  ///< batch that fetches the operand which the loop order keeps
  double kept_j = 0;     ///< batch without that operand, which is in VM
};

/// A layer executed as a design: how many batches, and what any of them cost.
class BatchSums {
 public:
  /// The design is one that `check_design` accepts; its K is of no interest.
  BatchSums(const Profile& profile, const Layer& layer, const Design& design);

  [[nodiscard]] std::int64_t batches() const { return ranges_.batches(); }

  /// What a power cycle spends on batches [begin, end), entering the layer included; its boot and
  /// the progress records for it left out.
  [[nodiscard]] Cost of(std::int64_t begin, std::int64_t end) const;
  /// The same in parts, of which boot, index_fetch and count are zero.
  [[nodiscard]] CycleCost parts_of(std::int64_t begin, std::int64_t end) const;

  [[nodiscard]] const BatchEnergies& dearest() const { return dearest_; }

 private:
  template <class Value>
  [[nodiscard]] Value sum(const RangeRates<Value>& rates, std::int64_t begin,
                          std::int64_t end) const;
  [[nodiscard]] BatchEnergies dearest_batches(std::int64_t S) const;
  [[nodiscard]] std::span<const std::size_t> shapes() const {
    return {shapes_.data(), shape_count_};
  }

  execution::BatchRanges ranges_;
  std::array<std::size_t, execution::kTileShapes> shapes_{};  ///< those that occur, ascending
  std::size_t shape_count_ = 0;
  RangeRates<CycleCost> parts_;
  RangeRates<Cost> totals_;
  BatchEnergies dearest_;
};

}  // namespace inas::costmodel
