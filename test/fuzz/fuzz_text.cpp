// Designs, architectures and loop orders from arbitrary text: either inas::Error, or a value whose
// text reads back as the same value.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <inas/core/design.hpp>
#include <inas/core/error.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>

#include "require.hpp"

namespace {

using inas::to_string;  // an Architecture is a vector, so its namespace is not looked in

template <class Parse>
void check_round_trip(std::string_view text, Parse&& parse, const char* promise) {
  try {
    const auto value = parse(text);
    require(parse(to_string(value)) == value, promise);
  } catch (const inas::Error&) {
    // one sentence to the user
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_round_trip(text, inas::parse_design, "a design's text reads back");
  check_round_trip(text, inas::parse_architecture, "an architecture's text reads back");
  check_round_trip(text, inas::parse_loop_orders, "the text of loop orders reads back");
  return 0;
}
