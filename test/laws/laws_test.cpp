#include "laws.hpp"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include <inas/costmodel/laws.hpp>

#include "emulated_cycles.hpp"
#include "firmware/scheduled_layers.hpp"
#include "micro_models.hpp"

namespace inas::laws {
namespace {

/// The shipped profile against machine code that it was not fitted to: networks by layers, and ones
/// whose power cycles end by the ledger, as scheduled.
TEST(Laws, PredictTheCyclesOfRandomNetworks) {
  constexpr int kNetworks = 30;
  costmodel::Device device;
  device.profile = costmodel::load_profile("msp430fr5994");
  const Eigen::VectorXd laws = vector_of(costmodel::law_cycles(device.profile));
  std::vector<std::unique_ptr<firmware::TestModel>> models;
  std::map<LayerType, int> types;
  std::map<LoopOrder, int> orders;
  std::vector<Eigen::VectorXd> counts;
  int scheduled_models = 0;
  std::size_t scheduled_cycles = 0;
  firmware::Generator generator(kOtherSeed);
  for (int i = 0; i < kNetworks; ++i) {
    firmware::ScheduledLayers network{random_network_model(generator)};
    const bool scheduled = network.layers.front().design.batches_per_cycle == 0;
    if (scheduled) {
      network = firmware::with_tight_ledger(device, network.layers, generator);
      counts.push_back(
          vector_of(costmodel::law_counts(device, network.plain(), network.designs())));
      scheduled_models += 1;
      scheduled_cycles +=
          costmodel::scheduled_cycles(device, network.plain(), network.designs()).size();
    } else {
      counts.push_back(priced_counts(network.layers));
    }
    models.push_back(std::make_unique<firmware::TestModel>(
        network.layers, generator(), 0, firmware::Placement::shared, network.ledger_budget));
    for (const firmware::TestLayer& layer : network.layers) {
      ++types[layer.layer.type];
      if (firmware::has_weights(layer.layer)) ++orders[layer.design.order];
    }
  }
  const std::vector<std::uint64_t> cycles = emulated_cycles(models);
  double predicted = 0;
  double emulated = 0;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    SCOPED_TRACE(text_of(models[i]->layers()));
    const Observation of{counts[i], static_cast<double>(cycles[i])};
    EXPECT_LE(std::abs(relative_error(laws, of)), 0.03)
        << laws.dot(of.counts) << " predicted, " << of.cycles << " emulated";
    predicted += laws.dot(of.counts);
    emulated += of.cycles;
  }
  EXPECT_NEAR(predicted / emulated, 1, 0.01);
  for (const LayerType type : kLayerTypes) EXPECT_GT(types[type], 5) << to_string(type);
  EXPECT_EQ(orders.size(), 3U);
  EXPECT_GT(scheduled_models, 8);
  EXPECT_LT(scheduled_models, 22);
  EXPECT_GT(scheduled_cycles, 2 * static_cast<std::size_t>(scheduled_models));
}

TEST(Laws, AFitFindsTheLawsOfExactObservations) {
  Eigen::VectorXd laws(3);
  laws << 5, 0, 200;
  std::vector<Observation> observations;
  firmware::Generator generator(1);
  for (int i = 0; i < 20; ++i) {
    Observation of{Eigen::VectorXd(3), 0};
    for (double& count : of.counts) count = static_cast<double>(1 + generator() % 100);
    of.cycles = laws.dot(of.counts);
    observations.push_back(of);
  }
  const Fit fit = fit_laws(observations);
  EXPECT_NEAR((fit.laws - laws).norm(), 0, 1e-9);
  EXPECT_NEAR(fit.errors.norm(), 0, 1e-9);
  for (Observation& of : observations) of.cycles -= 2 * of.counts[1];  // as if law 1 were negative
  EXPECT_EQ(fit_laws(observations).laws[1], 0);
}

}  // namespace
}  // namespace inas::laws
