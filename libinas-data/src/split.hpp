#pragma once

#include <cstdint>
#include <vector>

#include "loader.hpp"

namespace inas::data {

/// Throws Error unless the parts are whole, of one shape and one kind of values, with labels of
/// `classes` classes, finite values, at least one sample each, and no group in two of them.
void check_parts(const RawSet& set, std::int64_t classes);

/// Some samples of a part, in an order.
struct Selection {
  const RawPart* part = nullptr;
  std::vector<std::int64_t> samples;
};

struct Selections {
  Selection train;
  Selection validation;
  Selection test;
};

/// Which samples go where. A part that the set has is that part, whole. Of a set without one:
///
/// - the test part is a fifth of the training part, the same for every seed: of each class a fifth
///   of its samples, rounded down, but one at least, in their order; with groups, whole groups of a
///   random order until they have a fifth;
/// - the validation part is the last `validation_samples` of a random order of what is left, which
///   `seed` alone decides; with groups, whole groups from the end of such an order until they have
///   as many.
///
/// The training part is the rest, in that order; with groups, in a random one. The result points
/// into `set`. Throws InvalidArgument if no training sample, or no group, would be left.
[[nodiscard]] Selections split(const RawSet& set, std::int64_t validation_samples,
                               std::uint64_t seed);

}  // namespace inas::data
