#include "sample_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <inas/core/network.hpp>
#include <inas/core/random_draw.hpp>

namespace inas::test {
namespace {

using report::CostPart;
using report::Refusal;
using report::StudyPage;
using report::TrialRow;
using report::Winner;
using report::WinnerLayer;

constexpr double kBudgetJ = 1.5126e-3;
constexpr double kRequirementS = 2;

/// Convolutions with a residual connection around two of them.
std::vector<Layer> residual_layers() {
  std::vector<Layer> layers;
  const Padding same = same_padding(3, 3);
  layers.push_back(make_convolution("CONV_0", {1, 28, 28}, 12, 5, 5, 2, same_padding(5, 5)));
  layers.push_back(make_max_pooling("MAXPOOL_0", layers[0].ofm, 2, 2, 2));
  layers.push_back(make_depthwise_convolution("DWCONV_1", layers[1].ofm, 3, 3, 1, same));
  layers.push_back(make_convolution("CONV_1", layers[2].ofm, 12, 1, 1));
  layers.push_back(make_add("ADD_1", layers[1].ofm, "CONV_1", "MAXPOOL_0"));
  layers.push_back(make_convolution("CONV_2", layers[4].ofm, 32, 3, 3, 2, same));
  layers.push_back(make_global_average_pool("GAVGPOOL_0", layers[5].ofm));
  layers.push_back(make_fully_connected("FC_END", layers[6].ofm, 10));
  activate_hidden_layers(layers);
  return layers;
}

std::vector<CostPart> parts_of(double latency_s, double energy_j, double compute) {
  const double rest = 1 - compute;
  return {{"boot", 0.010 * latency_s, 0.05 * energy_j},
          {"fetch", 0.05 * latency_s, 0.6 * rest * energy_j},
          {"compute", 0.15 * compute * latency_s, (compute - 0.1) * energy_j},
          {"bookkeeping", 0.01 * latency_s, 0.05 * energy_j},
          {"back-up", 0.02 * latency_s, 0.4 * rest * energy_j},
          {"recharge", (0.91 - 0.15 * compute) * latency_s, 0}};
}

Winner sample_winner(std::int64_t trial) {
  Winner winner;
  winner.trial = trial;
  winner.power_cycles = 4;
  winner.nvm_bytes = 71180;
  winner.energy_j = 5.3121e-3;
  winner.cycle_energy_j = {1.4710e-3, 1.4623e-3, 1.4508e-3, 0.9280e-3};
  const std::vector<double> latencies_s{0.537, 0.1386, 0.211, 0.304, 0.122, 0.4011, 0.1279, 0.1234};
  const std::vector<double> energies_j{1.1563e-3, 0.1044e-3, 0.3127e-3, 0.5283e-3,
                                       0.1011e-3, 0.9023e-3, 0.0885e-3, 0.0821e-3};
  Network network{residual_layers()};
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    const Layer& layer = network.layers[index];
    WinnerLayer of;
    of.layer = layer;
    of.design.tile = {.rows = std::min<std::int64_t>(layer.ofm.height, 4),
                      .columns = layer.ofm.width,
                      .out_channels = std::min<std::int64_t>(layer.ofm.channels, 12),
                      .in_channels = std::min<std::int64_t>(layer.ifm.channels, 12)};
    of.design.order = index % 2 == 0 ? LoopOrder::reuse_W : LoopOrder::reuse_I;
    of.design.batch = 1 + static_cast<std::int64_t>(index) % 6;
    of.design.batches_per_cycle = 0;
    of.design.unit = Unit::cpu;
    of.latency_s = latencies_s[index];
    of.power_cycles = 1;
    of.energy_per_cycle_max_j = energies_j[index];
    of.vm_bytes = 724 + 400 * static_cast<std::int64_t>(index);
    of.parts = parts_of(of.latency_s, of.energy_per_cycle_max_j, weight_count(layer) ? 0.6 : 0.3);
    winner.layers.push_back(of);
  }
  winner.macs = mac_count(network);
  winner.weight_bytes = 2 * weight_count(network);
  winner.latency_s = 1.6713;
  winner.parts = parts_of(winner.latency_s, *winner.energy_j, 0.55);
  return winner;
}

TrialRow refused(TrialRow trial, std::mt19937_64& random) {
  const double kind = draw_unit(random);
  if (kind < 0.5) {
    trial.outcome = "infeasible";
    const std::string layer = fmt::format("CONV_{}", draw_below(random, 4));
    trial.refusal = Refusal{
        "C1-atomicity", layer,
        fmt::format("{}: no design stays within the energy budget: the nearest needs {:.4g} mJ per "
                    "power cycle and {:.4g} mJ are available",
                    layer, 1e3 * kBudgetJ * (1.01 + draw_unit(random)), 1e3 * kBudgetJ)};
  } else if (kind < 0.65) {
    trial.outcome = "infeasible";
    trial.refusal =
        Refusal{"nvm-capacity", "",
                fmt::format("the network needs {:.0f} bytes of NVM and 212992 are available",
                            212992 + std::floor(9e4 * draw_unit(random)))};
  } else {
    trial.outcome = "too slow";
    trial.latency_s = kRequirementS * (1.01 + 2 * draw_unit(random));
    trial.refusal =
        Refusal{"C2-responsiveness", "",
                fmt::format("the network takes {:.4g} s and the latency requirement is {:.4g} s",
                            *trial.latency_s, kRequirementS)};
  }
  return trial;
}

TrialRow trained(TrialRow trial, double progress, std::mt19937_64& random) {
  trial.outcome = draw_unit(random) < 0.06 ? "known" : "trained";
  const double latency_s = 0.3 + 1.69 * std::sqrt(draw_unit(random));
  const double noise = draw_unit(random) * draw_unit(random);
  trial.latency_s = latency_s;
  trial.accuracy = 0.925 - 0.06 / (latency_s + 0.2) - (0.16 - 0.10 * progress) * noise;
  trial.energy_j = 3.1e-3 * latency_s;
  trial.macs = static_cast<std::int64_t>(6e5 * latency_s);
  trial.weight_bytes = 2000 + static_cast<std::int64_t>(draw_below(random, 40000));
  trial.nvm_bytes = *trial.weight_bytes + 20000;
  if (trial.outcome == "trained") {
    trial.epochs = 3;
    trial.images = 30000;
    trial.seconds = 3 + 4 * latency_s;
  }
  trial.reward = 2 * (*trial.accuracy - 0.85);
  return trial;
}

report::ConfusionMatrix sample_confusion() {
  const std::vector<std::string> classes{"T-shirt/top", "Trouser",   "Pullover", "Dress",
                                         "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                         "Bag",         "Ankle boot"};
  report::ConfusionMatrix matrix{"Deployed network, test set", classes, {}};
  const std::vector<std::int64_t> right{868, 975, 862, 918, 871, 978, 741, 967, 981, 956};
  for (std::size_t row = 0; row < classes.size(); ++row) {
    std::int64_t left = 1000 - right[row];
    for (std::size_t column = 0; column < classes.size(); ++column) {
      std::int64_t count = right[row];
      if (row != column) {
        count = column + 1 == classes.size() || (row == 9 && column == 8)
                    ? left
                    : left * static_cast<std::int64_t>((row * 7 + column * 5) % 4) / 5;
        left -= count;
      }
      matrix.counts.push_back(count);
    }
  }
  return matrix;
}

}  // namespace

StudyPage sample_page(std::int64_t trials, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  StudyPage page;
  page.title = "Garments on a wrist sensor";
  page.state = "complete";
  page.note = "Ended after all planned trials.";
  page.data = "fashion-mnist";
  page.planned_trials = trials;
  page.accuracy = {.validation = 0.9170, .test = 0.9167, .deployed = 0.9167};
  page.latency_requirement_s = kRequirementS;
  page.energy_budget_j = kBudgetJ;
  TrialRow* best = nullptr;
  page.trials.reserve(static_cast<std::size_t>(trials));
  for (std::int64_t number = 1; number <= trials; ++number) {
    TrialRow trial;
    trial.number = number;
    for (int choice = 0; choice < 5; ++choice) {
      trial.architecture +=
          fmt::format("{}{},{}", choice > 0 ? "," : "", 1 + 2 * draw_below(random, 3),
                      8 + 4 * draw_below(random, 7));
    }
    const double progress = static_cast<double>(number) / static_cast<double>(trials);
    // Refused proposals become rarer; the first one is trained, so that there is a best one.
    if (number > 1 && draw_unit(random) < 0.5 - 0.4 * progress) {
      page.trials.push_back(refused(trial, random));
      continue;
    }
    page.trials.push_back(trained(trial, progress, random));
    if (best == nullptr || *page.trials.back().accuracy > *best->accuracy) {
      best = &page.trials.back();
    }
  }
  best->is_best = true;
  page.winner = sample_winner(best->number);
  page.confusion = sample_confusion();
  page.tables.push_back({.title = "Workers",
                         .text = "The machines that trained.",
                         .columns = {"machine", "trials"},
                         .rows = {{"north", "120"}, {"south", "80"}}});
  page.settings_json =
      "{\n  \"platform\": {\n    \"vm_bytes\": 3780,\n    \"nvm_bytes\": 212992\n  },\n"
      "  \"power\": {\n    \"capacitance_f\": 0.001,\n    \"ehm_resistance_ohm\": 52\n  },\n"
      "  \"search\": {\n    \"strategy\": \"reinforce\",\n    \"seed\": 1\n  }\n}\n";
  page.environment = {{"software version", "0.1.0+1a2b3c4d5e"},
                      {"machine", "x86_64, 8 cores, Linux 6.1"},
                      {"LibTorch", "1.13.0"},
                      {"begun", "2026-11-20 09:14 UTC"},
                      {"ended", "2026-11-20 09:52 UTC"},
                      {"data hash", "crc32:5f3a91c2"},
                      {"seed", "1"}};
  return page;
}

StudyPage page_of_texts(const std::string& text) {
  StudyPage page = sample_page(30);
  page.title = page.state = page.note = page.data = text;
  for (TrialRow& trial : page.trials) {
    trial.architecture = trial.outcome = text;
    if (trial.refusal) trial.refusal->constraint = trial.refusal->layer = trial.refusal->why = text;
  }
  std::vector<WinnerLayer>& layers = page.winner->layers;
  for (std::size_t index = 0; index < layers.size(); ++index) {
    WinnerLayer& layer = layers[index];
    layer.layer.name = fmt::format("{}{}", text, index);
    if (!layer.layer.inputs.empty()) layer.layer.inputs = {text + "3", text + "1"};
    for (CostPart& part : layer.parts) part.name = text;
  }
  for (CostPart& part : page.winner->parts) part.name = text;
  page.confusion->of = text;
  for (std::string& name : page.confusion->classes) name = text;
  page.tables = {{.title = text, .text = text, .columns = {text}, .rows = {{text}}}};
  page.settings_json = text;
  page.environment = {{text, text}};
  return page;
}

StudyPage deep_page(bool continuous) {
  StudyPage page = sample_page(300, 7);
  page.synthetic_data = true;
  Winner& winner = *page.winner;
  const std::vector<WinnerLayer> patterns = winner.layers;
  Network network;
  const Shape map{12, 14, 14};
  network.layers.push_back(
      make_convolution("CONV_0", {1, 28, 28}, 12, 5, 5, 2, same_padding(5, 5)));
  for (int block = 1; block <= 20; ++block) {
    const std::string before = network.layers.back().name;
    network.layers.push_back(make_depthwise_convolution(fmt::format("DWCONV_{}", block), map, 3, 3,
                                                        1, same_padding(3, 3)));
    network.layers.push_back(make_convolution(fmt::format("CONV_{}", block), map, 12, 1, 1));
    // Every fifth connection reaches back over two blocks.
    const std::string from = block % 5 == 0 ? fmt::format("ADD_{}", block - 2) : before;
    network.layers.push_back(
        make_add(fmt::format("ADD_{}", block), map, network.layers.back().name, from));
  }
  network.layers.push_back(make_fully_connected("FC_END", map, 35));
  winner.layers.clear();
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    WinnerLayer layer = patterns[index % patterns.size()];
    layer.layer = network.layers[index];
    winner.layers.push_back(layer);
  }
  winner.cycle_energy_j.clear();
  std::mt19937_64 random(9);
  for (int cycle = 0; cycle < 3000; ++cycle) {
    winner.cycle_energy_j.push_back(kBudgetJ * (0.5 + 0.5 * draw_unit(random)));
  }
  winner.power_cycles = 3000;
  if (continuous) {
    page.energy_budget_j.reset();
    winner.cycle_energy_j.clear();
    winner.power_cycles = 0;
  }
  page.confusion->classes.clear();
  page.confusion->counts.clear();
  for (int row = 0; row < 35; ++row) {
    page.confusion->classes.push_back(fmt::format("word {}", row));
    for (int column = 0; column < 35; ++column) {
      page.confusion->counts.push_back(row == column ? 380
                                                     : static_cast<int>(draw_below(random, 5)));
    }
  }
  return page;
}

StudyPage infeasible_page() {
  StudyPage page = sample_page(40);
  page.state = "searched";
  page.note = "No network of the space can run on this device.";
  page.accuracy = {};
  page.winner.reset();
  page.confusion.reset();
  std::mt19937_64 random(3);
  for (TrialRow& trial : page.trials) {
    trial = refused({.number = trial.number, .architecture = trial.architecture}, random);
  }
  return page;
}

}  // namespace inas::test
