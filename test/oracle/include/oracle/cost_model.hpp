#pragma once

#include <cstdint>
#include <optional>
#include <string>

/// The cost model written a second time, from the cost-model page alone (sections 1 to 4), to be
/// compared with the library. It shares no code with the library and is written differently: one
/// quantity (energy, then latency) at a time, in the page's symbols, without a thought for speed.
/// Order of floating point operations: section 5. Energies J, latencies s, memory bytes.
namespace oracle {

using Int = std::int64_t;

/// `pool` is global average pooling, `max` and `average` pool windows, `dw` convolves each channel
/// by itself, `add` adds two maps. The formulas below know the first four; what walks through loop
/// nests (walk.hpp) knows all.
enum class Kind { conv, fc, pool, max, dw, average, add };

struct Layer {
  Kind kind = Kind::conv;
  Int H = 1, W = 1, N = 1;  ///< input height, width, channels
  Int R = 1, C = 1, M = 1;  ///< output height, width, channels
  Int Kh = 1, Kw = 1;       ///< kernel or window
  Int s = 1;                ///< from one kernel's place, or window, to the next
  bool bias = false;        ///< the runtime alone has a cost for it
  /// Padding: rows and columns around the map that the formulas below do not know.
  Int top = 0, left = 0, bottom = 0, right = 0;
  bool capped = false;  ///< outputs are compared with a largest value
};

struct Design {
  Int Tr = 1, Tc = 1, Tm = 1, Tn = 1;
  char order = 'O';  ///< I, W or O
  Int S = 1;

  bool operator==(const Design&) const = default;
};

struct Supply {
  bool continuous = false;
  double C_cap = 0.005;
  double R_ehm = 24;
  double V_on = 2.99;
  double V_off = 2.8;
  double V_sup = 3.0;
  double sigma = 0.55;
  Int vm_capacity = 2048;
  Int D = 2;  ///< bytes per value
  bool constant_power = false;
  double P = 0;    ///< of the harvester
  double eta = 1;  ///< share of P that arrives
  double I = 0;    ///< leaks at V_on
};

/// The faults of section 6 that reproduce or correct the published figures; true is as published.
struct Rules {
  bool fault1 = false;  ///< output overheads: joules taken for seconds
  bool fault5 = false;  ///< pooling under CONT and in queries fetches a convolution's input tile
  bool fault7 = false;  ///< recharge from a margin-shrunk start
  bool fault8 = false;  ///< CONT, order O: one backup per tile

  bool operator==(const Rules&) const = default;
};
inline constexpr Rules kPublished{true, true, true, true};
inline constexpr Rules kCorrected{};

/// "Tr_Tc_Tm_Tn_reuse_X_Sn"
std::string params(const Design& design);
std::string describe(const Layer& layer);
std::string describe(const Supply& supply);

/// y(n) = (m·n + b)/per
struct Law {
  double m = 0, b = 0, per = 1;

  double operator()(Int n) const { return (m * static_cast<double>(n) + b) / per; }
};

/// Section 2, for one quantity: all energies or all latencies.
struct Constants {
  double boot = 0;
  Law rd, wr, vm;
  double add = 0, multiply = 0, max = 0;
  double fI = 0, fW = 0;
  double fO_I = 0, fO_W = 0, fO_O = 0;
  double bO_I = 0, bO_W = 0, bO_O = 0;
  double psum = 0, acum = 0, maxaddr = 0;
};
Constants energy_constants();
Constants latency_constants(const Rules& rules);

/// One power cycle, one quantity.
struct PowerCycle {
  double boot = 0, fetch = 0, index_fetch = 0, compute = 0, backup = 0, index_backup = 0;

  double total() const { return boot + fetch + index_fetch + compute + backup + index_backup; }
};

/// Section 3: one design of one layer under intermittent power.
struct Intermittent {
  Int vm = 0;
  bool c0 = false;  ///< fits VM
  double E_av = 0;
  bool c1 = false;  ///< E_max ≤ E_av
  PowerCycle e_n0, e_later, l_n0, l_later;
  double E_max = 0, E_min = 0, L_max = 0, L_min = 0;
  Int npc = 0, n0 = 0, later = 0;
  double Eu = 0;  ///< percent of the budget
  /// Nothing unless c1: after a cycle of E_min, of E_max, and the layer end to end.
  std::optional<double> t_min, t_max, L_e2e;
};

/// What `pool` fetches: its own tile, or that of a convolution (fault 5).
enum class PoolTile { own, convolution };

Int tile_input_rows(const Layer& layer, const Design& design, PoolTile pool);
Int tile_input_columns(const Layer& layer, const Design& design, PoolTile pool);
/// Of every type.
Int vm_bytes(const Layer& layer, const Design& design, Int D);
double budget(const Supply& supply);
double recharge(const Supply& supply, const Rules& rules, double E);
/// From 0 V to V_on.
double first_charge(const Supply& supply);

Intermittent intermittent(const Layer& layer, const Design& design, const Supply& supply,
                          const Rules& rules, PoolTile pool = PoolTile::own);
/// The published query of a named design: `intermittent` with fault 5, if the rules have it.
Intermittent query(const Layer& layer, const Design& design, const Supply& supply,
                   const Rules& rules);

/// NVM traffic under intermittent power.
struct Traffic {
  double read_e = 0, read_l = 0, write_e = 0, write_l = 0;
};
/// Of the layer; fault 5 as in the published query.
Traffic traffic(const Layer& layer, const Design& design, const Rules& rules);
/// Of "a single power cycle" (fault 11).
Traffic single_cycle_traffic(const Layer& layer, const Design& design, const Rules& rules);

/// Section 4: one design of one layer under continuous power.
struct Continuous {
  Int vm = 0;
  bool c0 = false;
  Int tiles = 0, n0 = 0, later = 0;
  double e_fetch = 0, e_compute = 0, e_backup = 0;
  double l_fetch = 0, l_compute = 0, l_backup = 0;
  double E = 0, L = 0;
};
Continuous continuous(const Layer& layer, const Design& design, const Supply& supply,
                      const Rules& rules);

}  // namespace oracle
