#include "tinas_networks.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/core/shape_text.hpp>

#include "json_lines.hpp"

namespace inas::apps {
namespace {

using Json = nlohmann::json;

/// What the file says of each of its layers.
struct Record {
  std::string name;
  std::string type;
  std::string block;  ///< of its alias; empty outside of the blocks
  Shape ifm;
  Shape ofm;
  double published_s = 0;
};

/// A network as far as it is read, with the block of each layer.
struct Partial {
  TinasNetwork tinas;
  std::vector<std::string> blocks;

  [[nodiscard]] std::vector<Layer>& layers() { return tinas.network.layers; }
  [[nodiscard]] const std::vector<Layer>& layers() const { return tinas.network.layers; }
};

/// "choice_blocks.0._layers.1." of "choice_blocks.0._layers.1.op.mbconv_bn0".
std::string block_of(const std::string& alias) {
  constexpr std::string_view kLayers = "._layers.";
  const std::size_t at = alias.find(kLayers);
  if (at == std::string::npos) return {};
  const std::size_t end = alias.find('.', at + kLayers.size());
  return end == std::string::npos ? std::string() : alias.substr(0, end + 1);
}

/// Above what any layer may have: what is computed of such numbers does not overflow.
constexpr std::int64_t kLargest = 1'000'000;

void check_size(const json::Reader& reader, const char* key, std::int64_t found) {
  if (found >= 0 && found <= kLargest) return;
  reader.fail(key, fmt::format("{}", found), fmt::format("from 0 to {}", kLargest));
}

std::int64_t size_of(json::Reader& reader, const char* key) {
  std::int64_t size = 0;
  reader.require(key, size);
  check_size(reader, key, size);
  return size;
}

std::vector<std::int64_t> extents_of(json::Reader& reader, const char* key, std::size_t count) {
  std::vector<std::int64_t> extents;
  reader.require(key, extents);
  if (extents.size() != count) {
    reader.fail(key, fmt::format("{} numbers", extents.size()), fmt::format("{}", count));
  }
  for (const std::int64_t extent : extents) check_size(reader, key, extent);
  return extents;
}

Shape shape_of(json::Reader& reader, const char* key) {
  const std::vector<std::int64_t> extents = extents_of(reader, key, 3);
  return {extents[0], extents[1], extents[2]};
}

Record record_of(json::Reader& reader) {
  Record record;
  std::string alias;
  reader.require("name", record.name);
  reader.require("type", record.type);
  reader.require("alias", alias);
  record.block = block_of(alias);
  record.ifm = shape_of(reader, "ifm");
  record.ofm = shape_of(reader, "ofm");
  reader.require_object("published", [&](json::Reader& published) {
    for (const char* key : {"design", "cycles", "energy_use_percent"}) published.skip(key);
    published.require("latency_s", record.published_s);
  });
  return record;
}

/// Zeros on both sides of a direction. A one-dimensional map has none across.
std::int64_t padding_of(std::int64_t pad, std::int64_t extent, std::int64_t kernel) {
  return extent == 1 && kernel == 1 ? 0 : pad;
}

Layer convolution_of(const Record& record, json::Reader& reader) {
  const std::vector<std::int64_t> kernel = extents_of(reader, "kernel", 2);
  const std::int64_t stride = size_of(reader, "stride");
  const std::int64_t pad = size_of(reader, "pad");
  const std::int64_t rows = padding_of(pad, record.ifm.height, kernel[0]);
  const std::int64_t columns = padding_of(pad, record.ifm.width, kernel[1]);
  const Padding padding{rows, columns, rows, columns};
  if (record.type == "CONV") {
    return make_convolution(record.name, record.ifm, record.ofm.channels, kernel[0], kernel[1],
                            stride, padding);
  }
  return make_depthwise_convolution(record.name, record.ifm, kernel[0], kernel[1], stride, padding);
}

/// The name of what the first layer of `block` reads.
std::string input_of(const Partial& partial, const std::string& block) {
  const auto first = std::find(partial.blocks.begin(), partial.blocks.end(), block);
  const auto index = static_cast<std::size_t>(first - partial.blocks.begin());
  const std::vector<Layer>& layers = partial.layers();
  if (!layers[index].inputs.empty()) return layers[index].inputs.front();
  return index == 0 ? std::string(kNetworkInputName) : layers[index - 1].name;
}

bool is_in_block(const Partial& partial, const Record& record) {
  return !partial.blocks.empty() && partial.blocks.back() == record.block;
}

Layer add_of(const Record& record, const json::Reader& reader, const Partial& partial) {
  if (record.block.empty() || !is_in_block(partial, record)) {
    reader.fail("alias", "an add without a layer of its block in front",
                "one behind layers of the same `_layers.N`, whose input it adds");
  }
  return make_add(record.name, record.ifm, partial.layers().back().name,
                  input_of(partial, record.block));
}

Layer layer_of(const Record& record, json::Reader& reader, const Partial& partial) {
  if (record.type == "CONV" || record.type == "DWCONV") return convolution_of(record, reader);
  if (record.type == "FC") {
    return make_fully_connected(record.name, record.ifm, record.ofm.channels);
  }
  if (record.type == "GAVGPOOL") return make_global_average_pool(record.name, record.ifm);
  if (record.type == "ADD") return add_of(record, reader, partial);
  reader.fail("type", json::shown(record.type), "CONV, DWCONV, FC, GAVGPOOL, ADD, BN, RELU");
}

void check_map(const json::Reader& reader, const char* key, const Shape& found,
               const Shape& allowed) {
  if (found != allowed) reader.fail(key, shape_text(found), shape_text(allowed));
}

/// Makes batch normalisation a bias, and a ReLU an activation, of the layer in front. In another
/// block it would change what that block's add reads.
void fold(const Record& record, const json::Reader& reader, Partial& partial) {
  const bool norm = record.type == "BN";
  const auto folds_into = [&](const Layer& layer) {
    if (layer.activation != Activation::none) return false;
    const bool convolution =
        layer.type == LayerType::convolution || layer.type == LayerType::depthwise_convolution;
    return norm ? convolution && !layer.bias
                : convolution || layer.type == LayerType::fully_connected ||
                      layer.type == LayerType::add;
  };
  if (!is_in_block(partial, record) || !folds_into(partial.layers().back())) {
    reader.fail("type", record.type,
                norm ? "BN behind a convolution of its block"
                     : "RELU behind a convolution, FC or ADD of its block, or its BN");
  }
  Layer& layer = partial.layers().back();
  check_map(reader, "ifm", record.ifm, layer.ofm);
  check_map(reader, "ofm", record.ofm, layer.ofm);
  if (norm) {
    layer.bias = true;
  } else {
    layer.activation = Activation::relu;
  }
  partial.tinas.layers_published_s.back() += record.published_s;
}

void take_layer(const Json& json, const std::string& where, Partial& partial) {
  json::Reader reader(where, json);
  const Record record = record_of(reader);
  if (record.type == "BN" || record.type == "RELU") return fold(record, reader, partial);
  Layer layer = layer_of(record, reader, partial);
  check_map(reader, "ofm", record.ofm, layer.ofm);
  partial.layers().push_back(std::move(layer));
  partial.blocks.push_back(record.block);
  partial.tinas.layers_published_s.push_back(record.published_s);
}

PowerSupply supply_of(json::Reader& reader) {
  PowerSupply supply;
  reader.require_object("supply", [&](json::Reader& nested) {
    nested.require("capacitance_f", supply.capacitance_f);
    nested.require("ehm_resistance_ohm", supply.ehm_resistance_ohm);
    nested.require("von_v", supply.von_v);
    nested.require("voff_v", supply.voff_v);
    nested.require("vsup_v", supply.vsup_v);
    nested.require("margin", supply.margin);
  });
  validate(supply);
  return supply;
}

/// A layer as errors name it: by its name, or its place where it has none.
std::string name_of(const Json& layer, std::size_t index) {
  const bool named = layer.is_object() && layer.contains("name") && layer["name"].is_string();
  return named ? "layer " + json::shown_key(layer["name"].get<std::string>())
               : fmt::format("layers[{}]", index);
}

/// Runs `body`; what the core refuses there does not know `where`.
template <class Body>
void located(const std::string& where, Body&& body) {
  try {
    body();
  } catch (const InvalidArgument& error) {
    const std::string_view what = error.what();
    if (what.starts_with(where)) throw;
    throw InvalidArgument(fmt::format("{}: {}", where, what));
  }
}

TinasNetwork network_of(const Json& json, const std::string& source) {
  json::Reader reader(source, json);
  Partial partial;
  reader.require("name", partial.tinas.name);
  const std::string where = fmt::format("{}: {}", source, json::shown_key(partial.tinas.name));
  reader.require("dataset", partial.tinas.dataset);
  located(where, [&] { partial.tinas.supply = supply_of(reader); });
  reader.require_object("published", [&](json::Reader& published) {
    for (const char* key :
         {"imo_percent", "supernet_accuracy_percent", "fine_tuned_accuracy_percent"}) {
      published.skip(key);
    }
    published.require("latency_s", partial.tinas.published_s);
    if (partial.tinas.published_s <= 0) {
      published.fail("latency_s", fmt::format("{}", partial.tinas.published_s), "more than 0");
    }
  });
  const Json& layers = json.at("layers");
  if (!layers.is_array()) reader.fail("layers", json::shown(layers), "a list of objects");
  for (std::size_t index = 0; index < layers.size(); ++index) {
    const std::string layer = fmt::format("{}: {}", where, name_of(layers[index], index));
    located(layer, [&] { take_layer(layers[index], layer, partial); });
  }
  located(where, [&] { validate(partial.tinas.network); });
  return std::move(partial.tinas);
}

}  // namespace

std::vector<TinasNetwork> read_tinas_networks(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "tinas-networks.jsonl";
  std::vector<TinasNetwork> networks;
  for_each_json_line(path, [&](const Json& record, const std::string& source) {
    networks.push_back(network_of(record, source));
  });
  if (networks.empty()) throw Error(fmt::format("{}: holds no network", path.string()));
  return networks;
}

}  // namespace inas::apps
