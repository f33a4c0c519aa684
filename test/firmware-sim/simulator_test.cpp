#include "simulator.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <inas_firmware/runtime.h>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>

#include "elfs/arithmetic_cases.h"
#include "emulator/elf.hpp"
#include "model.h"
#include "models.hpp"

namespace inas::firmware {
namespace {

/// Where the board puts NVM address 0.
constexpr std::uint16_t kNvm = 0x4000;
constexpr int kCuts = 100;          ///< per program
constexpr int kSecondsLimit = 300;  ///< per simulator; usual are 2

std::filesystem::path program(const std::string& optimization, const std::string& name) {
  return std::filesystem::path(INAS_SIMULATED_PROGRAMS) / optimization / (name + ".elf");
}

std::vector<std::uint8_t> example_file(const char* name) {
  const std::string bytes = read_file(std::filesystem::path(INAS_EXAMPLE_MODEL) / name);
  return {bytes.begin(), bytes.end()};
}

/// A model with an input, and what the host makes of it.
struct Case {
  explicit Case(const TestModel& model) : Case(model.tables(), model.image(), input_of(model)) {
    EXPECT_EQ(output, bytes_of(model.expected_output(model.random_input(1))));
  }

  /// Of the bytes at the start of NVM and an input map.
  Case(const inas_model& tables, std::vector<std::uint8_t> image,
       const std::vector<std::uint8_t>& input)
      : nvm(std::move(image)) {
    nvm.resize(tables.nvm_bytes);
    std::copy(input.begin(), input.end(), nvm.begin() + tables.layers[0].input);
    output_address = static_cast<std::uint16_t>(kNvm + tables.output);
    progress_address = static_cast<std::uint16_t>(kNvm + tables.progress);

    std::vector<std::uint8_t> memory = nvm;
    std::vector<std::int32_t> vm((tables.vm_bytes + 3U) / 4U);
    inas_host_board host{};
    host.nvm = memory.data();
    host.nvm_bytes = tables.nvm_bytes;
    host.vm = reinterpret_cast<std::int16_t*>(vm.data());
    host.vm_bytes = tables.vm_bytes;
    inas_host_reset(&host);
    EXPECT_EQ(inas_host_start(&host, &tables), INAS_HOST_DONE);
    EXPECT_EQ(inas_host_finish(&host, &tables, 0), INAS_HOST_DONE);
    ended_cycles = host.counts.ended_cycles;
    writes = host.counts.writes + host.counts.progress_writes;

    const inas_layer& last = tables.layers[tables.layer_count - 1];
    const auto begin = memory.begin() + tables.output;
    output.assign(begin, begin + 2 * last.out_rows * last.out_columns * last.out_channels);
  }

  static std::vector<std::uint8_t> input_of(const TestModel& model) {
    return bytes_of(model.random_input(1));
  }

  std::vector<std::uint8_t> nvm;  ///< before the inference is started
  std::uint16_t output_address = 0;
  std::uint16_t progress_address = 0;
  std::vector<std::uint8_t> output;
  std::uint64_t ended_cycles = 0;
  std::uint64_t writes = 0;
};

/// A program ready to run from its first boot, until an inference is finished or reported as stuck.
Simulation prepared(const std::filesystem::path& elf, const Case& of,
                    const test::TemporaryFolder& folder) {
  Simulation simulation(elf, folder.path());
  simulation.command("setbreak inas_finished");
  simulation.command("setbreak inas_stuck");
  simulation.command("setbreak inas_halted");
  simulation.load(kNvm, of.nvm);
  simulation.power_failure({0xA5});
  return simulation;
}

/// After how many instructions the program starts each transfer to NVM, and how many it needs.
struct Timeline {
  std::vector<std::uint64_t> writes;
  std::uint64_t end = 0;
};

Timeline timeline(const std::filesystem::path& elf, const Case& of) {
  const test::TemporaryFolder folder;
  Simulation simulation = prepared(elf, of, folder);
  simulation.command("simio config count clear");
  simulation.command("setbreak inas_hal_nvm_write");
  for (std::uint64_t i = 0; i <= of.writes; ++i) {
    simulation.command("run");
    simulation.command("simio info count");
  }
  const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
  EXPECT_EQ(stops(transcript.text).back(), "inas_finished");
  Timeline line;
  for (const Elapsed& at : elapsed(transcript.text)) line.writes.push_back(at.instructions);
  line.end = line.writes.back();
  line.writes.pop_back();
  return line;
}

/// Power fails after `instructions`, counted from the boot, with `rubbish` in all memories after
/// it.
struct Cut {
  std::uint64_t instructions;
  std::vector<std::uint8_t> rubbish;
};

/// Half of the cuts fall anywhere, half into a transfer to NVM.
Cut random_cut(Generator& generator, const Timeline& line) {
  const auto below = [&](std::uint64_t n) { return generator() % n; };
  Cut cut{below(line.end), {}};
  if (below(2) == 0) cut.instructions = line.writes[below(line.writes.size())] + below(60);
  switch (below(4)) {
    case 0:
      cut.rubbish = {0xA5};
      break;
    case 1:
      cut.rubbish = {0x00};
      break;
    case 2:
      cut.rubbish = {0xFF};
      break;
    default:
      for (int i = 0; i < 7; ++i) cut.rubbish.push_back(static_cast<std::uint8_t>(generator()));
  }
  return cut;
}

/// Runs `cuts` inferences with a power failure each, every third with a second one, and counts
/// those with another outcome than the host's. Says where the first was.
int wrong_after_cuts(const std::filesystem::path& elf, const Case& of, int cuts,
                     std::string* where) {
  const Timeline line = timeline(elf, of);
  Generator generator(7);
  const test::TemporaryFolder folder;
  Simulation simulation = prepared(elf, of, folder);
  std::vector<std::string> words;
  for (int i = 0; i < cuts; ++i) {
    simulation.load(kNvm, of.nvm);
    simulation.power_failure({0x5A});
    words.emplace_back();
    for (int n = 0; n < (i % 3 == 0 ? 2 : 1); ++n) {
      const Cut cut = random_cut(generator, line);
      words.back() += fmt::format(" {}", cut.instructions);
      if (cut.instructions > 0) simulation.command(fmt::format("step {}", cut.instructions));
      simulation.power_failure(cut.rubbish);
    }
    simulation.command("run");
    simulation.save(of.output_address, of.output.size());
  }
  const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
  const std::vector<std::string> ends = stops(transcript.text);
  EXPECT_EQ(ends.size(), static_cast<std::size_t>(cuts));
  int wrong = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] == "inas_finished" && transcript.saved[i] == of.output) continue;
    if (++wrong == 1) *where = fmt::format("power failures after instructions{}", words[i]);
  }
  return wrong;
}

class Firmware : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Optimization, Firmware, testing::Values("Os", "O1"),
                         [](const auto& instance) { return instance.param; });

/// Runs the program to its end and again after a power failure there.
void expect_equal(const std::string& optimization, const std::string& name, const Case& of) {
  SCOPED_TRACE(name);
  const test::TemporaryFolder folder;
  Simulation simulation = prepared(program(optimization, name), of, folder);
  simulation.command("simio config count clear");
  simulation.command("run");
  simulation.command("simio info count");
  simulation.save(of.output_address, of.output.size());
  // The result stays, nothing runs again.
  const std::size_t progress = simulation.save(of.progress_address, INAS_PROGRESS_BYTES);
  simulation.power_failure({0x00});
  simulation.command("run");
  simulation.save(of.progress_address, INAS_PROGRESS_BYTES);
  const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
  const std::vector<std::string> finished(2, "inas_finished");
  EXPECT_EQ(stops(transcript.text), finished);
  EXPECT_EQ(transcript.saved[0], of.output);
  EXPECT_EQ(transcript.saved[progress], transcript.saved[progress + 1]);
  const Elapsed time = elapsed(transcript.text).front();
  fmt::print("{} at -{}: {} instructions, {} cycles, {} power cycles\n", name, optimization,
             time.instructions, time.cycles, of.ended_cycles + 1);
}

TEST_P(Firmware, EqualsTheHost) {
  for (const SimulatedModel& model : simulated_models()) {
    expect_equal(GetParam(), model.name, Case(*model.model));
  }
}

/// The files of inas-dump, and an image of the test set.
TEST_P(Firmware, OfTheExampleEqualsTheHost) {
  const Case of(inas_model_tables, example_file("nvm.bin"), example_file("input.bin"));
  EXPECT_EQ(of.output, example_file("output.bin"));
  expect_equal(GetParam(), "inas-firmware", of);
  constexpr int kExampleCuts = 6;
  std::string where;
  EXPECT_EQ(wrong_after_cuts(program(GetParam(), "inas-firmware"), of, kExampleCuts, &where), 0)
      << where;
}

/// The example application makes the input of a picture's bytes, with a power failure in that or
/// without, and finds its class.
TEST_P(Firmware, OfTheExampleApplicationFindsTheClass) {
  const Case of(inas_model_tables, example_file("nvm.bin"), example_file("input.bin"));
  constexpr std::uint16_t kAnkleBoot = 9;
  for (const int instructions : {0, 2000, 20'000, 60'000}) {
    SCOPED_TRACE(instructions);
    const test::TemporaryFolder folder;
    Simulation simulation = prepared(program(GetParam(), "application"), of, folder);
    simulation.load(static_cast<std::uint16_t>(kNvm + inas_model_input()),
                    std::vector<std::uint8_t>(INAS_MODEL_INPUT_BYTES));
    if (instructions > 0) {
      simulation.command(fmt::format("step {}", instructions));
      simulation.power_failure({0x5A});
    }
    simulation.command("run");
    const std::filesystem::path found = folder.path() / "class";
    simulation.command("save_raw example_class 2 " + found.string());
    simulation.save(of.output_address, of.output.size());
    simulation.save(static_cast<std::uint16_t>(kNvm + inas_model_input()), INAS_MODEL_INPUT_BYTES);
    const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
    EXPECT_EQ(stops(transcript.text), std::vector<std::string>{"inas_finished"});
    EXPECT_EQ(transcript.saved[0], of.output);
    EXPECT_EQ(transcript.saved[1], example_file("input.bin"));
    EXPECT_EQ(read_file(found), std::string({static_cast<char>(kAnkleBoot), 0}));
  }
}

TEST_P(Firmware, PowerFailuresChangeNothing) {
  int cuts = 0;
  for (const SimulatedModel& model : simulated_models()) {
    SCOPED_TRACE(model.name);
    const Case of(*model.model);
    std::string where;
    EXPECT_EQ(wrong_after_cuts(program(GetParam(), model.name), of, kCuts, &where), 0) << where;
    cuts += kCuts + (kCuts + 2) / 3;
  }
  fmt::print("-{}: {} power failures\n", GetParam(), cuts);
}

/// Bursts of power-ups that are too short for a batch, between power-ups of any length.
TEST_P(Firmware, BouncingPowerChangesNothing) {
  const std::vector<SimulatedModel> models = simulated_models();
  const Case of(*models.front().model);
  const std::filesystem::path elf = program(GetParam(), models.front().name);
  const std::uint64_t end = timeline(elf, of).end;
  Generator generator(9);
  const test::TemporaryFolder folder;
  Simulation simulation = prepared(elf, of, folder);
  simulation.command("delbreak 1");  // it may be stuck or not
  for (int burst = 0; burst < 10; ++burst) {
    for (int i = 0; i < 50; ++i) {
      simulation.command(fmt::format("step {}", 1 + generator() % 2000));
      simulation.power_failure({static_cast<std::uint8_t>(generator())});
    }
    simulation.command(fmt::format("step {}", 1 + generator() % (end / 8)));
    simulation.power_failure({0xA5});
  }
  simulation.command("run");
  simulation.save(of.output_address, of.output.size());
  const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
  EXPECT_EQ(stops(transcript.text), std::vector<std::string>{"inas_finished"});
  EXPECT_EQ(transcript.saved.front(), of.output);
}

/// The tests above must be able to fail: runtimes with a fault that only a power failure reveals.
TEST(SeededFaults, AreFound) {
  const std::vector<SimulatedModel> models = simulated_models();
  const Case of(*models.front().model);
  for (const int fault : {1, 4}) {
    std::string where;
    const std::string name = fmt::format("{}-fault-{}", models.front().name, fault);
    EXPECT_GT(wrong_after_cuts(program("Os", name), of, kCuts, &where), 0) << name;
  }
}

/// Says so from a bounded number of power cycles on, and finishes with the first good one.
TEST_P(Firmware, ReportsThatItIsStuckAndGoesOn) {
  const std::vector<SimulatedModel> models = simulated_models();
  const std::filesystem::path elf = program(GetParam(), models.front().name);
  const Case of(*models.front().model);
  // Transfers: the start, the count of the first power cycle, the first batch's output. A cycle as
  // long as from the second to the third counts itself and does not reach the output.
  const std::vector<std::uint64_t> writes = timeline(elf, of).writes;
  const std::uint64_t too_short = writes.at(2) - writes.at(1);
  ASSERT_GT(too_short, writes.at(1));
  const test::TemporaryFolder folder;
  Simulation simulation = prepared(elf, of, folder);
  for (int i = 0; i < INAS_FRUITLESS_CYCLES + 1; ++i) {
    simulation.command(fmt::format("step {}", too_short));
    simulation.power_failure({0xA5});
  }
  const std::size_t before = simulation.save(of.progress_address, INAS_PROGRESS_BYTES);
  for (int i = 0; i < 2; ++i) {
    simulation.command("run");  // to the report
    simulation.command(fmt::format("step {}", too_short / 2));
    simulation.power_failure({0xA5});
  }
  simulation.save(of.progress_address, INAS_PROGRESS_BYTES);
  simulation.command("run");
  simulation.command("run");
  simulation.save(of.output_address, of.output.size());
  const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
  const std::vector<std::string> expected{"inas_stuck", "inas_stuck", "inas_stuck",
                                          "inas_finished"};
  EXPECT_EQ(stops(transcript.text), expected);
  EXPECT_EQ(transcript.saved[before], transcript.saved[before + 1]) << "no progress is dropped";
  EXPECT_EQ(transcript.saved[before + 2], of.output);
}

/// What lies between the lowest byte that was ever written and the top of the stack.
TEST_P(Firmware, StackStaysWithinItsBound) {
  const Board board = load_board("msp430-sim");
  const auto bottom = static_cast<std::uint16_t>(board.memory(board.variables->memory)->address);
  for (const SimulatedModel& model : simulated_models()) {
    SCOPED_TRACE(model.name);
    const Case of(*model.model);
    const test::TemporaryFolder folder;
    Simulation simulation = prepared(program(GetParam(), model.name), of, folder);
    simulation.command("setbreak inas_hal_end_power_cycle");
    for (std::uint64_t cycle = 0; cycle <= of.ended_cycles; ++cycle) {
      simulation.command("run");
      simulation.save(bottom, static_cast<std::size_t>(board.variables->bytes));
      simulation.power_failure({0xA5});
    }
    const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
    EXPECT_EQ(stops(transcript.text).back(), "inas_finished");
    // Below the stack lie variables and the code that runs from RAM.
    const emulator::Elf elf = emulator::read_elf(program(GetParam(), model.name));
    const auto variables =
        static_cast<std::ptrdiff_t>(elf.symbol("inas_data_bytes") + elf.symbol("inas_bss_bytes"));
    std::ptrdiff_t deepest = 0;
    for (const std::vector<std::uint8_t>& sram : transcript.saved) {
      const auto lowest = std::find_if(sram.begin() + variables, sram.end(),
                                       [](std::uint8_t byte) { return byte != 0xA5; });
      deepest = std::max(deepest, sram.end() - lowest);
    }
    EXPECT_GT(deepest, 0);
    EXPECT_LE(deepest, board.stack_bytes);
    fmt::print("{} at -{}: {} bytes of stack\n", model.name, GetParam(), deepest);
  }
}

/// Every operator of C that clang turns into a call, the MAC and the block functions.
class Arithmetic : public Firmware {
 protected:
  /// What the simulator makes of `memory`.
  static arithmetic_memory simulated(const std::string& optimization,
                                     const arithmetic_memory& memory) {
    const test::TemporaryFolder folder;
    Simulation simulation(program(optimization, "arithmetic"), folder.path());
    std::vector<std::uint8_t> bytes(sizeof memory);
    std::memcpy(bytes.data(), &memory, sizeof memory);
    simulation.load(ARITHMETIC_AT, bytes);
    simulation.command("setbreak inas_finished");
    simulation.power_failure({0xA5});
    simulation.command("run");
    simulation.save(ARITHMETIC_AT, sizeof memory);
    const Simulation::Transcript transcript = simulation.run(kSecondsLimit);
    arithmetic_memory result;
    std::memcpy(&result, transcript.saved.front().data(), sizeof result);
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(Optimization, Arithmetic, testing::Values("Os", "O1"),
                         [](const auto& instance) { return instance.param; });

/// Operands at the edges of their types, or of random length.
std::uint32_t operand(Generator& generator) {
  static constexpr std::uint32_t kEdges[] = {
      0,          1,          2,          3,          0x7FFF,     0x8000,
      0x8001,     0xFFFF,     0x10000,    0x10001,    0x7FFFFFFF, 0x80000000,
      0xFFFF0001, 0xFFFF8000, 0xFFFF7FFF, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF};
  if (generator() % 2 == 0) return kEdges[generator() % std::size(kEdges)];
  const auto value = static_cast<std::uint32_t>(generator());
  return value >> generator() % 32;
}

arithmetic_case random_case(Generator& generator) {
  for (;;) {
    arithmetic_case c{operand(generator), operand(generator),
                      static_cast<std::uint16_t>(generator() % 32), 0};
    const bool overflow = c.a == 0x80000000 && c.b == 0xFFFFFFFF;
    const bool overflow16 = (c.a & 0xFFFF) == 0x8000 && (c.b & 0xFFFF) == 0xFFFF;
    if ((c.b & 0xFFFF) != 0 && !overflow && !overflow16) return c;
  }
}

/// ⌊sum/2^shift + 1/2⌋, saturated to 16 bits with what was there before.
std::int16_t rounded(std::int64_t sum, int shift, std::int64_t before = 0) {
  const std::int64_t quotient = (2 * sum + (std::int64_t{1} << shift)) >> (shift + 1);
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(before + quotient, -32768, 32767));
}

arithmetic_result expected(const arithmetic_case& c) {
  const auto a = static_cast<std::int32_t>(c.a);
  const auto b = static_cast<std::int32_t>(c.b);
  const auto ua16 = static_cast<std::uint16_t>(c.a);
  const auto ub16 = static_cast<std::uint16_t>(c.b);
  const auto a16 = static_cast<std::int16_t>(ua16);
  const auto b16 = static_cast<std::int16_t>(ub16);
  const int shift16 = c.shift & 15;
  arithmetic_result r{};
  r.product = c.a * c.b;
  r.quotient = c.a / c.b;
  r.remainder = c.a % c.b;
  r.left = c.a << c.shift;
  r.right = c.a >> c.shift;
  r.signed_quotient = a / b;
  r.signed_remainder = a % b;
  r.signed_right = a >> c.shift;
  r.product16 = static_cast<std::uint16_t>(std::uint32_t{ua16} * ub16);
  r.quotient16 = static_cast<std::uint16_t>(ua16 / ub16);
  r.remainder16 = static_cast<std::uint16_t>(ua16 % ub16);
  r.signed_quotient16 = static_cast<std::int16_t>(a16 / b16);
  r.signed_remainder16 = static_cast<std::int16_t>(a16 % b16);
  r.left16 = static_cast<std::uint16_t>(ua16 << shift16);
  r.right16 = static_cast<std::uint16_t>(ua16 >> shift16);
  r.signed_right16 = static_cast<std::int16_t>(a16 >> shift16);
  r.added_scaled = rounded(std::int64_t{2} * (a >> 2), c.shift, b16);
  return r;
}

/// What hal.h says of a tile's products.
void expect_tiles(const arithmetic_memory& memory, const arithmetic_memory& result) {
  for (int n = 0; n < ARITHMETIC_LENGTHS; ++n) {
    for (int variant = 0; variant < 2 * ARITHMETIC_BEGINS; ++variant) {
      const int begin = variant / 2;
      const bool relu = variant % 2 == 1;
      std::vector<std::int16_t> outputs(std::begin(memory.before), std::end(memory.before));
      for (int position = 0; position < 4; ++position) {
        const int corner = position / 2 * ARITHMETIC_INPUT_ROW + position % 2 * 3;
        const std::int16_t* weight = memory.tile_weights;
        for (int channel = 0; channel < ARITHMETIC_CHANNELS; ++channel) {
          std::int64_t sum =
              begin == ARITHMETIC_BIASED ? 2 * std::int64_t{memory.biases[channel]} : 0;
          for (int line = 0; line < ARITHMETIC_LINES; ++line) {
            const std::int16_t* value = memory.tile_input + corner + line * ARITHMETIC_INPUT_LINE;
            for (int i = 0; i < arithmetic_lengths[n]; ++i) {
              sum += std::int64_t{2} * *value++ * *weight++;
            }
          }
          std::int16_t& output =
              outputs[static_cast<std::size_t>(position * ARITHMETIC_OUTPUT_STEP + channel)];
          output = rounded(sum, channel, begin != ARITHMETIC_LATER ? 0 : output);
          if (relu && output < 0) output = 0;
        }
      }
      const auto& found = result.tiles[n][begin][relu ? 1 : 0];
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        ASSERT_EQ(found[i], outputs[i])
            << fmt::format("length {}, begin {}, relu {}, output {}, shift {}",
                           arithmetic_lengths[n], begin, relu, i, i % ARITHMETIC_OUTPUT_STEP);
      }
    }
  }
}

TEST_P(Arithmetic, EqualsTheHost) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    SCOPED_TRACE(seed);
    Generator generator(seed);
    arithmetic_memory memory{};
    for (arithmetic_case& c : memory.cases) c = random_case(generator);
    // The first seed has the largest sum that fits: |a| at its limit, Σ|b| = 32,767.
    for (int i = 0; i < ARITHMETIC_VECTOR; ++i) {
      const auto limit = [&](std::int64_t n) {
        return static_cast<std::int16_t>(random_from(generator, -n, n));
      };
      memory.a[i] = seed == 1 ? INT16_MIN : limit(32767);
      memory.b[i] = seed == 1 ? static_cast<std::int16_t>(i == 0 ? 32767 - 39 * 800 : 800)
                              : limit(32767 / ARITHMETIC_VECTOR);
    }
    constexpr int kWeights = ARITHMETIC_LINES * ARITHMETIC_LONGEST_LINE;
    for (std::int16_t& value : memory.tile_input) {
      value = seed == 1 ? INT16_MIN : static_cast<std::int16_t>(generator());
    }
    const std::int64_t largest = seed == 2 ? 20 : 32767 / kWeights;
    for (std::int16_t& weight : memory.tile_weights) {
      weight = static_cast<std::int16_t>(seed == 1 ? largest * (generator() % 2 == 0 ? 1 : -1)
                                                   : random_from(generator, -largest, largest));
    }
    for (std::int32_t& bias : memory.biases) {
      const std::int64_t most = 32768 * (32767 - kWeights * largest);
      bias = static_cast<std::int32_t>(seed <= 2 ? most * (generator() % 2 == 0 ? 1 : -1)
                                                 : random_from(generator, -most, most));
    }
    for (std::int16_t& value : memory.before) value = static_cast<std::int16_t>(generator());
    const arithmetic_memory result = simulated(GetParam(), memory);
    for (int i = 0; i < ARITHMETIC_CASES; ++i) {
      const arithmetic_case& c = memory.cases[i];
      const arithmetic_result right = expected(c);
      ASSERT_EQ(std::memcmp(&result.results[i], &right, sizeof right), 0)
          << fmt::format("a {:#x}, b {:#x}, shift {}", c.a, c.b, c.shift);
    }
    std::int64_t sum = 0;
    for (int i = 0; i < ARITHMETIC_VECTOR; ++i) {
      sum += std::int64_t{2} * memory.a[i] * memory.b[i];
      ASSERT_EQ(result.macs[i], sum) << "MAC of " << i + 1;
    }
    expect_tiles(memory, result);
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 2; ++j) {
        std::int64_t lea_sum = 0;
        for (int n = 0; n < ARITHMETIC_LEA_VECTOR; ++n) {
          lea_sum += std::int64_t{2} * memory.a[i + n] * memory.b[j + n];
          ASSERT_EQ(result.lea_outputs[i][j][n], rounded(lea_sum, 8))
              << i << " " << j << " length " << n + 1;
          const bool lea_can = i == 0 && j == 0 && n > 0;
          ASSERT_EQ(result.lea_used[i][j][n], lea_can ? 1 : 0) << i << " " << j << " " << n + 1;
        }
      }
    }
    ASSERT_EQ(result.initialized, 0x1234);
    ASSERT_EQ(result.cleared, 0);
    const auto* source = reinterpret_cast<const std::uint8_t*>(memory.a);
    for (int n = 0; n < ARITHMETIC_BLOCK; ++n) {
      for (int i = 0; i <= ARITHMETIC_BLOCK; ++i) {
        ASSERT_EQ(result.copies[n][i], i < n ? source[i] : 0xEE) << "memcpy of " << n;
        ASSERT_EQ(result.fills[n][i], i < n ? 0x5C : 0xEE) << "memset of " << n;
      }
    }
  }
}

}  // namespace
}  // namespace inas::firmware
