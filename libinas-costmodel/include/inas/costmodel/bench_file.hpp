#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the micro-benchmarks of firmware/bench measured on a device (docs/measuring.md): how long
/// blocks of repetitions took, and how often a repetition is charged each law of the runtime's
/// time.
namespace inas::costmodel {

/// A line of measurements.
struct BenchPoint {
  std::size_t line = 0;            ///< in the file
  std::string what;                ///< benchmark, shape and design as they stand there
  double cycles = 0;               ///< of a repetition
  std::optional<double> energy_j;  ///< of a repetition, if somebody measured it
  std::vector<double> counts;      ///< of a repetition, in the sequence of bench_columns()
};

struct BenchFile {
  std::string source;  ///< for errors
  std::string firmware;
  std::string board;
  double clock_hz = 0;
  std::string memory;  ///< whose transfers these are: "on-chip" or "serial"
  std::string lea;     ///< "none", "registers" or "dsplib"
  std::string optimization;
  std::vector<BenchPoint> points;
};

/// What a point's cycles are made of: the laws, as law_names() has them, then what a repetition
/// takes besides, which is no law: the calls around transfers and products, an inference's start.
[[nodiscard]] const std::vector<std::string>& bench_columns();

/// Reads what the device sent. Throws InvalidArgument, naming the line, for a file of another
/// format, an unknown column, benchmark, shape or design, a number that cannot be measured, and
/// for a file that does not end with the number of its lines.
[[nodiscard]] BenchFile parse_bench_file(std::string_view text, const std::string& source);

}  // namespace inas::costmodel
