#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <inas/core/search_space.hpp>

/// How a search space grows a network.
///
/// A space is a sequence of stages. A stage turns where the network stands (`Front`) and a choice,
/// one value for each of its decisions, into layers, none included; the next stage goes on from
/// behind them. The last stages have nothing to decide. Everything that is asked of a space follows
/// from its stages: the decisions of an architecture, its network, the names of the layers, what
/// does not fit, and the graph of all networks.
namespace inas {

/// A layer whose kernel or window is larger than its map.
struct Misfit {
  std::string layer;
  std::int64_t needed = 0;     ///< rows or columns of the kernel or window
  std::int64_t available = 0;  ///< of the map in front of it, padding included

  bool operator==(const Misfit&) const = default;
};

/// "CONV_2: needs 3 input rows or columns and the map has 2".
[[nodiscard]] std::string describe(const Misfit& misfit);

/// Where a network stands in front of a stage: all that the layers from there on depend on but
/// their own choices.
struct Front {
  Shape map;
  std::int64_t width_percent = 100;  ///< of all stages of blocks to come

  bool operator==(const Front&) const = default;
};

/// What was grown: layers, up to the first that does not fit. Each takes the map of the one before,
/// or those that it names. What a stage grows calls the map that it gets `kNetworkInputName`.
struct Growth {
  std::vector<Layer> layers;
  Front front;  ///< behind them, if all fit
  std::optional<Misfit> misfit = {};
};

/// One value for each decision of a stage, in their order.
using Choice = std::span<const std::int64_t>;

struct Stage {
  std::vector<Decision> decisions;  ///< none: there is nothing to decide
  std::vector<std::string> layers;  ///< names of all layers that it may give, in order
  /// The layers behind `front`. Values need not be among those of the decisions. Throws
  /// InvalidArgument if a layer is too large for `validate`.
  std::function<Growth(const Front& front, Choice choice)> grow;
};

/// The stages of `space`, which must be valid.
[[nodiscard]] std::vector<Stage> stages(const SearchSpace& space);

/// The layers of stages that follow each other, of which the first stands at `front`, whose map
/// they call `kNetworkInputName`. `choices` has one value for each of their decisions, in order;
/// values need not be among those of the decisions.
[[nodiscard]] Growth grow(std::span<const Stage> stages, const Front& front, Choice choices);

/// The same for all stages of a space. Throws InvalidArgument if `architecture` has the wrong
/// length or a value outside `Decision::least` to `most`, or a layer is too large for `validate`.
[[nodiscard]] Growth grow(const SearchSpace& space, const Architecture& architecture);

}  // namespace inas
