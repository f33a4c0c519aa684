#include <cstdio>

#include <inas/execution/batches.hpp>

int main() {
  const inas::Layer layer = inas::make_fully_connected("FC_END", {2, 1, 1}, 3);
  const inas::Design design{.tile = {.out_channels = 3, .in_channels = 1}};
  std::printf("%lld power cycles\n",
              static_cast<long long>(inas::execution::power_cycles(layer, design).all()));
}
