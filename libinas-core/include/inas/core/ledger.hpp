#pragma once

#include <cstdint>
#include <limits>

/// The energy ledger: while a power cycle lasts, the runtime counts the energy of its batches, in
/// units, and ends the cycle before a batch that does not fit any more. So cycles run over the ends
/// of groups and layers.
namespace inas {

/// The runtime counts in 16 bits.
inline constexpr std::int64_t kMostLedgerUnits = std::numeric_limits<std::uint16_t>::max();

/// What the batches of a layer take of a power cycle's ledger, in units. 0 without a ledger.
struct LedgerUnits {
  std::int64_t entry = 0;    ///< once per power cycle that begins or resumes the layer
  std::int64_t fetched = 0;  ///< batch whose kept operand is not in VM
  std::int64_t kept = 0;     ///< batch that finds it there

  bool operator==(const LedgerUnits&) const = default;
};

/// The ledger of a network.
struct Ledger {
  std::int64_t budget = 0;  ///< units of a power cycle; 0: there is no ledger, K alone ends cycles
  double unit_j = 0;        ///< energy of a unit

  [[nodiscard]] bool kept() const { return budget > 0; }
  bool operator==(const Ledger&) const = default;
};

}  // namespace inas
