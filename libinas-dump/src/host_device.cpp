#include <host_board.h>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/dump/host_device.hpp>

#include "device_tables.hpp"

namespace inas::dump {
namespace {

std::int64_t signed_count(std::uint64_t count) { return static_cast<std::int64_t>(count); }

}  // namespace

struct HostDevice::State {
  explicit State(const Model& model)
      : layout(model.layout), layers(layer_tables(model)), table(model_table(model, layers)) {
    const std::string image = nvm_image(model);
    nvm.assign(image.begin(), image.end());
    nvm.resize(static_cast<std::size_t>(layout.total_bytes));
    vm.resize((static_cast<std::size_t>(model.vm_bytes) + 3) / 4);
    marks.resize(2 * nvm.size());
    board.nvm = nvm.data();
    board.nvm_bytes = static_cast<std::uint32_t>(nvm.size());
    board.vm = reinterpret_cast<std::int16_t*>(vm.data());
    board.vm_bytes = table.vm_bytes;
    board.marks = marks.data();
  }

  void require(bool held, std::string_view what) const {
    if (!held) throw Error(fmt::format("runtime: {}", what));
  }

  void write_input(std::span<const std::int16_t> input) {
    if (2 * static_cast<std::int64_t>(input.size()) != layout.input().bytes) {
      throw InvalidArgument(fmt::format("input: found {} values, allowed: {}", input.size(),
                                        layout.input().bytes / 2));
    }
    auto at = static_cast<std::size_t>(layout.input().address);
    for (const std::int16_t value : input) {
      const auto bits = static_cast<std::uint16_t>(value);
      nvm[at++] = static_cast<std::uint8_t>(bits & 0xFF);
      nvm[at++] = static_cast<std::uint8_t>(bits >> 8);
    }
  }

  [[nodiscard]] std::vector<std::int16_t> output() const {
    std::vector<std::int16_t> output;
    auto at = static_cast<std::size_t>(layout.output().address);
    for (std::int64_t i = 0; i < layout.output().bytes / 2; ++i, at += 2) {
      output.push_back(static_cast<std::int16_t>(
          static_cast<std::uint16_t>(nvm[at] | static_cast<unsigned>(nvm[at + 1]) << 8)));
    }
    return output;
  }

  void start(const inas_model& model) {
    inas_host_reset(&board);
    require(inas_host_start(&board, &model) == INAS_HOST_DONE, "cannot start an inference");
    inas_host_reset(&board);
  }

  /// Runs `model`, which is the whole network or one layer of it, on the input map in NVM.
  void execute(const inas_model& model, std::int64_t fail_every) {
    start(model);
    const inas_host_outcome outcome =
        inas_host_finish(&board, &model, static_cast<std::uint64_t>(fail_every));
    require(outcome != INAS_HOST_STUCK,
            fmt::format("is stuck: power that fails after every {} bytes written to NVM lets no "
                        "batch finish; a larger number would",
                        fail_every));
    require(outcome == INAS_HOST_DONE, "left its memories");
    require(board.overwritten_inputs == 0, "overwrote what a batch would read again");
  }

  execution::MemoryLayout layout;
  std::vector<inas_layer> layers;
  inas_model table;
  std::vector<std::uint8_t> nvm;
  std::vector<std::int32_t> vm;  ///< 4-byte values for the alignment
  std::vector<std::uint32_t> marks;
  inas_host_board board{};
};

HostDevice::HostDevice(const Model& model) : state_(std::make_unique<State>(model)) {}
HostDevice::~HostDevice() = default;

std::vector<std::int16_t> HostDevice::run(std::span<const std::int16_t> input,
                                          std::int64_t fail_every) {
  State& s = *state_;
  s.write_input(input);
  s.execute(s.table, fail_every);
  return s.output();
}

std::vector<std::int16_t> HostDevice::run_again_after(std::span<const std::int16_t> input,
                                                      std::int64_t bytes) {
  State& s = *state_;
  s.write_input(input);
  s.start(s.table);
  s.board.bytes_until_failure = static_cast<std::uint64_t>(bytes);
  while (inas_host_boot(&s.board, &s.table) == INAS_HOST_CYCLE_ENDED) {
  }
  s.execute(s.table, 0);
  return s.output();
}

DeviceCounts HostDevice::counts() const {
  const inas_host_counts& c = state_->board.counts;
  return {.power_cycles = signed_count(c.boots),
          .reads = signed_count(c.reads),
          .values_read = signed_count(c.values_read),
          .writes = signed_count(c.writes),
          .values_written = signed_count(c.values_written),
          .macs = signed_count(c.macs),
          .mac_values = signed_count(c.mac_values)};
}

std::vector<DeviceCounts> HostDevice::layer_counts(std::span<const std::int16_t> input) {
  State& s = *state_;
  s.write_input(input);
  std::vector<DeviceCounts> result;
  for (const inas_layer& layer : s.layers) {
    inas_model alone = s.table;
    alone.layers = &layer;
    alone.layer_count = 1;
    s.execute(alone, 0);
    result.push_back(counts());
  }
  return result;
}

}  // namespace inas::dump
