// A weights file of arbitrary bytes: either inas::Error, or tensors whose shapes hold their values.
// The "file" lies in memory (memfd), because the reader takes a path.
#include <cstddef>
#include <cstdint>
#include <string>
#include <unistd.h>

#include <sys/mman.h>

#include <inas/core/error.hpp>
#include <inas/core/weights.hpp>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("weights", 0);
  require(file >= 0, "a memory file can be made");
  require(write(file, data, size) == static_cast<ssize_t>(size), "it can be written");
  try {
    for (const inas::Tensor& tensor :
         inas::read_safetensors("/proc/self/fd/" + std::to_string(file))) {
      std::uint64_t count = 1;
      for (const std::int64_t extent : tensor.shape) count *= static_cast<std::uint64_t>(extent);
      require(tensor.values.size() == count, "a tensor's shape holds its values");
      require(tensor.values.size() * sizeof(float) <= size, "values come from the file");
    }
  } catch (const inas::Error&) {
    // one sentence to the user
  }
  close(file);
  return 0;
}
