#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/execution/batches.hpp>
#include <inas/execution/tiles.hpp>
#include <inas/execution/transfers.hpp>

/// What any batches of a layer, one after the other, hold, in closed form: the energy ledger may
/// cut a layer between any two. Source: cost-model page, section 10.
namespace inas::execution {

inline constexpr std::size_t kInputSteps = 2;  ///< the first one, and later ones

/// What a range of batches holds, by step and by shape. Where a batch's tiles are of several
/// shapes, `batches` counts it under the first of them that occurs.
struct RangeCounts {
  std::array<TilesByShape, kInputSteps> tiles{};
  std::array<TilesByShape, kInputSteps> operands{};  ///< kept operands that are fetched
  TilesByShape batches{};
};

/// The kept operand of one group.
struct OperandOf {
  std::size_t step = 0;   ///< index of InputStep
  std::size_t shape = 0;  ///< index of TilesByShape
};

/// The batches of a layer executed as a design: counts what ranges of them hold.
class BatchRanges {
 public:
  BatchRanges(const Layer& layer, const Design& design, FirstSums first = FirstSums::none);

  [[nodiscard]] std::int64_t batches() const {
    return groups_.outputs * groups_.steps * per_group_;
  }
  /// G
  [[nodiscard]] std::int64_t per_group() const { return per_group_; }
  [[nodiscard]] const BatchGroups& groups() const { return groups_; }
  [[nodiscard]] const std::array<TileShape, kTileShapes>& shapes() const { return shapes_; }
  /// Is there a tile of this shape?
  [[nodiscard]] bool has(std::size_t shape) const { return shapes_[shape].positions > 0; }

  /// What batches [begin, end) hold in one power cycle, which fetches the kept operand of the group
  /// that it begins in the middle of.
  [[nodiscard]] RangeCounts of(std::int64_t begin, std::int64_t end) const;

 private:
  /// What batches [0, batch) hold if they run in one power cycle.
  [[nodiscard]] RangeCounts before(std::int64_t batch) const;
  /// How many of the first `positions` positions are of each shape.
  [[nodiscard]] TilesByShape shapes_before(std::int64_t positions) const;
  [[nodiscard]] std::size_t shape_at(std::int64_t position) const;
  [[nodiscard]] OperandOf operand_of(std::int64_t group) const;

  BatchGroups groups_;
  std::int64_t batch_;      ///< S
  std::int64_t per_group_;  ///< G
  bool of_positions_;       ///< a group holds all positions; otherwise it stays at one
  TileRun rows_, columns_;
  std::int64_t outputs_at_position_ = 1;  ///< groups that stay at a position, by output
  bool uneven_;
  std::size_t any_shape_ = 0;  ///< the first that occurs
  std::array<TileShape, kTileShapes> shapes_;
};

}  // namespace inas::execution
