// Compares two JSON files of Google Benchmark and fails if something got slower.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

namespace {

using inas::Error;

constexpr const char* kHelp =
    "usage: inas-bench-compare OLD.json NEW.json [--threshold RATIO]\n"
    "\n"
    "Compares two JSON files of Google Benchmark. A benchmark's figure is its least CPU\n"
    "time over all repetitions in the file: what else runs on the machine can only add to\n"
    "it.\n"
    "  --threshold RATIO  new/old above which a benchmark is slower (default: 1.25)\n"
    "Exit code: 0 nothing is slower, 1 something is, 2 bad input.\n";

double seconds_per_unit(const std::string& unit, const std::string& source) {
  if (unit == "ns") return 1e-9;
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1;
  throw Error(fmt::format("{}: time_unit: found \"{}\", allowed: ns, us, ms, s", source, unit));
}

/// CPU seconds of each benchmark by its name.
std::map<std::string, double> read_times_s(const std::string& path) {
  std::map<std::string, double> times_s;
  try {
    const nlohmann::json document = nlohmann::json::parse(inas::read_file(path));
    for (const nlohmann::json& run : document.at("benchmarks")) {
      // Means and deviations of repetitions, and benchmarks that gave up, are no measurements.
      if (run.value("run_type", "iteration") != "iteration") continue;
      if (run.value("error_occurred", false)) continue;
      const double time_s = run.at("cpu_time").get<double>() *
                            seconds_per_unit(run.at("time_unit").get<std::string>(), path);
      if (!(time_s > 0) || !std::isfinite(time_s)) {
        throw Error(fmt::format("{}: cpu_time: found {}, allowed: a positive number", path,
                                run.at("cpu_time").dump()));
      }
      const auto [at, added] = times_s.emplace(run.at("name").get<std::string>(), time_s);
      if (!added) at->second = std::min(at->second, time_s);
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(fmt::format("{}: found no JSON output of Google Benchmark, allowed: one", path));
  }
  return times_s;
}

std::string time_text(double time_s) {
  if (time_s < 1e-6) return fmt::format("{:.1f} ns", time_s * 1e9);
  if (time_s < 1e-3) return fmt::format("{:.2f} us", time_s * 1e6);
  if (time_s < 1) return fmt::format("{:.3f} ms", time_s * 1e3);
  return fmt::format("{:.3f} s", time_s);
}

struct Arguments {
  std::vector<std::string> files;
  double threshold = 1.25;
};

Arguments parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (words[index] == "--threshold") {
      const std::string text = index + 1 < words.size() ? words[++index] : "";
      char* end = nullptr;
      arguments.threshold = std::strtod(text.c_str(), &end);
      if (text.empty() || *end != '\0' || !(arguments.threshold >= 1) ||
          !std::isfinite(arguments.threshold)) {
        throw Error(fmt::format("--threshold: found \"{}\", allowed: a ratio from 1", text));
      }
    } else if (words[index].starts_with("--")) {
      throw Error(fmt::format("found the option {}, allowed: --threshold RATIO", words[index]));
    } else {
      arguments.files.push_back(words[index]);
    }
  }
  if (arguments.files.size() != 2) {
    throw Error(
        fmt::format("arguments: found {} files, allowed: OLD.json NEW.json [--threshold RATIO]",
                    arguments.files.size()));
  }
  return arguments;
}

int compare(const Arguments& arguments) {
  const std::map<std::string, double> old_s = read_times_s(arguments.files[0]);
  const std::map<std::string, double> new_s = read_times_s(arguments.files[1]);
  int slower = 0;
  int common = 0;
  std::string table =
      fmt::format("{:<44} {:>12} {:>12} {:>7}\n", "benchmark", "old", "new", "ratio");
  for (const auto& [name, before_s] : old_s) {
    const auto found = new_s.find(name);
    if (found == new_s.end()) {
      table += fmt::format("{:<44} {:>12} {:>12}\n", name, time_text(before_s), "-");
      continue;
    }
    ++common;
    const double ratio = found->second / before_s;
    const bool worse = ratio > arguments.threshold;
    slower += worse ? 1 : 0;
    table += fmt::format("{:<44} {:>12} {:>12} {:>7.2f}{}\n", name, time_text(before_s),
                         time_text(found->second), ratio, worse ? "  slower" : "");
  }
  for (const auto& [name, after_s] : new_s) {
    if (old_s.contains(name)) continue;
    table += fmt::format("{:<44} {:>12} {:>12}\n", name, "-", time_text(after_s));
  }
  // Two files without a common benchmark would otherwise always pass.
  if (common == 0) {
    throw Error(fmt::format("{}: found no benchmark of {}, allowed: at least one",
                            arguments.files[1], arguments.files[0]));
  }
  fmt::print("{}{} of {} slower by a factor above {}\n", table, slower, common,
             arguments.threshold);
  return slower > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (std::find(words.begin(), words.end(), "--help") != words.end()) {
    fmt::print("{}", kHelp);
    return 0;
  }
  try {
    return compare(parse_arguments(words));
  } catch (const std::exception& error) {
    fmt::print(stderr, "inas-bench-compare: {}\n", error.what());
    return 2;
  }
}
