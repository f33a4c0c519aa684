#include <algorithm>
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/dump/dump.hpp>

/// What inas-dump accepts for a board links for it: models at the limits of every memory, for both
/// units. The compiler and linker are the device's.
namespace inas::dump {
namespace {

using Generator = std::mt19937_64;

std::int64_t random_from(Generator& generator, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(generator() % static_cast<std::uint64_t>(high - low + 1));
}

struct Layers {
  std::vector<LayerSolution> list;

  Layers& add(const Layer& layer, const std::string& design) {
    list.push_back({.layer = layer,
                    .design = parse_design(design),
                    .energy_per_cycle_max_j = 1e-3,
                    .energy_per_cycle_min_j = 1e-3,
                    .latency_s = 1,
                    .power_cycles = 1,
                    .vm_bytes = 1});
    return *this;
  }
  Layers& fully_connected(Shape in, std::int64_t out, std::int64_t Tm, std::int64_t Tn) {
    return add(make_fully_connected("FC_END", in, out),
               fmt::format("1_1_{}_{}_reuse_O_S1_coalesced", Tm, Tn));
  }
};

/// `unit` multiplies: a firmware with the LEA runs designs for either unit.
Model model_of(const Layers& layers, std::string_view unit = "cpu") {
  Solution solution = test::sample_solution();
  solution.settings.platform.vm_bytes = 60'000;
  solution.settings.platform.nvm_bytes = 100'000'000;
  solution.layers = layers.list;
  for (LayerSolution& of : solution.layers) {
    of.design.unit = unit == "lea" ? Unit::lea : Unit::cpu;
  }
  return make_model(solution, test::sample_weights(solution, 1));
}

bool accepted(const Model& model, const Board& board, const std::string& unit) {
  try {
    check_board(model, board, unit);
    return true;
  } catch (const InvalidArgument&) {
    return false;
  }
}

/// The firmware's build for a board and a unit, with one model after the other.
class FirmwareBuild {
 public:
  FirmwareBuild(const std::string& board, const std::string& unit) {
    const std::string source = INAS_TEST_SOURCE;
    configure_ = fmt::format(
        "cmake -G Ninja -S {0}/firmware -B {1}/build -DCMAKE_TOOLCHAIN_FILE={0}/cmake/msp430.cmake "
        "-DINAS_FIRMWARE_BOARD={2} -DINAS_MODEL_DIR={1}/model -DINAS_DSPLIB_DIR={3} 2>&1",
        source, folder_.path().string(), board,
        unit == "lea" ? source + "/test/firmware-sim/elfs/dsplib" : std::string());
  }

  /// Builds the firmware, without programs that load an external FRAM. The report of what was
  /// linked, or of the failure, is in `report` then.
  bool links(const Model& model) {
    write_model(folder_.path() / "model", model);
    const std::string build = (folder_.path() / "build").string();
    if (!std::filesystem::exists(build)) {
      const test::CommandResult configured = test::run_command(configure_);
      EXPECT_EQ(configured.code, 0) << configured.out;
    }
    const test::CommandResult built =
        test::run_command("cmake --build " + build + " --target inas-firmware 2>&1");
    report = built.out;
    return built.code == 0;
  }

  std::string report;

 private:
  test::TemporaryFolder folder_;
  std::string configure_;
};

/// An FC layer with tiles of `bytes` bytes, or as near below as there is one: its tile buffers take
/// 2·(Tn + Tm·Tn + Tm) = 2·((Tm + 1)·(Tn + 1) − 1).
Layers with_vm(std::int64_t bytes) {
  for (std::int64_t product = bytes / 2 + 1;; --product) {
    for (std::int64_t a = 20; a < 80; ++a) {
      if (product % a != 0) continue;
      const std::int64_t Tn = product / a - 1;
      return Layers{}.fully_connected({Tn, 1, 1}, a - 1, a - 1, Tn);
    }
  }
}

/// What a model takes of the NVM's memory, its tables included where that has the code as well.
std::int64_t nvm_need(const Model& model, const Board& board) {
  const bool shared = board.nvm.front() == board.code->memory;
  return model.layout.total_bytes + (shared ? table_bytes(model) : 0);
}

/// The largest FC network that takes at most `bytes` bytes of NVM, and the smallest that takes
/// more.
std::pair<Layers, Layers> around_nvm(const Board& board, std::int64_t bytes) {
  constexpr std::int64_t kInputs = 20;
  const auto with = [](std::int64_t outputs) {
    return Layers{}.fully_connected({kInputs, 1, 1}, outputs, 1, kInputs);
  };
  const auto need = [&](std::int64_t outputs) { return nvm_need(model_of(with(outputs)), board); };
  std::int64_t fits = bytes / (2 * (kInputs + 1));  // each has so many weights, and a value
  while (need(fits) > bytes) fits -= 1 + (need(fits) - bytes) / (4 * kInputs);
  while (need(fits + 1) <= bytes) ++fits;
  return {with(fits), with(fits + 1)};
}

/// `count` layers of a few channels, and one of `outputs`.
Layers with_tables(std::int64_t count, std::int64_t outputs) {
  Layers layers;
  for (std::int64_t i = 0; i < count; ++i) {
    layers.add(make_convolution(fmt::format("CONV_{}", i), {2, 1, 1}, 2, 1, 1),
               "1_1_2_2_reuse_O_S1_coalesced");
  }
  return layers.fully_connected({2, 1, 1}, outputs, 1, 2);
}

/// Expects that the model links if it is accepted, and that inas-dump knows the size of its tables.
void expect_as_promised(FirmwareBuild& build, const Layers& layers, const Board& board,
                        const std::string& unit, bool fits) {
  const Model model = model_of(layers, unit);
  EXPECT_EQ(accepted(model, board, unit), fits) << fmt::format(
      "NVM {}, VM {}, tables {}", model.layout.total_bytes, model.vm_bytes, table_bytes(model));
  if (!fits) return;
  EXPECT_TRUE(build.links(model)) << build.report;
  EXPECT_NE(build.report.find(fmt::format(".tables {},", table_bytes(model))), std::string::npos)
      << table_bytes(model) << "\n"
      << build.report;
}

void expect_limits(const std::string& name, const std::string& unit) {
  const Board board = load_board(name);
  FirmwareBuild build(name, unit);
  const std::int64_t vm = vm_bytes(board, *board.unit(unit));
  {
    SCOPED_TRACE("VM");
    expect_as_promised(build, with_vm(vm), board, unit, true);
    const Model beyond = model_of(with_vm(vm + 40));
    ASSERT_GT(beyond.vm_bytes, vm);
    EXPECT_FALSE(accepted(beyond, board, unit));
    EXPECT_FALSE(build.links(beyond)) << "the limit is not the firmware's";
  }
  {
    SCOPED_TRACE("NVM");
    const bool shared = board.nvm.front() == board.code->memory;
    const auto [most, too_many] = around_nvm(board, nvm_bytes(board));
    EXPECT_FALSE(accepted(model_of(too_many), board, unit));
    if (shared) {
      expect_as_promised(build, most, board, unit, true);
    } else {
      // What lies in a serial FRAM adds nothing to the link but time.
      EXPECT_TRUE(accepted(model_of(most), board, unit));
      const std::int64_t on_chip = board.memory(board.nvm.front())->bytes;
      expect_as_promised(build, around_nvm(board, on_chip).first, board, unit, true);
    }
  }
  {
    SCOPED_TRACE("tables");
    const BoardMemory& memory = *board.memory(board.code->memory);
    // 100 layers, and outputs that fill what is left: 1 byte each; in a shared memory 4 more for
    // weights, 2 for the map.
    const bool shared = board.nvm.front() == memory.name;
    const std::int64_t left = memory.bytes - board.code->bytes;
    const auto need = [&](std::int64_t outputs) {
      const Model model = model_of(with_tables(100, outputs));
      return shared ? nvm_need(model, board) : table_bytes(model);
    };
    std::int64_t fits = 1;
    std::int64_t beyond = left;
    while (beyond - fits > 1) {
      const std::int64_t outputs = (fits + beyond) / 2;
      (need(outputs) <= left ? fits : beyond) = outputs;
    }
    expect_as_promised(build, with_tables(100, fits), board, unit, true);
    expect_as_promised(build, with_tables(100, beyond), board, unit, false);
  }
}

/// The build says so before anything is compiled in vain.
TEST(BoardLink, AModelForTheLeaDoesNotLinkWithoutIt) {
  const Model model = model_of(Layers{}.fully_connected({4, 1, 1}, 2, 2, 4), "lea");
  for (const std::string name : {"msp430-sim", "msp430fr5994"}) {
    EXPECT_FALSE(accepted(model, load_board(name), "cpu"));
    FirmwareBuild build(name, "cpu");
    EXPECT_FALSE(build.links(model));
    EXPECT_NE(build.report.find("Designs of the model are for the LEA"), std::string::npos)
        << build.report;
  }
}

TEST(BoardLink, SimulatorLinksWhatIsAccepted) { expect_limits("msp430-sim", "cpu"); }
TEST(BoardLink, PartLinksWhatIsAcceptedForTheMultiplier) { expect_limits("msp430fr5994", "cpu"); }
TEST(BoardLink, PartLinksWhatIsAcceptedForTheLea) { expect_limits("msp430fr5994", "lea"); }

/// A convolution of random sizes whose tile buffers have about `vm` bytes.
Layers random_layers(Generator& generator, std::int64_t vm) {
  for (;;) {
    const std::int64_t size = random_from(generator, 3, 20);
    const Layer layer = make_convolution(
        "CONV_0", {random_from(generator, 1, 24), size, size}, random_from(generator, 1, 24),
        random_from(generator, 1, 3), random_from(generator, 1, 3));
    const auto split = [&](std::int64_t extent) {
      const std::int64_t tiles = random_from(generator, 1, extent);
      return (extent + tiles - 1) / tiles;
    };
    const std::int64_t Tr = split(layer.ofm.height);
    const std::int64_t Tc = split(layer.ofm.width);
    const std::int64_t M = layer.ofm.channels;
    const std::int64_t N = layer.ifm.channels;
    const std::int64_t bytes =
        2 * ((Tr + layer.kernel_height - 1) * (Tc + layer.kernel_width - 1) * N +
             layer.kernel_height * layer.kernel_width * M * N + Tr * Tc * M);
    if (std::abs(bytes - vm) > 30) continue;
    Layers layers;
    layers.add(layer, fmt::format("{}_{}_{}_{}_reuse_W_S1_row_coalesced", Tr, Tc, M, N));
    return layers.fully_connected(layer.ofm, 3, 1, 1);
  }
}

TEST(BoardLinkExhaustive, RandomModelsNearTheLimitOfVmLinkIfAccepted) {
  Generator generator(1);
  for (const auto& [name, unit] : std::vector<std::pair<std::string, std::string>>{
           {"msp430-sim", "cpu"}, {"msp430fr5994", "cpu"}, {"msp430fr5994", "lea"}}) {
    const Board board = load_board(name);
    FirmwareBuild build(name, unit);
    int refused = 0;
    for (int i = 0; i < 30; ++i) {
      const Model model = model_of(random_layers(generator, vm_bytes(board, *board.unit(unit))));
      const bool fits = accepted(model, board, unit);
      refused += fits ? 0 : 1;
      // Beyond the limit of VM the firmware refuses as well; beyond that of NVM it may still link.
      const bool nvm_fits = nvm_need(model, board) <= nvm_bytes(board);
      if (fits || nvm_fits) {
        EXPECT_EQ(build.links(model), fits)
            << name << " " << unit << ", VM " << model.vm_bytes << "\n"
            << build.report;
      }
    }
    EXPECT_GT(refused, 0);
    EXPECT_LT(refused, 30);
  }
}

}  // namespace
}  // namespace inas::dump
