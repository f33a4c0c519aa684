#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>

/// How a layer is executed. A layer is computed tile by tile; this library says, once for the cost
/// model, the explorer and the device's tables, what a tile of a layer holds, in which order tiles
/// come, which of them a power cycle takes, what is moved between NVM and VM for them, what a
/// design must satisfy, and where a network's data lie in NVM.
///
/// It works from one table of facts per layer type, which follows; nothing above asks for a layer's
/// type to know how it is executed. To add a type, add its facts, its kernel in the firmware and
/// its arithmetic in the trainer and the dumper.
namespace inas::execution {

/// A loop over a layer's tiles. Positions are rows and columns together.
enum class Loop : std::uint8_t { none, positions, out_channels, in_channels };

/// The map whose rows and columns Tr and Tc split.
enum class TiledMap : std::uint8_t {
  output,  ///< a tile computes Tr × Tc outputs of each channel from the windows that they need
  input  ///< the Tr × Tc inputs of a tile all go into one output: tiles at other positions add up
};

/// The input channels that a tile reads.
enum class InputChannels : std::uint8_t {
  steps,  ///< Tn of the N, step by step: each step adds to the same outputs
  own     ///< the Tm of its outputs; Tn is 1
};

/// The code of the runtime that computes a layer.
enum class Kernel : std::uint8_t {
  convolution,
  global_average_pool,
  max_pool,
  depthwise,
  average_pool,
  add,
};
inline constexpr std::size_t kKernels = 6;

/// Whether partial sums are fetched at the first step, too, where there are none yet: the published
/// code does that for global average pooling, the runtime does not.
enum class FirstSums : std::uint8_t { none, fetched };

/// What an output value takes.
enum class Work : std::uint8_t {
  vectors,  ///< vector multiply-accumulates
  values    ///< one operation of the CPU per input value
};

/// The facts of a layer type. The default is a convolution.
struct LayerFacts {
  Kernel kernel = Kernel::convolution;
  TiledMap tiled = TiledMap::output;
  InputChannels reads = InputChannels::steps;
  Work work = Work::vectors;
  bool has_weights = true;
  bool has_windows = true;  ///< a tile reads what its windows cover, which may reach beyond the map
  std::int64_t maps_read = 1;  ///< input maps, of which a tile reads the same block
  /// The innermost loop of each loop order, which S divides: the operand that the order is named
  /// after is the same in all its tiles and stays in VM. `none`: the order is not offered.
  std::array<Loop, 3> innermost{Loop::out_channels, Loop::positions, Loop::in_channels};
  /// The runtime sums a batch up in 32 bits, divides by the number of positions, and rounds once;
  /// otherwise each step is rounded. VM holds S values of 16 bits for each output.
  bool sums_in_32_bits = false;
  /// Where FirstSums::fetched has a meaning.
  bool published_first_sums = false;
  /// The published design space offers 1 and the even divisors of Tr, Tc and Tm, too, not of Tn
  /// alone.
  bool published_even_tiles = false;
};

/// One entry per LayerType, in its order.
inline constexpr std::array kLayerFacts{
    LayerFacts{},  // convolution
    LayerFacts{},  // fully_connected
    LayerFacts{.kernel = Kernel::global_average_pool,
               .tiled = TiledMap::input,
               .reads = InputChannels::own,
               .work = Work::values,
               .has_weights = false,
               .has_windows = false,
               .innermost = {Loop::none, Loop::none, Loop::positions},
               .sums_in_32_bits = true,
               .published_first_sums = true,
               .published_even_tiles = true},
    LayerFacts{.kernel = Kernel::max_pool,
               .reads = InputChannels::own,
               .work = Work::values,
               .has_weights = false,
               .innermost = {Loop::none, Loop::positions, Loop::none},
               .published_even_tiles = true},
    LayerFacts{.kernel = Kernel::depthwise,
               .reads = InputChannels::own,
               .work = Work::values,
               .innermost = {Loop::none, Loop::positions, Loop::none},
               .published_even_tiles = true},
    LayerFacts{.kernel = Kernel::average_pool,
               .reads = InputChannels::own,
               .work = Work::values,
               .has_weights = false,
               .innermost = {Loop::none, Loop::positions, Loop::none},
               .published_even_tiles = true},
    LayerFacts{.kernel = Kernel::add,
               .reads = InputChannels::own,
               .work = Work::values,
               .has_weights = false,
               .has_windows = false,
               .maps_read = 2,
               .innermost = {Loop::none, Loop::positions, Loop::none},
               .published_even_tiles = true}};
static_assert(kLayerFacts.size() == kLayerTypes.size());

[[nodiscard]] constexpr const LayerFacts& facts_of(LayerType type) {
  return kLayerFacts[static_cast<std::size_t>(type)];
}

[[nodiscard]] constexpr const LayerFacts& facts_of(const Layer& layer) {
  return facts_of(layer.type);
}

/// The loop that S divides. `none` if the layer does not offer the order.
[[nodiscard]] constexpr Loop innermost_loop(const LayerFacts& facts, LoopOrder order) {
  return facts.innermost[static_cast<std::size_t>(order)];
}

/// Do the tiles of `loop` add to the same outputs?
[[nodiscard]] constexpr bool adds_up(const LayerFacts& facts, Loop loop) {
  return loop == Loop::in_channels || (loop == Loop::positions && facts.tiled == TiledMap::input);
}

/// Do several tiles add to the same outputs, so that partial sums are stored?
[[nodiscard]] constexpr bool has_partial_sums(const LayerFacts& facts) {
  return facts.reads == InputChannels::steps || facts.tiled == TiledMap::input;
}

/// Are partial sums fetched at the first step, too?
[[nodiscard]] constexpr bool fetches_first_sums(const LayerFacts& facts, FirstSums sums) {
  return facts.published_first_sums && sums == FirstSums::fetched;
}

/// Which operand all tiles of the innermost loop share, so that it stays in VM between them.
struct KeptOperand {
  bool input = false;
  bool weights = false;
  bool outputs = false;
};

[[nodiscard]] constexpr KeptOperand kept_operand(const LayerFacts& facts, LoopOrder order) {
  const Loop innermost = innermost_loop(facts, order);
  return {.input = innermost == Loop::out_channels && facts.reads == InputChannels::steps,
          .weights = innermost == Loop::positions && facts.has_weights,
          .outputs = adds_up(facts, innermost)};
}

}  // namespace inas::execution
