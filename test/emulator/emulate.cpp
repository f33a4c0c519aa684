#include <algorithm>
#include <cstdio>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

#include "fr5994.hpp"

/// Runs a firmware for the MSP430FR5994 on the emulator, on the input of a model's folder, and
/// prints where its cycles went.
namespace inas::emulator {
namespace {

constexpr std::uint32_t kNvm = 0x10000;  ///< where the board puts NVM address 0
constexpr std::uint8_t kFinished = 0x02;

/// A function of the program, and the cycles that its instructions took, DMA that they started and
/// wait states included.
struct Function {
  std::uint32_t address = 0;
  std::string name;
  std::uint64_t calls = 0;
  std::uint64_t cycles = 0;
  std::uint64_t waits = 0;
};

/// By address; a label within a function counts as a function.
class Profile {
 public:
  explicit Profile(const Elf& elf) {
    functions_.push_back({0, "(none)"});
    for (const auto& [name, address] : elf.symbols) {
      if (address >= kNvm || name.starts_with("inas_stack") || name.starts_with("inas_bss") ||
          name.starts_with("inas_data")) {
        continue;
      }
      functions_.push_back({address, name});
    }
    std::sort(functions_.begin(), functions_.end(), [](const Function& a, const Function& b) {
      return a.address != b.address ? a.address < b.address : a.name < b.name;
    });
  }

  void add(std::uint32_t at, std::uint64_t cycles, std::uint64_t waits) {
    const auto after =
        std::upper_bound(functions_.begin(), functions_.end(), at,
                         [](std::uint32_t a, const Function& of) { return a < of.address; });
    Function& function = *std::prev(after);
    if (function.address == at) ++function.calls;
    function.cycles += cycles;
    function.waits += waits;
  }

  void print() {
    std::sort(functions_.begin(), functions_.end(),
              [](const Function& a, const Function& b) { return a.cycles > b.cycles; });
    fmt::print("{:>12} {:>10} {:>9}  function\n", "cycles", "waits", "begun");
    for (const Function& of : functions_) {
      if (of.cycles == 0) break;
      fmt::print("{:>12} {:>10} {:>9}  {}\n", of.cycles, of.waits, of.calls, of.name);
    }
  }

 private:
  std::vector<Function> functions_;
};

int emulate(const std::filesystem::path& program, const std::filesystem::path& folder) {
  const Elf elf = read_elf(program);
  const auto manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
  Fr5994 part(load_board("msp430fr5994"), elf);
  const std::string input = read_file(folder / "input.bin");
  const std::string expected = read_file(folder / "output.bin");
  if (input.size() != manifest["input"]["bytes"] ||
      expected.size() != manifest["output"]["bytes"]) {
    throw Error(fmt::format("{}: input.bin or output.bin has not the bytes of manifest.json",
                            folder.string()));
  }
  const auto nvm = [&](const char* map) {
    return kNvm + manifest[map]["address"].get<std::uint32_t>();
  };
  for (std::size_t i = 0; i < input.size(); ++i) {
    part.bus().byte(nvm("input") + static_cast<std::uint32_t>(i)) =
        static_cast<std::uint8_t>(input[i]);
  }
  part.boot({0xA5});
  Profile profile(elf);
  std::uint64_t blocks = 0;
  std::uint64_t moving = 0;
  part.dma().on_block = [&](std::uint64_t from, std::uint64_t to) {
    ++blocks;
    moving += to - from;
  };
  part.on_step = [&](std::uint32_t at, std::uint64_t cycles, std::uint64_t waits) {
    profile.add(at, cycles, waits);
  };
  while (part.port3() != kFinished) {
    if (part.run() == Fr5994::Stopped::asleep) throw Error("the program sleeps before its end");
  }
  std::string output;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    output += static_cast<char>(part.bus().byte(nvm("output") + static_cast<std::uint32_t>(i)));
  }
  profile.print();
  fmt::print(
      "{} cycles, {} of them FRAM wait states, {} instructions, {} DMA blocks in {} cycles\n",
      part.bus().clock.cycles, part.bus().waits, part.cpu().instructions, blocks, moving);
  fmt::print("the output {} output.bin\n", output == expected ? "is that of" : "differs from");
  return output == expected ? 0 : 1;
}

}  // namespace
}  // namespace inas::emulator

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-emulate",
      .arguments = "ELF FOLDER",
      .description =
          "Runs the firmware ELF for the MSP430FR5994 on the emulator, on the input.bin of\n"
          "FOLDER, a model's as inas-explored-model writes it, compares with its output.bin,\n"
          "and prints the cycles and wait states of every function.\n"
          "Exit code: 0 the output is that of output.bin, 1 it differs, 2 bad input.",
      .least_words = 2,
      .most_words = 2};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    return inas::emulator::emulate(given.words[0], given.words[1]);
  });
}
