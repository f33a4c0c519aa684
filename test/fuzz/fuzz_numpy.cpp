// Arrays of arbitrary bytes: either inas::Error, or shapes that hold their values.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <inas/core/error.hpp>
#include <inas/data/numpy.hpp>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    for (const inas::data::NumpyArray& array : inas::data::parse_numpy(content, "a.npz")) {
      std::uint64_t count = 1;
      for (const std::int64_t extent : array.shape) count *= static_cast<std::uint64_t>(extent);
      require(array.values.size() == count, "an array's shape holds its values");
    }
  } catch (const inas::Error&) {
    // one sentence to the user
  }
  return 0;
}
