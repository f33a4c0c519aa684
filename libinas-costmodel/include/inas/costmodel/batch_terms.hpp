#pragma once

#include <algorithm>
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
///   input i = nI·(rd(·) + fI), weights w = nW·(rd(·) + fW), outputs o = nO·(rd(·) + fO),
/// of an input block that reaches beyond its map besides what its filling takes; and what its
/// outputs take to begin with their biases, b, if the layer has some.
struct OperandCosts {
  Cost input;
  Cost weights;
  Cost outputs;
  Cost bias;
};

/// The terms of a tile in a loop order:
///
/// | order   | per tile, n=0 | per tile, n>0 | once, n=0 | once, n>0 |
/// |---------|---------------|---------------|-----------|-----------|
/// | reuse_I | w + b         | w + o         | i         | i         |
/// | reuse_W | i + b         | i + o         | w         | w         |
/// | reuse_O | i + w         | i + w         | b         | o         |
/// | global average pooling | i | i          | o         | o         |
///
/// operation = (vm(v) + add) + (psum + acum), once per vector; vectors above
/// Profile::longest_vector are split. Without vectors: max + max address, once per value.
/// Source: cost-model page, sections 1, 3, 8 and 9.
struct BatchTerms {
  Cost per_tile[2];  ///< fetched for each of the S tiles, by InputStep
  Cost once[2];      ///< fetched once per batch, by InputStep
  Cost operation;    ///< of one vector (split ones: of all its parts), or of one value
  std::int64_t operations_per_tile = 0;
  Cost tile_compute;   ///< computing a tile, beside its operations: the runtime's loops and outputs
  Cost batch_compute;  ///< computing a batch, beside its tiles
  Cost entry;          ///< bookkeeping once per power cycle
  Cost batch;          ///< bookkeeping per batch
  Cost tile;           ///< bookkeeping per tile
  execution::BatchBackup backup;
  LinearCost write;       ///< wr
  Cost backup_overhead;   ///< bO
  Cost backup_block;      ///< per block that is backed up
  Cost backup_block_row;  ///< per row of such a block
  Cost backup_value;      ///< per value: what an activation with a most takes
};

/// What a tile computes: `operations` of `operation`, and the rest.
struct TileCompute {
  Cost operation;
  std::int64_t operations = 0;
  Cost rest;
};

/// Throws InvalidArgument: the profile has no law for the design's unit.
[[noreturn]] void refuse_unit(const Profile& profile, const Layer& layer, const Design& design);
/// Throws InvalidArgument: the profile has no laws for layers of this type.
[[noreturn]] void refuse_kernel(const Profile& profile, const Layer& layer);

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

/// A vector of v values that the multiplier takes in the runtime's loops for the LEA.
[[nodiscard]] inline Cost cpu_vector_of_lea(const KernelLaws& laws, std::int64_t v) {
  return laws.cpu_vector + v * laws.value;
}

/// What each output value takes for the lines and vectors of the runtime's loops for the LEA,
/// whatever multiplies them.
[[nodiscard]] inline Cost lea_loops(const KernelLaws& laws, const Layer& layer,
                                    const execution::Vectors& vectors) {
  return execution::lines_of(layer) * laws.line + vectors.count * laws.vector;
}

/// What a tile computes. Convolutions in the runtime: rows, positions and outputs, and of each
/// output the vectors of the unit; those that the LEA cannot take are the multiplier's. Throws
/// InvalidArgument, naming profile, layer and design, if the profile does not price the unit.
[[nodiscard]] inline TileCompute tile_compute(const Profile& profile, const Layer& layer,
                                              const Design& design) {
  const execution::LayerFacts& facts = execution::facts_of(layer);
  if (!profile.runtime.prices(facts.kernel)) refuse_kernel(profile, layer);
  const KernelLaws& laws = profile.runtime.of_tiles(facts.kernel, design.unit);
  const Tile& tile = design.tile;
  TileCompute compute;
  const std::int64_t rows = facts.tiled == execution::TiledMap::output ? tile.rows : 0;
  const std::int64_t positions = rows * tile.columns;
  const std::int64_t outputs = execution::output_block(facts, tile).values();
  compute.rest = rows * laws.row + positions * laws.position + outputs * laws.output;
  const auto vectors = execution::vectors_of(layer, tile.in_channels, execution::taken_mac(design));
  compute.operations = execution::operations_of(layer, tile, vectors);
  if (facts.work == execution::Work::values) {
    compute.operation = profile.max_compare + profile.max_address + laws.value;
    if (facts.tiled == execution::TiledMap::output) {
      compute.rest = compute.rest + (outputs * layer.kernel_height) * laws.line;
    }
  } else if (!profile.prices(design.unit)) {
    refuse_unit(profile, layer, design);
  } else if (design.unit == Unit::cpu) {
    compute.operation = (*profile.cpu_mac)(vectors.length);
  } else if (!profile.cpu_mac) {
    compute.operation = vector_operation(profile, design.mac == MacGranularity::row
                                                      ? vectors.length + vectors.length % 2
                                                      : vectors.length);
  } else {
    const execution::LeaShare share = execution::lea_share(layer, tile, design.mac);
    compute.operations = share.vectors;
    if (share.vectors > 0) compute.operation = vector_operation(profile, share.even_length);
    compute.rest = compute.rest + outputs * lea_loops(laws, layer, vectors) +
                   share.rests * cpu_vector_of_lea(laws, 1) +
                   share.fallen_back * cpu_vector_of_lea(laws, vectors.length);
  }
  return compute;
}

/// A lower bound of what all tiles of a layer compute that have these input channels, mac and dma,
/// whatever the tile is besides.
[[nodiscard]] inline Cost least_compute(const Profile& profile, const Layer& layer,
                                        const Design& design) {
  Design of_one_value = design;
  of_one_value.tile = {1, 1, 1, design.tile.in_channels};
  const std::int64_t tiles = execution::tile_counts(layer, of_one_value.tile).all();
  const execution::LayerFacts& facts = execution::facts_of(layer);
  const bool has_outputs = facts.tiled == execution::TiledMap::output;
  const KernelLaws& laws = profile.runtime.of_tiles(facts.kernel, design.unit);
  const Cost output = has_outputs ? laws.output : Cost{};
  if (facts.work == execution::Work::values || design.unit == Unit::cpu || !profile.cpu_mac) {
    const TileCompute compute = tile_compute(profile, layer, of_one_value);
    return (tiles * compute.operations) * compute.operation + tiles * output;
  }
  const auto vectors = execution::vectors_of(layer, design.tile.in_channels, design.mac);
  const Cost cpu = cpu_vector_of_lea(laws, vectors.length);
  Cost least = cpu;
  if (const std::int64_t even = vectors.length - vectors.length % 2; even > 0) {
    const Cost lea = vector_operation(profile, even);
    least = {std::min(cpu.energy_j, lea.energy_j), std::min(cpu.latency_s, lea.latency_s)};
  }
  return (tiles * vectors.count) * least + tiles * (output + lea_loops(laws, layer, vectors));
}

/// S and K of the design are of no interest here; `border` is that of its tile's input block.
[[nodiscard]] inline OperandCosts operand_costs(
    const Profile& profile, const Layer& layer, const Design& design,
    const execution::TileBorder& border = {},
    execution::InputExtent extent = execution::InputExtent::own) {
  const RuntimeLaws& runtime = profile.runtime;
  const execution::LayerFacts& facts = execution::facts_of(layer);
  const auto of = [&](const execution::Transfers& transfers, const Cost& overhead,
                      const Cost& addresses) {
    return transfers.count * (profile.nvm_read(transfers.values) + overhead) + addresses;
  };
  const auto of_map = [&](const execution::Transfers& transfers, const Cost& overhead) {
    return of(transfers, overhead,
              transfers.blocks * runtime.block + transfers.rows * runtime.block_row);
  };
  const auto transfers = execution::tile_transfers(layer, design, border, extent);
  const execution::Fills& fills = transfers.fills;
  const std::int64_t windows = facts.has_windows ? transfers.input.blocks : 0;
  return {.input = of_map(transfers.input, profile.fetch_input) +
                   (windows * runtime.window + fills.blocks * runtime.border +
                    fills.values * runtime.fill + fills.runs * runtime.fill_run),
          .weights = of(transfers.weights, profile.fetch_weights,
                        transfers.weights.blocks * runtime.weights),
          .outputs = of_map(transfers.outputs, profile.fetch_output_for(design.order)),
          .bias = layer.bias ? execution::output_block(facts, design.tile).values() *
                                   runtime.of_tiles(facts.kernel, design.unit).bias
                             : Cost{}};
}

/// S and K of the design are of no interest here; `border` is that of its tile's input block.
[[nodiscard]] inline BatchTerms batch_terms(
    const Profile& profile, const Layer& layer, const Design& design,
    const execution::TileBorder& border = {},
    execution::InputExtent extent = execution::InputExtent::own) {
  using execution::Fetched;
  const OperandCosts costs = operand_costs(profile, layer, design, border, extent);
  const execution::LayerFacts& facts = execution::facts_of(layer);
  const auto fetches = execution::batch_fetches(facts, design.order, profile.first_sums());
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
  // Outputs begin with their biases where later steps, if there are any, go on with partial sums.
  using execution::InputStep;
  const Fetched biases = execution::has_partial_sums(facts)
                             ? fetches.sums[static_cast<std::size_t>(InputStep::later)]
                             : Fetched::per_tile;
  const auto sums = [&](Fetched when, InputStep step) {
    const Cost fetched = part(fetches.sums[static_cast<std::size_t>(step)], when, costs.outputs);
    if (step == InputStep::later) return fetched;
    return fetched + part(biases, when, costs.bias);
  };
  const TileCompute compute = tile_compute(profile, layer, design);
  const KernelLaws& laws = profile.runtime.of(facts.kernel);
  const KernelLaws& of_tiles = profile.runtime.of_tiles(facts.kernel, design.unit);
  return {.per_tile = {per_tile + sums(Fetched::per_tile, InputStep::first),
                       per_tile + sums(Fetched::per_tile, InputStep::later)},
          .once = {once + sums(Fetched::once, InputStep::first),
                   once + sums(Fetched::once, InputStep::later)},
          .operation = compute.operation,
          .operations_per_tile = compute.operations,
          .tile_compute = compute.rest,
          .batch_compute = design.tile.out_channels * laws.batch_output,
          .entry = laws.entry,
          .batch = laws.batch,
          .tile = of_tiles.tile,
          .backup = execution::batch_backup(layer, design),
          .write = profile.nvm_write,
          .backup_overhead = profile.backup_output_for(design.order),
          .backup_block = profile.runtime.block,
          .backup_block_row = profile.runtime.block_row,
          .backup_value = layer.activation == Activation::relu6 ? profile.runtime.cap : Cost{}};
}

/// S·(per tile) + once.
[[nodiscard]] inline Cost batch_fetch(const BatchTerms& terms, std::int64_t S,
                                      execution::InputStep step) {
  const auto index = static_cast<std::size_t>(step);
  return S * terms.per_tile[index] + terms.once[index];
}

/// (tiles·operations per tile)·operation, and what computing so many tiles takes beside.
[[nodiscard]] inline Cost tiles_compute(const BatchTerms& terms, std::int64_t tiles) {
  return (tiles * terms.operations_per_tile) * terms.operation + tiles * terms.tile_compute;
}

/// The same for a batch of S tiles.
[[nodiscard]] inline Cost batch_compute(const BatchTerms& terms, std::int64_t S) {
  return tiles_compute(terms, S) + terms.batch_compute;
}

/// reuse_I: (Tr·Tc)·(wr(S·Tm) + bO); reuse_W: (S·Tr·Tc)·(wr(Tm) + bO); reuse_O: (Tr·Tc)·(wr(Tm) +
/// bO); global average pooling: wr(Tm) + bO. Coalesced: transfers of all output channels join along
/// a row, or in all.
[[nodiscard]] inline Cost batch_backup(const BatchTerms& terms, std::int64_t S) {
  const execution::Transfers transfers = terms.backup.of(S);
  return transfers.count * (terms.write(transfers.values) + terms.backup_overhead) +
         (transfers.blocks * terms.backup_block + transfers.rows * terms.backup_block_row) +
         (transfers.count * transfers.values) * terms.backup_value;
}

/// Bookkeeping of a power cycle's entry, batches and tiles.
[[nodiscard]] inline Cost cycle_bookkeeping(const BatchTerms& terms, std::int64_t batches,
                                            std::int64_t tiles) {
  return terms.entry + batches * terms.batch + tiles * terms.tile;
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

/// The terms of a layer of uneven tiles by shape, as if each were the tile of a layer of its own;
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
    terms[index] = batch_terms(profile, layer, of_shape, shapes[index].border, extent);
  }
  return terms;
}

}  // namespace inas::costmodel
