// Images of arbitrary bytes: either inas::Error, or as many pixels as the shape says.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <inas/core/error.hpp>

#include "image_file.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    for (const std::int64_t channels : {1, 3}) {
      const inas::data::Image image = inas::data::decode_image(content, "a.png", channels);
      require(image.shape.channels == channels, "an image has the channels that were asked for");
      require(image.pixels.size() == static_cast<std::size_t>(image.shape.values()),
              "an image has its pixels");
    }
  } catch (const inas::Error&) {
    // one sentence to the user
  }
  return 0;
}
