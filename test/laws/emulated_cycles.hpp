#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "firmware-sim/emulated_device.hpp"
#include "firmware/test_model.hpp"

namespace inas::laws {

/// The firmware's builds whose cycles are taken.
enum class Build : std::uint8_t {
  on_chip,      ///< all data in the FRAM on chip, the CPU multiplies
  lea,          ///< the same with INAS_LEA=registers
  serial_fram,  ///< all data in the serial FRAM, behind NVM on chip that is free; the CPU
                ///< multiplies
};

/// The active cycles of an inference of each model on the emulated FR5994, power cycles ended as
/// the model says: from the end of its start, which a button asks for, to its last commit.
///
/// The firmware's objects are those that its own build has compiled at its default optimisation.
/// They are linked once with the tables of many models; a run puts the one that it is to execute in
/// the place of the model that the program was built for. Throws Error if an output is not the
/// host's.
std::vector<std::uint64_t> emulated_cycles(
    const std::vector<std::unique_ptr<firmware::TestModel>>& models, Build build = Build::on_chip);

/// Cycles from a reset to the signal that the firmware runs, its memories being there.
std::uint64_t emulated_boot_cycles(Build build);

}  // namespace inas::laws
