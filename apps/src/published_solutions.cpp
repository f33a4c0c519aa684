#include "published_solutions.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>

#include "json_lines.hpp"

namespace inas::apps {
namespace {

using Json = nlohmann::json;

Shape shape_of(const Json& extents) {
  return {extents.at(0).get<std::int64_t>(), extents.at(1).get<std::int64_t>(),
          extents.at(2).get<std::int64_t>()};
}

Layer layer_of(const Json& record) {
  const LayerType type = parse_layer_type(record.at("type").get<std::string>());
  if (type == LayerType::global_average_pool) {  // the published tables give pooling no kernel
    return make_global_average_pool(record.at("name").get<std::string>(),
                                    shape_of(record.at("ifm")));
  }
  const Json& kernel = record.at("K");
  return {.name = record.at("name").get<std::string>(),
          .type = type,
          .ifm = shape_of(record.at("ifm")),
          .ofm = shape_of(record.at("ofm")),
          .kernel_height = kernel.at(2).get<std::int64_t>(),
          .kernel_width = kernel.at(3).get<std::int64_t>()};
}

Design design_of(const Json& record) {
  return parse_design(fmt::format("{}_{}_{}_{}_{}_S{}", record.at("Tr").get<int>(),
                                  record.at("Tc").get<int>(), record.at("Tm").get<int>(),
                                  record.at("Tn").get<int>(), record.at("reuse").get<std::string>(),
                                  record.at("S").get<int>()));
}

/// The paper's supplies; its three KWS networks at 1 mF are feasible only with a margin near 0.7
/// instead of its 0.55 (reference page paper.md).
PowerSupply supply_of(const Json& record) {
  PowerSupply supply;
  if (record.at("power_type").get<std::string>() == "contpow") {
    supply.kind = PowerKind::continuous;
    return supply;
  }
  supply.capacitance_f = record.at("capacitance_F").get<double>();
  supply.ehm_resistance_ohm = record.at("rehm_ohm").get<double>();
  if (record.at("dataset").get<std::string>() == "kws" && supply.capacitance_f == 0.001) {
    supply.margin = 0.70;
  }
  return supply;
}

PublishedSolution solution_of(const Json& record) {
  PublishedSolution solution;
  solution.dataset = record.at("dataset").get<std::string>();
  solution.supply = supply_of(record);
  for (const Json& layer : record.at("layers")) {
    solution.network.layers.push_back(layer_of(layer));
    solution.designs.push_back(design_of(layer));
  }
  activate_hidden_layers(solution.network.layers);
  solution.name = fmt::format("{} {} TS{}", solution.dataset,
                              solution.supply.kind == PowerKind::continuous
                                  ? std::string("continuous")
                                  : fmt::format("{:g} mF", solution.supply.capacitance_f * 1e3),
                              record.at("ts").get<int>());
  return solution;
}

}  // namespace

std::vector<PublishedSolution> read_published_solutions(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "published-solutions.jsonl";
  std::vector<PublishedSolution> solutions;
  for_each_json_line(path, [&](const Json& record, const std::string&) {
    solutions.push_back(solution_of(record));
  });
  if (solutions.empty()) throw Error(fmt::format("{}: holds no solution", path.string()));
  return solutions;
}

}  // namespace inas::apps
