#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "firmware-sim/emulated_device.hpp"
#include "firmware/test_model.hpp"

namespace inas::laws {

/// The active cycles of an inference of each model on the emulated FR5994, power cycles ended as
/// the model says: from the end of its start, which a button asks for, to its last commit.
///
/// The firmware's objects are those that its own build has compiled at its default optimisation.
/// They are linked once with the tables of many models; a run puts the one that it is to execute in
/// the place of the model that the program was built for. Throws Error if an output is not the
/// host's.
std::vector<std::uint64_t> emulated_cycles(
    const std::vector<std::unique_ptr<firmware::TestModel>>& models);

}  // namespace inas::laws
