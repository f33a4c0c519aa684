#include "simulator.hpp"

#include <cctype>
#include <sstream>

#include <fmt/format.h>
#include <support/run_command.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

namespace inas::firmware {
namespace {

/// The number after `key`, in base `base`, in every line that holds it.
std::vector<std::uint64_t> numbers_after(const std::string& text, const std::string& key,
                                         int base) {
  std::vector<std::uint64_t> numbers;
  for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
    numbers.push_back(std::stoull(text.substr(at + key.size(), 24), nullptr, base));
  }
  return numbers;
}

}  // namespace

Simulation::Simulation(std::filesystem::path elf, std::filesystem::path folder)
    : folder_(std::move(folder)) {
  command("simio add hwmult multiplier");
  command("simio add tracer count");
  command("prog " + elf.string());
}

void Simulation::command(const std::string& text) { script_ += text + "\n"; }

void Simulation::load(std::uint16_t address, const std::vector<std::uint8_t>& bytes) {
  const std::filesystem::path file = folder_ / fmt::format("load{}", loads_++);
  write_file(file, std::string(bytes.begin(), bytes.end()));
  command(fmt::format("load_raw {} {:#x}", file.string(), address));
}

std::size_t Simulation::save(std::uint16_t address, std::size_t length) {
  saves_.push_back(folder_ / fmt::format("save{}", saves_.size()));
  command(fmt::format("save_raw {:#x} {} {}", address, length, saves_.back().string()));
  return saves_.size() - 1;
}

void Simulation::power_failure(const std::vector<std::uint8_t>& rubbish) {
  std::string bytes;
  for (const std::uint8_t byte : rubbish) bytes += fmt::format(" {:#x}", byte);
  for (const BoardMemory& memory : board_.memories) {
    if (memory.kind != MemoryKind::ram) continue;
    command(fmt::format("fill {:#x} {:#x}{}", memory.address, memory.bytes, bytes));
  }
  command("reset");
}

Simulation::Transcript Simulation::run(int limit_s) {
  const std::filesystem::path script = folder_ / "script";
  write_file(script, script_);
  // A program that never stops is the error to expect; mspdebug itself has no limit.
  const test::CommandResult result = test::run_command(
      fmt::format("timeout {} mspdebug -q sim 'read {}'", limit_s, script.string()));
  if (result.code != 0 || result.out.find("read: error") != std::string::npos) {
    const std::string end =
        result.out.substr(result.out.size() - std::min<std::size_t>(result.out.size(), 1500));
    throw Error(fmt::format("mspdebug: exit code {} (124: more than {} s)\n{}\n{}", result.code,
                            limit_s, end, result.err));
  }
  Transcript transcript;
  transcript.text = result.out;
  for (const std::filesystem::path& file : saves_) {
    const std::string bytes = read_file(file);
    transcript.saved.emplace_back(bytes.begin(), bytes.end());
  }
  return transcript;
}

std::vector<std::string> stops(const std::string& transcript) {
  std::vector<std::string> names;
  std::istringstream lines(transcript);
  bool running = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("=> ")) running = line == "=> run";
    // The disassembly that follows may name the next function as well.
    if (running && line.ends_with(':')) {
      names.push_back(line.substr(0, line.size() - 1));
      running = false;
    }
  }
  return names;
}

std::vector<Elapsed> elapsed(const std::string& transcript) {
  const std::vector<std::uint64_t> instructions =
      numbers_after(transcript, "Instruction count:", 10);
  const std::vector<std::uint64_t> cycles = numbers_after(transcript, "\nMCLK:", 10);
  std::vector<Elapsed> all;
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    all.push_back({instructions[i], cycles.at(i)});
  }
  return all;
}

}  // namespace inas::firmware
