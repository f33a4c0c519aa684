#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <inas/core/board.hpp>
#include <inas/core/error.hpp>
#include <inas/core/run_folder.hpp>
#include <inas/core/solution.hpp>
#include <inas/core/text.hpp>
#include <inas/core/worker_threads.hpp>
#include <inas/data/dataset.hpp>
#include <inas/dump/dump.hpp>
#include <inas/dump/executor.hpp>
#include <inas/dump/host_device.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/study/deployment.hpp>

#include "board_report.hpp"
#include "command_line.hpp"
#include "long_work.hpp"
#include "name_width.hpp"
#include "sample_file.hpp"

namespace {

namespace po = boost::program_options;
using namespace inas;
using namespace inas::apps;
using study::deploy;
using study::first_samples;
using study::kCalibrationImages;
using study::kDeviceFolder;
using study::load_data;
using study::resampled;

const Usage kUsage{
    "inas-dump", "inas-dump --solution DIR [options] | --check-board NAME|PATH",
    "Quantises a solution and writes it for the device: model.h, model.c and nvm_image.c, which "
    "the\nfirmware is built with, nvm.bin, the initial content of NVM, and manifest.json with all\n"
    "addresses, scales and checksums.\nExit code: 0 done, 1 the runtime and the reference "
    "disagree, 2 bad input."};

/// Samples for the per-layer comparison with floating point.
constexpr std::int64_t kProfileImages = 64;
constexpr std::int64_t kVerifyImages = 1000;
constexpr std::int64_t kMostImages = 100'000'000;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 32;

po::options_description dump_options() {
  po::options_description options("options", 100);
  options.add_options()("solution", po::value<std::string>()->value_name("DIR"),
                        "solution folder (required)")(
      "out", po::value<std::string>()->value_name("DIR"),
      "folder to write to (default: device in the solution folder)")(
      "overwrite", po::bool_switch(),
      "replace the dump of another solution, or what looks like one, in the folder of --out")(
      "board", po::value<std::string>()->value_name("NAME|PATH"),
      fmt::format("check that the model fits this board, {} or a description in a JSON file or "
                  "in the folder of a board.json (default: none)",
                  fmt::join(board_names(), ", "))
          .c_str())("unit", po::value<std::string>()->value_name("NAME"),
                    "with --board: what the firmware is built for, cpu (multiplier) or lea "
                    "(default: the model must fit every build)")(
      "check-board", po::value<std::string>()->value_name("NAME|PATH"),
      "check a board's description and print it; nothing else is done then")(
      "data", po::value<std::string>()->value_name("DIR"),
      "folder of the data set (default: the solution's)")(
      "calibration", po::value<std::string>()->value_name("FILE"),
      "samples instead of a data set: the array input of an .npy or .npz file, [samples][channel]"
      "[row][column], scaled as the network takes them; scales are chosen on the first of them "
      "(see "
      "--calibrate), --verify and --profile run them, and the outputs in 16 bits are compared with "
      "those in floating point, and with the array output where there is one")(
      "verify", po::bool_switch(),
      "run test images through the runtime on the host board, compare bit for bit with the "
      "reference, and print the accuracy of both and of floating point (with --calibration: its "
      "samples, which have no classes)")(
      "profile", po::bool_switch(),
      "print every layer's scales, signal-to-noise ratio, transfers and MACs");
  add_number(
      options, "calibrate", "N", 0, kMostImages, kCalibrationImages,
      fmt::format("choose the scales on the first N training images; 0: bounds that hold for "
                  "all inputs within {:g} standard deviations, at a great loss of accuracy",
                  dump::kAssumedInput));
  add_number(options, "images", "N", 0, kMostImages, kVerifyImages,
             "test images for --verify, 0 for all");
  // With power that fails after one byte, the count that ends a power cycle is never complete.
  add_number(options, "fail-every", "BYTES", 2, kMostBytes, std::nullopt,
             "with --verify: also cut power in every power cycle after so many bytes written to "
             "NVM, 2 or more (default: never)");
  return options;
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

/// What the network is run on: the solution's data set, or samples of a file.
struct Data {
  std::optional<data::DataSplit> set;
  std::optional<SampleFile> file;

  /// To choose the scales on; none if there are no data.
  [[nodiscard]] dump::Samples calibration(std::int64_t count) const {
    if (file) return file->first_samples(count);
    return set ? first_samples(set->train, count) : dump::Samples{};
  }
  /// To run.
  [[nodiscard]] dump::Samples test(std::int64_t count) const {
    const std::int64_t most = count == 0 ? std::numeric_limits<std::int64_t>::max() : count;
    return file ? file->first_samples(most) : first_samples(set->test, most);
  }
  /// What one is called.
  [[nodiscard]] std::string sample() const { return file ? "sample" : "test image"; }
};

/// The data set of the solution, if something is to be done with it.
std::optional<data::DataSplit> load(const Solution& solution, const po::variables_map& options) {
  const bool calibrates = options["calibrate"].as<std::int64_t>() > 0;
  if (!calibrates && !options["verify"].as<bool>() && !options["profile"].as<bool>()) {
    return std::nullopt;
  }
  DataSettings settings = solution.settings.data;
  if (options.count("data") > 0) settings.path = options["data"].as<std::string>();
  // Of the network itself: one that was imported is of no search space. Blocks may take less.
  SearchSpace space = solution.settings.space;
  const Shape& input = solution.layers.front().layer.ifm;
  if (!has_blocks(space)) space.input = input;
  space.classes = solution.layers.back().layer.ofm.values();
  try {
    return resampled(load_data(settings, space, solution.settings.search.seed), input);
  } catch (const Error& error) {
    throw Error(
        fmt::format("{}, --calibration FILE names samples, and --calibrate 0 needs no data, "
                    "at a great loss of accuracy",
                    error.what()));
  }
}

Data load_data_or_file(const Solution& solution, const po::variables_map& options) {
  if (options.count("calibration") == 0) return {.set = load(solution, options), .file = {}};
  if (options.count("data") > 0) {
    throw Error("--data: found with --calibration, allowed: one of the two");
  }
  return {.set = {},
          .file = read_sample_file(options["calibration"].as<std::string>(), network_of(solution))};
}

void print_profile(const dump::Model& model, const std::vector<Tensor>& weights, const Data& data) {
  const dump::Samples samples = data.test(kProfileImages);
  std::optional<LongWork> shown(std::in_place, "comparing the layers with floating point");
  const std::vector<dump::LayerFidelity> layers = dump::fidelity(model.network, weights, samples);
  shown.reset();
  fmt::print("\nagainst floating point on {} {}s; a map's value q means q·2^(e − 15)\n",
             samples.count, data.sample());
  std::vector<Layer> of_network;
  for (const dump::QuantizedLayer& of : model.network.layers) of_network.push_back(of.layer);
  const std::size_t width = name_width({of_network}, 12);
  fmt::print("{:<{}} {:<40} {:>4} {:>5} {:>9} {:>8} {:>10}\n", "layer", width, "design", "e in",
             "e out", "shifts", "SNR, dB", "saturated");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const dump::QuantizedLayer& of = model.network.layers[l];
    std::string shifts = "–";
    if (!of.shifts.empty()) {
      const auto [least, most] = std::minmax_element(of.shifts.begin(), of.shifts.end());
      shifts = fmt::format("{} … {}", *least, *most);
    }
    fmt::print("{:<{}} {:<40} {:>4} {:>5} {:>9} {:>8.1f} {:>10}\n", of.layer.name, width,
               to_string(of.design), of.in_exponent, of.out_exponent, shifts,
               layers[l].signal_to_noise_db, layers[l].saturated);
  }

  dump::HostDevice device(model);
  const auto size = static_cast<std::size_t>(model.network.layers.front().layer.ifm.values());
  const std::vector<dump::DeviceCounts> counts =
      device.layer_counts(dump::quantize_input(model.network, samples.values.first(size)));
  fmt::print(
      "\none inference on the host board, layer by layer: transfers and 16-bit values moved, "
      "vector "
      "MACs\n");
  fmt::print("{:<{}} {:>6} {:>10} {:>10} {:>10} {:>10} {:>10} {:>11}\n", "layer", width, "cycles",
             "from NVM", "values", "to NVM", "values", "MACs", "values");
  for (std::size_t l = 0; l < counts.size(); ++l) {
    const dump::DeviceCounts& c = counts[l];
    fmt::print("{:<{}} {:>6} {:>10} {:>10} {:>10} {:>10} {:>10} {:>11}\n",
               model.network.layers[l].layer.name, width, c.power_cycles, c.reads, c.values_read,
               c.writes, c.values_written, c.macs, c.mac_values);
  }
}

/// Runs samples on the host board, one device for each thread. Returns the exit code.
int verify(const dump::Model& model, const std::vector<Tensor>& weights, const Data& data,
           std::int64_t images, std::int64_t fail_every) {
  const dump::Samples samples = data.test(images);
  const auto labels = data.set ? std::span<const std::int64_t>(data.set->test.labels)
                                     .first(static_cast<std::size_t>(samples.count))
                               : std::span<const std::int64_t>();
  std::optional<LongWork> shown(std::in_place, "on the host board", "samples");
  const RoundsDone show = shown->rounds();
  std::mutex mutex;
  std::int64_t done = 0;
  std::int64_t right = 0;
  std::int64_t different = 0;
  dump::DeviceCounts counts;
  const auto size = samples.values.size() / static_cast<std::size_t>(samples.count);
  on_threads(all_cores(), samples.count, [&] {
    return [&, device = std::make_unique<dump::HostDevice>(model)](std::int64_t i) {
      const std::vector<std::int16_t> input = dump::quantize_input(
          model.network, samples.values.subspan(static_cast<std::size_t>(i) * size, size));
      const std::vector<std::int16_t> output = device->run(input, fail_every);
      const bool same = output == dump::run_network(model.network, input);
      const std::lock_guard lock(mutex);
      different += same ? 0 : 1;
      if (!labels.empty()) {
        right += dump::predicted_class(output) == labels[static_cast<std::size_t>(i)] ? 1 : 0;
      }
      counts = device->counts();
      show(++done, samples.count);
    };
  });
  std::optional<double> exact;
  if (!labels.empty()) {
    shown->next("in floating point", "samples");
    exact = dump::float_accuracy(model.network, weights, samples, labels,
                                 [&](std::int64_t of) { show(of, samples.count); });
  }
  shown.reset();
  fmt::print(
      "\none inference: {}, {} transfers from NVM of {} values, {} to NVM of {} "
      "values,\n  {} vector MACs of {} values\n",
      counted(counts.power_cycles, "power cycle"), counts.reads, counts.values_read, counts.writes,
      counts.values_written, counts.macs, counts.mac_values);
  if (exact) {
    fmt::print(
        "{} test images: accuracy {} on the host board, {} in floating point\n", samples.count,
        percent(static_cast<double>(right) / static_cast<double>(samples.count)), percent(*exact));
  }
  if (different > 0) {
    fmt::print("{} outputs differ from the reference executor's\n", different);
    return 1;
  }
  fmt::print("every output{} equals the reference executor's, bit for bit\n",
             data.file ? fmt::format(" of {} samples", samples.count) : "");
  return kDone;
}

/// The outputs of a deployed network for one sample, as `dump::run_float` gives them.
std::vector<float> deployed_outputs(const dump::QuantizedNetwork& network,
                                    std::span<const float> sample) {
  const std::vector<std::int16_t> found =
      dump::run_network(network, dump::quantize_input(network, sample));
  const dump::QuantizedLayer& last = network.layers.back();
  const Shape& map = last.layer.ofm;
  std::vector<float> outputs(found.size());
  for (std::size_t at = 0; at < found.size(); ++at) {
    const auto channels = static_cast<std::size_t>(map.channels);
    const auto pixels = found.size() / channels;
    outputs[at % channels * pixels + at / channels] =
        std::ldexp(static_cast<float>(found[at]), last.out_exponent - 15);
  }
  return outputs;
}

void print_agreement(const std::string& with, const Agreement& agreement) {
  fmt::print(
      "{} samples in 16 bits against {}: largest difference of an output {:.4g}, mean {:.4g}; "
      "{} of {} predictions agree\n",
      agreement.samples, with, agreement.largest, agreement.mean, agreement.agreeing,
      agreement.samples);
}

/// Says how near the outputs in 16 bits are to those in floating point, and to those of the file.
void compare_with_file(const dump::Model& model, const std::vector<Tensor>& weights,
                       const SampleFile& file) {
  const Network network = network_of(model.solution);
  const auto size = static_cast<std::size_t>(network.layers.back().ofm.values());
  std::vector<float> deployed(static_cast<std::size_t>(file.count) * size);
  std::vector<float> exact(deployed.size());
  std::optional<LongWork> shown(std::in_place, "comparing with floating point", "samples");
  const RoundsDone show = shown->rounds();
  std::atomic<std::int64_t> done{0};
  on_threads(all_cores(), file.count, [&] {
    return [&](std::int64_t sample) {
      const auto at = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(sample) * size);
      const std::vector<float> found = deployed_outputs(model.network, file.input(sample));
      std::copy(found.begin(), found.end(), deployed.begin() + at);
      const std::vector<float> expected = dump::run_float(network, weights, file.input(sample));
      std::copy(expected.begin(), expected.end(), exact.begin() + at);
      show(++done, file.count);
    };
  });
  shown.reset();
  print_agreement("floating point", compare_outputs(deployed, exact, file.count));
  if (file.outputs.empty()) return;
  // A model whose last Softmax the importer has left out.
  const bool shares = are_shares(file.outputs, file.count);
  if (shares) deployed = softmax_of(deployed, file.count);
  print_agreement(
      shares ? "the file's outputs, which are shares, behind a softmax" : "the file's outputs",
      compare_outputs(deployed, file.outputs, file.count));
}

/// A search in the solution's folder owns the device folder in it as well.
void refuse_folder_of_a_search(const std::filesystem::path& out) {
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(out);
  if (resolved.filename() != kDeviceFolder) return;
  if (const auto other = RunFolder::holder(resolved.parent_path())) {
    throw Error(
        fmt::format("{}: belongs to a run that works in the folder above: {}; --out names "
                    "another folder",
                    out.string(), *other));
  }
}

/// Whether what stands in the output folder is a dump of this solution, which may be replaced by
/// one. The device folder of a solution is its own also when the solution has changed.
bool is_own_dump(const std::filesystem::path& out, bool is_default, const Solution& solution,
                 const std::vector<Tensor>& weights) {
  const std::optional<dump::DumpOrigin> origin = dump::dump_in(out);
  if (!origin) return false;
  const Checksum own =
      solution.weights ? *solution.weights : checksum_of(to_safetensors(weights, "weights"));
  return is_default || origin->weights_crc32 == crc32_text(own.crc32);
}

int run(int argc, const char* const* argv) {
  const auto options = parse_command_line(argc, argv, kUsage, dump_options());
  if (!options) return kDone;
  if (options->count("check-board") > 0) {
    return report_board((*options)["check-board"].as<std::string>());
  }
  if (options->count("solution") == 0) {
    throw Error("--solution: found none, allowed: the folder of a solution; see inas-dump --help");
  }
  const std::filesystem::path folder = (*options)["solution"].as<std::string>();
  const bool is_default = options->count("out") == 0;
  const std::filesystem::path out =
      is_default ? folder / kDeviceFolder
                 : std::filesystem::path((*options)["out"].as<std::string>());
  const auto images = (*options)["images"].as<std::int64_t>();
  const std::int64_t fail_every =
      options->count("fail-every") > 0 ? (*options)["fail-every"].as<std::int64_t>() : 0;

  std::optional<Board> board;
  if (options->count("board") > 0) board = load_board((*options)["board"].as<std::string>());
  const std::string unit =
      options->count("unit") > 0 ? (*options)["unit"].as<std::string>() : std::string();
  if (!unit.empty() && !board) throw Error("--unit: found without --board, allowed: with it");

  const Solution solution = execution::read_checked_solution(folder);
  const std::vector<Tensor> weights = read_solution_weights(folder, solution);
  refuse_folder_of_a_search(out);
  RunFolder output(out, "inas-dump", dump::model_file_names());
  refuse_folder_of_a_search(out);  // one that has begun meanwhile; a later one finds the lock
  if (!(*options)["overwrite"].as<bool>() && !is_own_dump(out, is_default, solution, weights)) {
    output.refuse_earlier_results("--overwrite", "--out");
  }
  std::optional<LongWork> shown(std::in_place, "loading the data");
  const Data data = load_data_or_file(solution, *options);
  shown->next("choosing the scales");
  const auto calibrate = (*options)["calibrate"].as<std::int64_t>();
  const dump::Model model = data.set
                                ? deploy(solution, weights, data.calibration(calibrate), *data.set)
                                : dump::make_model(solution, weights, data.calibration(calibrate));
  shown.reset();
  if (board) dump::check_board(model, *board, unit);
  dump::write_model(output, model);
  fmt::print("{}: model.h, model.c, nvm_image.c, nvm.bin, manifest.json\n", out.string());
  const Platform& platform = solution.settings.platform;
  fmt::print(
      "{} layers; NVM {} of {} bytes{}, {} of them weights and progress; VM {} of {} bytes; scales "
      "{}\n",
      model.network.layers.size(), model.layout.total_bytes,
      board ? dump::nvm_bytes_for(model, *board) : platform.nvm_bytes,
      board ? fmt::format(" of {}", board->name) : std::string(), model.layout.image_bytes,
      model.vm_bytes, board ? dump::vm_bytes_for(*board, unit) : platform.vm_bytes,
      model.network.calibration_samples > 0
          ? fmt::format("calibrated on {} {}", model.network.calibration_samples,
                        data.file ? "samples" : "training images")
          : fmt::format("are bounds for inputs within {:g} standard deviations",
                        dump::kAssumedInput));
  const Ledger& ledger = solution.ledger;
  if (ledger.kept()) {
    fmt::print("ledger: {} units of {:.4g} µJ a power cycle\n", ledger.budget, ledger.unit_j * 1e6);
  }
  if (data.file) compare_with_file(model, weights, *data.file);
  if ((*options)["profile"].as<bool>()) print_profile(model, weights, data);
  if ((*options)["verify"].as<bool>()) return verify(model, weights, data, images, fail_every);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("inas-dump", [&] { return run(argc, argv); });
}
