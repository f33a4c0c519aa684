#include "tinas_report.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/shape_text.hpp>
#include <inas/costmodel/breakdown.hpp>

#include "geometric_mean.hpp"

namespace inas::apps {
namespace {

using Json = nlohmann::ordered_json;

costmodel::Device device_of(const Platform& platform, const PowerSupply& supply) {
  costmodel::Device device = costmodel::make_device(platform, {});
  device.supply = supply;
  return device;
}

double ratio_of(const TinasPrice& price) { return price.of.published_s / price.result.latency_s; }

GeometricMean mean_of(std::span<const TinasPrice> prices) {
  GeometricMean mean;
  for (const TinasPrice& price : prices) {
    if (price.result.feasible()) mean.add(ratio_of(price));
  }
  return mean;
}

/// What became of a network that breaks a constraint.
std::string consequence(const TinasPrice& price) {
  if (!price.result.feasible()) {
    const bool another = price.result.why->constraint != price.broken->constraint;
    return another ? fmt::format("with {} bytes of NVM: {}; not priced", price.platform.nvm_bytes,
                                 describe(*price.result.why))
                   : "not priced";
  }
  return fmt::format("priced with {} bytes of NVM", price.platform.nvm_bytes);
}

std::string why_of(const TinasPrice& price) {
  return price.broken ? fmt::format("{}; {}", describe(*price.broken), consequence(price))
                      : std::string();
}

/// A layer of a priced network.
struct LayerRow {
  const Layer* layer = nullptr;
  double published_s = 0;
  double latency_s = 0;  ///< as scheduled
  std::string design;
};

std::vector<LayerRow> layer_rows(const TinasPrice& price) {
  const costmodel::Device device = device_of(price.platform, price.of.supply);
  const std::vector<Design> designs = price.result.designs();
  const std::vector<Layer>& layers = price.of.network.layers;
  const costmodel::NetworkBreakdown breakdown = costmodel::breakdown(device, layers, designs);
  std::vector<LayerRow> rows;
  for (std::size_t index = 0; index < layers.size(); ++index) {
    rows.push_back({&layers[index], price.of.layers_published_s[index],
                    breakdown.layers[index].parts.latency_s(), to_string(designs[index])});
  }
  return rows;
}

}  // namespace

TinasPrice tinas_price(const TinasNetwork& network, const Platform& platform) {
  TinasPrice price{network, {}, platform, {}};
  const auto explore = [&] {
    explorer::Explorer explorer(device_of(price.platform, network.supply), {});
    price.result = explorer.explore(network.network);
  };
  explore();
  price.broken = price.result.why;
  if (price.broken && price.broken->constraint == explorer::Constraint::nvm_capacity) {
    price.platform.nvm_bytes =
        std::max(published_platform().nvm_bytes, static_cast<std::int64_t>(price.broken->needed));
    explore();
  }
  return price;
}

std::string tinas_table(std::span<const TinasPrice> prices) {
  std::string text =
      fmt::format("{:<46} {:>11} {:>9} {:>7} {:>9} {:>8} {:>7} {:>7}\n", "network", "published s",
                  "latency s", "less", "MACs", "weights", "cycles", "NVM B");
  auto out = std::back_inserter(text);
  for (const TinasPrice& price : prices) {
    const Network& network = price.of.network;
    fmt::format_to(out, "{:<46} {:>11.2f} ", price.of.name, price.of.published_s);
    if (price.result.feasible()) {
      fmt::format_to(out, "{:>9.3f} {:>6.1f}x", price.result.latency_s, ratio_of(price));
    } else {
      fmt::format_to(out, "{:>9} {:>7}", "-", "-");
    }
    fmt::format_to(out, " {:>9} {:>8}", mac_count(network), weight_count(network));
    if (price.result.feasible()) {
      fmt::format_to(out, " {:>7} {:>7}\n", price.result.power_cycles, price.result.nvm_bytes);
    } else {
      fmt::format_to(out, " {:>7} {:>7}\n", "-", "-");
    }
  }
  for (const TinasPrice& price : prices) {
    if (price.broken) fmt::format_to(out, "{}: {}\n", price.of.name, why_of(price));
  }
  const GeometricMean mean = mean_of(prices);
  if (mean.count > 0) {
    fmt::format_to(out, "geometric mean of {} networks: {:.1f} times less than published\n",
                   mean.count, mean.value());
  }
  return text;
}

std::string tinas_json(std::span<const TinasPrice> prices) {
  Json document{{"networks", Json::array()}, {"geometric_mean", nullptr}};
  for (const TinasPrice& price : prices) {
    const bool priced = price.result.feasible();
    Json row{{"network", price.of.name},
             {"dataset", price.of.dataset},
             {"published_s", price.of.published_s},
             {"latency_s", nullptr},
             {"times_less", nullptr},
             {"macs", mac_count(price.of.network)},
             {"weights", weight_count(price.of.network)},
             {"power_cycles", nullptr},
             {"nvm_bytes", nullptr},
             {"platform_vm_bytes", price.platform.vm_bytes},
             {"platform_nvm_bytes", price.platform.nvm_bytes}};
    if (priced) {
      row["latency_s"] = price.result.latency_s;
      row["times_less"] = ratio_of(price);
      row["power_cycles"] = price.result.power_cycles;
      row["nvm_bytes"] = price.result.nvm_bytes;
    }
    if (price.broken) {
      row["constraint"] = to_string(price.broken->constraint);
      row["infeasible"] = why_of(price);
    }
    document["networks"].push_back(std::move(row));
  }
  const GeometricMean mean = mean_of(prices);
  if (mean.count > 0) document["geometric_mean"] = mean.value();
  return document.dump(2) + "\n";
}

std::string tinas_csv(std::span<const TinasPrice> prices) {
  std::string text =
      "network,published_s,latency_s,times_less,macs,weights,power_cycles,nvm_bytes,"
      "platform_vm_bytes,platform_nvm_bytes,status\n";
  auto out = std::back_inserter(text);
  for (const TinasPrice& price : prices) {
    const bool priced = price.result.feasible();
    fmt::format_to(
        out, "{},{},{},{},{},{},{},{},{},{},{}\n", price.of.name, price.of.published_s,
        priced ? fmt::format("{}", price.result.latency_s) : "",
        priced ? fmt::format("{}", ratio_of(price)) : "", mac_count(price.of.network),
        weight_count(price.of.network), priced ? fmt::format("{}", price.result.power_cycles) : "",
        priced ? fmt::format("{}", price.result.nvm_bytes) : "", price.platform.vm_bytes,
        price.platform.nvm_bytes, price.broken ? to_string(price.broken->constraint) : "feasible");
  }
  return text;
}

std::string tinas_layer_table(const TinasPrice& price) {
  std::string text = fmt::format("{}\n\n{:<12} {:<8} {:>10} {:>10} {:>9} {:>11} {:>9} {:>7}  {}\n",
                                 price.of.name, "layer", "type", "input", "output", "MACs",
                                 "published s", "latency s", "less", "design");
  auto out = std::back_inserter(text);
  const auto times = [&](const std::string& head, std::int64_t macs, double published_s,
                         double latency_s, const std::string& design) {
    fmt::format_to(out, "{} {:>9} {:>11.3f} {:>9.3f} {:>6.1f}x{}\n", head, macs, published_s,
                   latency_s, published_s / latency_s, design.empty() ? "" : "  " + design);
  };
  for (const LayerRow& row : layer_rows(price)) {
    times(fmt::format("{:<12} {:<8} {:>10} {:>10}", row.layer->name, to_string(row.layer->type),
                      shape_text(row.layer->ifm), shape_text(row.layer->ofm)),
          mac_count(*row.layer), row.published_s, row.latency_s, row.design);
  }
  times(fmt::format("{:<43}", "all"), mac_count(price.of.network), price.of.published_s,
        price.result.latency_s, "");
  if (price.broken) fmt::format_to(out, "{}\n", why_of(price));
  return text;
}

std::string tinas_layer_json(const TinasPrice& price) {
  Json document{{"network", price.of.name},
                {"published_s", price.of.published_s},
                {"latency_s", price.result.latency_s},
                {"layers", Json::array()}};
  for (const LayerRow& row : layer_rows(price)) {
    document["layers"].push_back({{"name", row.layer->name},
                                  {"type", to_string(row.layer->type)},
                                  {"macs", mac_count(*row.layer)},
                                  {"published_s", row.published_s},
                                  {"latency_s", row.latency_s},
                                  {"design", row.design}});
  }
  if (price.broken) document["infeasible"] = why_of(price);
  return document.dump(2) + "\n";
}

std::string tinas_layer_csv(const TinasPrice& price) {
  std::string text = "layer,type,macs,published_s,latency_s,design\n";
  auto out = std::back_inserter(text);
  for (const LayerRow& row : layer_rows(price)) {
    fmt::format_to(out, "{},{},{},{},{},{}\n", row.layer->name, to_string(row.layer->type),
                   mac_count(*row.layer), row.published_s, row.latency_s, row.design);
  }
  return text;
}

}  // namespace inas::apps
