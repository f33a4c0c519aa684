#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <inas/core/checksum.hpp>
#include <inas/core/design.hpp>
#include <inas/core/ledger.hpp>
#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/weights.hpp>

namespace inas {

/// One layer of a solution: what it computes, how it is executed, and what that costs.
struct LayerSolution {
  Layer layer;
  Design design = {};
  double energy_per_cycle_max_j =
      0;  ///< E_pc of a later input-channel step; continuous: whole layer
  double energy_per_cycle_min_j =
      0;  ///< E_pc of the first input-channel step; continuous: whole layer
  /// The layer alone, beginning and ending with a power cycle: end to end, recharging included.
  double latency_s = 0;
  std::int64_t power_cycles = 0;  ///< of the layer alone; 0 under continuous power
  std::int64_t vm_bytes = 0;
  LedgerUnits units = {};  ///< of its batches; a batch's entry and fetched fit the ledger's budget

  bool operator==(const LayerSolution&) const = default;
};

/// Accuracies are shares of correct answers, in [0, 1].
struct SolutionAccuracy {
  std::optional<double> validation;  ///< of the final weights, on the validation split
  std::optional<double> test;        ///< of the final weights, on the test set
  std::optional<double> deployed;    ///< of the quantised network, on the test set

  bool operator==(const SolutionAccuracy&) const = default;
};

/// What a search found: a network with a design for every layer, its costs, and the settings that
/// lead to it again.
struct Solution {
  /// Has each layer a design? A network that was made elsewhere has none: designs, costs and ledger
  /// are of no meaning then, and not in its folder.
  bool explored = true;
  Architecture architecture;  ///< none of a network that no space has
  std::vector<LayerSolution> layers;
  /// As scheduled: end to end, recharging included. Without a ledger the sum over the layers.
  double latency_s = 0;
  /// The least sum over layers that begin and end with a power cycle; never below `latency_s`.
  double by_layers_s = 0;
  std::int64_t power_cycles = 0;  ///< as scheduled; 0 under continuous power
  Ledger ledger;
  double energy_budget_j = 0;  ///< per power cycle; 0 under continuous power
  SolutionAccuracy accuracy;
  std::int64_t trial = 0;  ///< the trial that proposed it, from 1; 0: not from a search
  Settings settings;
  std::string software_version;
  /// Of the weights' file, as read from a folder; none in a folder of an older version. Written is
  /// that of the weights that are written.
  std::optional<Checksum> weights;

  bool operator==(const Solution&) const = default;
};

[[nodiscard]] Network network_of(const Solution& solution);

/// Throws InvalidArgument, naming the layer, unless `network` is valid and `weights` are those of
/// `tensors_of` each layer, in order, finite.
void validate(const Network& network, const std::vector<Tensor>& weights);

/// Throws InvalidArgument unless the layers form a network, designs, if there are any, have sizes
/// from 1 (more checks execution::check_designs) and `weights` are those of `tensors_of` each
/// layer, finite.
void validate(const Solution& solution, const std::vector<Tensor>& weights);

/// Writes `solution.json` and `weights.safetensors` into `folder`, which is created if needed.
/// Validates first. A write that fails or is killed, at whatever point, leaves the folder reading
/// as the former result or as this one: the weights are written to `weights.CRC.safetensors`, CRC
/// being their CRC-32, and flushed; then solution.json, which names it, replaces the former one;
/// then the weights get their lasting name. solution.json is the commit.
void write_solution(const std::filesystem::path& folder, const Solution& solution,
                    const std::vector<Tensor>& weights);

/// The names of the files that write_solution makes, also for a time, as RunFolder takes them.
[[nodiscard]] std::vector<std::string> solution_file_names();

/// Reads and validates `folder`/solution.json. Throws Error, naming the file and the key.
[[nodiscard]] Solution read_solution(const std::filesystem::path& folder);

/// Reads the weights of a solution folder, `weights.CRC.safetensors` if it is there and
/// `weights.safetensors` else, and checks them against the solution and its checksum.
[[nodiscard]] std::vector<Tensor> read_solution_weights(const std::filesystem::path& folder,
                                                        const Solution& solution);

}  // namespace inas
