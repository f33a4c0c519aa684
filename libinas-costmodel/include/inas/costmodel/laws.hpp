#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/profile.hpp>

/// The laws of the runtime's cycles by name. What a layer takes of the CPU is linear in them, so
/// that they can be fitted to whole layers, and what the model counts can be compared with what
/// happens.
namespace inas::costmodel {

/// Where a law comes from in a word, as the JSON form has it.
[[nodiscard]] std::string_view to_string(Origin origin);

/// The names, such as "nvm_read.slope", "cpu_mac.intercept", "cycle", "convolution.output", in a
/// fixed sequence.
[[nodiscard]] const std::vector<std::string>& law_names();

/// How often `layer`, executed as `design`, is charged each law, in the sequence of `law_names`:
/// transfers and values, vectors and their values, cycles, entries and so on. Checks the design.
[[nodiscard]] std::vector<double> law_counts(const Layer& layer, const Design& design);

/// The same for a network as `device` schedules it (`scheduled_cycles`), in all its power cycles.
[[nodiscard]] std::vector<double> law_counts(const Device& device, std::span<const Layer> layers,
                                             std::span<const Design> designs);

/// The clock cycles of each law of a runtime's profile, in that sequence.
[[nodiscard]] std::vector<double> law_cycles(const Profile& profile);

/// `base`, a runtime's profile, with these cycles, each at the energy of one of the CPU's cycles.
/// Laws of an LEA that it does not have are left out.
[[nodiscard]] Profile with_law_cycles(Profile base, const std::vector<double>& cycles,
                                      double energy_per_cycle_j);

}  // namespace inas::costmodel
