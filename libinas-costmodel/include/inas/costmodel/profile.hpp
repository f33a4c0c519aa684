#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/board.hpp>
#include <inas/core/design.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/execution/layer_facts.hpp>

namespace inas::costmodel {

/// Where the published code departs from its intention, as switches: true reproduces it. All false
/// is the corrected model. Numbers are those of the cost-model page, section 6.
struct PublishedFaults {
  /// Fault 5: under continuous power, and when a named design is queried, the input tile of global
  /// average pooling is that of a convolution, Tr + Kh − 1 × Tc + Kw − 1.
  bool pool_fetches_convolution_tile = false;
  /// Fault 7: recharging starts from the energy that the safety margin leaves, not from the energy
  /// that is really left.
  bool recharge_from_margin = false;
  /// Fault 8: under continuous power reuse_O backs an output tile up once per input-channel step.
  bool continuous_backup_per_tile = false;
  /// Partial results of global average pooling are fetched also where there are none yet.
  bool pool_fetches_first_sums = false;
  /// The NVM constraint counts two copies of the largest map and the weights, whatever the layout
  /// and the designs need.
  bool nvm_holds_two_largest_maps = false;

  bool operator==(const PublishedFaults&) const = default;
};

/// Where a law comes from.
enum class Origin : std::uint8_t {
  measured,    ///< on the part
  counted,     ///< instructions or operations of the code that runs
  documented,  ///< in the part's manuals
  assumed,
};

/// What one of the runtime's kernels takes of the CPU beside its vectors. Each is charged once per
/// thing of that name; those that a kernel does not have are zero.
struct KernelLaws {
  Cost entry;         ///< a layer that a power cycle begins or resumes
  Cost batch;         ///< preservation batch: indices, record
  Cost tile;          ///< indices and set-up
  Cost row;           ///< row of a computed tile
  Cost position;      ///< row and column of a computed tile
  Cost output;        ///< output value of a tile; global average pooling: channel of a tile
  Cost bias;          ///< output value that begins with a bias, at the first input-channel step
  Cost line;          ///< row of a window; by the LEA: line of a kernel
  Cost value;         ///< value of a window; by the LEA: value of a vector that the CPU multiplies
  Cost batch_output;  ///< global average pooling: channel of a batch, whose mean is formed
  Cost vector;        ///< by the LEA: vector of a line, whatever multiplies it
  Cost cpu_vector;    ///< by the LEA: vector that the CPU multiplies, a last value being one

  bool operator==(const KernelLaws&) const = default;
};

/// What the runtime's own code takes of the CPU. The published model has none of it: all zero.
struct RuntimeLaws {
  double energy_per_cycle_j = 0;  ///< of the CPU, for all that follows
  Cost cycle;                     ///< power cycle, beside its boot, entry and transfers
  Cost block;                     ///< block of a map that is moved: its addresses
  Cost block_row;                 ///< row of such a block
  Cost window;                    ///< besides, block that windows cover: where it begins and ends
  Cost weights;                   ///< weights of a tile that are fetched: their addresses
  Cost border;                    ///< block of which something lies outside of the map
  Cost fill;                      ///< value of an input block that lies outside of the map
  Cost fill_run;                  ///< such values side by side
  Cost cap;  ///< output value that is compared with the most that an activation leaves
  std::array<KernelLaws, execution::kKernels> kernels;  ///< by execution::Kernel
  /// Which kernels a profile prices, by execution::Kernel: the published model's three at least.
  std::array<bool, execution::kKernels> priced{true, true, true};
  /// Of convolutions whose vectors the LEA multiplies, for what their tiles take: other loops run
  /// then. Entry and batch are those of the kernel.
  KernelLaws convolution_lea;

  [[nodiscard]] bool prices(execution::Kernel kernel) const {
    return priced[static_cast<std::size_t>(kernel)];
  }
  [[nodiscard]] const KernelLaws& of(execution::Kernel kernel) const {
    return kernels[static_cast<std::size_t>(kernel)];
  }
  /// Those of a kernel's tiles.
  [[nodiscard]] const KernelLaws& of_tiles(execution::Kernel kernel, Unit unit) const {
    const bool by_lea = kernel == execution::Kernel::convolution && unit == Unit::lea;
    return by_lea ? convolution_lea : of(kernel);
  }
  bool operator==(const RuntimeLaws&) const = default;
};

/// The costs of a platform. Facts only: how often each cost occurs is the model's business.
struct Profile {
  std::string name;
  double clock_hz = 16e6;  ///< clock at which the latencies were measured
  /// Voltages at which the platform works, if the profile says it. Built-in ones do not: the board
  /// that they were measured on does.
  std::optional<VoltageRange> supply;

  Cost reboot;            ///< once per power cycle
  Cost nvm_start;         ///< besides, of an NVM that has to be waited for; zero: it is there
  LinearCost nvm_read;    ///< one NVM → VM transfer of n values
  LinearCost nvm_write;   ///< one VM → NVM transfer of n values
  LinearCost vector_mac;  ///< one vector multiply-accumulate of length n on the LEA
  bool has_lea = true;    ///< false: there is no such law
  /// The same on the CPU's multiplier. Set if and only if the profile is one of the runtime, which
  /// then takes what the LEA cannot take; otherwise vectors of odd length are rounded up.
  std::optional<LinearCost> cpu_mac;
  Cost add;          ///< CPU addition
  Cost multiply;     ///< CPU multiplication
  Cost max_compare;  ///< CPU comparison, for pooling
  /// Measured, but no formula of the model uses them.
  Cost subtract;
  Cost divide;
  Cost modulo;

  /// Addressing overheads, per transfer.
  Cost fetch_input;                   ///< fI
  Cost fetch_weights;                 ///< fW
  std::array<Cost, 3> fetch_output;   ///< fO, indexed by LoopOrder
  std::array<Cost, 3> backup_output;  ///< bO, indexed by LoopOrder
  /// Overheads per vector MAC.
  Cost partial_sum;
  Cost accumulate;
  Cost max_address;  ///< per pooled element

  /// The micro-benchmarks measured up to so many values; longer transfers and vectors are
  /// extrapolated.
  std::int64_t measured_length = 128;
  /// Vectors above this length are split into several operations; 0: never.
  std::int64_t longest_vector = 0;

  RuntimeLaws runtime;
  std::int64_t progress_values = 4;  ///< of a progress record's reading, at each power cycle
  std::int64_t count_values = 0;     ///< written at each power cycle before any work

  PublishedFaults faults;
  /// Where the laws come from, by their key in the JSON form, as far as the profile says it: that
  /// of a kernel's laws, if it has none of its own, is "runtime".
  std::map<std::string, Origin, std::less<>> origins;

  [[nodiscard]] const Cost& fetch_output_for(LoopOrder order) const {
    return fetch_output[static_cast<std::size_t>(order)];
  }
  [[nodiscard]] const Cost& backup_output_for(LoopOrder order) const {
    return backup_output[static_cast<std::size_t>(order)];
  }
  [[nodiscard]] bool prices(Unit unit) const {
    return unit == Unit::cpu ? cpu_mac.has_value() : has_lea;
  }
  /// Does the code that is priced keep an energy ledger? The published firmware does not, nor does
  /// it count its power cycles.
  [[nodiscard]] bool keeps_ledger() const { return count_values > 0; }
  [[nodiscard]] execution::FirstSums first_sums() const {
    return faults.pool_fetches_first_sums ? execution::FirstSums::fetched
                                          : execution::FirstSums::none;
  }
  bool operator==(const Profile&) const = default;
};

/// The built-in profiles: `msp430fr5994` (faults 1, 5, 7 and 8 corrected; the default) and
/// `msp430fr5994-published` (bit for bit what the published code computes).
[[nodiscard]] std::vector<std::string> builtin_profiles();

[[nodiscard]] bool is_builtin_profile(std::string_view name);

/// The JSON text that a built-in profile is made from: a start for one's own. Throws
/// InvalidArgument, listing the names, for any other name.
[[nodiscard]] std::string_view builtin_profile_json(std::string_view name);

/// A built-in profile by its name, or else a profile from the JSON file of that path (its form:
/// docs/profiles.md). Throws Error, listing the built-in names, if there is neither;
/// InvalidArgument, naming the key, if a key is unknown or missing, or a cost is negative, zero
/// where it must not be, or not finite.
[[nodiscard]] Profile load_profile(const std::string& name_or_path);

/// A runtime's profile in the JSON form: parse_profile(to_json(p, …)) == p. Throws InvalidArgument
/// for one of the published firmware, whose overheads are counts that the profile does not keep.
[[nodiscard]] std::string to_json(const Profile& profile, const std::string& comment);

/// A profile from JSON text; `source` names it in errors.
[[nodiscard]] Profile parse_profile(std::string_view text, const std::string& source);

}  // namespace inas::costmodel
