#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>

#include "emulator/cpu.hpp"
#include "emulator/elf.hpp"
#include "emulator/multiplier.hpp"
#include "emulator/registers.hpp"
#include "firmware/test_model.hpp"
#include "simulator.hpp"

/// The emulator's CPU against mspdebug's, on what both can run: instructions of the plain MSP430.
namespace inas::firmware {
namespace {

constexpr int kSecondsLimit = 300;
constexpr std::uint32_t kData = 0x2000, kDataBytes = 0x200, kStack = 0x2800, kCode = 0x3000;

/// The CPU, the multiplier and the memories that mspdebug's simulator has.
struct Machine {
  Machine() {
    bus.attach(0x130, 0x13F, multiplier);
    bus.attach(0x15C, 0x15D, watchdog);
  }

  void load(std::uint32_t address, const std::vector<std::uint8_t>& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bus.byte(address + static_cast<std::uint32_t>(i)) = bytes[i];
    }
  }

  [[nodiscard]] std::vector<std::uint8_t> bytes(std::uint32_t address, std::uint32_t count) {
    std::vector<std::uint8_t> all;
    for (std::uint32_t i = 0; i < count; ++i) all.push_back(bus.byte(address + i));
    return all;
  }

  /// The lower 16 bits, which both have.
  [[nodiscard]] std::array<std::uint32_t, 16> registers() const {
    std::array<std::uint32_t, 16> all = cpu.r;
    for (std::uint32_t& of : all) of &= 0xFFFF;
    return all;
  }

  emulator::Bus bus{load_board("msp430-sim")};
  emulator::Multiplier multiplier{0x130};
  emulator::Registers watchdog{0x15C, 2};
  emulator::Cpu cpu{bus};
};

/// What mspdebug printed for each `regs`, R3 being 0.
std::vector<std::array<std::uint32_t, 16>> printed_registers(const std::string& transcript) {
  constexpr std::array kNames{"PC", "SP", "SR", "R3"};
  std::vector<std::array<std::uint32_t, 16>> all;
  std::array<std::size_t, 16> from{};
  for (;;) {
    std::array<std::uint32_t, 16> one{};
    for (std::size_t number = 0; number < 16; ++number) {
      const std::string name = number < kNames.size() ? kNames[number] : fmt::format("R{}", number);
      const std::size_t at = transcript.find(fmt::format("({:>3}: ", name), from[number]);
      if (at == std::string::npos) return all;
      one[number] =
          static_cast<std::uint32_t>(std::stoul(transcript.substr(at + 6, 5), nullptr, 16));
      from[number] = at + 1;
    }
    all.push_back(one);
  }
}

/// Instructions of all kinds and modes that leave the pointers r12 to r15 near the data.
class RandomProgram {
 public:
  explicit RandomProgram(Generator& generator) : generator_(generator) {
    while (instructions < 24) add();
    // Instructions that were jumped over leave steps: nops.
    words.insert(words.end(), static_cast<std::size_t>(instructions), 0x4303);
  }

  std::vector<std::uint16_t> words;
  int instructions = 0;

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(generator_() % n); }
  unsigned data_register() { return 4 + below(8); }
  unsigned pointer() { return 12 + below(4); }
  std::uint16_t offset(bool byte) {
    return static_cast<std::uint16_t>(byte ? below(16) : 2 * below(8));
  }
  void word(unsigned value) { words.push_back(static_cast<std::uint16_t>(value)); }

  /// A source of an instruction: its register and mode bits, its word, if it has one.
  struct Source {
    unsigned number;
    unsigned as;
    std::optional<std::uint16_t> extension;
  };
  Source source(bool byte) {
    switch (below(8)) {
      case 0:
        return {3, below(4), {}};
      case 1:
        return {2, 2 + below(2), {}};
      case 2:
        return {pointer(), 1, offset(byte)};
      case 3:
        return {2, 1, static_cast<std::uint16_t>(kData + offset(byte))};
      case 4:
        return {pointer(), 2, {}};
      case 5:
        return {pointer(), byte ? 2U : 3U, {}};
      case 6:
        return {0, 3, static_cast<std::uint16_t>(generator_())};
      default:
        return {data_register(), 0, {}};
    }
  }

  void add() {
    ++instructions;
    const bool byte = below(3) == 0;
    const unsigned kind = below(10);
    if (kind < 6) {
      constexpr std::array<unsigned, 11> kOperations{4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15};
      const Source from = source(byte);
      const bool to_memory = below(3) == 0;
      const bool absolute = to_memory && below(3) == 0;
      const unsigned to = absolute ? 2 : to_memory ? pointer() : data_register();
      word(kOperations[below(kOperations.size())] << 12 | from.number << 8 |
           (to_memory ? 0x80U : 0U) | (byte ? 0x40U : 0U) | from.as << 4 | to);
      if (from.extension) word(*from.extension);
      if (to_memory) word(absolute ? kData + offset(byte) : offset(byte));
    } else if (kind < 8) {
      constexpr std::array<unsigned, 4> kOperations{0x1000, 0x1080, 0x1100, 0x1180};
      const unsigned operation = kOperations[below(4)];
      const bool words_only = (operation & 0x80) != 0;
      const bool in_memory = below(2) == 0;
      word(operation | (byte && !words_only ? 0x40U : 0U) |
           (in_memory ? 0x10U | pointer() : data_register()));
      if (in_memory) word(offset(byte && !words_only));
    } else if (kind == 8) {
      word(0x2000 | below(8) << 10 | 1);  // over one word, if at all
      word(0x5300 | 0x10 | data_register());
      ++instructions;
    } else {
      word(0x1200 | data_register());
      word(0x4130 | data_register());  // mov @sp+, register
      ++instructions;
    }
  }

  Generator& generator_;
};

TEST(Lockstep, RandomInstructionsDoTheSame) {
  constexpr int kPrograms = 300;
  Generator generator(11);
  const test::TemporaryFolder folder;
  Simulation simulation(std::filesystem::path(INAS_SIMULATED_PROGRAMS) / "Os" / "arithmetic.elf",
                        folder.path());
  std::vector<std::array<std::uint32_t, 16>> registers;
  std::vector<std::vector<std::uint8_t>> memories;
  for (int i = 0; i < kPrograms; ++i) {
    const RandomProgram program(generator);
    std::vector<std::uint8_t> code;
    for (const std::uint16_t word : program.words) {
      code.push_back(static_cast<std::uint8_t>(word));
      code.push_back(static_cast<std::uint8_t>(word >> 8));
    }
    std::vector<std::uint8_t> data(kDataBytes);
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(generator());

    Machine machine;
    machine.load(kCode, code);
    machine.load(kData, data);
    machine.load(kStack - 2, {0, 0});
    simulation.load(kCode, code);
    simulation.load(kData, data);
    simulation.load(kStack - 2, {0, 0});
    machine.cpu.r = {kCode, kStack};
    for (std::size_t number = 4; number < 16; ++number) {
      auto value = static_cast<std::uint32_t>(generator() & 0xFFFF);
      if (number >= 12) value = kData + 2 * (value % 64);
      machine.cpu.r[number] = value;
      simulation.command(fmt::format("set R{} {:#x}", number, value));
    }
    simulation.command(fmt::format("set PC {:#x}", kCode));
    simulation.command(fmt::format("set SP {:#x}", kStack));
    simulation.command("set SR 0");
    for (int step = 0; step < program.instructions; ++step) machine.cpu.step();
    simulation.command(fmt::format("step {}", program.instructions));
    simulation.command("regs");
    simulation.save(kData, kDataBytes);
    registers.push_back(machine.registers());
    memories.push_back(machine.bytes(kData, kDataBytes));
  }
  const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
  // Setting a register prints all, too: what counts is the last of each program.
  const auto printed = printed_registers(transcript.text);
  const std::size_t each = printed.size() / kPrograms;
  ASSERT_GT(each, 0u);
  ASSERT_EQ(printed.size() % kPrograms, 0u);
  for (std::size_t i = 0; i < registers.size(); ++i) {
    ASSERT_EQ(registers[i], printed[each * i + each - 1]) << "program " << i;
    ASSERT_EQ(memories[i], transcript.saved[i]) << "program " << i;
  }
}

/// The firmware for the simulator's board, from its boot, looked at again and again.
TEST(Lockstep, TheFirmwareDoesTheSame) {
  constexpr int kLooks = 200, kInstructions = 1500;
  for (const std::string optimization : {"Os", "O1"}) {
    const std::filesystem::path file =
        std::filesystem::path(INAS_SIMULATED_PROGRAMS) / optimization / "rows.elf";
    const test::TemporaryFolder folder;
    Simulation simulation(file, folder.path());
    Machine machine;
    for (const emulator::Elf::Segment& of : emulator::read_elf(file).segments) {
      machine.load(of.address, of.bytes);
    }
    constexpr std::uint32_t kRam = 0x1C00, kRamBytes = 0x2000, kFram = 0x4000;
    constexpr std::uint32_t kFramBytes = 0x10000 - kFram;
    simulation.load(kRam, machine.bytes(kRam, kRamBytes));
    simulation.load(kFram, machine.bytes(kFram, kFramBytes));
    simulation.command("reset");
    machine.cpu.reset();
    std::vector<std::array<std::uint32_t, 16>> registers;
    for (int look = 0; look < kLooks; ++look) {
      for (int step = 0; step < kInstructions; ++step) machine.cpu.step();
      registers.push_back(machine.registers());
      simulation.command(fmt::format("step {}", kInstructions));
    }
    simulation.save(kRam, kRamBytes);
    simulation.save(kFram, kFramBytes);
    const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
    const auto printed = printed_registers(transcript.text);
    ASSERT_EQ(printed.size(), registers.size());
    for (std::size_t i = 0; i < registers.size(); ++i) {
      ASSERT_EQ(registers[i], printed[i]) << optimization << ", look " << i;
    }
    EXPECT_EQ(machine.bytes(kRam, kRamBytes), transcript.saved[0]);
    EXPECT_EQ(machine.bytes(kFram, kFramBytes), transcript.saved[1]);
  }
}

}  // namespace
}  // namespace inas::firmware
