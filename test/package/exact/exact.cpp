// Prices designs with the arithmetic that the public headers hold inline, compiled here, and with
// the library, and compares the numbers bit for bit.
#include <bit>
#include <cstdint>
#include <cstdio>

#include <inas/core/error.hpp>
#include <inas/costmodel/intermittent.hpp>

namespace {

using inas::costmodel::Cost;

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool same(const Cost& a, const Cost& b) {
  return same(a.energy_j, b.energy_j) && same(a.latency_s, b.latency_s);
}

/// Do NVM traffic and latency, summed here, equal those that the library sums?
bool same(const inas::costmodel::Device& device, const inas::Layer& layer,
          const inas::Design& design) {
  const auto priced = inas::costmodel::intermittent_cost(device, layer, design);
  const Cost read = priced.cycles.later * priced.later.fetch +
                    priced.cycles.first * priced.first.fetch +
                    priced.cycles.all() * priced.first.index_fetch;
  const double latency_s = inas::costmodel::layer_latency_s(
      priced.cycles, priced.first.total().latency_s, priced.recharge_min_s,
      priced.later.total().latency_s, priced.recharge_max_s);
  return same(read, inas::costmodel::nvm_traffic(device.profile, layer, design).read) &&
         same(latency_s, priced.latency_s);
}

}  // namespace

int main() {
  const inas::costmodel::Device device = inas::costmodel::make_device({}, {});
  const inas::Layer layer = inas::make_convolution("CONV", {8, 14, 14}, 16, 3, 3);
  int designs = 0;
  int different = 0;
  for (const auto order :
       {inas::LoopOrder::reuse_I, inas::LoopOrder::reuse_W, inas::LoopOrder::reuse_O}) {
    for (const std::int64_t extent : {1, 2, 3, 4, 6}) {
      for (const std::int64_t channels : {1, 2, 4, 8}) {
        inas::Design design{.tile = {extent, extent, channels, 2}, .order = order};
        try {
          different += same(device, layer, design) ? 0 : 1;
          ++designs;
        } catch (const inas::InvalidArgument&) {
          // not every combination is a design
        }
      }
    }
  }
  std::printf("%d designs, %d differ\n", designs, different);
  return designs > 20 && different == 0 ? 0 : 1;
}
