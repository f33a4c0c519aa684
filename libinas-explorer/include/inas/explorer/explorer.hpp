#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <inas/core/ledger.hpp>
#include <inas/core/network.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/infeasibility.hpp>
#include <inas/explorer/layer_search.hpp>

/// iNAS-Exp: the best execution and preservation design of every layer of a network on a device.
///
///   Explorer explorer(costmodel::make_device(platform, supply), {});
///   NetworkResult result = explorer.explore(network, latency_requirement_s);
///   if (result.feasible()) … result.layers[i].design …   else  describe(*result.why)
namespace inas::explorer {

/// The designs of a network, or why it is infeasible. `layers` and `by_layers_s` are filled up to
/// the first layer without a feasible design; a network that only misses the latency requirement
/// has everything.
struct NetworkResult {
  /// The designs, and what each layer costs alone. With a ledger every K is 0.
  std::vector<DesignEvaluation> layers;
  /// As scheduled: end to end. Without a ledger `by_layers_s`.
  double latency_s = 0;
  /// Layers that begin and end with a power cycle: the sum over the best designs for that, in
  /// layer order from 0; of given designs over those. Explored networks are never slower,
  /// unless NVM holds only the designs for the ledger, over which the sum then is.
  double by_layers_s = 0;
  /// What no schedule of the design space can beat: the sum of the layers' least `fluid_s`. Nothing
  /// where it is not known.
  std::optional<double> bound_s;
  std::int64_t power_cycles = 0;   ///< as scheduled; 0 under continuous power
  double energy_max_j = 0;         ///< of the dearest power cycle as scheduled; with a ledger only
  Ledger ledger;                   ///< that of the runtime, if power cycles run on over layers
  std::vector<LedgerUnits> units;  ///< of each layer's batches, with a ledger
  /// NVM that the network needs with these designs: execution::nvm_need_bytes, or that of the
  /// published constraint if the profile has it. 0 if a layer has no design that it depends on.
  std::int64_t nvm_bytes = 0;
  std::optional<Infeasibility> why;

  [[nodiscard]] bool feasible() const { return !why.has_value(); }
  [[nodiscard]] std::vector<Design> designs() const {
    std::vector<Design> designs;
    for (const DesignEvaluation& layer : layers) designs.push_back(layer.design);
    return designs;
  }
};

/// The NVM that a network needs on a device with a design for each layer, as `NetworkResult` has
/// it.
[[nodiscard]] std::int64_t nvm_bytes(const costmodel::Device& device, const Network& network,
                                     std::span<const Design> designs);

/// Explores networks on one device. A layer's result is remembered by its geometry and serves every
/// network that has such a layer. All member functions may be called from several threads.
class Explorer {
 public:
  /// Throws InvalidArgument if the device's platform or supply is invalid.
  Explorer(costmodel::Device device, ExplorerSettings settings);
  ~Explorer();
  Explorer(Explorer&&) noexcept;
  Explorer& operator=(Explorer&&) noexcept;

  [[nodiscard]] const costmodel::Device& device() const;
  [[nodiscard]] const ExplorerSettings& settings() const;

  /// `best_design` of the layer, from memory if a layer of this geometry was explored before. The
  /// layer's name in `why` is the caller's.
  [[nodiscard]] LayerResult explore(const Layer& layer);

  /// Checks, in this order: C0 and C1 of each layer, NVM capacity, C2, as scheduled, if a latency
  /// requirement is given. Of the schedules that fit NVM the fastest is taken: by layers, the same
  /// designs with the ledger, or those that were chosen for it. With the published constraint NVM
  /// capacity comes first.
  [[nodiscard]] NetworkResult explore(const Network& network,
                                      std::optional<double> latency_requirement_s = std::nullopt);

  /// Checks the geometry first, then explores the architecture's network.
  [[nodiscard]] NetworkResult explore(const SearchSpace& space, const Architecture& architecture,
                                      std::optional<double> latency_requirement_s = std::nullopt);

  /// Number of different layer geometries explored so far.
  [[nodiscard]] std::size_t known_layers() const;

 private:
  /// Fills what depends on the schedule, from the layers' best designs. Returns false, with the
  /// NVM need of those designs, if no schedule fits NVM.
  bool choose_schedule(const Network& network, const std::vector<LayerResult>& layers,
                       NetworkResult& result) const;

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inas::explorer
