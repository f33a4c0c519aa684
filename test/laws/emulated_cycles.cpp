#include "emulated_cycles.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

#include "firmware-sim/models.hpp"
#include "firmware-sim/write_model.hpp"

namespace inas::laws {
namespace {

using firmware::TestModel;
using Models = std::vector<std::unique_ptr<TestModel>>;

/// Whose tables a program's FRAM below 64 KB has room for.
constexpr std::size_t kModelsOfProgram = 100;

void run(const std::string& command) {
  const test::CommandResult result = test::run_command(command);
  if (result.code != 0) throw Error(fmt::format("{}: {}{}", command, result.out, result.err));
}

/// The objects of a firmware but its model's own.
std::string objects_of(const std::string& program) {
  const std::string names =
      read_file(std::filesystem::path(INAS_SIMULATED_PROGRAMS) / (program + "-objects.txt"));
  std::string objects;
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = std::min(names.find('\n', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    const std::string source = std::filesystem::path(name).stem().string();
    if (source != "model.c" && source != "nvm_image.S") objects += ' ' + name;
    begin = end + 1;
  }
  return objects;
}

const Board& board() {
  static const Board kBoard = load_board("msp430fr5994");
  return kBoard;
}

/// Where that build's data begin: the NVM on chip stays free if they are to be in the serial one.
std::uint32_t nvm_begin(Build build) {
  if (build != Build::serial_fram) return 0;
  return static_cast<std::uint32_t>(board().memory("high_fram")->bytes);
}

/// C that has the tables of model i under the name inas_model_i, and those of the first one, to be
/// replaced, under the name that the firmware looks for.
std::string all_tables(const std::filesystem::path& folder, Build build, const Models& models,
                       std::size_t begin, std::size_t end) {
  constexpr int kMostLayers = 8;
  std::string source = "#include \"0/model.h\"\n";
  for (std::size_t i = begin; i < end; ++i) {
    firmware::write_model(folder / std::to_string(i - begin), *models[i], 0, nvm_begin(build));
    source += fmt::format("#define inas_model_tables inas_model_{0}\n#define layers layers_{0}\n",
                          i - begin);
    for (int layer = 0; layer < kMostLayers; ++layer) {
      source +=
          fmt::format("#undef shifts_{1}\n#define shifts_{1} shifts_{0}_{1}\n", i - begin, layer);
      source += fmt::format("#undef bias_{1}\n#define bias_{1} bias_{0}_{1}\n", i - begin, layer);
    }
    source += fmt::format("#include \"{}/model.c\"\n#undef inas_model_tables\n#undef layers\n",
                          i - begin);
  }
  return source +
         "#define inas_model_tables inas_model_tables\n"
         "const inas_model inas_model_tables = {layers_0};\n"
         "const unsigned char inas_model_size = sizeof(inas_model);\n";
}

const char* name_of(Build build) {
  switch (build) {
    case Build::lea:
      return "fr5994-any-lea";
    case Build::serial_fram:
      return "fr5994-any-serial";
    case Build::on_chip:
      break;
  }
  return "fr5994-any";
}

emulator::Elf program_of(Build build, const Models& models, std::size_t begin, std::size_t end) {
  const std::string name = name_of(build);
  const test::TemporaryFolder folder;
  const std::filesystem::path& at = folder.path();
  const std::filesystem::path programs = INAS_SIMULATED_PROGRAMS;
  write_file(at / "model.c", all_tables(at, build, models, begin, end));
  run(fmt::format("{} --target=msp430 -ffreestanding -I{} -c {} -o {}", INAS_CROSS_CLANG,
                  INAS_FIRMWARE_INCLUDE, (at / "model.c").string(), (at / "model.c.o").string()));
  run(fmt::format("{} -T {} -L {} --nmagic --defsym=inas_stack_bytes=0{} {} -o {}", INAS_CROSS_LLD,
                  (programs / (name + "-board/board.ld")).string(), INAS_MSP430_FOLDER,
                  objects_of(name), (at / "model.c.o").string(), (at / "any.elf").string()));
  return emulator::read_elf(at / "any.elf");
}

/// The program with model `number` in the place that the firmware looks for.
emulator::Elf with_model(emulator::Elf program, std::size_t number) {
  const std::uint32_t size = program.symbol("inas_model_size");
  for (emulator::Elf::Segment& segment : program.segments) {
    if (size < segment.address || size - segment.address >= segment.bytes.size()) continue;
    const auto at = [&](const std::string& symbol) {
      return segment.bytes.begin() + (program.symbol(symbol) - segment.address);
    };
    std::copy_n(at(fmt::format("inas_model_{}", number)), *at("inas_model_size"),
                at("inas_model_tables"));
    return program;
  }
  throw Error("the program has no models' tables");
}

firmware::EmulatedDevice booted(Build build, const TestModel& model, emulator::Elf program) {
  firmware::Inference inference = firmware::inference_of(model);
  inference.input_address += nvm_begin(build);
  inference.output_address += nvm_begin(build);
  return {board(), {{}, std::move(program)}, inference};
}

std::uint64_t cycles_of(Build build, const TestModel& model, emulator::Elf program) {
  firmware::EmulatedDevice device = booted(build, model, std::move(program));
  std::vector<std::uint8_t> nvm = model.image();
  nvm.resize(model.tables().nvm_bytes);
  model.write_input(nvm, model.random_input(1));
  for (std::uint32_t i = 0; i < nvm.size(); ++i) device.nvm(nvm_begin(build) + i) = nvm[i];
  (void)device.finish();
  device.start_next();
  const std::uint64_t begin = device.part.bus().clock.cycles;
  (void)device.finish();
  if (device.output() != firmware::inference_of(model).output) {
    throw Error("the output is not the host's");
  }
  return device.part.bus().clock.cycles - begin;
}

}  // namespace

std::vector<std::uint64_t> emulated_cycles(const Models& models, Build build) {
  std::vector<std::uint64_t> cycles;
  for (std::size_t begin = 0; begin < models.size(); begin += kModelsOfProgram) {
    const std::size_t end = std::min(models.size(), begin + kModelsOfProgram);
    const emulator::Elf program = program_of(build, models, begin, end);
    for (std::size_t i = begin; i < end; ++i) {
      cycles.push_back(cycles_of(build, *models[i], with_model(program, i - begin)));
    }
  }
  return cycles;
}

std::uint64_t emulated_boot_cycles(Build build) {
  Models models;
  models.push_back(firmware::tiny_model());
  const emulator::Elf program = with_model(program_of(build, models, 0, 1), 0);
  firmware::EmulatedDevice device = booted(build, *models.front(), program);
  const std::uint64_t begin = device.part.bus().clock.cycles;
  while (device.part.port3() != firmware::EmulatedDevice::kRunning) (void)device.part.run();
  return device.part.bus().clock.cycles - begin;
}

}  // namespace inas::laws
