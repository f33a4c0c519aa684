#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <inas/dump/dump.hpp>

namespace inas::dump {

/// What the runtime asked of the board in the last run, progress records apart.
struct DeviceCounts {
  std::int64_t power_cycles = 0;
  std::int64_t reads = 0;  ///< transfers NVM → VM
  std::int64_t values_read = 0;
  std::int64_t writes = 0;  ///< transfers VM → NVM
  std::int64_t values_written = 0;
  std::int64_t macs = 0;
  std::int64_t mac_values = 0;  ///< vector lengths, rounded up to even

  bool operator==(const DeviceCounts&) const = default;
};

/// A model on the firmware's host board: the runtime itself, with memories of the model's size.
/// Devices of different threads do not disturb each other.
class HostDevice {
 public:
  /// `model` must outlive the device.
  explicit HostDevice(const Model& model);
  ~HostDevice();
  HostDevice(const HostDevice&) = delete;
  HostDevice& operator=(const HostDevice&) = delete;

  /// Runs one inference on an input map [row][column][channel] and returns the output map. Every
  /// power cycle ends as the designs and the ledger say, and all of VM is lost then. `fail_every` >
  /// 0: power also fails after so many bytes written to NVM in a power cycle. Throws Error if the
  /// runtime gives up because no batch is finished that way, or breaks a rule of its board;
  /// InvalidArgument if the input has not the map's size.
  std::vector<std::int16_t> run(std::span<const std::int16_t> input, std::int64_t fail_every = 0);

  /// The output map of an inference that is started after another one on the same input was given
  /// up: power failed when that one had written `bytes` bytes to NVM, or it was done before. The
  /// input map is written once. Throws as `run` does.
  std::vector<std::int16_t> run_again_after(std::span<const std::int16_t> input,
                                            std::int64_t bytes);

  [[nodiscard]] DeviceCounts counts() const;

  /// What each layer of one inference on `input` asks of the board, power failing never, if it
  /// begins and ends with a power cycle. Without a ledger layers do under intermittent power, so
  /// that these add up to what one `run` counts.
  std::vector<DeviceCounts> layer_counts(std::span<const std::int16_t> input);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inas::dump
