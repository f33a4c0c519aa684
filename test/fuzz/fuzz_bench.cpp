// A file of measurements from arbitrary text: either inas::Error, or laws that make a profile.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <inas/core/error.hpp>
#include <inas/costmodel/bench_fit.hpp>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inas;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const costmodel::BenchFile file = costmodel::parse_bench_file(text, "fuzz");
    const costmodel::BenchFit fit = costmodel::fit_bench(file);
    for (const costmodel::FittedLaw& law : fit.cycles.laws) {
      require(std::isfinite(law.value) && law.value >= 0, "a law is finite and not negative");
    }
    (void)costmodel::with_bench_fit(costmodel::load_profile("msp430fr5994"), file, fit);
  } catch (const Error&) {
  }
  return 0;
}
