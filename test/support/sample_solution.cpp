#include <random>

#include <support/sample_solution.hpp>

#include <inas/core/version.hpp>

namespace inas::test {

Solution sample_solution() {
  Solution solution;
  solution.settings.space = {.family = NetworkFamily::convolution_2d,
                             .input = {1, 8, 8},
                             .classes = 3,
                             .layers = 2,
                             .kernels = {1, 3},
                             .filters = {4, 6}};
  solution.architecture = {3, 6, 3, 4};
  const Network network = build_network(solution.settings.space, solution.architecture);
  const std::vector<Design> designs{{{3, 6, 2, 1}, LoopOrder::reuse_I, 3},
                                    {{2, 2, 4, 2}, LoopOrder::reuse_W, 4},
                                    {{4, 2, 4, 1}, LoopOrder::reuse_O, 2},
                                    {{1, 1, 3, 2}, LoopOrder::reuse_O, 2}};
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    solution.layers.push_back({.layer = network.layers[index],
                               .design = designs[index],
                               .energy_per_cycle_max_j = 1.25e-3,
                               .energy_per_cycle_min_j = 1e-3,
                               .latency_s = 0.5,
                               .power_cycles = 7,
                               .vm_bytes = 1024});
    solution.latency_s += 0.5;
    solution.power_cycles += 7;
  }
  solution.by_layers_s = solution.latency_s;
  solution.energy_budget_j = 1.5e-3;
  solution.accuracy = {.validation = 0.75, .test = 0.7, .deployed = 0.69};
  solution.trial = 12;
  solution.software_version = version();
  return solution;
}

std::vector<Tensor> sample_weights(const Solution& solution, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Tensor> weights;
  for (const LayerSolution& record : solution.layers) {
    for (Tensor& tensor : tensors_of(record.layer)) {
      std::int64_t count = 1;
      for (const std::int64_t extent : tensor.shape) count *= extent;
      for (std::int64_t index = 0; index < count; ++index) {
        tensor.values.push_back(
            static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-52 - 1));
      }
      weights.push_back(std::move(tensor));
    }
  }
  return weights;
}

}  // namespace inas::test
