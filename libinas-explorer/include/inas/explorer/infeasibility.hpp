#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <inas/core/design.hpp>
#include <inas/core/network.hpp>
#include <inas/costmodel/device.hpp>

namespace inas::explorer {

/// What a network must satisfy, in the order in which it is checked; NVM capacity behind the
/// designs on which it depends, or, with the published constraint, before C0.
enum class Constraint : std::uint8_t {
  geometry,        ///< every kernel fits its input map
  nvm_capacity,    ///< weights and feature maps fit NVM
  spatial,         ///< C0: a tile fits VM
  atomicity,       ///< C1: a power cycle stays within the energy budget
  responsiveness,  ///< C2: the end-to-end latency meets the requirement
};

[[nodiscard]] std::string_view to_string(Constraint constraint);

/// Why nothing is feasible. `needed` and `available` are in bytes (nvm_capacity, spatial), J
/// (atomicity), s (responsiveness) or values (geometry: the kernel and its input); `shortfall()` is
/// their difference.
struct Infeasibility {
  Constraint constraint = Constraint::spatial;
  std::string layer;              ///< the first layer concerned; empty if the whole network is
  std::int64_t layer_index = -1;  ///< its index; −1 if the whole network is
  /// The design that comes nearest, for spatial and atomicity; nothing if the design space has
  /// none.
  std::optional<Design> nearest;
  bool of_given_design = false;  ///< `nearest` is the design that was asked about, the only one
  double needed = 0;
  double available = 0;

  [[nodiscard]] double shortfall() const { return needed - available; }
  bool operator==(const Infeasibility&) const = default;
};

/// NVM capacity: what a network needs, in bytes, ≤ NVM bytes. Nothing if it holds.
[[nodiscard]] std::optional<Infeasibility> broken_nvm_capacity(const costmodel::Device& device,
                                                               std::int64_t needed);
/// C2: latency ≤ requirement, in s. Nothing if it holds.
[[nodiscard]] std::optional<Infeasibility> broken_responsiveness(double latency_s,
                                                                 double requirement_s);

/// One sentence for a person: "CONV_1: no design stays within the energy budget: …".
[[nodiscard]] std::string describe(const Infeasibility& infeasibility);

}  // namespace inas::explorer
