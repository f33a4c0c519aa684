#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/core/plain_name.hpp>
#include <inas/costmodel/bench_fit.hpp>
#include <inas/costmodel/laws.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;
using costmodel::BenchFile;
using costmodel::BenchFit;
using costmodel::FittedLaw;
using costmodel::FittedPoint;
using costmodel::QuantityFit;

const Usage kUsage{
    "inas-eval fit", "inas-eval fit FILE.csv [--base PROFILE] [--output PROFILE.json] [options]",
    "Fits the laws of a profile to what the micro-benchmarks of firmware/bench measured on a\n"
    "device, and says which measurements it does not believe. Laws that the file does not have "
    "are\n"
    "those of the base. How to measure: docs/measuring.md.\n"
    "Exit code: 0 done, 2 bad input."};

std::string laws_text(const QuantityFit& fit, const char* unit, double scale) {
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{:<34} {:>11} {:>10} {:>8} {:>7} {:>10}\n", "law", fmt::format("{}", unit),
                 "+- 95 %", "R2", "points", "residual %");
  for (const FittedLaw& law : fit.laws) {
    fmt::format_to(out, "{:<34} {:>11.2f} {:>10.2f} {:>8.4f} {:>7} {:>10.2f}\n", law.name,
                   scale * law.value, scale * law.half_width, law.r_squared, law.points,
                   100 * law.rms_residual);
  }
  fmt::format_to(out, "{} points, residual {:.2f} % (RMS), {:.2f} % (largest)\n", fit.believed,
                 100 * fit.rms_residual, 100 * fit.worst_residual);
  return text;
}

std::string point_text(const FittedPoint& point, const char* unit, double scale) {
  return fmt::format("line {}: {}: {:.1f} {} measured, {:.1f} by the laws, {:+.2f} %\n", point.line,
                     point.what, scale * point.measured, unit, scale * point.predicted,
                     100 * (point.measured / point.predicted - 1));
}

/// Every point, or those that are not believed.
std::string points_text(const QuantityFit& fit, const char* unit, double scale, bool all) {
  std::string text;
  std::size_t disbelieved = 0;
  for (const FittedPoint& point : fit.points) {
    if (!point.believed) {
      ++disbelieved;
      text += "not believed, left out: ";
    }
    if (all || !point.believed) text += point_text(point, unit, scale);
  }
  if (disbelieved == 0) text += "all points are believed\n";
  return text;
}

std::vector<std::string> laws_of_base(const BenchFit& fit) {
  std::vector<std::string> names;
  for (const std::string& name : costmodel::law_names()) {
    if (fit.cycles.find(name) == nullptr) names.push_back(name);
  }
  return names;
}

std::string energy_text(const BenchFit& fit, const costmodel::Profile& base) {
  if (!fit.energy.laws.empty()) return "measured";
  return fmt::format("not measured, each law's per cycle is that of {}", base.name);
}

std::string comment_of(const BenchFile& file, const BenchFit& fit, const costmodel::Profile& base) {
  const std::vector<std::string> others = laws_of_base(fit);
  return fmt::format(
      "Measured on the board {} at {:g} MHz by the micro-benchmarks of firmware {} (memory {}, lea "
      "{}, {}): {} points, residual {:.2f} % (RMS). Energies: {}.{}",
      file.board, file.clock_hz / 1e6, file.firmware, file.memory, file.lea, file.optimization,
      fit.cycles.believed, 100 * fit.cycles.rms_residual, energy_text(fit, base),
      others.empty() ? "" : fmt::format(" Of {}: {}.", base.name, fmt::join(others, ", ")));
}

/// The built-in profile of the memory that was measured.
std::string default_base(const BenchFile& file) {
  return file.memory == "serial" ? "msp430fr5994-serial" : "msp430fr5994";
}

void check_name(const std::string& name) {
  if (is_plain_name(name) && !costmodel::is_builtin_profile(name)) return;
  throw Error(fmt::format("--name: found {}, allowed: {}, not a built-in profile's",
                          json::shown(name), plain_names()));
}

}  // namespace

int eval_fit(int argc, const char* const* argv) {
  const std::string path = take_word(argc, argv);
  po::options_description what("what to fit", 100);
  what.add_options()("base", po::value<std::string>()->value_name("PROFILE"),
                     "name or JSON file of the profile whose other laws are taken (default: the "
                     "built-in one of the memory that was measured)")(
      "name", po::value<std::string>()->value_name("NAME"),
      "of the new profile (default: the base's, and \"-measured\")")(
      "output,o", po::value<std::string>()->value_name("FILE"), "write the profile to a JSON file")(
      "residuals", po::bool_switch(), "print every point beside what the laws say");
  const auto options = parse_command_line(argc, argv, kUsage, what);
  if (!options) return kDone;
  if (path.empty()) {
    throw Error(
        "FILE: found none, allowed: what the micro-benchmarks sent, as in inas-eval fit "
        "FILE.csv");
  }
  check_outputs(*options, {"output"});
  if (options->count("name") > 0) check_name((*options)["name"].as<std::string>());
  if (options->count("output") > 0) {
    const std::string output = (*options)["output"].as<std::string>();
    std::error_code ignored;
    if (std::filesystem::equivalent(output, path, ignored)) {
      throw Error(
          fmt::format("--output: found {}, the measurements, allowed: another file", output));
    }
  }
  const BenchFile file = costmodel::parse_bench_file(read_file(path, kMostTextBytes), path);
  const costmodel::Profile base = costmodel::load_profile(
      options->count("base") > 0 ? (*options)["base"].as<std::string>() : default_base(file));
  const BenchFit fit = costmodel::fit_bench(file);
  costmodel::Profile profile = costmodel::with_bench_fit(base, file, fit);
  profile.name =
      options->count("name") > 0 ? (*options)["name"].as<std::string>() : base.name + "-measured";

  const bool all = (*options)["residuals"].as<bool>();
  fmt::print("{}: {}, firmware {}, {:g} MHz, memory {}, lea {}, {}\n", path, file.board,
             file.firmware, file.clock_hz / 1e6, file.memory, file.lea, file.optimization);
  fmt::print("{}{}", laws_text(fit.cycles, "cycles", 1), points_text(fit.cycles, "cycles", 1, all));
  fmt::print("energies: {}\n", energy_text(fit, base));
  if (!fit.energy.laws.empty()) {
    fmt::print("{}{}", laws_text(fit.energy, "pJ", 1e12), points_text(fit.energy, "pJ", 1e12, all));
  }
  if (const auto others = laws_of_base(fit); !others.empty()) {
    fmt::print("of {}: {}\n", base.name, fmt::join(others, ", "));
  }
  if (options->count("output") > 0) {
    write_file((*options)["output"].as<std::string>(),
               costmodel::to_json(profile, comment_of(file, fit, base)));
  }
  return kDone;
}

}  // namespace inas::apps
