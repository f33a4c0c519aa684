#include <cmath>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>

#include "settings_json.hpp"

namespace inas {
namespace {

constexpr const char* kSolutionName = "solution.json";
constexpr const char* kWeightsName = "weights.safetensors";
constexpr std::int64_t kFormat = 1;

nlohmann::ordered_json list(const Shape& shape) {
  return nlohmann::ordered_json::array({shape.channels, shape.height, shape.width});
}

nlohmann::ordered_json number_or_null(const std::optional<double>& number) {
  return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json document_of(const Solution& solution) {
  nlohmann::ordered_json document;
  document["format"] = kFormat;
  document["software_version"] = solution.software_version;
  document["architecture"] = solution.architecture;
  document["trial"] = solution.trial;
  document["latency_s"] = solution.latency_s;
  document["energy_budget_j"] = solution.energy_budget_j;
  document["accuracy"]["validation"] = number_or_null(solution.accuracy.validation);
  document["accuracy"]["test"] = number_or_null(solution.accuracy.test);
  document["layers"] = nlohmann::ordered_json::array();
  for (const LayerSolution& layer : solution.layers) {
    nlohmann::ordered_json row;
    row["name"] = layer.layer.name;
    row["type"] = to_string(layer.layer.type);
    row["ifm"] = list(layer.layer.ifm);
    row["ofm"] = list(layer.layer.ofm);
    row["kernel"] =
        nlohmann::ordered_json::array({layer.layer.kernel_height, layer.layer.kernel_width});
    row["design"] = to_string(layer.design);
    row["energy_per_cycle_max_j"] = layer.energy_per_cycle_max_j;
    row["energy_per_cycle_min_j"] = layer.energy_per_cycle_min_j;
    row["latency_s"] = layer.latency_s;
    row["power_cycles"] = layer.power_cycles;
    row["vm_bytes"] = layer.vm_bytes;
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

LayerSolution read_layer(json::Reader& reader) {
  LayerSolution layer;
  std::string type;
  std::string design;
  reader.require("name", layer.layer.name);
  reader.require("type", type);
  layer.layer.type = parse_layer_type(type);
  layer.layer.ifm = read_shape(reader, "ifm");
  layer.layer.ofm = read_shape(reader, "ofm");
  const std::vector<std::int64_t> kernel = read_extents(reader, "kernel", 2);
  layer.layer.kernel_height = kernel[0];
  layer.layer.kernel_width = kernel[1];
  reader.require("design", design);
  layer.design = parse_design(design);
  layer.energy_per_cycle_max_j = read_nonnegative(reader, "energy_per_cycle_max_j");
  layer.energy_per_cycle_min_j = read_nonnegative(reader, "energy_per_cycle_min_j");
  layer.latency_s = read_nonnegative(reader, "latency_s");
  layer.power_cycles = read_count(reader, "power_cycles");
  layer.vm_bytes = read_count(reader, "vm_bytes");
  return layer;
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

void validate(const Solution& solution) {
  validate(network_of(solution));
  validate(solution.settings);
  for (const double number : {solution.latency_s, solution.energy_budget_j}) {
    if (!(number >= 0) || !std::isfinite(number)) {
      throw InvalidArgument(
          "a solution's latency and energy budget must be finite and not negative");
    }
  }
}

Solution parse_solution(std::string_view text, const std::string& source) {
  const nlohmann::json document = json::parse(text, source);
  json::Reader reader(source, document);
  std::int64_t format = 0;
  reader.require("format", format);
  if (format != kFormat) {
    reader.fail("format", fmt::format("{}", format), fmt::format("{}", kFormat));
  }
  Solution solution;
  reader.require("software_version", solution.software_version);
  reader.require("architecture", solution.architecture);
  solution.trial = read_count(reader, "trial");
  solution.latency_s = read_nonnegative(reader, "latency_s");
  solution.energy_budget_j = read_nonnegative(reader, "energy_budget_j");
  reader.require_object("accuracy", [&](json::Reader& accuracy) {
    read_share(accuracy, "validation", solution.accuracy.validation);
    read_share(accuracy, "test", solution.accuracy.test);
  });
  reader.require_objects(
      "layers", [&](json::Reader& layer) { solution.layers.push_back(read_layer(layer)); });
  reader.require_object(
      "settings", [&](json::Reader& settings) { read_settings(settings, solution.settings); });
  reader.finish();
  validate(solution);
  return solution;
}

}  // namespace

Network network_of(const Solution& solution) {
  Network network;
  for (const LayerSolution& layer : solution.layers) network.layers.push_back(layer.layer);
  return network;
}

void validate(const Solution& solution, const std::vector<Tensor>& weights) {
  validate(solution);
  std::size_t next = 0;
  for (const LayerSolution& record : solution.layers) {
    const Layer& layer = record.layer;
    if (weight_count(layer) == 0) continue;
    const std::vector<std::int64_t> shape{layer.ofm.channels, layer.ifm.channels,
                                          layer.kernel_height, layer.kernel_width};
    if (next == weights.size() || weights[next].name != layer.name ||
        weights[next].shape != shape ||
        static_cast<std::int64_t>(weights[next].values.size()) != weight_count(layer)) {
      throw InvalidArgument(fmt::format(
          "weights of {}: found {}, allowed: a tensor of that name of shape {}", layer.name,
          next == weights.size()
              ? std::string("none")
              : fmt::format("{} of shape {}", weights[next].name, weights[next].shape),
          shape));
    }
    for (const float value : weights[next].values) {
      if (!std::isfinite(value)) {
        throw InvalidArgument(
            fmt::format("weights of {}: found {}, allowed: finite numbers", layer.name, value));
      }
    }
    ++next;
  }
  if (next != weights.size()) {
    throw InvalidArgument(
        fmt::format("weights: tensor {} belongs to no layer", weights[next].name));
  }
}

void write_solution(const std::filesystem::path& folder, const Solution& solution,
                    const std::vector<Tensor>& weights) {
  validate(solution, weights);
  create_folder(folder);
  write_safetensors(folder / kWeightsName, weights);
  write_file(folder / kSolutionName, document_of(solution).dump(2) + "\n");
}

Solution read_solution(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kSolutionName;
  const std::string text = read_file(path);
  try {
    return parse_solution(text, path.string());
  } catch (const InvalidArgument& error) {
    // Errors of values (a layer, a design, a setting) do not know where the value stood.
    const std::string what = error.what();
    if (what.starts_with(path.string())) throw;
    throw InvalidArgument(fmt::format("{}: {}", path.string(), what));
  }
}

std::vector<Tensor> read_solution_weights(const std::filesystem::path& folder,
                                          const Solution& solution) {
  const std::filesystem::path path = folder / kWeightsName;
  std::vector<Tensor> weights = read_safetensors(path);
  try {
    validate(solution, weights);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("{}: {}", path.string(), error.what()));
  }
  return weights;
}

}  // namespace inas
