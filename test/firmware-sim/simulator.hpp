#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <inas/core/board.hpp>

/// Runs programs on mspdebug's simulator of the MSP430.
namespace inas::firmware {

/// A script for mspdebug that collects commands and then runs as a whole.
class Simulation {
 public:
  /// Loads `elf`; `folder` takes the files that the commands exchange.
  Simulation(std::filesystem::path elf, std::filesystem::path folder);

  void command(const std::string& text);
  /// Writes `bytes` to `address`.
  void load(std::uint16_t address, const std::vector<std::uint8_t>& bytes);
  /// Keeps `length` bytes at `address`; the number is that of `Transcript::saved`.
  std::size_t save(std::uint16_t address, std::size_t length);
  /// Power is lost and comes back: SRAM and the LEA's RAM get the repeated bytes `rubbish`.
  void power_failure(const std::vector<std::uint8_t>& rubbish);

  struct Transcript {
    std::string text;                              ///< what mspdebug printed
    std::vector<std::vector<std::uint8_t>> saved;  ///< by the number that save() gave
  };
  /// Throws Error if mspdebug fails or has not ended after `limit_s` seconds.
  [[nodiscard]] Transcript run(int limit_s);

 private:
  Board board_ = load_board("msp430-sim");
  std::filesystem::path folder_;
  std::string script_;
  std::size_t loads_ = 0;
  std::vector<std::filesystem::path> saves_;
};

/// The functions at whose first instruction the program stopped after each `run`.
std::vector<std::string> stops(const std::string& transcript);

/// Since the start or the last `simio config count clear`, at each `simio info count`. Cycles are
/// the simulator's: of the MSP430 CPU, all memories without wait states.
struct Elapsed {
  std::uint64_t instructions = 0;
  std::uint64_t cycles = 0;
};
std::vector<Elapsed> elapsed(const std::string& transcript);

}  // namespace inas::firmware
