#pragma once

#include <vector>

#include <oracle/cost_model.hpp>

/// The wider design space (page section 8), by walking: the loop nest is run tile by tile,
/// transfers are found by looking at the NVM addresses of every value, and what stays in VM is
/// remembered from batch to batch. Tr and Tc need not divide the map. No closed form is used, so it
/// is slow and for small layers only.
namespace oracle {

struct WideDesign {
  Design design;
  bool row = false;        ///< mac row
  bool coalesced = false;  ///< dma coalesced
  Int K = 1;               ///< batches per power cycle
  Int longest_vector = 0;  ///< 0: no limit
};

/// Energy and latency of one power cycle, recharging left out.
struct WalkedCycle {
  double energy = 0;
  double latency = 0;
};

/// The power cycles of a layer, in the order in which they happen. Every K batches end one.
std::vector<WalkedCycle> walk(const Layer& layer, const WideDesign& wide, const Rules& rules);

}  // namespace oracle
