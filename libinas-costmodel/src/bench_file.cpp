#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/design.hpp>
#include <inas/core/error.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/bench_file.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/execution/tiles.hpp>

namespace inas::costmodel {
namespace {

constexpr std::string_view kTitle = "# inas-bench ";
constexpr std::string_view kFormat = "1";
constexpr std::string_view kEnd = "# end ";
constexpr std::string_view kBias = "_bias";
constexpr std::string_view kColumns = "benchmark,shape,design,repetitions,cycles";
constexpr std::string_view kEnergyColumn = ",energy_j";
/// More than any device measures, and little to count.
constexpr std::int64_t kMostWork = 10'000'000, kMostTiles = 100'000;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Power cycles on it end by K alone.
const Device& endless_supply() {
  static const Device device = [] {
    Device of;
    of.profile = load_profile("msp430fr5994");
    of.supply.capacitance_f = 1e3;
    return of;
  }();
  return device;
}

/// Reads the file line by line; errors name the line that was read last.
class BenchReader {
 public:
  BenchReader(std::string_view text, const std::string& source) : rest_(text), source_(source) {}

  [[nodiscard]] BenchFile read() {
    file_.source = source_;
    if (rest_.empty()) {
      throw InvalidArgument(
          fmt::format("{}: is empty, allowed: what the micro-benchmarks sent", source_));
    }
    read_title();
    read_head();
    while (!read_end()) file_.points.push_back(read_point());
    while (!rest_.empty()) {
      const std::string_view line = next_line();
      if (!line.empty()) fail(line, "nothing after \"# end\": one run in a file");
    }
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(std::string_view found, std::string_view allowed) const {
    throw InvalidArgument(fmt::format("{}: line {}: found {}, allowed: {}", source_, line_,
                                      json::shown(nlohmann::json(std::string(found))), allowed));
  }

  std::string_view next_line() {
    ++line_;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    ended_ = end != std::string_view::npos;
    rest_.remove_prefix(ended_ ? end + 1 : rest_.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  void read_title() {
    const std::string_view line = next_line();
    if (!line.starts_with(kTitle)) {
      fail(line, fmt::format("\"{}{}\", which the micro-benchmarks send first", kTitle, kFormat));
    }
    if (line.substr(kTitle.size()) != kFormat) {
      fail(line, fmt::format("format {}, the one that this version reads", kFormat));
    }
  }

  void read_head() {
    std::map<std::string, std::string, std::less<>> values;
    const std::vector<std::string> keys{"firmware", "board", "clock_hz",
                                        "memory",   "lea",   "optimization"};
    for (;;) {
      if (rest_.empty()) fail("the end of the file", fmt::format("\"{}\"", kColumns));
      const std::string_view line = next_line();
      if (!line.starts_with("# ")) {
        read_columns(line);
        break;
      }
      const std::size_t space = line.find(' ', 2);
      const std::string key(line.substr(2, space == std::string_view::npos ? space : space - 2));
      if (std::find(keys.begin(), keys.end(), key) == keys.end() || values.count(key) > 0 ||
          space == std::string_view::npos) {
        fail(line, fmt::format("once each, with a value: {}", fmt::join(keys, ", ")));
      }
      values[key] = std::string(line.substr(space + 1));
      if (key == "clock_hz") file_.clock_hz = static_cast<double>(whole(values[key], 1));
      if (key == "memory") require_one_of(values[key], {"on-chip", "serial"});
      if (key == "lea") require_one_of(values[key], {"none", "registers", "dsplib"});
    }
    for (const std::string& key : keys) {
      if (values.count(key) == 0) {
        throw InvalidArgument(
            fmt::format("{}: line {}: no \"# {}\" before the columns", source_, line_, key));
      }
    }
    file_.firmware = values["firmware"];
    file_.board = values["board"];
    file_.memory = values["memory"];
    file_.lea = values["lea"];
    file_.optimization = values["optimization"];
  }

  void require_one_of(std::string_view value, const std::vector<std::string>& allowed) const {
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
      fail(value, fmt::format("{}", fmt::join(allowed, ", ")));
    }
  }

  void read_columns(std::string_view line) {
    has_energy_ = line == std::string(kColumns) + std::string(kEnergyColumn);
    if (line != kColumns && !has_energy_) {
      fail(line, fmt::format("the columns {}, or {}{}", kColumns, kColumns, kEnergyColumn));
    }
  }

  bool read_end() {
    if (rest_.empty()) {
      throw InvalidArgument(fmt::format("{}: line {}: the file ends before \"{}\": it is cut off",
                                        source_, line_, kEnd.substr(0, kEnd.size() - 1)));
    }
    if (!rest_.starts_with('#')) return false;
    const std::string_view line = next_line();
    if (!line.starts_with(kEnd)) fail(line, "a measurement, or \"# end\" and their number");
    if (whole(line.substr(kEnd.size()), 0) != static_cast<std::int64_t>(file_.points.size())) {
      fail(line, fmt::format("\"{}{}\", which is how many lines of measurements precede: some are "
                             "missing",
                             kEnd, file_.points.size()));
    }
    return true;
  }

  std::int64_t whole(std::string_view text, std::int64_t least,
                     std::int64_t most = 4'294'967'295) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
      fail(text, fmt::format("a whole number from {} to {}", least, most));
    }
    return value;
  }

  double positive(std::string_view text) const {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // Far beyond any meter's range; within it no square or quotient overflows.
    constexpr double kLeastJ = 1e-12;
    constexpr double kMostJ = 1e6;
    if (error != std::errc() || end != text.data() + text.size() ||
        !(value >= kLeastJ && value <= kMostJ)) {
      fail(text, "1e-12 to 1e6 joules, or nothing");
    }
    return value;
  }

  BenchPoint read_point() {
    const std::string_view line = next_line();
    if (!ended_) fail(line, "a whole line: the file is cut off");
    const std::vector<std::string_view> fields = split(line, ',');
    const std::size_t columns = has_energy_ ? 6 : 5;
    if (fields.size() != columns) fail(line, fmt::format("{} fields", columns));
    BenchPoint point;
    point.line = line_;
    point.what = fmt::format("{},{},{}", fields[0], fields[1], fields[2]);
    while (point.what.ends_with(',')) point.what.pop_back();
    const auto repetitions = static_cast<double>(whole(fields[3], 1));
    point.cycles = static_cast<double>(whole(fields[4], 1)) / repetitions;
    if (has_energy_ && !fields[5].empty()) point.energy_j = positive(fields[5]) / repetitions;
    point.counts.assign(bench_columns().size(), 0);
    count(point, fields[0], fields[1], fields[2]);
    return point;
  }

  static void add(BenchPoint& point, std::string_view name, double count) {
    const std::vector<std::string>& names = bench_columns();
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) throw Error(fmt::format("law {}: there is none of that name", name));
    point.counts[static_cast<std::size_t>(at - names.begin())] += count;
  }

  void count(BenchPoint& point, std::string_view benchmark, std::string_view shape,
             std::string_view design) const {
    if (benchmark == "start") {
      require_nothing(shape);
      require_nothing(design);
      add(point, "start", 1);
    } else if (benchmark == "read" || benchmark == "write") {
      require_nothing(design);
      count_transfers(point, std::string(benchmark), shape);
    } else if (benchmark == "products") {
      count_products(point, shape, design);
    } else if (benchmark == "layer" || benchmark == "two_layers") {
      count_layers(point, shape, design, benchmark == "layer" ? 1 : 2);
    } else {
      fail(benchmark, "start, read, write, products, layer, two_layers");
    }
  }

  void require_nothing(std::string_view text) const {
    if (!text.empty()) fail(text, "nothing");
  }

  /// The numbers of a text that `separators` part, one character each.
  std::vector<std::int64_t> numbers(std::string_view text, std::string_view separators,
                                    const char* form) const {
    std::vector<std::int64_t> values;
    std::string_view rest = text;
    for (std::size_t i = 0; i <= separators.size(); ++i) {
      const bool last = i == separators.size();
      const std::size_t at = last ? rest.size() : rest.find(separators[i]);
      std::int64_t value = 0;
      const std::string_view part = rest.substr(0, at);
      const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
      if (at == std::string_view::npos || error != std::errc() ||
          end != part.data() + part.size() || value < 1 || value > 65'535) {
        fail(text, fmt::format("{}, numbers from 1 to 65535", form));
      }
      values.push_back(value);
      if (!last) rest.remove_prefix(at + 1);
    }
    return values;
  }

  void count_transfers(BenchPoint& point, const std::string& benchmark,
                       std::string_view shape) const {
    const auto sizes = numbers(shape, "xx", "ROWSxPIXELSxVALUES");
    const auto transfers = static_cast<double>(sizes[0] * sizes[1]);
    add(point, "block_row", static_cast<double>(sizes[0]));
    add(point, "nvm_" + benchmark + ".intercept", transfers);
    add(point, "nvm_" + benchmark + ".slope", transfers * static_cast<double>(sizes[2]));
    add(point, benchmark, 1);
  }

  void count_products(BenchPoint& point, std::string_view shape, std::string_view unit) const {
    const auto sizes = numbers(shape, "xx_x", "ROWSxCOLUMNSxCHANNELS_LINESxLENGTH");
    if (std::accumulate(sizes.begin(), sizes.end(), 1.0, std::multiplies<>()) > kMostWork) {
      fail(shape, fmt::format("at most {} products", kMostWork));
    }
    const auto rows = static_cast<double>(sizes[0]);
    const auto positions = rows * static_cast<double>(sizes[1]);
    const auto outputs = positions * static_cast<double>(sizes[2]);
    const auto lines = outputs * static_cast<double>(sizes[3]);
    if (unit != "cpu" && unit != "lea") fail(unit, "cpu, lea");
    const std::string kernel = unit == "cpu" ? "convolution" : "convolution_lea";
    add(point, kernel + ".row", rows);
    add(point, kernel + ".position", positions);
    add(point, kernel + ".output", outputs);
    if (unit == "cpu") {
      add(point, "cpu_mac.intercept", lines);
      add(point, "cpu_mac.slope", lines * static_cast<double>(sizes[4]));
      add(point, "products", 1);
      return;
    }
    add(point, "convolution_lea.line", lines);
    add(point, "convolution_lea.vector", lines);
    count_lea_vectors(point, sizes);
    add(point, "products_lea", 1);
  }

  /// Of each vector what the LEA can take: an even length from multiples of 4 bytes on. VM is as
  /// firmware/bench has it: the input of a position is 2 values behind that of the one before it.
  static void count_lea_vectors(BenchPoint& point, const std::vector<std::int64_t>& sizes) {
    const std::int64_t lines = sizes[3];
    const std::int64_t length = sizes[4];
    const std::int64_t input_row = 2 * (sizes[1] - 1) + length;
    const std::int64_t even = length - length % 2;
    const auto positions_of_row = static_cast<double>(sizes[1]);
    for (std::int64_t row = 0; row < sizes[0]; ++row) {
      for (std::int64_t of = 0; of < sizes[2] * lines; ++of) {
        const bool aligned = (row + of % lines) * input_row % 2 == 0 && of * length % 2 == 0;
        const bool taken = aligned && even > 0;
        if (taken) {
          add(point, "vector_mac.intercept", positions_of_row);
          add(point, "vector_mac.slope", positions_of_row * static_cast<double>(even));
        }
        const std::int64_t rest = taken ? length - even : length;
        if (rest == 0) continue;
        add(point, "convolution_lea.cpu_vector", positions_of_row);
        add(point, "convolution_lea.cpu_value", positions_of_row * static_cast<double>(rest));
      }
    }
  }

  Layer layer_of(std::string_view text) const {
    const std::size_t type_end = text.find('_');
    const std::string_view type = text.substr(0, type_end);
    std::string_view sizes = text.substr(std::min(text.size(), type.size() + 1));
    const bool bias = sizes.ends_with(kBias);
    if (bias) sizes.remove_suffix(kBias.size());
    const auto n =
        numbers(sizes, "xx__x_", "TYPE_CHANNELSxROWSxCOLUMNS_FILTERS_ROWSxCOLUMNS_STRIDE");
    const Shape ifm{n[0], n[1], n[2]};
    Layer layer;
    try {
      if (type == to_string(LayerType::convolution)) {
        layer = make_convolution("CONV", ifm, n[3], n[4], n[5]);
      } else if (type == to_string(LayerType::global_average_pool)) {
        layer = make_global_average_pool("GAVGPOOL", ifm);
      } else if (type == to_string(LayerType::max_pool)) {
        layer = make_max_pooling("MAXPOOL", ifm, n[4], n[5], n[6]);
      } else {
        fail(type, "CONV, GAVGPOOL, MAXPOOL");
      }
      layer.bias = bias;
      validate(layer);
    } catch (const InvalidArgument& error) {
      if (std::string_view(error.what()).starts_with(source_)) throw;
      fail(text, error.what());
    }
    if (layer.ofm.channels != n[3] || layer.kernel_height != n[4] || layer.kernel_width != n[5] ||
        layer.stride != n[6]) {
      fail(text, "filters, kernel and stride that a layer of this type has");
    }
    return layer;
  }

  void count_layers(BenchPoint& point, std::string_view shape, std::string_view text,
                    std::size_t layers) const {
    const Layer layer = layer_of(shape);
    if (static_cast<double>(mac_count(layer)) > kMostWork) {
      fail(shape, fmt::format("at most {} products", kMostWork));
    }
    try {
      const Design design = parse_design(text);
      if (execution::tile_counts(layer, design.tile).all() > kMostTiles) {
        fail(text, fmt::format("at most {} tiles", kMostTiles));
      }
      const std::vector<double> counts = law_counts(
          endless_supply(), std::vector<Layer>(layers, layer), std::vector<Design>(layers, design));
      std::copy(counts.begin(), counts.end(), point.counts.begin());
    } catch (const InvalidArgument& error) {
      if (std::string_view(error.what()).starts_with(source_)) throw;
      fail(text, error.what());
    }
    add(point, "start", 1);
  }

  std::string_view rest_;
  const std::string& source_;
  std::size_t line_ = 0;
  bool ended_ = true;  ///< the last line had its end
  bool has_energy_ = false;
  BenchFile file_;
};

}  // namespace

const std::vector<std::string>& bench_columns() {
  static const std::vector<std::string> columns = [] {
    std::vector<std::string> names = law_names();
    for (const char* besides : {"read", "write", "products", "products_lea", "start"})
      names.emplace_back(besides);
    return names;
  }();
  return columns;
}

BenchFile parse_bench_file(std::string_view text, const std::string& source) {
  return BenchReader(text, source).read();
}

}  // namespace inas::costmodel
