#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include <inas/costmodel/schedule.hpp>
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

/// A network in each way, in s; infinite where it has no schedule.
struct ScheduledLatencies {
  double by_layers_s = 0;
  double carried_s = std::numeric_limits<double>::infinity();
  double fluid_s = std::numeric_limits<double>::infinity();

  /// The fastest way of those that are allowed. `by_layers` and `carried` need the same NVM.
  [[nodiscard]] Scheduling best(bool with_fluid = true) const {
    const double least_s = std::min(by_layers_s, carried_s);
    if (with_fluid && fluid_s < least_s) return Scheduling::fluid;
    return carried_s < by_layers_s ? Scheduling::carried : Scheduling::by_layers;
  }
  /// The least of the ways whose designs NVM holds; infinite if it holds none.
  [[nodiscard]] double within(bool by_layers_fit, bool fluid_fit) const {
    const double fluid = fluid_fit ? fluid_s : std::numeric_limits<double>::infinity();
    return by_layers_fit ? std::min({by_layers_s, carried_s, fluid}) : fluid;
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

}  // namespace inas::explorer
