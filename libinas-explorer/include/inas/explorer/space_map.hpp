#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <inas/core/rounds_done.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/layer_table.hpp>
#include <inas/explorer/network_count.hpp>

/// The whole-space map: what a device can make of every network of a search space, known before the
/// first one is trained.
///
///   SpaceMap map(space, device, {}, {.latency_requirement_s = 80.9});
///   map.counts().feasible …  *map.latency_percentile(25) …  *map.min_latency_s({3, 8}) …
///
/// Two words, everywhere below: a network is *executable* if it satisfies every constraint but C2
/// (geometry, NVM capacity, C0, C1), and *feasible* if it also meets the latency requirement. If
/// there is no requirement, both are the same.
///
/// How. Where networks stand in front of the stages (`Front`) are the nodes of a graph, the choices
/// of a stage its edges; a network is a path, and its latency the sum of its edges' and its tail's
/// (the stages without a choice: global pooling and FC_END). Each distinct layer is explored once.
/// Two ways lead from there:
///
///   listed: spaces of up to options.list_limit networks are listed: every latency is computed as
///     Explorer::explore does, as scheduled with a ledger, and is bit for bit its. Everything is
///     exact.
///   counted: larger spaces are counted by dynamic programming over the nodes, by layers, whose sum
///     is an upper bound of what is scheduled. Each edge's latency is rounded to a multiple of h,
///     the resolution of options.bins, so that networks of n terms (stages with a choice, and 1 for
///     the tail) are off by n·h/2 at most. Numbers of networks by geometry, C0 and C1, the least
///     and the largest latency, conditional minima and the fastest networks stay exact;
///     percentiles and what depends on C2 are exact to `latency_error_s()`. Lower bounds of all
///     schedules are counted alike. `sample_scheduled_s` has networks as scheduled.
///
/// NVM capacity depends on all layers of a network, which a node does not know. It is first
/// decided, exactly, whether any network of the space can exceed it. If none can, it plays no role.
/// If some can, listed spaces take it into account everywhere; counted ones leave it out,
/// `nvm_left_out()` says so, and their executable and feasible counts, extremes and minima are
/// those of a device with enough NVM. `sample_feasible` and `fastest` obey it in any case.
namespace inas::explorer {

struct SpaceMapOptions {
  std::optional<double> latency_requirement_s;  ///< C2
  std::int64_t list_limit = 1 << 22;            ///< networks; up to 2³¹, about 20 bytes each
  /// Counted spaces: steps of h between the least and the largest latency. Fewer are used if the
  /// histograms of all nodes would take more than `memory_bytes`; `bins()` says how many.
  std::int64_t bins = 1 << 14;
  std::int64_t memory_bytes = 256 << 20;
  std::int64_t threads = 0;  ///< 0: one per core; results do not depend on it
  /// Of the exploration of the distinct layers, and, in a listed space, of the listing behind it.
  RoundsDone layers_done = {};
  RoundsDone networks_done = {};
};

/// Networks that a layer is the first to make infeasible. Only networks whose kernels fit count;
/// with the published NVM constraint, unless it is left out, only those that keep it.
struct LayerFailures {
  std::string layer;       ///< "CONV_0" …, its position in the network
  NetworkCount spatial;    ///< C0
  NetworkCount atomicity;  ///< C1

  bool operator==(const LayerFailures&) const = default;
};

/// All networks of a space, by the constraint that Explorer::explore would name. The parts add up:
/// networks = geometry + nvm_capacity + spatial + atomicity + responsiveness + feasible.
struct SpaceCounts {
  NetworkCount networks;
  NetworkCount geometry;
  NetworkCount nvm_capacity;  ///< 0 if left out
  NetworkCount spatial;
  NetworkCount atomicity;
  /// In a counted space this and `feasible` are those of the rounded latencies, as doubles count.
  NetworkCount responsiveness;
  NetworkCount feasible;
  /// Bounds of `feasible`; equal to it in a listed space. With a ledger a counted space says how
  /// many are feasible by layers; as scheduled there may be more, up to those of which no schedule
  /// is known to be too slow.
  NetworkCount feasible_least;
  NetworkCount feasible_most;
  std::vector<LayerFailures> by_layer;

  [[nodiscard]] NetworkCount executable() const { return responsiveness + feasible; }
  bool operator==(const SpaceCounts&) const = default;
};

/// Executable networks with a latency from `from_s` to below `to_s` (the last bin: to `to_s`).
struct LatencyBin {
  double from_s = 0;
  double to_s = 0;
  double networks = 0;  ///< whole numbers, rounded above 2⁵³
};

/// What the size classes of `fastest` measure.
enum class SizeMeasure : std::uint8_t { weights, macs };

struct RankedNetwork {
  Architecture architecture;
  double latency_s = 0;
  std::int64_t weights = 0;
  std::int64_t macs = 0;

  bool operator==(const RankedNetwork&) const = default;
};

/// Networks of at_least ≤ size < below, and the fastest of them, ascending.
struct SizeClass {
  std::int64_t at_least = 0;
  std::int64_t below = 0;
  NetworkCount networks;  ///< executable ones
  std::vector<RankedNetwork> fastest;

  bool operator==(const SizeClass&) const = default;
};

class SpaceMap {
 public:
  /// Throws InvalidArgument if the space, the device or an option is invalid, or a layer of the
  /// space is too large; Error if the space is too large for its graph (see `distinct_layers`).
  SpaceMap(const SearchSpace& space, const costmodel::Device& device,
           const ExplorerSettings& settings, const SpaceMapOptions& options = {});
  ~SpaceMap();
  SpaceMap(SpaceMap&&) noexcept;
  SpaceMap& operator=(SpaceMap&&) noexcept;

  [[nodiscard]] const SearchSpace& space() const;
  [[nodiscard]] const SpaceMapOptions& options() const;
  [[nodiscard]] const LayerTable& layers() const;
  [[nodiscard]] const SpaceCounts& counts() const;

  /// True if the space is listed: every number is exact.
  [[nodiscard]] bool exact() const;
  /// True if latencies are as scheduled by the energy ledger; else they are sums over layers that
  /// begin and end with a power cycle, of which a schedule takes no more.
  [[nodiscard]] bool scheduled() const;
  /// By how much a percentile, or the latency at which a network counts, can be off, in s; 0 if
  /// exact.
  [[nodiscard]] double latency_error_s() const;
  /// Steps between the least and the largest latency; 0 if exact.
  [[nodiscard]] std::int64_t bins() const;
  /// The largest NVM need (`NetworkResult::nvm_bytes`) of all networks whose layers have designs;
  /// with the published constraint of all whose kernels fit. 0 if there is none.
  [[nodiscard]] std::int64_t max_nvm_bytes() const;
  /// True if some networks exceed NVM and the counts do not tell which.
  [[nodiscard]] bool nvm_left_out() const;

  /// The latency of every network, in s, infinite for those that are not executable; in
  /// lexicographic order of the choices' indices, the last choice fastest. Empty if not listed.
  [[nodiscard]] std::span<const double> latencies_s() const;
  /// The architecture at a place of `latencies_s`.
  [[nodiscard]] Architecture architecture(std::int64_t index) const;

  /// The latency, in s, below which `percent` % of the executable networks lie, interpolated
  /// between the two nearest ranks; 0 is the least latency, 100 the largest. Nothing if no network
  /// is executable. Throws InvalidArgument unless 0 ≤ percent ≤ 100.
  [[nodiscard]] std::optional<double> latency_percentile(double percent) const;
  /// The number of executable networks with a latency of at most `latency_s`.
  [[nodiscard]] double networks_within(double latency_s) const;
  /// `count` bins of equal width from the least to the largest latency. Empty if no network is
  /// executable; one bin if all are equally fast. Throws InvalidArgument unless count is 1 to
  /// 1,000,000.
  [[nodiscard]] std::vector<LatencyBin> histogram(std::int64_t count) const;

  /// The least latency, in s, of all executable networks that start with the choices `prefix`, from
  /// none to all of them: bit for bit the least that Explorer::explore would give, in a counted
  /// space with a ledger the least `NetworkResult::by_layers_s`. Nothing if none
  /// is executable. Throws InvalidArgument if `prefix` is too long or has a value that the space
  /// does not offer. From microseconds to the number of edges in the graph; a listed space that can
  /// exceed NVM: the number of completions.
  [[nodiscard]] std::optional<double> min_latency_s(std::span<const std::int64_t> prefix) const;
  /// Does a feasible network start with `prefix`? The same as comparing `min_latency_s` with the
  /// requirement, and faster; but NVM capacity, where left out, is checked if `prefix` is a whole
  /// architecture. In a counted space with a ledger no is certain, and yes if `prefix` is a whole
  /// architecture.
  [[nodiscard]] bool can_be_feasible(std::span<const std::int64_t> prefix) const;

  /// A feasible network, each with the same probability; nothing if there is none.
  ///
  /// Listed: an index is drawn among the feasible ones; exactly uniform. Counted: a path is drawn
  /// among all whose rounded latency may meet the requirement, each equally likely up to the
  /// rounding of doubles (one part in 2⁵⁰), with a ledger among all whose rounded bound may, and
  /// drawn again unless its exact latency, as scheduled, and its NVM bytes are within their bounds;
  /// what comes out is uniform to the same degree. Throws Error if 1,000,000 paths in a row are out
  /// of bounds.
  [[nodiscard]] std::optional<Architecture> sample_feasible(std::mt19937_64& random) const;

  /// The latencies, ascending, that Explorer::explore has for `count` networks, each drawn with the
  /// same probability from all that are executable: what a counted space with a ledger, whose
  /// percentiles are by layers, knows of itself as scheduled. Infinite where NVM is exceeded. Empty
  /// if the space is listed, there is no ledger, or no network is executable. Throws
  /// InvalidArgument unless count is 1 to 1,000,000. `done` is told of the networks.
  [[nodiscard]] std::vector<double> sample_scheduled_s(std::int64_t count, std::mt19937_64& random,
                                                       const RoundsDone& done = {}) const;

  /// The `count` fastest executable networks per class of size, ascending by latency and then in
  /// lexicographic order. Classes are powers of two, [2ⁿ, 2ⁿ⁺¹), ascending, those with executable
  /// networks only. A counted space has one class, all networks: a node does not know what size led
  /// to it. Throws InvalidArgument unless count is 1 to 10,000.
  [[nodiscard]] std::vector<SizeClass> fastest(std::int64_t count, SizeMeasure measure) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inas::explorer
