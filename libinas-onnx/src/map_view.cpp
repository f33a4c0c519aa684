// Flatten, Reshape, Squeeze and Unsqueeze of a map: dropped where they only flatten it.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "attributes.hpp"
#include "constant_nodes.hpp"
#include "operators.hpp"

namespace inas::onnx {
namespace {

/// Whether these extents have the map's values in their order, as a map or flattened.
bool is_view(const Map& map, const std::vector<std::int64_t>& extents) {
  return extents == extents_of(map.shape, 0) || extents == extents_of(map.shape, 2) ||
         (map.shape.width == 1 && extents == extents_of(map.shape, 1));
}

/// "[1, 8, 5, 5]", of a map in the model.
std::string shape_text(const Lowering& lowering, const std::vector<std::int64_t>& extents) {
  return fmt::format("[{}, {}]", lowering.batch, fmt::join(extents, ", "));
}

Value view(Lowering& lowering, const Node& node, const Map& map,
           const std::vector<std::int64_t>& extents) {
  if (!is_view(map, extents)) {
    lowering.problems.add(
        node, fmt::format("found {} becoming {}, allowed: {}, which flattens",
                          shape_text(lowering, map.extents), shape_text(lowering, extents),
                          shape_text(lowering, {map.shape.values()})));
    return Unknown{};
  }
  lowering.note("dropped, because they only flatten", node);
  Map flat = map;
  flat.extents = extents;
  return flat;
}

/// An axis of a map of the model from 0; none if there is no such axis among `rank`.
std::optional<std::int64_t> axis_from(std::int64_t axis, std::int64_t rank) {
  if (axis < -rank || axis >= rank) return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

std::optional<std::vector<std::int64_t>> axes_of(Lowering& lowering, const Node& node,
                                                 std::int64_t rank) {
  bool failed = false;
  auto axes = list_of(lowering, node, "axes", 1, failed);
  if (failed) return std::nullopt;
  if (!axes || axes->empty()) {
    lowering.problems.add(node, "axes: found none, allowed: those of extent 1 behind the channels");
    return std::nullopt;
  }
  for (std::int64_t& axis : *axes) {
    const auto from = axis_from(axis, rank);
    if (!from || *from < 2) {
      lowering.problems.add(node, fmt::format("axes: found {}, allowed: 2 to {}, those behind the "
                                              "channels",
                                              axis, rank - 1));
      return std::nullopt;
    }
    axis = *from;
  }
  std::sort(axes->begin(), axes->end());
  axes->erase(std::unique(axes->begin(), axes->end()), axes->end());
  return axes;
}

/// The extents that a Reshape gives, the batch first; none if there is a problem.
std::optional<std::vector<std::int64_t>> reshaped(Lowering& lowering, const Node& node,
                                                  const Map& map) {
  const Constant* const wanted = lowering.constant_input(node, 1, "shape", false);
  if (wanted == nullptr) return std::nullopt;
  std::vector<std::int64_t> before = map.extents;
  before.insert(before.begin(), lowering.batch);
  std::vector<std::int64_t> shape = wanted->integers;
  const bool zero_is_zero = Attributes(node, lowering.problems).integer("allowzero", 0) != 0;
  const std::int64_t total = lowering.batch * map.shape.values();
  std::int64_t known = 1;
  std::int64_t open = 0;
  bool is_sound = shape.size() >= 2 && shape.size() <= 4;
  for (std::size_t axis = 0; is_sound && axis < shape.size(); ++axis) {
    if (shape[axis] == 0 && !zero_is_zero && axis < before.size()) shape[axis] = before[axis];
    if (shape[axis] == -1) {
      ++open;
      continue;
    }
    is_sound = shape[axis] >= 1 && shape[axis] <= total / known;
    if (is_sound) known *= shape[axis];
  }
  is_sound = is_sound && (open == 0 ? known == total : open == 1 && total % known == 0);
  if (is_sound && open == 1) *std::find(shape.begin(), shape.end(), -1) = total / known;
  if (!is_sound || shape[0] != lowering.batch) {
    lowering.problems.add(
        node, fmt::format("shape: found [{}] for {}, allowed: [{}, {}], which flattens",
                          fmt::join(wanted->integers.begin(),
                                    wanted->integers.begin() +
                                        static_cast<std::ptrdiff_t>(
                                            std::min<std::size_t>(wanted->integers.size(), 8)),
                                    ", "),
                          shape_text(lowering, map.extents), lowering.batch, map.shape.values()));
    return std::nullopt;
  }
  return std::vector(shape.begin() + 1, shape.end());
}

}  // namespace

Value lower_flatten(Lowering& lowering, const Node& node) {
  const std::int64_t given = Attributes(node, lowering.problems).integer("axis", 1);
  const Map* const map = lowering.plain_map_input(node, 0);
  if (map == nullptr) return Unknown{};
  const auto rank = std::ssize(map->extents) + 1;
  if (axis_from(given, rank) != 1) {
    lowering.problems.add(node, fmt::format("axis: found {}, allowed: 1", given));
    return Unknown{};
  }
  return view(lowering, node, *map, {map->shape.values()});
}

Value lower_reshape(Lowering& lowering, const Node& node) {
  const Map* const map = lowering.plain_map_input(node, 0);
  if (map == nullptr) return Unknown{};
  const auto extents = reshaped(lowering, node, *map);
  return extents ? view(lowering, node, *map, *extents) : Value(Unknown{});
}

Value lower_squeeze(Lowering& lowering, const Node& node) {
  const Map* const map = lowering.plain_map_input(node, 0);
  if (map == nullptr) return Unknown{};
  const auto axes = axes_of(lowering, node, std::ssize(map->extents) + 1);
  if (!axes) return Unknown{};
  std::vector<std::int64_t> extents = map->extents;
  for (auto axis = axes->rbegin(); axis != axes->rend(); ++axis) {
    const auto at = extents.begin() + (*axis - 1);
    if (*at != 1) {
      lowering.problems.add(node, fmt::format("axes: found {}, of extent {}, allowed: axes of "
                                              "extent 1",
                                              *axis, *at));
      return Unknown{};
    }
    extents.erase(at);
  }
  return view(lowering, node, *map, extents);
}

Value lower_unsqueeze(Lowering& lowering, const Node& node) {
  const Map* const map = lowering.plain_map_input(node, 0);
  if (map == nullptr) return Unknown{};
  bool failed = false;
  const auto given = list_of(lowering, node, "axes", 1, failed);
  if (failed) return Unknown{};
  const auto rank = std::ssize(map->extents) + 1 + (given ? std::ssize(*given) : std::int64_t{0});
  if (rank > 4) {
    lowering.problems.add(node,
                          fmt::format("found a map of {} dimensions, allowed: at most 4", rank));
    return Unknown{};
  }
  const auto axes = axes_of(lowering, node, rank);
  if (!axes) return Unknown{};
  std::vector<std::int64_t> extents = map->extents;
  for (const std::int64_t axis : *axes) {
    if (axis - 1 > std::ssize(extents)) continue;  // named twice: `view` refuses what is left
    extents.insert(extents.begin() + (axis - 1), 1);
  }
  return view(lowering, node, *map, extents);
}

}  // namespace inas::onnx
