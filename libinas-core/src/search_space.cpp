#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/space_stage.hpp>

#include "block_limits.hpp"
#include "network_limits.hpp"

namespace inas {
namespace {

constexpr std::int64_t kMaxLayers = 64;
constexpr std::int64_t kMaxExtent = 65'535;

void require_range(const char* key, std::int64_t found, std::int64_t low, std::int64_t high) {
  if (found < low || found > high) {
    throw InvalidArgument(
        fmt::format("space.{}: found {}, allowed: {} to {}", key, found, low, high));
  }
}

void require_list(const char* key, const std::vector<std::int64_t>& values, std::int64_t least = 1,
                  std::int64_t most = kMaxExtent) {
  const bool ascending =
      std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end();
  if (values.empty() || !ascending || values.front() < least || values.back() > most) {
    throw InvalidArgument(fmt::format(
        "space.{}: found {}, allowed: an ascending list of different numbers from {} to {}", key,
        values, least, most));
  }
}

bool has_kernels(NetworkFamily family) { return family != NetworkFamily::fully_connected; }

/// Throws unless `values` is [none], or the family has maps.
void require_maps(const char* key, const SearchSpace& space,
                  const std::vector<std::int64_t>& values, std::int64_t none, const char* what) {
  if (has_kernels(space.family) || values == std::vector{none}) return;
  throw InvalidArgument(
      fmt::format("space.{}: found {}, allowed: [{}], because family fc has no maps to {}", key,
                  values, none, what));
}

/// What an architecture has for each layer.
std::string choices_of_a_layer(const SearchSpace& space) {
  if (!has_kernels(space.family)) return "a width";
  std::vector<const char*> all{"a kernel", "a number of filters"};
  if (offers_strides(space)) all.push_back("a stride");
  if (offers_padding(space)) all.push_back("a padding");
  if (offers_pooling(space)) all.push_back("a pool");
  return fmt::format("{} and {}", fmt::join(all.begin(), all.end() - 1, ", "), all.back());
}

std::string choices_of_a_network(const SearchSpace& space) {
  if (has_blocks(space)) {
    return fmt::format(
        "a resolution and a width in percent, then an expansion, a kernel, a depth, a skip and a "
        "stride for each of {} stages",
        space.blocks.widths.size());
  }
  return fmt::format("{} for each of {} layers", choices_of_a_layer(space), space.layers);
}

void require_length(const SearchSpace& space, const Architecture& architecture) {
  const std::vector<Decision> all = decisions(space);
  if (architecture.size() != all.size()) {
    throw InvalidArgument(fmt::format("architecture: found {} choices ({}), allowed: {}, {}",
                                      architecture.size(), to_string(architecture), all.size(),
                                      choices_of_a_network(space)));
  }
  for (std::size_t index = 0; index < all.size(); ++index) {
    const auto& [name, values, least, most] = all[index];
    if (architecture[index] < least || architecture[index] > most) {
      throw InvalidArgument(
          fmt::format("architecture: found {} {} as choice {} of {}, allowed: {} to {}", name,
                      architecture[index], index + 1, to_string(architecture), least, most));
    }
  }
}

/// Of the paper's families.
void require_layers(const SearchSpace& space) {
  require_range("layers", space.layers, 1, kMaxLayers);
  require_list("filters", space.filters);
  require_list("strides", space.strides);
  require_list("paddings", space.paddings, 0, 1);
  require_list("pools", space.pools);
  if (has_kernels(space.family)) {
    require_list("kernels", space.kernels);
  } else if (!space.kernels.empty()) {
    throw InvalidArgument(fmt::format(
        "space.kernels: found {}, allowed: an empty list, because family fc has no kernels",
        space.kernels));
  }
  require_maps("strides", space, space.strides, 1, "stride over");
  require_maps("paddings", space, space.paddings, 0, "pad");
  require_maps("pools", space, space.pools, 1, "pool");
  if (space.family != NetworkFamily::convolution_2d) {
    require_range("input[2]", space.input.width, 1, 1);
  }
  if (space.family == NetworkFamily::fully_connected) {
    require_range("input[0]", space.input.channels, 1, 1);
  }
}

/// The architecture whose stages all choose the same, the most of each but of strides.
Architecture uniform_blocks(const SearchSpace& space, std::int64_t resolution,
                            std::int64_t width_percent, std::int64_t stride) {
  const BlockChoices& blocks = space.blocks;
  Architecture architecture{resolution, width_percent};
  for (std::size_t stage = 0; stage < blocks.widths.size(); ++stage) {
    architecture.insert(architecture.end(), {blocks.expansions.back(), space.kernels.back(),
                                             blocks.depths.back(), blocks.skips.back(), stride});
  }
  return architecture;
}

/// Throws unless the layers of all networks are valid: those of the largest, of which no map and no
/// kernel is smaller than another network's.
void require_largest_network(const SearchSpace& space) {
  const BlockChoices& blocks = space.blocks;
  const Architecture largest = uniform_blocks(space, blocks.resolutions.back(),
                                              blocks.width_percents.back(), space.strides.front());
  try {
    (void)build_network(space, largest);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("space: its largest network is {}, of which {}",
                                      to_string(largest), error.what()));
  }
}

/// Throws unless every network has as many layers as a network may have. Blocks of stride 1, and of
/// maps of one position, add where a stage's width is that in front of it: at some width in
/// percent.
void require_deepest_network(const SearchSpace& space) {
  const BlockChoices& blocks = space.blocks;
  const std::int64_t stride = space.strides.front() == 1 ? 1 : space.strides.back();
  for (const std::int64_t percent : blocks.width_percents) {
    const Architecture deepest = uniform_blocks(space, blocks.resolutions.front(), percent, stride);
    const std::int64_t layers = std::ssize(build_network(space, deepest).layers);
    if (layers > kMostNetworkLayers) {
      throw InvalidArgument(fmt::format(
          "space.depths: found {} in {} stages, of which the network {} has {} layers, allowed: at "
          "most {}, because the runtime's record of progress has 8 bits for them",
          blocks.depths, blocks.widths.size(), to_string(deepest), layers, kMostNetworkLayers));
    }
  }
}

void require_blocks(const SearchSpace& space) {
  const BlockChoices& blocks = space.blocks;
  if (space.input.width > 1 && space.input.width != space.input.height) {
    throw InvalidArgument(
        fmt::format("space.input: found {}×{} rows × columns, allowed: a square, or one column, "
                    "because a resolution of family blocks is one number",
                    space.input.height, space.input.width));
  }
  require_list("resolutions", blocks.resolutions, 1, space.input.height);
  require_range("stem_kernel", blocks.stem_kernel, 1, kMaxPaddedKernel);
  require_range("stem_filters", blocks.stem_filters, 1, kMaxExtent);
  if (blocks.widths.empty() || std::ssize(blocks.widths) > kMaxStages) {
    throw InvalidArgument(fmt::format("space.widths: found {} stages, allowed: 1 to {}",
                                      blocks.widths.size(), kMaxStages));
  }
  for (const std::int64_t width : blocks.widths) require_range("widths", width, 1, kMaxExtent);
  require_list("width_percents", blocks.width_percents, 1, kMaxWidthPercent);
  require_list("expansions", blocks.expansions, 1, kMaxExpansion);
  require_list("kernels", space.kernels, 1, kMaxPaddedKernel);
  require_list("depths", blocks.depths, 1, kMaxDepth);
  require_list("skips", blocks.skips, 0, 1);
  require_list("strides", space.strides);
  require_largest_network(space);
  require_deepest_network(space);
}

}  // namespace

std::string_view to_string(NetworkFamily family) {
  switch (family) {
    case NetworkFamily::convolution_2d:
      return "conv2d";
    case NetworkFamily::convolution_1d:
      return "conv1d";
    case NetworkFamily::fully_connected:
      return "fc";
    case NetworkFamily::blocks:
      return "blocks";
  }
  return "unknown";
}

std::string to_string(const Architecture& architecture) {
  return fmt::format("{}", fmt::join(architecture, ","));
}

Architecture parse_architecture(std::string_view text) {
  Architecture architecture;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(at, end, value);
    if (error != std::errc() || (stop != end && *stop != ',')) {
      throw InvalidArgument(fmt::format(
          "architecture: found \"{}\", allowed: numbers separated by commas, such as 3,8,1,16",
          text));
    }
    architecture.push_back(value);
    if (stop == end) return architecture;
    at = stop + 1;
  }
}

bool has_blocks(const SearchSpace& space) { return space.family == NetworkFamily::blocks; }

bool offers_strides(const SearchSpace& space) {
  return space.strides != std::vector<std::int64_t>{1};
}

bool offers_padding(const SearchSpace& space) {
  return space.paddings != std::vector<std::int64_t>{0};
}

bool offers_pooling(const SearchSpace& space) {
  return space.pools != std::vector<std::int64_t>{1};
}

void validate(const SearchSpace& space) {
  require_range("input[0]", space.input.channels, 1, kMaxExtent);
  require_range("input[1]", space.input.height, 1, kMaxExtent);
  require_range("input[2]", space.input.width, 1, kMaxExtent);
  require_range("classes", space.classes, 2, kMaxExtent);
  if (has_blocks(space)) {
    require_blocks(space);
  } else {
    require_layers(space);
  }
}

std::vector<Decision> decisions(const SearchSpace& space) {
  std::vector<Decision> all;
  for (Stage& stage : stages(space)) {
    std::move(stage.decisions.begin(), stage.decisions.end(), std::back_inserter(all));
  }
  return all;
}

void validate(const SearchSpace& space, const Architecture& architecture) {
  require_length(space, architecture);
  const std::vector<Decision> allowed = decisions(space);
  for (std::size_t index = 0; index < allowed.size(); ++index) {
    const auto& values = allowed[index].values;
    if (std::find(values.begin(), values.end(), architecture[index]) == values.end()) {
      throw InvalidArgument(fmt::format("architecture: found {} {} as choice {} of {}, allowed: {}",
                                        allowed[index].name, architecture[index], index + 1,
                                        to_string(architecture), fmt::join(values, ", ")));
    }
  }
}

Growth grow(const SearchSpace& space, const Architecture& architecture) {
  require_length(space, architecture);
  return grow(stages(space), Front{space.input}, architecture);
}

std::optional<std::int64_t> first_misfit(const SearchSpace& space,
                                         const Architecture& architecture) {
  const Growth grown = grow(space, architecture);
  if (!grown.misfit) return std::nullopt;
  return static_cast<std::int64_t>(grown.layers.size());
}

Network build_network(const SearchSpace& space, const Architecture& architecture) {
  Growth grown = grow(space, architecture);
  if (grown.misfit) throw InvalidArgument(describe(*grown.misfit));
  return {std::move(grown.layers)};
}

}  // namespace inas
