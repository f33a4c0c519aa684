#pragma once

#include <cstdint>
#include <host_board.h>
#include <optional>
#include <random>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/ledger.hpp>

/// Small networks with random weights for the runtime's tests: the tables, the NVM image and the
/// expected output, written from model.h alone, so that they check the dumper's as well.
namespace inas::firmware {

using Generator = std::mt19937_64;

/// From low to high, both included.
std::int64_t random_from(Generator& generator, std::int64_t low, std::int64_t high);

/// A layer as the runtime executes it. K = 0 ends no power cycle; units may be any of 16 bits.
struct TestLayer {
  Layer layer;
  Design design;
  LedgerUnits units = {};
  bool any_shifts = false;  ///< of an addition: also ones that nobody needs, and that take longer
};

/// A layer of any type, 2-D or 1-D, with extents of at most `extent`, any windows, stride, padding
/// and activation, a bias in half of the cases, and a design for it: any tile (also ones that do
/// not divide the map), loop order, S, mac, dma and K. An addition adds the input to itself.
TestLayer random_layer(Generator& generator, std::int64_t extent);

/// A network of `count` such layers, with maps that live on to additions behind.
std::vector<TestLayer> random_graph(Generator& generator, std::int64_t extent, std::size_t count);

/// A design of `layer` for which the same is true.
Design random_design(Generator& generator, const Layer& layer);

/// Gives some or all of `layers` K = 0 and all of them random units, from numbers that let a power
/// cycle run over the ends of layers to any numbers of 16 bits. Returns the ledger's budget.
std::int64_t random_ledger(Generator& generator, std::vector<TestLayer>& layers);

/// ⌈R/Tr⌉ and so on, and what follows from them.
struct Counts {
  std::int64_t rows, columns, out, in;
  std::int64_t extent;   ///< tiles that S divides
  std::int64_t batches;  ///< of the layer
  std::int64_t steps;    ///< how often each output is written
};
Counts counts_of(const TestLayer& layer);

/// Whether the layer is a convolution, not a depthwise one, or fully connected.
bool has_vectors(const Layer& layer);

/// Whether the layer is one of these or a depthwise convolution.
bool has_weights(const Layer& layer);

/// Whether a batch finds an operand of the one before it in VM.
bool keeps_operand(const Layer& layer);

/// Those that designs of the layer may have.
std::vector<LoopOrder> loop_orders(const Layer& layer);

/// How data lie in NVM.
enum class Placement : std::uint8_t {
  apart,       ///< every map and its second copy have memory of their own
  shared,      ///< as on the device: maps share memory where their lives do not overlap
  input_dies,  ///< a seeded fault: shared, and a later layer overwrites the network's input
};

class TestModel {
 public:
  /// Layers that nobody reads by name get names that differ.
  TestModel(std::vector<TestLayer> layers, std::uint64_t seed, std::int64_t longest_vector = 0,
            Placement placement = Placement::apart, std::int64_t ledger_budget = 0);
  TestModel(const TestModel&) = delete;
  TestModel& operator=(const TestModel&) = delete;

  [[nodiscard]] const inas_model& tables() const { return model_; }
  [[nodiscard]] const std::vector<TestLayer>& layers() const { return layers_; }

  /// NVM before the first inference: weights, an empty progress area and rubbish elsewhere.
  [[nodiscard]] std::vector<std::uint8_t> image() const { return image_; }
  [[nodiscard]] std::vector<std::int16_t> random_input(std::uint64_t seed) const;
  /// Puts `input` where the first layer reads it.
  void write_input(std::vector<std::uint8_t>& nvm, const std::vector<std::int16_t>& input) const;
  [[nodiscard]] std::vector<std::int16_t> read_output(const std::vector<std::uint8_t>& nvm) const;

  /// What model.h says that the last layer gives. Throws std::overflow_error if a running sum of
  /// global average pooling does not fit the runtime's 32 bits.
  [[nodiscard]] std::vector<std::int16_t> expected_output(
      const std::vector<std::int16_t>& input) const;

 private:
  std::vector<TestLayer> layers_;
  std::vector<std::vector<std::int64_t>> sources_;  ///< layers that are read; −1: the input
  std::vector<std::vector<std::int16_t>> weights_;  ///< [out][kernel row][kernel column][in]
  std::vector<std::vector<std::uint8_t>> shifts_;
  std::vector<std::vector<std::int32_t>> biases_;  ///< none where the layer has none
  std::vector<inas_layer> tables_;
  inas_model model_{};
  std::vector<std::uint8_t> image_;
};

/// Where an inference stands: the next batch of a layer. The layer after the last one: done.
struct Position {
  std::int64_t layer = 0;
  std::int64_t batch = 0;
  auto operator<=>(const Position&) const = default;
};

/// What the newest record in `nvm` says, as the page of formats has it; nothing: there is none.
std::optional<Position> progress_in(const std::vector<std::uint8_t>& nvm, const inas_model& model);

/// Where a power cycle ends that begins at `begin`, which is not the end, by the rule in model.h.
Position end_of_power_cycle(const TestModel& model, Position begin);

/// A host board with its memories, VM exactly as large as the model needs.
class TestBoard {
 public:
  explicit TestBoard(const TestModel& model, bool check_rereads = false);
  TestBoard(const TestBoard&) = delete;
  TestBoard& operator=(const TestBoard&) = delete;

  std::vector<std::uint8_t> nvm;
  inas_host_board board{};

 private:
  std::vector<std::int32_t> vm_;  ///< of 4-byte values for the alignment
  std::vector<std::uint32_t> marks_;
};

}  // namespace inas::firmware
