#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <inas/core/network.hpp>

#include "firmware/test_model.hpp"

/// Indices, addresses and sums at the largest sizes that a model may have. This binary's runtime
/// traps at undefined behaviour, an overflow for instance.
namespace inas::firmware {
namespace {

/// The address space of NVM. Pages that nobody touches take no memory.
class Nvm {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 32;

  Nvm() {
    void* const memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no address space");
    bytes_ = static_cast<std::uint8_t*>(memory);
  }
  ~Nvm() { munmap(bytes_, kBytes); }
  Nvm(const Nvm&) = delete;
  Nvm& operator=(const Nvm&) = delete;

  [[nodiscard]] std::uint8_t* bytes() { return bytes_; }
  void put(std::uint64_t address, std::int16_t value) {
    bytes_[address] = static_cast<std::uint8_t>(value & 0xFF);
    bytes_[address + 1] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(value) >> 8);
  }
  [[nodiscard]] std::int16_t get(std::uint64_t address) const {
    return static_cast<std::int16_t>(
        static_cast<std::uint16_t>(bytes_[address] | bytes_[address + 1] << 8));
  }

 private:
  std::uint8_t* bytes_;
};

/// A device with one layer, which runs the batches that it is told to.
class Device {
 public:
  Device(inas_layer layer, std::int64_t vm_values) : layer_(layer) {
    layer_.batches_per_cycle = 1;
    model_.layers = &layer_;
    model_.layer_count = 1;
    model_.vm_bytes = static_cast<std::uint16_t>(2 * vm_values);
    model_.nvm_bytes = static_cast<std::uint32_t>(Nvm::kBytes - 2);
    model_.progress = kProgress;
    model_.output = layer.output[0];
    board_.nvm = nvm.bytes();
    board_.nvm_bytes = model_.nvm_bytes;
    board_.vm = reinterpret_cast<std::int16_t*>(vm_.data());
    board_.vm_bytes = model_.vm_bytes;
  }

  /// As if all batches before had been finished.
  void run(std::uint32_t batch) {
    inas_host_reset(&board_);
    write_record(batch);
    const inas_host_outcome outcome = inas_host_boot(&board_, &model_);
    ASSERT_EQ(outcome, batch + 1 == layer_.batches ? INAS_HOST_DONE : INAS_HOST_CYCLE_ENDED);
  }

  static constexpr std::uint32_t kProgress = 0;
  static constexpr std::uint32_t kFree = 20;  ///< first address after the progress area

  Nvm nvm;

 private:
  /// Sequence number, layer, batch, CRC-16 of these, sequence number.
  void write_record(std::uint32_t batch) {
    std::array<std::uint8_t, 8> record{0, 0};
    for (unsigned byte = 0; byte < 3; ++byte) {
      record[2 + byte] = static_cast<std::uint8_t>(batch >> 8 * byte);
    }
    std::uint32_t crc = 0x1D0F;
    for (std::size_t byte = 0; byte < 5; ++byte) {
      crc ^= static_cast<std::uint32_t>(record[byte]) << 8;
      for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000U) != 0 ? 0x11021U : 0U);
    }
    record[5] = static_cast<std::uint8_t>(crc);
    record[6] = static_cast<std::uint8_t>(crc >> 8);
    std::copy(record.begin(), record.end(), nvm.bytes() + kProgress);
    std::fill_n(nvm.bytes() + kProgress + 8, INAS_PROGRESS_BYTES - 8, std::uint8_t{0xFF});
  }

  inas_layer layer_;
  inas_model model_{};
  inas_host_board board_{};
  std::vector<std::int32_t> vm_ = std::vector<std::int32_t>(1 << 14);
};

/// A convolution with kernel 1×1 on a map of one column, tiles of one value.
inas_layer pointwise(std::int64_t rows, std::int64_t in, std::int64_t out, std::uint8_t order,
                     std::int64_t S, const std::uint8_t* shifts) {
  const auto u16 = [](std::int64_t value) { return static_cast<std::uint16_t>(value); };
  inas_layer layer{};
  layer.type = INAS_CONVOLUTION;
  layer.order = order;
  layer.in_rows = layer.out_rows = u16(rows);
  layer.in_columns = layer.out_columns = 1;
  layer.in_channels = u16(in);
  layer.out_channels = u16(out);
  layer.kernel_rows = layer.kernel_columns = layer.stride = 1;
  layer.most = INT16_MAX;
  layer.tile_rows = layer.tile_columns = 1;
  layer.tile_out_channels = layer.tile_in_channels = 1;
  layer.batch = u16(S);
  layer.batches = static_cast<std::uint32_t>(rows * in * out / S);
  layer.input = Device::kFree;
  layer.weights = static_cast<std::uint32_t>(layer.input + (2 * rows * in + 3) / 4 * 4);
  layer.output[0] = static_cast<std::uint32_t>(layer.weights + (2 * in * out + 3) / 4 * 4);
  layer.output[1] = layer.output[0];
  layer.shifts = shifts;
  return layer;
}

/// 32768·Σ|weight| + |bias| at its bound, inputs at theirs, all shifts; a step per input channel
/// and one in all.
TEST(Sizes, SumsOfProductsFit32BitsAtTheirBounds) {
  const std::array<std::array<std::int16_t, 4>, 6> weights{{{1, -1, 1, 0},
                                                            {-8000, 8000, 1, -1},
                                                            {32767, 0, 0, 0},
                                                            {-32767, 0, 0, 0},
                                                            {16384, 16383, 0, 0},
                                                            {-8192, -8192, -8192, -8191}}};
  for (std::uint8_t shift = 0; shift < 32; ++shift) {
    for (const unsigned Tn : {1U, 2U, 4U}) {
      inas_layer layer = pointwise(1, 4, 1, INAS_REUSE_O, 1, &shift);
      layer.tile_in_channels = static_cast<std::uint16_t>(Tn);
      layer.batch = static_cast<std::uint16_t>(4U / Tn);  // all steps in one batch
      std::int32_t bias = 0;
      layer.bias = &bias;
      layer.batches = 1;
      Device device(layer, 16);
      for (const auto& of : weights) {
        std::int32_t most = (1 << 30) - (1 << 15);
        for (const std::int16_t weight : of) most -= 32768 * std::abs(int{weight});
        for (const int x : {-32768, -32767, -1, 0, 1, 32767}) {
          for (unsigned n = 0; n < 4; ++n) {
            device.nvm.put(layer.input + 2 * n, static_cast<std::int16_t>(x));
            device.nvm.put(layer.weights + 2 * n, of[n]);
          }
          for (const int sign : {-1, 1}) {
            bias = sign * most;
            device.run(0);
            std::int64_t expected = 0;
            for (unsigned n = 0; n < 4; n += Tn) {
              std::int64_t sum = n == 0 ? 2 * std::int64_t{bias} : 0;
              for (unsigned i = n; i < n + Tn; ++i) sum += 2 * std::int64_t{x} * of[i];
              const std::int64_t half = shift == 0 ? 0 : std::int64_t{1} << (shift - 1);
              expected += (sum + half) >> shift;
              expected = std::clamp<std::int64_t>(expected, -32768, 32767);
            }
            ASSERT_EQ(device.nvm.get(layer.output[0]), expected)
                << fmt::format("shift {}, Tn {}, input {}, bias {}", int{shift}, Tn, x, bias);
          }
        }
      }
    }
  }
}

/// 2³² tiles and more: batches stay below 2²⁴, because S tiles are one.
TEST(Sizes, TheNumberOfTilesMayBeBeyond32Bits) {
  constexpr std::int64_t kMany = 4096;
  const std::vector<std::uint8_t> shifts(kMany, 15);
  struct Case {
    std::uint8_t order;
    std::int64_t rows, in, out, S;
  };
  for (const Case& c :
       {Case{INAS_REUSE_O, 1025, kMany, 1024, kMany}, Case{INAS_REUSE_I, 1025, 1024, kMany, kMany},
        Case{INAS_REUSE_W, kMany, 1024, 1025, kMany}}) {
    SCOPED_TRACE(int{c.order});
    const inas_layer layer = pointwise(c.rows, c.in, c.out, c.order, c.S, shifts.data());
    Device device(layer, 2 + (c.order == INAS_REUSE_O ? 1 : c.S));
    ASSERT_GT(std::int64_t{layer.batches} * c.S, std::int64_t{1} << 32);
    ASSERT_LT(layer.batches, std::uint32_t{1} << 24);
    // The last batch: the last input channel of the last rows or output channels.
    const std::int64_t row = c.rows - 1;
    const std::int64_t m = c.out - 1;
    const std::int64_t n = c.in - 1;
    device.nvm.put(layer.input + 2 * static_cast<std::uint64_t>(row * c.in + n), 20000);
    device.nvm.put(layer.weights + 2 * static_cast<std::uint64_t>(m * c.in + n), 16384);
    device.run(layer.batches - 1);
    const std::uint64_t last = layer.output[0] + 2 * static_cast<std::uint64_t>(row * c.out + m);
    EXPECT_EQ(device.nvm.get(last), 20000);
    EXPECT_EQ(device.nvm.get(layer.output[0]), 0) << "written by a batch whose number wrapped";
  }
}

/// Weights that end where NVM does.
TEST(Sizes, WeightsMayFillTheAddressSpace) {
  constexpr std::int64_t kIn = 32767;
  constexpr std::int64_t kOut = 65530;
  const std::vector<std::uint8_t> shifts(kOut, 15);
  for (const int flags : {0, int{INAS_COALESCED}}) {
    inas_layer layer = pointwise(1, kIn, kOut, INAS_REUSE_O, kIn, shifts.data());
    layer.flags = static_cast<std::uint8_t>(flags);
    Device device(layer, 3);
    device.nvm.put(layer.input + 2 * (kIn - 1), -12345);
    device.nvm.put(layer.weights + 2 * std::uint64_t{kIn * kOut - 1}, 16384);
    device.run(layer.batches - 1);
    EXPECT_EQ(device.nvm.get(layer.output[0] + 2 * (kOut - 1)), -12345);
  }
}

/// A map of nearly 2³¹ values and windows at its corners.
TEST(Sizes, MapsMayFillTheAddressSpace) {
  inas_layer layer{};
  layer.type = INAS_MAX_POOL;
  layer.in_rows = 65535;
  layer.in_columns = 32766;
  layer.stride = 32765;
  layer.most = INT16_MAX;
  layer.out_rows = 3;
  layer.out_columns = 2;
  layer.in_channels = layer.out_channels = 1;
  layer.kernel_rows = layer.kernel_columns = 1;
  layer.tile_rows = layer.tile_columns = 1;
  layer.tile_out_channels = layer.tile_in_channels = 1;
  layer.batch = 1;
  layer.batches = 6;
  layer.output[0] = layer.output[1] = Device::kFree;
  layer.input = layer.output[0] + 12;
  Device device(layer, 2);
  for (std::uint32_t i = 0; i < 6; ++i) {
    const std::uint64_t row = 32765 * std::uint64_t{i / 2};
    const std::uint64_t column = 32765 * std::uint64_t{i % 2};
    const std::uint64_t address = layer.input + 2 * (row * 32766 + column);
    ASSERT_LT(address, Nvm::kBytes - 2);
    device.nvm.put(address, static_cast<std::int16_t>(-100 - static_cast<int>(i)));
    device.run(i);
    EXPECT_EQ(device.nvm.get(layer.output[0] + 2 * i), -100 - static_cast<int>(i));
  }
}

/// Undisturbed, on constant inputs and on ones of both signs.
void expect_right(const Layer& layer, const char* design, std::uint64_t seed = 1) {
  SCOPED_TRACE(design);
  const TestModel model({{layer, parse_design(design), {}, seed % 2 == 0}}, seed);
  TestBoard device(model);
  const auto run = [&](const std::vector<std::int16_t>& input) {
    const std::vector<std::int16_t> expected = model.expected_output(input);
    model.write_input(device.nvm, input);
    ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
    ASSERT_EQ(inas_host_finish(&device.board, &model.tables(), 0), INAS_HOST_DONE);
    ASSERT_EQ(model.read_output(device.nvm), expected);
  };
  std::vector<std::int16_t> input(static_cast<std::size_t>(layer.ifm.values()));
  for (const int value : {-32768, -32767, 32767}) {
    std::fill(input.begin(), input.end(), static_cast<std::int16_t>(value));
    run(input);
  }
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = i % 3 == 0 ? -32768 : 32767;
  run(input);
  run(model.random_input(5));
}

/// VM as large as it can be, and windows as far apart.
TEST(Sizes, WindowsMayBeAsLargeAsVmAndTheirStrideAsTheMap) {
  expect_right(make_max_pooling("POOL", {1, 65535, 1}, 32766, 1, 32768), "1_1_1_1_reuse_O_S1");
  expect_right(make_max_pooling("POOL", {1, 65535, 1}, 32766, 1, 32768),
               "1_1_1_1_reuse_O_S1_coalesced");
  expect_right(make_max_pooling("POOL", {1, 65535, 1}, 1, 1, 65534), "1_1_1_1_reuse_O_S2");
}

/// Rows from the first one of a window on are 17 bits then.
TEST(Sizes, WindowsMayReachBeyondTheLargestMap) {
  const Shape map{1, 65535, 1};
  const Padding padding{254, 0, 254, 0};
  for (const char* design : {"1_1_1_1_reuse_W_S1", "100_1_1_1_reuse_W_S1_coalesced_cpu"}) {
    expect_right(make_max_pooling("POOL", map, 255, 1, 300, padding), design);
    expect_right(make_average_pooling("POOL", map, 255, 1, 300, padding), design);
    expect_right(make_depthwise_convolution("DWCONV", map, 255, 1, 300, padding), design);
    expect_right(make_convolution("CONV", map, 1, 255, 1, 300, padding), design);
  }
}

TEST(Sizes, AverageWindowsMayBeAsLargeAsVm) {
  expect_right(make_average_pooling("POOL", {1, 65535, 1}, 32766, 1, 32768), "1_1_1_1_reuse_W_S1");
  expect_right(make_average_pooling("POOL", {1, 181, 181}, 181, 180, 1, {0, 1, 0, 0}),
               "1_2_1_1_reuse_W_S1");
}

TEST(Sizes, SumsOfMapsSaturate) {
  const std::string input(kNetworkInputName);
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    expect_right(make_add("ADD", {2, 3, 2}, input, input), "2_2_1_1_reuse_W_S1", seed);
  }
}

/// Pixels of the map and of a batch, together 65,536: the rule of what may be dumped.
TEST(Sizes, SumsOfPoolingFit32BitsAtTheirBound) {
  expect_right(make_global_average_pool("POOL", {1, 923, 71}), "3_1_1_1_reuse_O_S1");
  expect_right(make_global_average_pool("POOL", {1, 256, 128}), "128_128_1_1_reuse_O_S1");
  expect_right(make_global_average_pool("POOL", {2, 65534, 1}), "1_1_2_1_reuse_O_S2");
  // All pixels in one step: as many as there may be.
  expect_right(make_global_average_pool("POOL", {1, 240, 273}), "3_13_1_1_reuse_O_S1680");
  expect_right(make_global_average_pool("POOL", {1, 65535, 1}), "257_1_1_1_reuse_O_S255");
}

/// Beyond that rule there are inputs whose sums do not fit: a map that is not dumped with this
/// tile.
TEST(Sizes, SumsOfPoolingBeyondTheirBoundDoNotFit32Bits) {
  const Layer layer = make_global_average_pool("POOL", {1, 240, 273});
  const TestModel model({{layer, parse_design("3_13_1_1_reuse_O_S1")}}, 1);
  const std::vector<std::int16_t> input(240 * 273, 32767);
  EXPECT_THROW((void)model.expected_output(input), std::overflow_error);
}

}  // namespace
}  // namespace inas::firmware
