#pragma once

#include <cstdint>
#include <vector>

#include <inas/costmodel/profile.hpp>

/// The laws of the runtime's kernels by their keys in the JSON form.
namespace inas::costmodel {

/// A law and its key.
struct KernelLaw {
  const char* key;
  Cost KernelLaws::*law;
  bool may_be_absent = false;  ///< zero then
};

/// The laws that a kernel has, or its tiles by the LEA.
struct KernelObject {
  const char* key;
  execution::Kernel kernel;
  bool of_lea;  ///< of its tiles by the LEA: not in profiles without one
  std::vector<KernelLaw> laws;
  bool may_be_absent = false;  ///< the kernel has no price then

  [[nodiscard]] const KernelLaws& in(const RuntimeLaws& runtime) const {
    return of_lea ? runtime.convolution_lea : runtime.of(kernel);
  }
  [[nodiscard]] KernelLaws& in(RuntimeLaws& runtime) const {
    return of_lea ? runtime.convolution_lea : runtime.kernels[static_cast<std::size_t>(kernel)];
  }

  void set_priced(RuntimeLaws& runtime) const {
    runtime.priced[static_cast<std::size_t>(kernel)] = true;
  }
};

[[nodiscard]] const std::vector<KernelObject>& kernel_objects();

/// The clock cycles of a cost, to twelve digits: what they were before the clock divided them.
[[nodiscard]] double cycles_of(const Cost& cost, double clock_hz);

/// What the runtime reads at the start of a power cycle, both records and the count, and writes.
inline constexpr std::int64_t kRuntimeProgressValues = 9;
inline constexpr std::int64_t kRuntimeCountValues = 1;

}  // namespace inas::costmodel
