#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/plain_name.hpp>
#include <inas/core/solution.hpp>

#include "file_system.hpp"
#include "settings_json.hpp"
#include "solution_json.hpp"

namespace inas {
namespace {

constexpr const char* kSolutionName = "solution.json";
constexpr const char* kWeightsName = "weights.safetensors";
constexpr const char* kNamedWeights = "weights.########.safetensors";
/// Format 1 has no checksum of the weights. Up to format 2 the profile msp430fr5994 is the
/// published firmware's. Up to format 3 there is no ledger: power cycles end with layers. Up to
/// format 4 all layers but the last have the activation relu.
constexpr std::int64_t kFormat = 5;
constexpr std::int64_t kFormatOfPaperProfile = 2;
constexpr std::int64_t kFormatWithoutLedger = 3;
constexpr std::int64_t kFormatWithoutActivation = 4;

nlohmann::ordered_json list(const Shape& shape) {
  return nlohmann::ordered_json::array({shape.channels, shape.height, shape.width});
}

nlohmann::ordered_json number_or_null(const std::optional<double>& number) {
  return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json list(const Padding& padding) {
  return nlohmann::ordered_json::array({padding.top, padding.left, padding.bottom, padding.right});
}

/// What differs from the default alone.
void put_layer(const Layer& layer, nlohmann::ordered_json& row) {
  row["name"] = layer.name;
  row["type"] = to_string(layer.type);
  if (!layer.inputs.empty()) row["inputs"] = layer.inputs;
  row["ifm"] = list(layer.ifm);
  row["ofm"] = list(layer.ofm);
  row["kernel"] = nlohmann::ordered_json::array({layer.kernel_height, layer.kernel_width});
  if (layer.stride != 1) row["stride"] = layer.stride;
  if (layer.padding != Padding{}) row["padding"] = list(layer.padding);
  if (layer.bias) row["bias"] = true;
  if (layer.activation != Activation::none) row["activation"] = to_string(layer.activation);
}

void put_design(const LayerSolution& layer, bool has_ledger, nlohmann::ordered_json& row) {
  row["design"] = to_string(layer.design);
  row["energy_per_cycle_max_j"] = layer.energy_per_cycle_max_j;
  row["energy_per_cycle_min_j"] = layer.energy_per_cycle_min_j;
  row["latency_s"] = layer.latency_s;
  row["power_cycles"] = layer.power_cycles;
  row["vm_bytes"] = layer.vm_bytes;
  if (!has_ledger) return;
  row["ledger_units"]["entry"] = layer.units.entry;
  row["ledger_units"]["fetched"] = layer.units.fetched;
  row["ledger_units"]["kept"] = layer.units.kept;
}

void put_costs(const Solution& solution, nlohmann::ordered_json& document) {
  document["latency_s"] = solution.latency_s;
  document["by_layers_s"] = solution.by_layers_s;
  document["power_cycles"] = solution.power_cycles;
  if (solution.ledger.kept()) {
    document["ledger"]["budget"] = solution.ledger.budget;
    document["ledger"]["unit_j"] = solution.ledger.unit_j;
  }
  document["energy_budget_j"] = solution.energy_budget_j;
}

nlohmann::ordered_json document_of(const Solution& solution) {
  nlohmann::ordered_json document;
  document["format"] = kFormat;
  document["software_version"] = solution.software_version;
  if (!solution.explored) document["explored"] = false;
  document["architecture"] = solution.architecture;
  document["trial"] = solution.trial;
  if (solution.explored) put_costs(solution, document);
  document["accuracy"]["validation"] = number_or_null(solution.accuracy.validation);
  document["accuracy"]["test"] = number_or_null(solution.accuracy.test);
  document["accuracy"]["deployed"] = number_or_null(solution.accuracy.deployed);
  if (solution.weights) {
    document["weights"]["crc32"] = crc32_text(solution.weights->crc32);
    document["weights"]["bytes"] = solution.weights->bytes;
  }
  document["layers"] = nlohmann::ordered_json::array();
  for (const LayerSolution& layer : solution.layers) {
    nlohmann::ordered_json row;
    put_layer(layer.layer, row);
    if (solution.explored) put_design(layer, solution.ledger.kept(), row);
    document["layers"].push_back(std::move(row));
  }
  document["settings"] = settings_document(solution.settings);
  return document;
}

std::vector<std::int64_t> read_extents(json::Reader& reader, const char* key, std::size_t count) {
  std::vector<std::int64_t> extents;
  reader.require(key, extents);
  if (extents.size() != count) {
    reader.fail(key, fmt::format("{}", extents), fmt::format("{} numbers", count));
  }
  return extents;
}

Shape read_shape(json::Reader& reader, const char* key) {
  const std::vector<std::int64_t> extents = read_extents(reader, key, 3);
  return {extents[0], extents[1], extents[2]};
}

double read_nonnegative(json::Reader& reader, const char* key) {
  double value = 0;
  reader.require(key, value);
  if (value < 0) reader.fail(key, fmt::format("{}", value), "a number from 0");
  return value;
}

std::int64_t read_count(json::Reader& reader, const char* key) {
  std::int64_t value = 0;
  reader.require(key, value);
  if (value < 0) reader.fail(key, fmt::format("{}", value), "a whole number from 0");
  return value;
}

std::int64_t read_units(json::Reader& reader, const char* key, std::int64_t least) {
  std::int64_t value = 0;
  reader.require(key, value);
  if (value < least || value > kMostLedgerUnits) {
    reader.fail(key, fmt::format("{}", value), fmt::format("{} to {}", least, kMostLedgerUnits));
  }
  return value;
}

/// A layer as format `format` has it.
Layer read_layer(json::Reader& reader, std::int64_t format) {
  Layer layer;
  reader.require("name", layer.name);
  std::vector<std::pair<std::string_view, LayerType>> types;
  for (const LayerType type : kLayerTypes) types.emplace_back(to_string(type), type);
  reader.require_name("type", layer.type, types);
  layer.ifm = read_shape(reader, "ifm");
  layer.ofm = read_shape(reader, "ofm");
  const std::vector<std::int64_t> kernel = read_extents(reader, "kernel", 2);
  layer.kernel_height = kernel[0];
  layer.kernel_width = kernel[1];
  reader.read("stride", layer.stride);
  reader.read("bias", layer.bias);
  if (format <= kFormatWithoutActivation) return layer;
  reader.read("inputs", layer.inputs);
  if (reader.has("padding")) {
    const std::vector<std::int64_t> padding = read_extents(reader, "padding", 4);
    layer.padding = {padding[0], padding[1], padding[2], padding[3]};
  }
  if (reader.has("activation")) {
    std::vector<std::pair<std::string_view, Activation>> activations;
    for (const Activation of : kActivations) activations.emplace_back(to_string(of), of);
    reader.require_name("activation", layer.activation, activations);
  }
  return layer;
}

/// What is written of a layer that has a design.
void read_design(json::Reader& reader, bool has_ledger, LayerSolution& layer) {
  std::string design;
  reader.require("design", design);
  try {
    layer.design = parse_design(design);
  } catch (const InvalidArgument&) {
    reader.fail("design", json::shown(design),
                "Tr_Tc_Tm_Tn_reuse_X_Sn, then optionally _row, _coalesced, _Kn, _cpu or _lea");
  }
  layer.energy_per_cycle_max_j = read_nonnegative(reader, "energy_per_cycle_max_j");
  layer.energy_per_cycle_min_j = read_nonnegative(reader, "energy_per_cycle_min_j");
  layer.latency_s = read_nonnegative(reader, "latency_s");
  layer.power_cycles = read_count(reader, "power_cycles");
  layer.vm_bytes = read_count(reader, "vm_bytes");
  if (!has_ledger) return;
  reader.require_object("ledger_units", [&](json::Reader& units) {
    layer.units = {read_units(units, "entry", 0), read_units(units, "fetched", 0),
                   read_units(units, "kept", 0)};
  });
}

/// What is written of a network whose layers have designs.
void read_costs(json::Reader& reader, std::int64_t format, Solution& solution) {
  solution.latency_s = read_nonnegative(reader, "latency_s");
  if (format > kFormatWithoutLedger) {
    solution.by_layers_s = read_nonnegative(reader, "by_layers_s");
    solution.power_cycles = read_count(reader, "power_cycles");
    if (reader.has("ledger")) {
      reader.require_object("ledger", [&](json::Reader& ledger) {
        solution.ledger.budget = read_units(ledger, "budget", 1);
        solution.ledger.unit_j = read_nonnegative(ledger, "unit_j");
      });
    }
  }
  solution.energy_budget_j = read_nonnegative(reader, "energy_budget_j");
}

void read_share(json::Reader& reader, const char* key, std::optional<double>& share) {
  if (reader.is_null(key)) {
    reader.skip(key);
    return;
  }
  double value = 0;
  reader.require(key, value);
  if (!(value >= 0 && value <= 1)) reader.fail(key, fmt::format("{}", value), "0 to 1, or null");
  share = value;
}

Checksum read_checksum(json::Reader& reader) {
  Checksum checksum;
  std::string digits;
  reader.require("crc32", digits);
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, checksum.crc32, 16);
  // The form is checked as well: what is written differently was not written by this program.
  if (error != std::errc() || stop != end || crc32_text(checksum.crc32) != digits) {
    reader.fail("crc32", json::shown(digits), "8 hexadecimal digits in lower case");
  }
  checksum.bytes = read_count(reader, "bytes");
  return checksum;
}

/// The same as of a network's layers.
void activate_hidden_layers(Solution& solution) {
  for (std::size_t l = 0; l + 1 < solution.layers.size(); ++l) {
    solution.layers[l].layer.activation = Activation::relu;
  }
}

void require_nonnegative(const std::string& what, double found) {
  if (!(found >= 0) || !std::isfinite(found)) {
    throw InvalidArgument(fmt::format("{}: found {}, allowed: a number from 0", what, found));
  }
}

void require_nonnegative(const std::string& what, std::int64_t found) {
  if (found < 0) {
    throw InvalidArgument(fmt::format("{}: found {}, allowed: a whole number from 0", what, found));
  }
}

/// As text has it. Whether it suits the layer is for those to say who know how layers are executed.
void validate_design(const Layer& layer, const Design& design) {
  const Tile& tile = design.tile;
  for (const auto& [symbol, found] :
       {std::pair{"Tr", tile.rows}, std::pair{"Tc", tile.columns},
        std::pair{"Tm", tile.out_channels}, std::pair{"Tn", tile.in_channels},
        std::pair{"S", design.batch}, std::pair{"K", design.batches_per_cycle}}) {
    const int least = symbol == std::string_view("K") ? 0 : 1;
    if (found < least) {
      throw InvalidArgument(fmt::format("{}: design {}: {} is {}, allowed: {} or more", layer.name,
                                        to_string(design), symbol, found, least));
    }
  }
}

void require_units(const std::string& what, std::int64_t found) {
  if (found < 0 || found > kMostLedgerUnits) {
    throw InvalidArgument(
        fmt::format("{}: found {}, allowed: 0 to {}", what, found, kMostLedgerUnits));
  }
}

void validate_units(const LayerSolution& record) {
  const std::string& name = record.layer.name;
  require_units(name + ": ledger_units.entry", record.units.entry);
  require_units(name + ": ledger_units.fetched", record.units.fetched);
  require_units(name + ": ledger_units.kept", record.units.kept);
  if (record.units.kept > record.units.fetched) {
    throw InvalidArgument(
        fmt::format("{}: ledger_units.kept: found {}, allowed: at most {}, fetched", name,
                    record.units.kept, record.units.fetched));
  }
}

/// The name of the weights until solution.json names them.
std::string name_with_checksum(const Checksum& checksum) {
  return fmt::format("weights.{}.safetensors", crc32_text(checksum.crc32));
}

/// Removes what writes left that were killed. Whatever cannot be removed harms nothing.
void remove_named_weights(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (file_system::matches(name, kNamedWeights)) std::filesystem::remove(entry.path(), ignored);
  }
}

std::filesystem::path weights_path(const std::filesystem::path& folder, const Solution& solution) {
  if (solution.weights) {
    const std::filesystem::path named = folder / name_with_checksum(*solution.weights);
    if (std::filesystem::exists(named)) return named;
  }
  return folder / kWeightsName;
}

void check_weights(const std::filesystem::path& path, const Checksum& found,
                   const Checksum& expected) {
  if (found == expected) return;
  throw Error(fmt::format(
      "{}: found {} bytes of CRC-32 {}, allowed: {} bytes of CRC-32 {}, which solution.json names; "
      "the file is damaged or of another result",
      path.string(), found.bytes, crc32_text(found.crc32), expected.bytes,
      crc32_text(expected.crc32)));
}

/// `found` is `expected` with finite values; null: there is none.
void require_tensor(const Tensor& expected, const Tensor* found) {
  std::int64_t count = 1;
  for (const std::int64_t extent : expected.shape) count *= extent;
  if (found == nullptr || found->name != expected.name || found->shape != expected.shape ||
      std::ssize(found->values) != count) {
    throw InvalidArgument(fmt::format(
        "weights of {}: found {}, allowed: a tensor of that name of shape {}", expected.name,
        found == nullptr ? std::string("none")
                         : fmt::format("{} of shape {}", found->name, found->shape),
        expected.shape));
  }
  for (const float value : found->values) {
    if (!std::isfinite(value)) {
      throw InvalidArgument(
          fmt::format("weights of {}: found {}, allowed: finite numbers", expected.name, value));
    }
  }
}

void validate_names(const std::vector<LayerSolution>& layers) {
  std::set<std::string> names;
  for (const LayerSolution& record : layers) {
    const std::string& name = record.layer.name;
    if (!is_plain_name(name)) {
      throw InvalidArgument(
          fmt::format("layers: found the name {}, allowed: {}", json::shown(name), plain_names()));
    }
    if (!names.insert(name).second) {
      throw InvalidArgument(fmt::format("layers: {} stands twice, allowed: once", name));
    }
  }
  for (const LayerSolution& record : layers) {
    const std::string biases = bias_name(record.layer.name);
    if (record.layer.bias && names.contains(biases)) {
      throw InvalidArgument(
          fmt::format("layers: {} is the name of a layer and of the biases of {}, allowed: one",
                      biases, record.layer.name));
    }
  }
}

void validate(const Solution& solution) {
  validate_names(solution.layers);
  validate(network_of(solution));
  try {
    validate(solution.settings);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("settings.{}", error.what()));
  }
  require_nonnegative("latency_s", solution.latency_s);
  require_nonnegative("by_layers_s", solution.by_layers_s);
  require_nonnegative("power_cycles", solution.power_cycles);
  require_nonnegative("energy_budget_j", solution.energy_budget_j);
  require_units("ledger.budget", solution.ledger.budget);
  require_nonnegative("ledger.unit_j", solution.ledger.unit_j);
  require_nonnegative("trial", solution.trial);
  for (const auto& [what, share] : {std::pair{"validation", solution.accuracy.validation},
                                    std::pair{"test", solution.accuracy.test},
                                    std::pair{"deployed", solution.accuracy.deployed}}) {
    if (share && !(*share >= 0 && *share <= 1)) {
      throw InvalidArgument(fmt::format("accuracy.{}: found {}, allowed: 0 to 1", what, *share));
    }
  }
  for (const LayerSolution& record : solution.layers) {
    const std::string& name = record.layer.name;
    validate_design(record.layer, record.design);
    require_nonnegative(name + ": energy_per_cycle_max_j", record.energy_per_cycle_max_j);
    require_nonnegative(name + ": energy_per_cycle_min_j", record.energy_per_cycle_min_j);
    require_nonnegative(name + ": latency_s", record.latency_s);
    require_nonnegative(name + ": power_cycles", record.power_cycles);
    require_nonnegative(name + ": vm_bytes", record.vm_bytes);
    validate_units(record);
  }
}

}  // namespace

std::string to_json(const Solution& solution) {
  return dump_text(document_of(solution), "solution");
}

Solution parse_solution(std::string_view text, const std::string& source) {
  const nlohmann::json document = json::parse(text, source);
  json::Reader reader(source, document);
  std::int64_t format = 0;
  reader.require("format", format);
  if (format < 1 || format > kFormat) {
    reader.fail("format", fmt::format("{}", format), fmt::format("1 to {}", kFormat));
  }
  Solution solution;
  reader.require("software_version", solution.software_version);
  reader.require("architecture", solution.architecture);
  solution.trial = read_count(reader, "trial");
  if (format > kFormatWithoutActivation) reader.read("explored", solution.explored);
  if (solution.explored) read_costs(reader, format, solution);
  reader.require_object("accuracy", [&](json::Reader& accuracy) {
    read_share(accuracy, "validation", solution.accuracy.validation);
    read_share(accuracy, "test", solution.accuracy.test);
    if (accuracy.has("deployed")) read_share(accuracy, "deployed", solution.accuracy.deployed);
  });
  if (reader.has("weights")) {
    reader.require_object(
        "weights", [&](json::Reader& weights) { solution.weights = read_checksum(weights); });
  }
  reader.require_objects("layers", [&](json::Reader& layer) {
    LayerSolution& record = solution.layers.emplace_back();
    record.layer = read_layer(layer, format);
    if (solution.explored) read_design(layer, solution.ledger.kept(), record);
  });
  if (format <= kFormatWithoutActivation) activate_hidden_layers(solution);
  reader.require_object(
      "settings", [&](json::Reader& settings) { read_settings(settings, solution.settings); });
  if (format <= kFormatWithoutLedger) {
    solution.by_layers_s = solution.latency_s;
    for (const LayerSolution& layer : solution.layers) solution.power_cycles += layer.power_cycles;
  }
  std::string& profile = solution.settings.platform.profile;
  if (format <= kFormatOfPaperProfile && profile == "msp430fr5994") profile += "-paper";
  reader.finish();
  try {
    validate(solution);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("{}: {}", source, error.what()));
  }
  return solution;
}

Network network_of(const Solution& solution) {
  Network network;
  for (const LayerSolution& layer : solution.layers) network.layers.push_back(layer.layer);
  return network;
}

void validate(const Network& network, const std::vector<Tensor>& weights) {
  validate(network);
  std::size_t next = 0;
  for (const Layer& layer : network.layers) {
    for (const Tensor& expected : tensors_of(layer)) {
      require_tensor(expected, next == weights.size() ? nullptr : &weights[next]);
      ++next;
    }
  }
  if (next != weights.size()) {
    throw InvalidArgument(
        fmt::format("weights: tensor {} belongs to no layer", weights[next].name));
  }
}

void validate(const Solution& solution, const std::vector<Tensor>& weights) {
  validate(solution);
  validate(network_of(solution), weights);
}

void write_solution(const std::filesystem::path& folder, const Solution& solution,
                    const std::vector<Tensor>& weights) {
  validate(solution, weights);
  const std::filesystem::path lasting = folder / kWeightsName;
  const std::string content = to_safetensors(weights, lasting.string());
  Solution written = solution;
  written.weights = checksum_of(content);
  const std::string text = to_json(written);
  const std::filesystem::path named = folder / name_with_checksum(*written.weights);
  create_folder(folder);
  write_file(named, content);
  write_file(folder / kSolutionName, text);
  if (std::filesystem::is_symlink(lasting)) {
    write_file(lasting, content);  // where the link leads to
  } else {
    file_system::rename_and_sync(named, lasting);
  }
  remove_named_weights(folder);
}

std::vector<std::string> solution_file_names() {
  return {kSolutionName, kWeightsName, kNamedWeights};
}

Solution read_solution(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kSolutionName;
  return parse_solution(read_file(path, kMostTextBytes), path.string());
}

std::vector<Tensor> read_solution_weights(const std::filesystem::path& folder,
                                          const Solution& solution) {
  const std::filesystem::path path = weights_path(folder, solution);
  const std::string content = read_file(path);
  if (solution.weights) check_weights(path, checksum_of(content), *solution.weights);
  std::vector<Tensor> weights = parse_safetensors(content, path.string());
  // Other writers of the format sort by name, which puts CONV_10 before CONV_2.
  std::vector<std::string> names;
  for (const LayerSolution& record : solution.layers) {
    for (const Tensor& tensor : tensors_of(record.layer)) names.push_back(tensor.name);
  }
  const auto place = [&](const Tensor& tensor) {
    return std::find(names.begin(), names.end(), tensor.name);
  };
  std::stable_sort(weights.begin(), weights.end(),
                   [&](const Tensor& a, const Tensor& b) { return place(a) < place(b); });
  try {
    validate(solution, weights);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("{}: {}", path.string(), error.what()));
  }
  return weights;
}

}  // namespace inas
