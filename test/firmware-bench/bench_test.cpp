#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "bench_run.hpp"

namespace inas::firmware {
namespace {

BenchRun run_program(const std::string& name) {
  return run_bench(emulator::read_elf(std::filesystem::path(INAS_SIMULATED_PROGRAMS) / name));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The number after a line's last comma.
std::uint64_t last_number(const std::string& line) {
  return std::stoull(line.substr(line.rfind(',') + 1));
}

/// The lines of measurements, after the head and before the end.
std::vector<std::string> measurements(const std::string& csv) {
  std::vector<std::string> found;
  for (const std::string& line : lines_of(csv)) {
    if (!line.starts_with('#') && !line.starts_with("benchmark,")) found.push_back(line);
  }
  return found;
}

std::size_t count_of(const std::vector<std::string>& lines, const std::string& part) {
  std::size_t count = 0;
  for (const std::string& line : lines) count += line.find(part) != std::string::npos ? 1 : 0;
  return count;
}

TEST(BenchFirmware, SaysWhatItIsAndHowManyLinesItSent) {
  const BenchRun run = run_program("fr5994-bench.elf");
  EXPECT_NEAR(run.baud, 115'200, 115);
  const std::vector<std::string> lines = lines_of(run.csv);
  ASSERT_GT(lines.size(), 10U);
  EXPECT_EQ(lines[0], "# inas-bench 1");
  EXPECT_TRUE(lines[1].starts_with("# firmware 0.")) << lines[1];
  EXPECT_EQ(lines[2], "# board msp430fr5994");
  EXPECT_EQ(lines[3], "# clock_hz 16000000");
  EXPECT_EQ(lines[4], "# memory on-chip");
  EXPECT_EQ(lines[5], "# lea none");
  EXPECT_EQ(lines[6], "# optimization -Os");
  EXPECT_EQ(lines[7], "benchmark,shape,design,repetitions,cycles");
  const std::vector<std::string> measured = measurements(run.csv);
  EXPECT_EQ(lines.back(), "# end " + std::to_string(measured.size()));
  EXPECT_EQ(run.csv.back(), '\n');
  EXPECT_GE(count_of(measured, "read,"), 20U);
  EXPECT_GE(count_of(measured, "write,"), 20U);
  EXPECT_GE(count_of(measured, ",cpu,"), 30U);
  EXPECT_GE(count_of(measured, "CONV_"), 60U);
  EXPECT_GE(count_of(measured, "GAVGPOOL_"), 25U);
  EXPECT_GE(count_of(measured, "MAXPOOL_"), 25U);
  EXPECT_EQ(count_of(measured, ",lea,"), 0U);
}

/// What an energy meter integrates while the pin is high is what the line says.
void expect_pin_high_while_measured(const BenchRun& run) {
  std::size_t block = 0;
  for (const std::string& line : measurements(run.csv)) {
    SCOPED_TRACE(line);
    const auto cycles = static_cast<std::int64_t>(last_number(line));
    // A block before it, if there is one, was to find the number of repetitions.
    const auto is_it = [&] {
      const BenchBlock& of = run.blocks.at(block++);
      const std::int64_t high = static_cast<std::int64_t>(of.end - of.begin);
      return high >= cycles && high - cycles < 20;
    };
    ASSERT_TRUE(is_it() || is_it());
  }
}

TEST(BenchFirmware, ThePinIsHighWhileWhatALineSaysIsMeasured) {
  expect_pin_high_while_measured(run_program("fr5994-bench.elf"));
}

/// As for an energy meter: blocks of 600 ms, in which timer A1 overflows twice, and pauses.
TEST(BenchFirmware, LongBlocksAreTimedAndPausesKeepThemApart) {
  constexpr std::size_t kHeadLines = 8;
  const BenchRun run = run_bench(
      emulator::read_elf(std::filesystem::path(INAS_SIMULATED_PROGRAMS) / "fr5994-bench-long.elf"),
      kHeadLines + 2);
  const std::vector<std::string> lines = measurements(run.csv);
  ASSERT_EQ(lines.size(), 2U);
  for (const std::string& line : lines) {
    EXPECT_NEAR(static_cast<double>(last_number(line)) / 16e6, 0.6, 0.06) << line;
  }
  expect_pin_high_while_measured(run);
  ASSERT_EQ(run.blocks.size(), 4U);
  for (std::size_t i = 1; i < run.blocks.size(); ++i) {
    EXPECT_GT(run.blocks[i].begin - run.blocks[i - 1].end, 16'000U * 20);
  }
}

TEST(BenchFirmware, MeasuresTheLeaAndTheSerialMemoryWhereItIsBuiltForThem) {
  const BenchRun lea = run_program("fr5994-bench-lea.elf");
  EXPECT_NE(lea.csv.find("\n# lea registers\n"), std::string::npos);
  EXPECT_GE(count_of(measurements(lea.csv), ",lea,"), 30U);
  const BenchRun serial = run_program("fr5994-bench-serial.elf");
  EXPECT_NE(serial.csv.find("\n# memory serial\n"), std::string::npos);
  EXPECT_GE(measurements(serial.csv).size(), 200U);
}

}  // namespace
}  // namespace inas::firmware
