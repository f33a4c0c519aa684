#include <cstdio>

#include <inas/dump/dump.hpp>
#include <inas/dump/host_device.hpp>

/// A fully connected layer, from 2 values to 3, dumped and run on the host board.
int main() {
  inas::Solution solution;
  solution.layers = {{.layer = inas::make_fully_connected("FC_END", {2, 1, 1}, 3),
                      .design = {.tile = {.out_channels = 3, .in_channels = 2}}}};
  const inas::dump::Model model =
      inas::dump::make_model(solution, {{"FC_END", {3, 2, 1, 1}, {1, 2, 3, 4, 5, 6}}});
  inas::dump::HostDevice device(model);
  std::printf("%zu outputs\n", device.run(std::vector<std::int16_t>{1000, 2000}).size());
}
