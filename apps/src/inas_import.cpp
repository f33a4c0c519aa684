#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/run_folder.hpp>
#include <inas/core/shape_text.hpp>
#include <inas/core/solution.hpp>
#include <inas/core/version.hpp>
#include <inas/dump/executor.hpp>
#include <inas/onnx/import.hpp>

#include "command_line.hpp"
#include "long_work.hpp"
#include "name_width.hpp"
#include "sample_file.hpp"

namespace {

namespace po = boost::program_options;
using namespace inas;
using namespace inas::apps;

const Usage kUsage{
    "inas-import", "inas-import MODEL.onnx --out DIR [options]",
    "Reads a trained network in the ONNX format, prints its layers and what was folded or dropped, "
    "and\nwrites it as a solution folder without designs: inas-eval design looks for them, "
    "inas-dump writes the\nnetwork for the device.\nExit code: 0 done, 1 the outputs are not those "
    "of --check, 2 bad input; a model that is refused has a\nline on standard error for each "
    "reason."};

/// How far outputs may be from those of --check, relative to those above 1.
constexpr double kTolerance = 1e-4;

po::options_description import_options() {
  po::options_description options("options", 100);
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "solution folder to write (required)")(
      "overwrite", po::bool_switch(), "replace the results of an earlier run in the folder")(
      "check", po::value<std::string>()->value_name("FILE.npz"),
      fmt::format("compare the outputs for the array input with the array output, to {:g}; nothing "
                  "is written if they differ",
                  kTolerance)
          .c_str());
  options.add(settings_options());
  return options;
}

std::string padding_text(const Padding& padding) {
  if (padding == Padding{}) return "-";
  return fmt::format("{},{},{},{}", padding.top, padding.left, padding.bottom, padding.right);
}

void print_network(const Network& network) {
  const std::size_t width = name_width(network, 5);
  const auto row = [&](const std::string& name, const std::string& type, const std::string& input,
                       const std::string& output, const std::string& kernel,
                       const std::string& stride, const std::string& padding,
                       const std::string& activation, const std::string& weights,
                       const std::string& macs, const std::string& reads) {
    fmt::print("{:<{}}  {:<8}  {:<11}  {:<11}  {:<6}  {:>6}  {:<9}  {:<10}  {:>8}  {:>10}{}\n",
               name, width, type, input, output, kernel, stride, padding, activation, weights, macs,
               reads);
  };
  row("layer", "type", "input", "output", "kernel", "stride", "padding", "activation", "weights",
      "MACs", "");
  for (const Layer& layer : network.layers) {
    const bool has_windows = layer.type != LayerType::add;
    row(layer.name, std::string(to_string(layer.type)), shape_text(layer.ifm),
        shape_text(layer.ofm),
        has_windows ? fmt::format("{}x{}", layer.kernel_height, layer.kernel_width) : "-",
        fmt::format("{}", layer.stride), padding_text(layer.padding),
        layer.activation == Activation::none ? "-" : std::string(to_string(layer.activation)),
        fmt::format("{}", weight_count(layer) + bias_count(layer)),
        fmt::format("{}", mac_count(layer)),
        layer.inputs.empty() ? "" : fmt::format("  reads {}", fmt::join(layer.inputs, ", ")));
  }
  std::int64_t biases = 0;
  for (const Layer& layer : network.layers) biases += bias_count(layer);
  fmt::print("\n{} layers, {} weights and biases, {} MACs\n", network.layers.size(),
             weight_count(network) + biases, mac_count(network));
}

/// The network's outputs for all samples of the file.
std::vector<float> outputs_of(const onnx::ImportedNetwork& imported, const SampleFile& file) {
  LongWork shown("checking the outputs", "samples");
  const RoundsDone done = shown.rounds();
  std::vector<float> outputs;
  for (std::int64_t sample = 0; sample < file.count; ++sample) {
    const std::vector<float> found =
        dump::run_float(imported.network, imported.tensors, file.input(sample));
    outputs.insert(outputs.end(), found.begin(), found.end());
    done(sample + 1, file.count);
  }
  return imported.has_softmax ? softmax_of(outputs, file.count) : outputs;
}

/// Prints how far the outputs are from those that are expected. False if that is too far.
bool check_outputs_of(const onnx::ImportedNetwork& imported, const SampleFile& file,
                      const std::string& path) {
  const std::vector<float> found = outputs_of(imported, file);
  const Agreement agreement = compare_outputs(found, file.outputs, file.count);
  bool is_close = true;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double expected = static_cast<double>(file.outputs[i]);
    const double difference = std::abs(static_cast<double>(found[i]) - expected);
    is_close = is_close && difference <= kTolerance * std::max(1.0, std::abs(expected));
  }
  fmt::print(
      "{}: {} samples{}, largest difference of an output {:.3g}, {} of {} predictions agree\n",
      path, file.count, imported.has_softmax ? ", compared behind a softmax" : "",
      agreement.largest, agreement.agreeing, agreement.samples);
  if (!is_close) {
    fmt::print(stderr, "inas-import: {}: found outputs that differ by {:.3g}, allowed: {:g}\n",
               path, agreement.largest, kTolerance);
  }
  return is_close;
}

/// A solution without designs.
Solution solution_of(const onnx::ImportedNetwork& imported, const Settings& settings) {
  Solution solution;
  solution.explored = false;
  solution.settings = settings;
  solution.software_version = version();
  for (const Layer& layer : imported.network.layers) solution.layers.push_back({.layer = layer});
  return solution;
}

int import(const std::string& model, const po::variables_map& options) {
  if (model.empty()) {
    throw Error("MODEL: found none, allowed: a file, as in inas-import MODEL.onnx --out DIR");
  }
  if (options.count("out") == 0)
    throw Error("--out: found none, allowed: the folder to write; see inas-import --help");
  const std::filesystem::path out = options["out"].as<std::string>();
  const Settings settings = settings_from(options);
  const onnx::ImportedNetwork imported = onnx::import_model(model);
  std::optional<SampleFile> check;
  if (options.count("check") > 0) {
    const std::string path = options["check"].as<std::string>();
    check = read_sample_file(path, imported.network);
    if (check->outputs.empty()) {
      throw Error(fmt::format("{}: found no array output, allowed: input and output", path));
    }
  }
  RunFolder folder(out, "inas-import", solution_file_names());
  if (!options["overwrite"].as<bool>()) folder.refuse_earlier_results("--overwrite", "--out");
  print_network(imported.network);
  for (const std::string& note : imported.notes) fmt::print("{}\n", note);
  if (check && !check_outputs_of(imported, *check, options["check"].as<std::string>())) {
    return kNoFeasibleSolution;
  }
  write_solution(out, solution_of(imported, settings), imported.tensors);
  fmt::print("{}: solution.json, weights.safetensors; next: inas-eval design {}\n", out.string(),
             out.string());
  return kDone;
}

int run(int argc, const char* const* argv) {
  const std::string model = take_word(argc, argv);
  const auto options = parse_command_line(argc, argv, kUsage, import_options());
  if (!options) return kDone;
  try {
    return import(model, *options);
  } catch (const onnx::ImportError& error) {
    for (const std::string& problem : error.problems()) {
      fmt::print(stderr, "inas-import: {}\n", problem);
    }
    return kBadInput;
  }
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("inas-import", [&] { return run(argc, argv); });
}
