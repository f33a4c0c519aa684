#include "any_case.hpp"

#include <map>
#include <numeric>
#include <stdexcept>

#include <inas/costmodel/laws.hpp>

namespace oracle {
namespace {

/// What the laws of a kernel are called, and which of a walk's counts they have.
std::map<std::string, Int> kernel_charges(const Events& did, const AnyCase& of) {
  switch (of.layer.kind) {
    case Kind::conv:
    case Kind::fc:
      if (of.wide.cpu) {
        return {{"convolution.tile", did.tile},         {"convolution.row", did.row},
                {"convolution.position", did.position}, {"convolution.output", did.output},
                {"convolution.bias", did.bias},         {"cpu_mac.intercept", did.cpu_vectors},
                {"cpu_mac.slope", did.cpu_values}};
      }
      return {{"convolution_lea.tile", did.tile},
              {"convolution_lea.row", did.row},
              {"convolution_lea.position", did.position},
              {"convolution_lea.output", did.output},
              {"convolution_lea.bias", did.bias},
              {"convolution_lea.line", did.lea_loop_line},
              {"convolution_lea.vector", did.lea_loop_vector},
              {"convolution_lea.cpu_vector", did.cpu_vectors},
              {"convolution_lea.cpu_value", did.cpu_values},
              {"vector_mac.intercept", did.lea_vectors},
              {"vector_mac.slope", did.lea_values}};
    case Kind::pool:
      return {{"global_average_pool.tile", did.tile},
              {"global_average_pool.output", did.output},
              {"global_average_pool.value", did.value},
              {"global_average_pool.batch_output", did.batch_output}};
    case Kind::max:
      return {{"max_pool.tile", did.tile},         {"max_pool.row", did.row},
              {"max_pool.position", did.position}, {"max_pool.output", did.output},
              {"max_pool.line", did.line},         {"max_pool.value", did.value}};
    case Kind::average:
      return {{"average_pool.tile", did.tile},         {"average_pool.row", did.row},
              {"average_pool.position", did.position}, {"average_pool.output", did.output},
              {"average_pool.line", did.line},         {"average_pool.value", did.value}};
    case Kind::dw:
      return {{"depthwise.tile", did.tile},         {"depthwise.row", did.row},
              {"depthwise.position", did.position}, {"depthwise.output", did.output},
              {"depthwise.line", did.line},         {"depthwise.value", did.value},
              {"depthwise.bias", did.bias}};
    case Kind::add:
      return {{"add.tile", did.tile}, {"add.row", did.row}, {"add.output", did.output}};
  }
  return {};
}

std::string kernel_name(Kind kind) {
  static constexpr const char* kNames[]{"convolution", "convolution", "global_average_pool",
                                        "max_pool",    "depthwise",   "average_pool",
                                        "add"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

inas::Design design_of(const WideDesign& wide) {
  inas::Design design = library::design_of(wide.design);
  design.mac = wide.row ? inas::MacGranularity::row : inas::MacGranularity::tap;
  design.dma = wide.coalesced ? inas::DmaGranularity::coalesced : inas::DmaGranularity::pixel;
  design.unit = wide.cpu ? inas::Unit::cpu : inas::Unit::lea;
  design.batches_per_cycle = wide.K;
  return design;
}

AnyCase case_of(const Layer& layer, const WideDesign& wide) {
  return {layer, wide, library::layer_of(layer), design_of(wide)};
}

AnyCase random_case(Generator& generator, Int extent, Int channels) {
  const Layer layer = random_any_layer(generator, extent, channels);
  return case_of(layer, random_wide_design(generator, layer));
}

std::string describe(const AnyCase& of) {
  return describe(of.layer) + " " + to_string(of.design) + " longest " +
         std::to_string(of.wide.longest_vector);
}

std::vector<double> charges(const Events& did, const AnyCase& of) {
  std::map<std::string, Int> by_name = kernel_charges(did, of);
  by_name.insert({{"nvm_read.intercept", did.reads},
                  {"nvm_read.slope", did.values_read},
                  {"nvm_write.intercept", did.writes},
                  {"nvm_write.slope", did.values_written},
                  {"cycle", did.cycle},
                  {"block", did.block},
                  {"block_row", did.block_row},
                  {"weights", did.weights},
                  {"fill", did.fill},
                  {"window", did.window},
                  {"border", did.border},
                  {"fill_run", did.fill_run},
                  {"cap", did.cap},
                  {kernel_name(of.layer.kind) + ".entry", did.entry},
                  {kernel_name(of.layer.kind) + ".batch", did.batch}});
  std::vector<double> all;
  for (const std::string& name : inas::costmodel::law_names()) {
    const auto found = by_name.find(name);
    all.push_back(found == by_name.end() ? 0 : static_cast<double>(found->second));
    if (found != by_name.end()) by_name.erase(found);
  }
  for (const auto& [name, count] : by_name) {
    if (count != 0) throw std::runtime_error("there is no law " + name);
  }
  return all;
}

inas::costmodel::Profile random_profile(Generator& generator) {
  std::vector<double> cycles;
  for (std::size_t i = 0; i < inas::costmodel::law_names().size(); ++i) {
    cycles.push_back(generator() % 8 == 0 ? 0 : static_cast<double>(1 + generator() % 1000));
  }
  const double energy_j = 1e-10 * static_cast<double>(1 + generator() % 10);
  return inas::costmodel::with_law_cycles(inas::costmodel::load_profile("msp430fr5994"), cycles,
                                          energy_j);
}

inas::costmodel::Profile uniform_profile() {
  const inas::costmodel::Profile shipped = inas::costmodel::load_profile("msp430fr5994");
  return inas::costmodel::with_law_cycles(shipped, inas::costmodel::law_cycles(shipped),
                                          shipped.runtime.energy_per_cycle_j);
}

double cycles_of(const Events& did, const AnyCase& of, const std::vector<double>& law_cycles) {
  const std::vector<double> counts = charges(did, of);
  return std::inner_product(counts.begin(), counts.end(), law_cycles.begin(), 0.0);
}

}  // namespace oracle
