#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <inas/core/network.hpp>
#include <inas/core/rounds_done.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/explorer.hpp>

/// How a network fares on other hardware: the explorer's result at every combination of
/// capacitance, VM size, EHM resistance and loop orders.
///
/// ## Which capacitor is the smallest
///
/// Whether a design is feasible is monotone in the capacitance C. Neither the energy of its power
/// cycles nor its VM bytes depend on C, and the budget ½·C·(V_on² − V_off²)·margin grows with it.
/// So there is a least capacitance from which on a network can finish at all,
/// `least_capacitance_f`, and it needs no search: it is the least for which the budget reaches the
/// dearest of the layers' cheapest power cycles.
///
/// The latency is not monotone in C. A larger C lets larger tiles in, which shortens the layer; but
/// for the same E it discharges less deeply, and near V_sup the harvester delivers less power,
/// (V_sup − V)·V/R, so that recharging takes longer (as long as V_off ≥ V_sup/2); so it does with
/// constant power of which some leaks, near V_on the most. Between two capacitances at which a
/// further design becomes feasible the latency therefore rises, and at these it may fall. Bisection
/// on C for a latency requirement is thus wrong: `smallest_capacitance` looks at every given
/// capacitance.
namespace inas::explorer {

/// The values to combine. An empty list stands for the one value of the device or settings given.
/// EHM resistances are for a harvester that is one.
struct SweepGrid {
  std::vector<double> capacitances_f = {};
  std::vector<std::int64_t> vm_bytes = {};
  std::vector<double> ehm_resistances_ohm = {};
  std::vector<LoopOrders> loop_orders = {};
};

/// One combination and what the explorer finds there.
struct SweepPoint {
  double capacitance_f = 0;
  std::int64_t vm_bytes = 0;
  double ehm_resistance_ohm = 0;  ///< of no meaning with a harvester of constant power
  LoopOrders loop_orders;
  NetworkResult result;
};

/// Explores `network` anew at every combination of `grid` with the rest of `device` and `settings`,
/// on `threads` threads (0: one per core). The points come in the order of the lists, loop orders
/// fastest, then resistance, VM, capacitance; they do not depend on the number of threads. `done`
/// is told of them. Every `result` is that of Explorer::explore with the same latency requirement
/// (s). Throws InvalidArgument for an invalid network, value or combination, or a list that names a
/// value twice; Error if there are more than 1,000,000 combinations.
[[nodiscard]] std::vector<SweepPoint> sweep(const costmodel::Device& device, const Network& network,
                                            const ExplorerSettings& settings, const SweepGrid& grid,
                                            std::optional<double> latency_requirement_s,
                                            std::int64_t threads = 0, const RoundsDone& done = {});

/// The feasible point of least capacitance; of several (other sizes and resistances) the one of
/// least latency, then the first. Feasible includes the latency requirement that `sweep` was given.
/// Null if no point is feasible.
[[nodiscard]] const SweepPoint* smallest_capacitance(const std::vector<SweepPoint>& points);

/// The least capacitance, in F, at which every layer has a design that keeps C0 and C1, exact to
/// the last bit: the double below it is infeasible. Of `device` everything but the capacitance
/// counts. Nothing if a layer has no design that fits VM, or the network with the designs that are
/// best there does not fit NVM. Source: cost-model page, section 3, C1 solved for C.
/// Throws InvalidArgument for an invalid network or device, or a continuous supply.
[[nodiscard]] std::optional<double> least_capacitance_f(const costmodel::Device& device,
                                                        const Network& network,
                                                        const ExplorerSettings& settings);

}  // namespace inas::explorer
