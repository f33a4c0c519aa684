#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/execution/tiles.hpp>
#include <inas/explorer/explorer.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "geometric_mean.hpp"
#include "long_work.hpp"
#include "published_solutions.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;

const Usage kUsage{"inas-eval ablation", "inas-eval ablation --reference DIR [--longest-vector N]",
                   "For the CIFAR-10 and HAR networks published with the paper: how much faster "
                   "the best designs are when\n"
                   "the design space is widened, each choice alone and all together, over the "
                   "published designs. Both are\n"
                   "priced by the corrected profile. Exit code: 0 done, 2 bad input."};

struct Variant {
  const char* name;
  ExplorerSettings settings;
};

std::vector<Variant> variants() {
  const auto divisors_and = [](bool ExplorerSettings::*choice) {
    ExplorerSettings settings = published_space(Divisors::all);
    settings.*choice = true;
    return settings;
  };
  ExplorerSettings everything;
  everything.ledger = false;  // the published firmware has none
  return {{"published lists", published_space()},
          {"all divisors", published_space(Divisors::all)},
          {"+ row", divisors_and(&ExplorerSettings::row_mac)},
          {"+ coalesced", divisors_and(&ExplorerSettings::coalesced_dma)},
          {"+ batches", divisors_and(&ExplorerSettings::multiple_batches)},
          {"+ ragged", divisors_and(&ExplorerSettings::ragged_tiles)},
          {"everything", everything}};
}

/// The energy of an inference by its parts, in J.
struct Parts {
  double boot = 0;
  double fetch = 0;
  double compute = 0;
  double backup = 0;

  void add(const costmodel::Device& device, const Layer& layer, const Design& design) {
    const costmodel::IntermittentCost cost = costmodel::intermittent_cost(device, layer, design);
    using Cycle = costmodel::CycleCost;
    boot += cost.sum([](const Cycle& cycle) { return cycle.boot; }).energy_j;
    fetch += cost.sum([](const Cycle& cycle) { return cycle.fetch + cycle.index_fetch; }).energy_j;
    compute += cost.sum([](const Cycle& cycle) { return cycle.compute; }).energy_j;
    backup +=
        cost.sum([](const Cycle& cycle) { return cycle.backup + cycle.index_backup; }).energy_j;
  }

  [[nodiscard]] std::string text() const {
    return fmt::format("{:.1f} / {:.1f} / {:.1f} / {:.1f}", boot * 1e3, fetch * 1e3, compute * 1e3,
                       backup * 1e3);
  }
};

void print_means(const std::string& of, const std::vector<GeometricMean>& means) {
  std::string row = fmt::format("{:<28}", "geometric mean, " + of);
  for (const GeometricMean& mean : means) row += fmt::format(" {:>13.2f}x ", mean.value());
  fmt::print("{}\n", row);
}

void print_ablation(const std::vector<PublishedSolution>& solutions, std::int64_t longest_vector) {
  const std::vector<Variant> all = variants();
  std::map<double, std::vector<GeometricMean>> means;  // of each capacitance, in F
  std::vector<GeometricMean> of_all(all.size());
  std::string header = fmt::format("{:<16} {:>11}", "network", "published s");
  for (const Variant& variant : all) header += fmt::format(" {:>15}", variant.name);
  std::string table =
      fmt::format("{}  energy mJ: boot / fetch / compute / backup, before → after\n", header);
  std::optional<LongWork> shown(std::in_place, "exploring the published networks", "networks");
  const RoundsDone done = shown->rounds();
  std::int64_t begun = 0;
  bool extrapolated = false;
  for (const PublishedSolution& published : solutions) {
    done(begun++, std::ssize(solutions));
    if (published.dataset == "kws" || published.supply.kind == PowerKind::continuous) continue;
    Platform platform = published_platform();
    platform.longest_vector = longest_vector;
    const costmodel::Device device = costmodel::make_device(platform, published.supply);
    double before_s = 0;
    Parts before;
    for (std::size_t index = 0; index < published.network.layers.size(); ++index) {
      const Layer& layer = published.network.layers[index];
      const Design& design = published.designs[index];
      before_s += costmodel::intermittent_cost(device, layer, design).latency_s;
      before.add(device, layer, design);
    }
    std::string row = fmt::format("{:<16} {:>11.2f}", published.name, before_s);
    Parts after;
    std::vector<GeometricMean>& of_capacitance = means[published.supply.capacitance_f];
    of_capacitance.resize(all.size());
    for (std::size_t index = 0; index < all.size(); ++index) {
      explorer::Explorer explorer(device, all[index].settings);
      const explorer::NetworkResult result = explorer.explore(published.network);
      const double ratio = before_s / result.latency_s;
      of_capacitance[index].add(ratio);
      of_all[index].add(ratio);
      bool beyond = false;
      for (std::size_t layer = 0; layer < result.layers.size(); ++layer) {
        const Design& design = result.layers[layer].design;
        const std::int64_t length = execution::vectors_of(published.network.layers[layer],
                                                          design.tile.in_channels, design.mac)
                                        .length;
        const bool splits = longest_vector != 0 && longest_vector <= device.profile.measured_length;
        beyond = beyond || (length > device.profile.measured_length && !splits);
        if (index + 1 == all.size()) {
          after.add(device, published.network.layers[layer], design);
        }
      }
      extrapolated = extrapolated || beyond;
      row += fmt::format(" {:>8.2f} {:>4.1f}x{}", result.latency_s, ratio, beyond ? "*" : " ");
    }
    table += fmt::format("{}  {} → {}\n", row, before.text(), after.text());
  }
  shown.reset();
  fmt::print("{}", table);
  for (const auto& [capacitance_f, of_variants] : means) {
    print_means(fmt::format("{:g} mF", capacitance_f * 1e3), of_variants);
  }
  if (!means.empty()) print_means("all", of_all);
  if (extrapolated) {
    fmt::print(
        "* uses vectors above the {} elements that were measured; --longest-vector 128 splits "
        "them\n",
        costmodel::Profile{}.measured_length);
  }
}

}  // namespace

int eval_ablation(int argc, const char* const* argv) {
  po::options_description described("options", 100);
  described.add_options()("reference", po::value<std::string>()->value_name("DIR"),
                          "folder with published-solutions.jsonl (required)");
  add_setting(described, "longest-vector", "N", "platform.longest_vector",
              "split vectors above N elements; 0: never");
  const auto options = parse_command_line(argc, argv, kUsage, described);
  if (!options) return kDone;
  if (options->count("reference") == 0) {
    throw Error("--reference: found none, allowed: the folder with published-solutions.jsonl");
  }
  Settings settings;
  apply_settings(*options, described, settings);
  print_ablation(read_published_solutions((*options)["reference"].as<std::string>()),
                 settings.platform.longest_vector);
  return kDone;
}

}  // namespace inas::apps
