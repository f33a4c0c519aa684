#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

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

/// The designs of a network, or why it is infeasible. `layers` and `latency_s` are filled up to the
/// first layer without a feasible design; a network that only misses the latency requirement has
/// them all.
struct NetworkResult {
  std::vector<DesignEvaluation> layers;
  double latency_s = 0;  ///< sum over `layers`, in layer order from 0
  std::optional<Infeasibility> why;

  [[nodiscard]] bool feasible() const { return !why.has_value(); }
};

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

  /// Checks, in this order: NVM capacity, C0 and C1 of each layer, C2 if a latency requirement is
  /// given.
  [[nodiscard]] NetworkResult explore(const Network& network,
                                      std::optional<double> latency_requirement_s = std::nullopt);

  /// Checks the geometry first, then explores the architecture's network.
  [[nodiscard]] NetworkResult explore(const SearchSpace& space, const Architecture& architecture,
                                      std::optional<double> latency_requirement_s = std::nullopt);

  /// Number of different layer geometries explored so far.
  [[nodiscard]] std::size_t known_layers() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inas::explorer
