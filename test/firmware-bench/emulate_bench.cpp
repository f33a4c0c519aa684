#include <fmt/format.h>
#include <support/tool.hpp>

#include "bench_run.hpp"

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-emulate-bench",
      .arguments = "ELF",
      .description =
          "Runs the micro-benchmarks of firmware/bench, the program ELF, on the emulated FR5994\n"
          "and prints the CSV that they send.\n"
          "Exit code: 0 done, 2 bad input.",
      .least_words = 1,
      .most_words = 1};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    fmt::print("{}", inas::firmware::run_bench(inas::emulator::read_elf(given.words[0])).csv);
    return 0;
  });
}
