#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/version.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/dump/dump.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/execution/layer_facts.hpp>

/// Writes the example model anew as inas-dump writes models now: the network of its manifest and
/// its NVM image, in the same designs but for the multiplier and with the ledger of the default
/// settings.
namespace inas {
namespace {

using Json = nlohmann::json;

Shape shape_of(const Json& json) { return {json.at(0), json.at(1), json.at(2)}; }

/// One of `all` by its name.
template <class All>
auto named(const All& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& of) { return to_string(of) == name; });
  if (found == all.end()) throw Error(fmt::format("manifest.json: found \"{}\"", name));
  return *found;
}

Layer layer_of(const Json& json) {
  Layer layer;
  layer.name = json.at("name");
  layer.type = named(kLayerTypes, json.at("type"));
  layer.inputs = json.value("inputs", layer.inputs);
  layer.ifm = shape_of(json.at("ifm"));
  layer.ofm = shape_of(json.at("ofm"));
  layer.kernel_height = json.at("kernel").at(0);
  layer.kernel_width = json.at("kernel").at(1);
  layer.stride = json.value("stride", layer.stride);
  if (json.contains("padding")) {
    const Json& padding = json.at("padding");
    layer.padding = {padding.at(0), padding.at(1), padding.at(2), padding.at(3)};
  }
  layer.activation = named(kActivations, json.value("activation", "none"));
  return layer;
}

Design design_of(const Json& json, const Layer& layer) {
  Design design = parse_design(json.at("design").get<std::string>());
  if (execution::facts_of(layer).work == execution::Work::vectors) design.unit = Unit::cpu;
  design.batches_per_cycle = 0;
  return design;
}

/// Where the dumper puts weight i of the runtime's sequence: the image of weights that are their
/// own numbers.
std::vector<std::int16_t> weights_of(const dump::Model& model, std::size_t index,
                                     const std::string& image) {
  dump::Model numbered = model;
  std::vector<std::int16_t>& weights = numbered.network.layers[index].weights;
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::int16_t>(i);
  const std::string places = dump::nvm_image(numbered);
  const auto value = [](const std::string& of, std::size_t at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(of.at(at)) |
                                      static_cast<unsigned char>(of.at(at + 1)) << 8);
  };
  std::vector<std::int16_t> found(weights.size());
  const auto begin = static_cast<std::size_t>(model.layout.layers[index].weights.address);
  for (std::size_t at = begin; at < begin + 2 * weights.size(); at += 2) {
    found.at(value(places, at)) = static_cast<std::int16_t>(value(image, at));
  }
  return found;
}

void write_example(const std::filesystem::path& folder) {
  const Json manifest = Json::parse(read_file(folder / "manifest.json"));
  const std::string image = read_file(folder / "nvm.bin");
  dump::Model model;
  Solution& solution = model.solution;
  solution.software_version = version();
  solution.architecture = parse_architecture(manifest.at("architecture").get<std::string>());
  const costmodel::Device device =
      costmodel::make_device(solution.settings.platform, solution.settings.power);
  const costmodel::SchedulePrices prices(device);
  solution.energy_budget_j = prices.budget_j();
  solution.ledger = prices.ledger();

  std::vector<Layer> layers;
  std::vector<Design> designs;
  std::vector<execution::ExecutedLayer> executed;
  for (const Json& json : manifest.at("layers")) {
    dump::QuantizedLayer of;
    of.layer = layer_of(json);
    of.design = design_of(json, of.layer);
    of.in_exponent = json.at("in_exponent");
    of.second_in_exponent = json.value("second_in_exponent", 0);
    of.out_exponent = json.at("out_exponent");
    if (json.contains("shifts")) of.shifts = json.at("shifts").get<std::vector<std::uint8_t>>();
    if (json.contains("weights")) {
      of.weight_exponents = json.at("weight_exponents").get<std::vector<int>>();
      if (json.contains("bias")) of.bias = json.at("bias").get<std::vector<std::int32_t>>();
      of.layer.bias = !of.bias.empty();
      of.weights.resize(static_cast<std::size_t>(weight_count(of.layer)));
    }
    const std::int64_t vm_bytes = execution::vm_bytes(of.layer, of.design, 2);
    model.vm_bytes = std::max(model.vm_bytes, vm_bytes);
    LayerSolution record{.layer = of.layer, .design = of.design, .vm_bytes = vm_bytes};
    record.units = costmodel::scheduled_layer(device, prices, of.layer, of.design).walked.units;
    solution.layers.push_back(record);
    layers.push_back(of.layer);
    designs.push_back(of.design);
    executed.push_back({of.layer, of.design});
    model.network.layers.push_back(of);
  }
  execution::check_designs(solution);
  solution.latency_s = costmodel::schedule(device, layers, designs).latency_s;
  model.layout = execution::lay_out(executed);
  for (std::size_t index = 0; index < layers.size(); ++index) {
    model.network.layers[index].weights = weights_of(model, index, image);
  }
  model.network.calibration_samples = manifest.at("calibration_samples");
  model.standardisation = {manifest.at("input").at("mean").get<std::vector<float>>(),
                           manifest.at("input").at("deviation").get<std::vector<float>>()};
  dump::write_model(folder, model);
}

}  // namespace
}  // namespace inas

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-example-model",
      .arguments = "FOLDER",
      .description =
          "Writes the model in FOLDER, firmware/example-model, anew in today's form: the\n"
          "network of its manifest.json and the weights of its nvm.bin.\n"
          "Exit code: 0 done, 2 bad input.",
      .least_words = 1,
      .most_words = 1};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    inas::write_example(given.words[0]);
    return 0;
  });
}
