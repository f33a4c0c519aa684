#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/execution/batches.hpp>
#include <inas/execution/tiles.hpp>
#include <inas/execution/transfers.hpp>

/// What one preservation batch costs, split into what depends on the tile and the loop order alone
/// and what depends on S: laws of the profile times the counts that `inas::execution` gives. An
/// exploration computes the terms of a tile once and prices every S from them.
namespace inas::costmodel {

/// The input tile that the published queries fetch: fault 5, if the profile has it.
[[nodiscard]] constexpr execution::InputExtent queried_input_extent(const PublishedFaults& faults) {
  return faults.pool_fetches_convolution_tile ? execution::InputExtent::convolution
                                              : execution::InputExtent::own;
}

/// What fetching each operand of a tile costs once:
///   input i = nI·(rd(·) + fI), weights w = nW·(rd(·) + fW), outputs o = nO·(rd(·) + fO).
struct OperandCosts {
  Cost input;
  Cost weights;
  Cost outputs;
};

/// The terms of a tile in a loop order:
///
/// | order   | per tile, n=0 | per tile, n>0 | once, n=0 | once, n>0 |
/// |---------|---------------|---------------|-----------|-----------|
/// | reuse_I | w             | w + o         | i         | i         |
/// | reuse_W | i             | i + o         | w         | w         |
/// | reuse_O | i + w         | i + w         | 0         | o         |
/// | global average pooling | i | i          | o         | o         |
///
/// operation = (vm(v) + add) + (psum + acum), once per vector; vectors above
/// Profile::longest_vector are split. Without vectors: max + max address, once per value.
/// Source: cost-model page, sections 1, 3 and 8.
struct BatchTerms {
  Cost per_tile[2];  ///< fetched for each of the S tiles, by InputStep
  Cost once[2];      ///< fetched once per batch, by InputStep
  Cost operation;    ///< of one vector (split ones: of all its parts), or of one value
  std::int64_t operations_per_tile = 0;
  execution::BatchBackup backup;
  LinearCost write;      ///< wr
  Cost backup_overhead;  ///< bO
};

/// (vm(v) + add) + (psum + acum) of a vector of v values, in parts of at most
/// profile.longest_vector.
[[nodiscard]] inline Cost vector_operation(const Profile& profile, std::int64_t v) {
  const auto part = [&profile](std::int64_t length) {
    return (profile.vector_mac(length) + profile.add) + (profile.partial_sum + profile.accumulate);
  };
  const std::int64_t longest = profile.longest_vector;
  if (longest == 0 || v <= longest) return part(v);
  const Cost whole_parts = (v / longest) * part(longest);
  return v % longest == 0 ? whole_parts : whole_parts + part(v % longest);
}

/// S and K of the design are of no interest here.
[[nodiscard]] inline OperandCosts operand_costs(
    const Profile& profile, const Layer& layer, const Design& design,
    execution::InputExtent extent = execution::InputExtent::own) {
  const auto of = [&profile](const execution::Transfers& transfers, const Cost& overhead) {
    return transfers.count * (profile.nvm_read(transfers.values) + overhead);
  };
  const auto transfers = execution::tile_transfers(layer, design, extent);
  return {.input = of(transfers.input, profile.fetch_input),
          .weights = of(transfers.weights, profile.fetch_weights),
          .outputs = of(transfers.outputs, profile.fetch_output_for(design.order))};
}

/// S and K of the design are of no interest here.
[[nodiscard]] inline BatchTerms batch_terms(
    const Profile& profile, const Layer& layer, const Design& design,
    execution::InputExtent extent = execution::InputExtent::own) {
  using execution::Fetched;
  const OperandCosts costs = operand_costs(profile, layer, design, extent);
  const auto fetches = execution::batch_fetches(execution::facts_of(layer), design.order);
  const auto part = [](Fetched is, Fetched when, const Cost& cost) {
    return is == when ? cost : Cost{};
  };
  // Zeros of what is not fetched then leave the sums' bits as they are. Inputs and weights are the
  // same at both steps.
  const auto first_two = [&](Fetched when) {
    return part(fetches.input, when, costs.input) + part(fetches.weights, when, costs.weights);
  };
  const Cost per_tile = first_two(Fetched::per_tile);
  const Cost once = first_two(Fetched::once);
  const auto sums = [&](Fetched when, execution::InputStep step) {
    return part(fetches.sums[static_cast<std::size_t>(step)], when, costs.outputs);
  };
  using execution::InputStep;
  const execution::Vectors vectors =
      execution::vectors_of(layer, design.tile.in_channels, design.mac);
  return {.per_tile = {per_tile + sums(Fetched::per_tile, InputStep::first),
                       per_tile + sums(Fetched::per_tile, InputStep::later)},
          .once = {once + sums(Fetched::once, InputStep::first),
                   once + sums(Fetched::once, InputStep::later)},
          .operation = vectors.count > 0 ? vector_operation(profile, vectors.length)
                                         : profile.max_compare + profile.max_address,
          .operations_per_tile = execution::operations_of(layer, design.tile, vectors),
          .backup = execution::batch_backup(layer, design),
          .write = profile.nvm_write,
          .backup_overhead = profile.backup_output_for(design.order)};
}

/// S·(per tile) + once.
[[nodiscard]] inline Cost batch_fetch(const BatchTerms& terms, std::int64_t S,
                                      execution::InputStep step) {
  const auto index = static_cast<std::size_t>(step);
  return S * terms.per_tile[index] + terms.once[index];
}

/// (S·operations per tile)·operation.
[[nodiscard]] inline Cost batch_compute(const BatchTerms& terms, std::int64_t S) {
  return (S * terms.operations_per_tile) * terms.operation;
}

/// reuse_I: (Tr·Tc)·(wr(S·Tm) + bO); reuse_W: (S·Tr·Tc)·(wr(Tm) + bO); reuse_O: (Tr·Tc)·(wr(Tm) +
/// bO); global average pooling: wr(Tm) + bO. Coalesced: transfers of all output channels join along
/// a row, or in all.
[[nodiscard]] inline Cost batch_backup(const BatchTerms& terms, std::int64_t S) {
  const execution::Transfers transfers = terms.backup.of(S);
  return transfers.count * (terms.write(transfers.values) + terms.backup_overhead);
}

/// What a power cycle of `kind` fetches: its batches' tiles, and the operands that it starts anew.
[[nodiscard]] inline Cost cycle_fetch(const BatchTerms& terms, std::int64_t S,
                                      const execution::CycleKind& kind) {
  using execution::InputStep;
  if (kind.batches() == 1) {
    return batch_fetch(terms, S, kind.later_batches == 1 ? InputStep::later : InputStep::first);
  }
  return kind.first_batches * (S * terms.per_tile[0]) +
         kind.later_batches * (S * terms.per_tile[1]) + kind.first_operands * terms.once[0] +
         kind.later_operands * terms.once[1];
}

/// The terms of a ragged layer's tiles by shape, as if each were the tile of a layer of its own;
/// shapes that do not occur are left out.
using ShapeTerms = std::array<BatchTerms, execution::kTileShapes>;

[[nodiscard]] inline ShapeTerms shape_terms(
    const Profile& profile, const Layer& layer, const Design& design,
    const std::array<execution::TileShape, execution::kTileShapes>& shapes,
    execution::InputExtent extent = execution::InputExtent::own) {
  ShapeTerms terms;
  Design of_shape = design;
  for (std::size_t index = 0; index < shapes.size(); ++index) {
    if (shapes[index].positions == 0) continue;
    of_shape.tile = shapes[index].tile;
    terms[index] = batch_terms(profile, layer, of_shape, extent);
  }
  return terms;
}

}  // namespace inas::costmodel
