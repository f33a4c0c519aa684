#pragma once

#include <cstddef>
#include <vector>

#include <oracle/walk.hpp>

/// The energy ledger as model.h has it, batch by batch.
namespace oracle {

/// A layer with its design, whose K of 0 is no bound, and its three numbers of units.
struct LedgerLayer {
  Layer layer;
  WideDesign wide;
  Int entry = 0, fetched = 0, kept = 0;
};

/// What runs in one power cycle: batches of layers, one after the other.
struct LedgerCycle {
  struct Part {
    std::size_t layer = 0;
    Int begin = 0, end = 0;  ///< batches
  };
  std::vector<Part> parts;
};

std::vector<LedgerCycle> walk_ledger(const std::vector<LedgerLayer>& layers, Int budget);

}  // namespace oracle
