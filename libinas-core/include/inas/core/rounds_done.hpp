#pragma once

#include <cstdint>
#include <functional>

namespace inas {

/// Told by long work how far it is: of `total` rounds, which cost about the same, `done` have
/// ended. From any thread, several at a time, and not always in order. What it throws ends the
/// work.
using RoundsDone = std::function<void(std::int64_t done, std::int64_t total)>;

}  // namespace inas
