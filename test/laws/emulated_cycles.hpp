#pragma once

#include <cstdint>

#include <support/temporary_folder.hpp>

#include "firmware-sim/emulated_device.hpp"
#include "firmware/test_model.hpp"

namespace inas::laws {

/// The FR5994's firmware with any model: the objects that the firmware's build has compiled at its
/// default optimisation, linked with the model's tables as that build does.
class FirmwareOfAny {
 public:
  FirmwareOfAny();

  [[nodiscard]] emulator::Elf with(const firmware::TestModel& model) const;

 private:
  test::TemporaryFolder folder_;
  std::string link_command_;
};

/// The active cycles of an inference on the emulated part, power cycles ended as the model says:
/// from the end of its start, which a button asks for, to its last commit. Throws Error if the
/// output is not the host's.
std::uint64_t emulated_cycles(const FirmwareOfAny& any, const firmware::TestModel& model);

}  // namespace inas::laws
