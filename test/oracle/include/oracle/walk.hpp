#pragma once

#include <set>
#include <vector>

#include <oracle/cost_model.hpp>

/// The wider design space (page section 8) and all types of layer, by walking: the loop nest is run
/// tile by tile, transfers are found by looking at the NVM and VM addresses of every pixel, what
/// lies outside the map is seen there, and what stays in VM is remembered from batch to batch. Tr
/// and Tc need not divide the map. No closed form is used, so it is slow and for small layers only.
namespace oracle {

struct WideDesign {
  Design design;
  bool row = false;        ///< mac row
  bool coalesced = false;  ///< dma coalesced
  Int K = 1;               ///< batches per power cycle
  Int longest_vector = 0;  ///< 0: no limit
  bool cpu = false;        ///< unit cpu; of the runtime only
};

/// Energy and latency of one power cycle, recharging left out.
struct WalkedCycle {
  double energy = 0;
  double latency = 0;
  double moved_energy = 0;  ///< of it what goes through NVM
};

/// The power cycles of a layer, in the order in which they happen. Every K batches end one.
std::vector<WalkedCycle> walk(const Layer& layer, const WideDesign& wide, const Rules& rules);

/// What the runtime does in one power cycle, by the names of the model's laws.
struct Events {
  Int cycle = 0, entry = 0, batch = 0, tile = 0, block = 0, block_row = 0, weights = 0;
  Int reads = 0, values_read = 0, writes = 0, values_written = 0;
  Int border = 0;              ///< input blocks of which something lies outside the map
  Int window = 0;              ///< blocks that windows cover
  Int fill = 0, fill_run = 0;  ///< of input blocks: values outside the map, and runs of them
  Int row = 0, position = 0, output = 0, bias = 0, line = 0, value = 0, batch_output = 0;
  Int cap = 0;  ///< values that are backed up and compared before
  Int cpu_vectors = 0, cpu_values = 0, lea_vectors = 0, lea_values = 0;
  Int lea_loop_line = 0, lea_loop_vector = 0;  ///< of the loops for the LEA
};

/// The same for the runtime: power cycles with what it does in each, found by doing it. Vectors
/// start where the weights and the input lie in VM, the weights first.
std::vector<Events> walk_runtime(const Layer& layer, const WideDesign& wide);

/// The same where power cycles begin with the batches of these numbers, 0 among them, whatever K.
std::vector<Events> walk_runtime(const Layer& layer, const WideDesign& wide,
                                 const std::set<Int>& begins);

}  // namespace oracle
