#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include <inas/costmodel/schedule.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/layer_search.hpp>

namespace inas::explorer {

/// The ways in which a network's designs are chosen. Ties go to the first.
enum class Scheduling : std::uint8_t {
  by_layers,  ///< each layer's best design, beginning and ending with a power cycle
  carried,    ///< the same but for K: power cycles run on by the ledger
  fluid,      ///< designs chosen for the ledger
};

/// A layer's best designs, ready to be scheduled.
struct LayerSchedules {
  double by_layers_s = 0;
  std::optional<costmodel::ScheduledLayer> carried;  ///< nothing: the ledger holds no such batch
  std::optional<costmodel::ScheduledLayer> fluid;
  bool alike = false;  ///< carried and fluid are the same design
};

/// `result` has a design.
[[nodiscard]] LayerSchedules layer_schedules(const costmodel::Device& device,
                                             const costmodel::SchedulePrices& prices,
                                             const Layer& layer, const LayerResult& result);

/// A way, and a network's latency in it.
struct ScheduledWay {
  Scheduling way = Scheduling::by_layers;
  double latency_s = 0;
};

/// A network in each way, in s; infinite where it has no schedule.
struct ScheduledLatencies {
  double by_layers_s = 0;
  double carried_s = std::numeric_limits<double>::infinity();
  double fluid_s = std::numeric_limits<double>::infinity();

  /// The fastest of the ways whose designs NVM holds; infinite if it holds none. `by_layers` and
  /// `carried` have the same designs but for K, which needs no NVM.
  [[nodiscard]] ScheduledWay fastest(bool by_layers_fit, bool fluid_fit) const {
    ScheduledWay best{Scheduling::fluid, std::numeric_limits<double>::infinity()};
    if (by_layers_fit) best = {Scheduling::by_layers, by_layers_s};
    if (by_layers_fit && carried_s < best.latency_s) best = {Scheduling::carried, carried_s};
    if (fluid_fit && fluid_s < best.latency_s) best = {Scheduling::fluid, fluid_s};
    return best;
  }
};

/// A network's schedules in the making. Copies go on independently.
class NetworkSchedule {
 public:
  explicit NetworkSchedule(const costmodel::SchedulePrices& prices) : carried_(prices) {}

  void run(const LayerSchedules& layer) {
    by_layers_s_ += layer.by_layers_s;
    if (alike_ && !layer.alike) {
      fluid_ = carried_;
      alike_ = false;
    }
    run(carried_, layer.carried);
    if (!alike_) run(fluid_, layer.fluid);
  }

  [[nodiscard]] ScheduledLatencies finish() {
    ScheduledLatencies latencies{.by_layers_s = by_layers_s_};
    if (carried_) latencies.carried_s = finish(*carried_);
    if (alike_) latencies.fluid_s = latencies.carried_s;
    if (!alike_ && fluid_) latencies.fluid_s = finish(*fluid_);
    return latencies;
  }

 private:
  static void run(std::optional<costmodel::Schedule>& schedule,
                  const std::optional<costmodel::ScheduledLayer>& layer) {
    if (!layer) schedule.reset();
    if (schedule) schedule->run(*layer);
  }
  static double finish(costmodel::Schedule& schedule) {
    schedule.finish();
    return schedule.totals().latency_s;
  }

  double by_layers_s_ = 0;
  std::optional<costmodel::Schedule> carried_;
  std::optional<costmodel::Schedule> fluid_;  ///< where it differs from `carried_`
  bool alike_ = true;                         ///< all layers so far
};

/// Runs the layers by the ledger, which holds the batches of all of them, and says in `result` what
/// that takes: latency, power cycles, the dearest of them, the ledger and each layer's units.
void set_schedule(const costmodel::SchedulePrices& prices,
                  std::span<const costmodel::ScheduledLayer> layers, NetworkResult& result);

}  // namespace inas::explorer
