#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/explorer/explorer.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "geometric_mean.hpp"
#include "long_work.hpp"
#include "published_solutions.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;

const Usage kUsage{
    "inas-eval gains", "inas-eval gains --reference DIR [--json]",
    "For the networks published with the paper for intermittent power: how much less an inference\n"
    "takes with this runtime and its best designs than with the published designs and firmware,\n"
    "by layers and as scheduled, and what each change does to it. Latencies are the model's, of\n"
    "one inference in s. Exit code: 0 done, 2 bad input."};

/// A device and what is offered on it. Each network comes with its own supply.
struct Way {
  std::string name;
  std::function<costmodel::Device(const PowerSupply&)> device;
  ExplorerSettings settings;
};

ExplorerSettings without_ledger(ExplorerSettings settings = {}) {
  settings.ledger = false;
  return settings;
}

ExplorerSettings on_unit(bool lea, bool ledger) {
  ExplorerSettings settings;
  settings.units = {.lea = lea, .cpu = !lea};
  settings.ledger = ledger;
  return settings;
}

costmodel::Device paper_device(const PowerSupply& supply) {
  return costmodel::make_device(published_platform(), supply);
}

costmodel::Device runtime_device(const PowerSupply& supply) {
  return costmodel::make_device({}, supply);
}

/// The runtime's kernels and transfers as they were first measured on an instruction-set simulator,
/// in cycles: a vector of n values 30 + 13.8·n and about 194 around it, a transfer 250 + 3·n.
constexpr double kFirstVector = 224;
constexpr double kFirstProduct = 13.8;
constexpr double kFirstTransfer = 250;
constexpr double kFirstValue = 3;

costmodel::LinearCost cycles_law(const costmodel::Profile& profile, double intercept,
                                 double slope) {
  const double energy_j = profile.runtime.energy_per_cycle_j;
  return {.energy_j = {.slope = slope * energy_j, .intercept = intercept * energy_j, .divisor = 1},
          .latency_s = {.slope = slope, .intercept = intercept, .divisor = profile.clock_hz}};
}

/// The published firmware with the multiplier as its unit.
costmodel::Device paper_with_multiplier(const PowerSupply& supply) {
  costmodel::Device device = paper_device(supply);
  const costmodel::Profile runtime = costmodel::load_profile("msp430fr5994");
  device.profile.cpu_mac = cycles_law(runtime, kFirstVector, kFirstProduct);
  return device;
}

/// The published firmware with its data on chip, moved by DMA.
costmodel::Device paper_on_chip(const PowerSupply& supply) {
  costmodel::Device device = paper_device(supply);
  const costmodel::Profile runtime = costmodel::load_profile("msp430fr5994");
  costmodel::Profile& profile = device.profile;
  profile.nvm_read = profile.nvm_write = cycles_law(runtime, kFirstTransfer, kFirstValue);
  profile.fetch_input = profile.fetch_weights = {};
  profile.fetch_output = profile.backup_output = {};
  return device;
}

/// The published firmware with the progress area of a runtime that keeps a ledger.
costmodel::Device paper_with_ledger(const PowerSupply& supply) {
  costmodel::Device device = paper_device(supply);
  const costmodel::Profile runtime = costmodel::load_profile("msp430fr5994");
  device.profile.progress_values = runtime.progress_values;
  device.profile.count_values = runtime.count_values;
  return device;
}

/// This runtime with the kernels that it began with.
costmodel::Device first_kernels(const PowerSupply& supply) {
  costmodel::Device device = runtime_device(supply);
  costmodel::Profile& profile = device.profile;
  profile.cpu_mac = cycles_law(profile, kFirstVector, kFirstProduct);
  profile.nvm_read = profile.nvm_write = cycles_law(profile, kFirstTransfer, kFirstValue);
  return device;
}

costmodel::Device serial_device(const PowerSupply& supply) {
  return costmodel::make_device(costmodel::with_memory({}, costmodel::Memory::serial), supply);
}

/// What the tables compare, all with best designs of the full space.
std::vector<Way> ways() {
  return {{"best designs, published firmware", paper_device, without_ledger()},
          {"this runtime, by layers", runtime_device, without_ledger()},
          {"this runtime, as scheduled", runtime_device, {}}};
}

/// One change at a time: to the published firmware, and back from this runtime.
std::vector<Way> changes() {
  return {{"published firmware, multiplier", paper_with_multiplier, on_unit(false, false)},
          {"published firmware, on chip", paper_on_chip, without_ledger()},
          {"published firmware, ledger", paper_with_ledger, {}},
          {"this runtime without the ledger", runtime_device, without_ledger()},
          {"this runtime with its first kernels", first_kernels, {}},
          {"this runtime on the LEA", runtime_device, on_unit(true, true)},
          {"this runtime, serial FRAM", serial_device, {}}};
}

double published_s(const PublishedSolution& published) {
  const costmodel::Device device = paper_device(published.supply);
  double latency_s = 0;
  for (std::size_t index = 0; index < published.network.layers.size(); ++index) {
    latency_s += costmodel::intermittent_cost(device, published.network.layers[index],
                                              published.designs[index])
                     .latency_s;
  }
  return latency_s;
}

struct Row {
  std::string network;
  std::string dataset;
  double published_s = 0;
  std::vector<double> latency_s;  ///< of each way and change
  std::int64_t power_cycles = 0;  ///< as scheduled
};

Row row_of(const PublishedSolution& published, const std::vector<Way>& all) {
  Row row{published.name, published.dataset, published_s(published), {}, 0};
  for (std::size_t index = 0; index < all.size(); ++index) {
    explorer::Explorer explorer(all[index].device(published.supply), all[index].settings);
    const explorer::NetworkResult result = explorer.explore(published.network);
    if (result.why) {
      throw Error(
          fmt::format("{}: {}: {}", published.name, all[index].name, describe(*result.why)));
    }
    row.latency_s.push_back(result.latency_s);
    if (index == 2) row.power_cycles = result.power_cycles;
  }
  return row;
}

/// Times less than published, of each way: by data set, and of all.
std::map<std::string, std::vector<GeometricMean>> means_of(const std::vector<Row>& rows) {
  std::map<std::string, std::vector<GeometricMean>> means;
  for (const Row& row : rows) {
    for (const std::string& group : {row.dataset, std::string("all")}) {
      std::vector<GeometricMean>& of = means[group];
      of.resize(row.latency_s.size());
      for (std::size_t way = 0; way < of.size(); ++way) {
        of[way].add(row.published_s / row.latency_s[way]);
      }
    }
  }
  return means;
}

void print_table(const std::vector<Row>& rows, const std::vector<Way>& all, std::size_t compared) {
  fmt::print("latency of one inference in s, and how many times less than published\n\n");
  constexpr const char* kHead = "{:<20} {:>10} {:>17} {:>17} {:>17} {:>7}\n";
  fmt::print(kHead, "", "as", "best designs,", "this runtime,", "this runtime,", "power");
  fmt::print(kHead, "network", "published", "same firmware", "by layers", "as scheduled", "cycles");
  for (const Row& row : rows) {
    std::string line = fmt::format("{:<20} {:>10.2f}", row.network, row.published_s);
    for (std::size_t way = 0; way < compared; ++way) {
      line += fmt::format(" {:>9.3f} {:>6.1f}x", row.latency_s[way],
                          row.published_s / row.latency_s[way]);
    }
    fmt::print("{} {:>7}\n", line, row.power_cycles);
  }
  const auto means = means_of(rows);
  fmt::print("\ngeometric means, times less than published\n\n{:<37}", "");
  for (const auto& [group, of] : means) fmt::print(" {:>9}", group);
  fmt::print("\n");
  for (std::size_t way = 0; way < all.size(); ++way) {
    fmt::print("{:<37}", all[way].name);
    for (const auto& [group, of] : means) fmt::print(" {:>8.2f}x", of[way].value());
    fmt::print("\n");
    if (way + 1 == compared) {
      fmt::print("\none change at a time, with the best designs for it (docs/gains.md):\n");
    }
  }
}

void print_json(const std::vector<Row>& rows, const std::vector<Way>& all) {
  nlohmann::ordered_json document;
  document["networks"] = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json of{{"network", row.network},
                              {"published_s", row.published_s},
                              {"power_cycles", row.power_cycles}};
    for (std::size_t way = 0; way < all.size(); ++way) {
      of["latency_s"][all[way].name] = row.latency_s[way];
    }
    document["networks"].push_back(of);
  }
  for (const auto& [group, of] : means_of(rows)) {
    for (std::size_t way = 0; way < all.size(); ++way) {
      document["geometric_means"][group][all[way].name] = of[way].value();
    }
  }
  fmt::print("{}\n", document.dump(2));
}

}  // namespace

int eval_gains(int argc, const char* const* argv) {
  po::options_description described("options", 100);
  described.add_options()("reference", po::value<std::string>()->value_name("DIR"),
                          "folder with published-solutions.jsonl (required)")(
      "json", po::bool_switch(), "print JSON instead of tables");
  const auto options = parse_command_line(argc, argv, kUsage, described);
  if (!options) return kDone;
  if (options->count("reference") == 0) {
    throw Error("--reference: found none, allowed: the folder with published-solutions.jsonl");
  }
  std::vector<Way> all = ways();
  const std::size_t compared = all.size();
  for (Way& change : changes()) all.push_back(std::move(change));
  std::vector<PublishedSolution> solutions =
      read_published_solutions((*options)["reference"].as<std::string>());
  std::erase_if(solutions, [](const PublishedSolution& published) {
    return published.supply.kind == PowerKind::continuous;
  });
  const std::vector<Row> rows =
      one_by_one<Row>("exploring the published networks", solutions,
                      [&](const PublishedSolution& published) { return row_of(published, all); });
  if ((*options)["json"].as<bool>()) {
    print_json(rows, all);
  } else {
    print_table(rows, all, compared);
  }
  return kDone;
}

}  // namespace inas::apps
