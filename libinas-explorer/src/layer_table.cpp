#include <utility>

#include <inas/explorer/layer_table.hpp>

#include "parallel.hpp"
#include "space_graph.hpp"

namespace inas::explorer {

std::vector<Layer> distinct_layers(const SearchSpace& space) {
  return make_space_graph(space).layers;
}

LayerTable explore_layers(std::vector<Layer> layers, const costmodel::Device& device,
                          const ExplorerSettings& settings, std::int64_t threads,
                          const RoundsDone& done) {
  validate(device.platform);
  validate(device.supply);
  LayerTable table;
  table.layers = std::move(layers);
  table.results.resize(table.layers.size());
  parallel_for(
      table.layers.size(), threads,
      [&](std::size_t index) {
        table.results[index] = best_design(device, table.layers[index], settings);
      },
      done);
  return table;
}

}  // namespace inas::explorer
