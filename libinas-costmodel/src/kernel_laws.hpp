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
};

/// The laws that a kernel has.
struct KernelObject {
  const char* key;
  execution::Kernel kernel;
  std::vector<KernelLaw> laws;
};

[[nodiscard]] const std::vector<KernelObject>& kernel_objects();

/// What the runtime reads at the start of a power cycle, both records and the count, and writes.
inline constexpr std::int64_t kRuntimeProgressValues = 9;
inline constexpr std::int64_t kRuntimeCountValues = 1;

}  // namespace inas::costmodel
