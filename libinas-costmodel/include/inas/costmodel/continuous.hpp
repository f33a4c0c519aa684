#pragma once

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/execution/tiles.hpp>

namespace inas::costmodel {

/// A whole layer under continuous power: no boot, no progress records, nothing preserved, S = 1.
struct ContinuousCost {
  Cost fetch;
  Cost compute;
  Cost backup;
  Cost bookkeeping;  ///< entry and tiles

  [[nodiscard]] Cost total() const { return fetch + compute + backup + bookkeeping; }
};

/// The cost of `layer` executed as `design` without power failures. Checks the design, whose S must
/// be 1. With T = ρ·γ·μ·ν tiles, of which T − ρ·γ·μ belong to a later input-channel step:
///   reuse_I: (ρ·γ·ν)·i + T·w + later·o;   reuse_W: T·i + (μ·ν)·w + later·o;   reuse_O: T·i + T·w;
///   and (ρ·γ·μ)·b where outputs begin with biases;
///   global average pooling: T·(i + rd(Tm) + fO).
/// Backup happens once per tile; once per output tile for reuse_O, unless the profile has fault 8.
/// With ragged tiles i, o, compute and backup are those of each tile's real extents.
/// Source: cost-model page, section 4.
[[nodiscard]] ContinuousCost continuous_cost(const Profile& profile, const Layer& layer,
                                             const Design& design);

/// The same for a design that is known to be legal, with S = K = 1; `counts` are its tiles'.
[[nodiscard]] ContinuousCost continuous_cost(const Profile& profile, const Layer& layer,
                                             const Design& design,
                                             const execution::TileCounts& counts);

/// The same for a design of intermittent power if power does not fail: S and K play no role.
[[nodiscard]] ContinuousCost uninterrupted_cost(const Profile& profile, const Layer& layer,
                                                const Design& design);

}  // namespace inas::costmodel
