#include <algorithm>
#include <numeric>

#include <inas/core/network.hpp>
#include <inas/execution/batches.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/execution/nvm_layout.hpp>

namespace inas::execution {
namespace {

constexpr std::int64_t kAlignment = 4;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::vector<Layer> layers_of(const std::vector<ExecutedLayer>& executed) {
  std::vector<Layer> layers;
  layers.reserve(executed.size());
  for (const ExecutedLayer& of : executed) layers.push_back(of.layer);
  return layers;
}

/// Values of what waits beside a layer in the area of the maps.
std::int64_t held_values(const std::vector<ExecutedLayer>& layers, const HeldMap& held) {
  if (!held || *held == kNetworkInput) return 0;
  return layers[static_cast<std::size_t>(*held)].layer.ofm.values();
}

/// What layer `l` adds to the need.
LayerNvm nvm_of(const std::vector<ExecutedLayer>& layers, const std::vector<HeldMap>& held,
                std::size_t l, std::int64_t data_bytes) {
  return layer_nvm(layers[l].layer, layers[l].design, l == 0, held_values(layers, held[l]),
                   data_bytes);
}

/// A map in the area behind the network's input.
struct Placed {
  std::int64_t bytes = 0;  ///< rounded up
  std::size_t first = 0;   ///< layers in which it lives
  std::size_t last = 0;
  std::int64_t at = -1;  ///< in the area; none yet

  [[nodiscard]] bool lives_with(const Placed& other) const {
    return first <= other.last && other.first <= last;
  }
};

/// The maps that layers write: of each the copy that holds the result, and behind all of them the
/// other copies of those that are written more than once.
struct Maps {
  std::vector<Placed> placed;
  std::vector<std::size_t> other;  ///< of each layer: index of its other copy, or of its only one
  std::int64_t bytes = 0;          ///< of the area
};

/// Puts each map, in this order, to the lowest place that is free while it lives. Returns how many
/// bytes that takes.
std::int64_t place(std::vector<Placed>& maps, const std::vector<std::size_t>& order) {
  std::int64_t most = 0;
  std::vector<const Placed*> done;  // by address
  for (const std::size_t index : order) {
    Placed& map = maps[index];
    map.at = 0;
    for (const Placed* other : done) {
      if (!map.lives_with(*other)) continue;
      if (map.at + map.bytes <= other->at) break;
      map.at = std::max(map.at, other->at + other->bytes);
    }
    most = std::max(most, map.at + map.bytes);
    const auto behind = std::find_if(done.begin(), done.end(),
                                     [&](const Placed* other) { return other->at > map.at; });
    done.insert(behind, &map);
  }
  return most;
}

Maps place_maps(const std::vector<ExecutedLayer>& layers,
                const std::vector<std::vector<std::int64_t>>& inputs, std::int64_t data_bytes) {
  Maps maps;
  const std::vector<std::int64_t> last = last_readers(inputs);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    maps.placed.push_back({.bytes = map_bytes(layers[l].layer.ofm.values(), data_bytes),
                           .first = l,
                           .last = static_cast<std::size_t>(last[l])});
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const bool twice = writes_per_output(layers[l].layer, layers[l].design) > 1;
    maps.other.push_back(twice ? maps.placed.size() : l);
    if (twice) maps.placed.push_back({.bytes = maps.placed[l].bytes, .first = l, .last = l});
  }
  std::vector<std::size_t> in_sequence(maps.placed.size());
  std::iota(in_sequence.begin(), in_sequence.end(), std::size_t{0});
  std::stable_sort(in_sequence.begin(), in_sequence.end(), [&](std::size_t a, std::size_t b) {
    return maps.placed[a].first < maps.placed[b].first;
  });
  std::vector<std::size_t> by_size = in_sequence;
  std::stable_sort(by_size.begin(), by_size.end(), [&](std::size_t a, std::size_t b) {
    return maps.placed[a].bytes > maps.placed[b].bytes;
  });
  maps.bytes = place(maps.placed, in_sequence);
  Maps largest_first = maps;
  largest_first.bytes = place(largest_first.placed, by_size);
  return largest_first.bytes < maps.bytes ? largest_first : maps;
}

/// The ends of the area of the maps.
enum class End : bool { low, high };

End other_end(End end) { return end == End::low ? End::high : End::low; }

/// Where a layer's output lies: at an end of the area, so many bytes from it.
struct Berth {
  End end = End::low;
  std::int64_t beside = 0;
};

/// Of a network that has `held_maps`. The output of a layer before an add is put where the add's
/// comes to lie at the end at which what waited does not.
std::vector<Berth> berths(const std::vector<ExecutedLayer>& layers,
                          const std::vector<HeldMap>& held, std::int64_t data_bytes) {
  std::vector<Berth> all(layers.size());
  End input = End::high;  // the end that the first output leaves alone
  for (std::size_t first = 0; first < layers.size();) {
    // The layers up to the next whose output is the only map behind it.
    std::size_t last = first;
    while (last + 1 < layers.size() && held[last + 1]) ++last;
    const std::int64_t waiting = map_bytes(held_values(layers, held[last]), data_bytes);
    End end = other_end(input);
    for (std::size_t l = last + 1; l-- > first; end = other_end(end)) {
      all[l] = {end, end == input ? waiting : 0};
    }
    input = all[last].end;
    first = last + 1;
  }
  return all;
}

/// The same of a network that has `held_maps`: each output lies at an end of the area where its
/// layer's input does not, its other copy beside it, both beside what waits at that end.
Maps place_in_turn(const std::vector<ExecutedLayer>& layers, const std::vector<HeldMap>& held,
                   std::int64_t data_bytes) {
  Maps maps;
  std::vector<Placed> others;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    maps.bytes = std::max(maps.bytes, nvm_of(layers, held, l, data_bytes).live_bytes);
  }
  const std::vector<Berth> places = berths(layers, held, data_bytes);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::int64_t room = map_bytes(layers[l].layer.ofm.values(), data_bytes);
    const bool twice = writes_per_output(layers[l].layer, layers[l].design) > 1;
    const End end = places[l].end;
    std::int64_t beside = places[l].beside;
    const auto put = [&] {
      const std::int64_t at = end == End::low ? beside : maps.bytes - room - beside;
      beside += room;
      return Placed{.bytes = room, .at = at};
    };
    maps.placed.push_back(put());
    maps.other.push_back(twice ? layers.size() + others.size() : l);
    if (twice) others.push_back(put());
  }
  maps.placed.insert(maps.placed.end(), others.begin(), others.end());
  return maps;
}

}  // namespace

std::optional<std::vector<HeldMap>> held_maps(std::span<const std::vector<std::int64_t>> inputs) {
  std::vector<HeldMap> held(inputs.size());
  std::int64_t last_add = kNetworkInput;  // no add may reach to before it
  for (std::size_t l = 0; l < inputs.size(); ++l) {
    const auto layer = static_cast<std::int64_t>(l);
    std::vector<std::int64_t> others = inputs[l];
    const auto before = std::find(others.begin(), others.end(), layer - 1);
    if (before == others.end()) return std::nullopt;
    others.erase(before);
    if (others.empty()) continue;
    const std::int64_t waiting = others.front();
    if (waiting < last_add) return std::nullopt;
    // The first layer behind it reads it anyway.
    for (std::int64_t at = waiting + 2; at <= layer; ++at) {
      held[static_cast<std::size_t>(at)] = waiting;
    }
    last_add = layer;
  }
  return held;
}

std::int64_t map_bytes(std::int64_t values, std::int64_t data_bytes) {
  return aligned(data_bytes * values);
}

LayerNvm layer_nvm(const Layer& layer, const Design& design, bool is_first, std::int64_t held,
                   std::int64_t data_bytes) {
  const std::int64_t input = is_first ? 0 : map_bytes(layer.ifm.values(), data_bytes);
  const std::int64_t output = map_bytes(layer.ofm.values(), data_bytes);
  const std::int64_t copies = writes_per_output(layer, design) > 1 ? 2 : 1;
  return {.weight_bytes = aligned(data_bytes * weight_count(layer)),
          .live_bytes = input + copies * output + map_bytes(held, data_bytes)};
}

std::int64_t fixed_nvm_bytes(const Shape& input, std::int64_t data_bytes) {
  return aligned(kProgressBytes) + map_bytes(input.values(), data_bytes);
}

std::int64_t nvm_need_bytes(const std::vector<ExecutedLayer>& layers, std::int64_t data_bytes) {
  const auto inputs = input_indices(layers_of(layers));
  const auto held = held_maps(inputs);
  const std::vector<HeldMap> none(layers.size());
  NvmSum need{.fixed_and_weights = fixed_nvm_bytes(layers.front().layer.ifm, data_bytes)};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    need.add(nvm_of(layers, held.value_or(none), l, data_bytes));
  }
  if (!held) need.most_live = place_maps(layers, inputs, data_bytes).bytes;
  return need.bytes();
}

LayerNvm published_layer_nvm(const Layer& layer, std::int64_t data_bytes) {
  return {.weight_bytes = data_bytes * weight_count(layer),
          .live_bytes = data_bytes * 2 * std::max(layer.ifm.values(), layer.ofm.values())};
}

MemoryLayout lay_out(const std::vector<ExecutedLayer>& layers) {
  MemoryLayout layout;
  layout.progress = {0, kProgressBytes};
  layout.total_bytes = nvm_need_bytes(layers, kRuntimeValueBytes);
  std::int64_t end = aligned(kProgressBytes);
  for (const ExecutedLayer& of : layers) {
    LayerRegions& regions = layout.layers.emplace_back();
    regions.weights = {end, kRuntimeValueBytes * weight_count(of.layer)};
    end += aligned(regions.weights.bytes);
  }
  layout.image_bytes = end;

  const Region input{end, kRuntimeValueBytes * layers.front().layer.ifm.values()};
  const std::int64_t area = end + aligned(input.bytes);
  const auto inputs = input_indices(layers_of(layers));
  const auto held = held_maps(inputs);
  const Maps maps = held ? place_in_turn(layers, *held, kRuntimeValueBytes)
                         : place_maps(layers, inputs, kRuntimeValueBytes);
  const auto region_of = [&](std::int64_t of) -> Region {
    return of == kNetworkInput ? input : layout.layers[static_cast<std::size_t>(of)].output();
  };
  for (std::size_t l = 0; l < layers.size(); ++l) {
    LayerRegions& regions = layout.layers[l];
    const std::int64_t writes = writes_per_output(layers[l].layer, layers[l].design);
    const std::int64_t bytes = kRuntimeValueBytes * layers[l].layer.ofm.values();
    regions.input = region_of(inputs[l].front());
    if (inputs[l].size() > 1) regions.second_input = region_of(inputs[l].back());
    regions.finished = static_cast<int>((writes - 1) % 2);
    regions.outputs[regions.finished] = {area + maps.placed[l].at, bytes};
    regions.outputs[1 - regions.finished] = {area + maps.placed[maps.other[l]].at, bytes};
  }
  return layout;
}

}  // namespace inas::execution
