#include "emulated_cycles.hpp"

#include <fmt/format.h>
#include <support/run_command.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

#include "firmware-sim/write_model.hpp"

namespace inas::laws {
namespace {

void run(const std::string& command) {
  const test::CommandResult result = test::run_command(command);
  if (result.code != 0) throw Error(fmt::format("{}: {}{}", command, result.out, result.err));
}

}  // namespace

FirmwareOfAny::FirmwareOfAny() {
  const std::filesystem::path programs = INAS_SIMULATED_PROGRAMS;
  std::string objects;
  const std::string names = read_file(programs / "fr5994-any-objects.txt");
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = names.find('\n', begin);
    const std::string name = names.substr(begin, end - begin);
    // The model's own: its tables are another's, its image is put into NVM at run time.
    const std::string file = std::filesystem::path(name).stem().string();
    if (file != "model.c" && file != "nvm_image.S") objects += ' ' + name;
    begin = end + 1;
  }
  link_command_ = fmt::format(
      "{} -T {} -L {} --gc-sections --fatal-warnings --nmagic --defsym=inas_stack_bytes=0{}",
      INAS_CROSS_LLD, (programs / "fr5994-any-board/board.ld").string(), INAS_MSP430_FOLDER,
      objects);
}

emulator::Elf FirmwareOfAny::with(const firmware::TestModel& model) const {
  const std::filesystem::path& folder = folder_.path();
  firmware::write_model(folder, model);
  run(fmt::format("{} --target=msp430 -ffreestanding -I{} -c {} -o {}", INAS_CROSS_CLANG,
                  INAS_FIRMWARE_INCLUDE, (folder / "model.c").string(),
                  (folder / "model.c.o").string()));
  const std::filesystem::path program = folder / "any.elf";
  run(fmt::format("{} {} -o {}", link_command_, (folder / "model.c.o").string(), program.string()));
  return emulator::read_elf(program);
}

std::uint64_t emulated_cycles(const FirmwareOfAny& any, const firmware::TestModel& model) {
  const firmware::Inference inference = firmware::inference_of(model);
  firmware::EmulatedDevice device(load_board("msp430fr5994"), {{}, any.with(model)}, inference);
  std::vector<std::uint8_t> nvm = model.image();
  nvm.resize(model.tables().nvm_bytes);
  model.write_input(nvm, model.random_input(1));
  for (std::uint32_t i = 0; i < nvm.size(); ++i) device.nvm(i) = nvm[i];
  (void)device.finish();
  device.start_next();
  const std::uint64_t begin = device.part.bus().clock.cycles;
  (void)device.finish();
  if (device.output() != inference.output) throw Error("the output is not the host's");
  return device.part.bus().clock.cycles - begin;
}

}  // namespace inas::laws
