#include "laws.hpp"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include <inas/costmodel/laws.hpp>

#include "emulated_cycles.hpp"
#include "micro_models.hpp"

namespace inas::laws {
namespace {

/// The shipped profile against machine code that it was not fitted to.
TEST(Laws, PredictTheCyclesOfRandomNetworks) {
  constexpr int kNetworks = 30;
  const std::vector<double> shipped =
      costmodel::law_cycles(costmodel::load_profile("msp430fr5994"));
  const Eigen::VectorXd laws =
      Eigen::Map<const Eigen::VectorXd>(shipped.data(), static_cast<Eigen::Index>(shipped.size()));
  std::vector<std::unique_ptr<firmware::TestModel>> models;
  std::map<LayerType, int> types;
  std::map<LoopOrder, int> orders;
  firmware::Generator generator(kOtherSeed);
  for (int i = 0; i < kNetworks; ++i) {
    const std::vector<firmware::TestLayer> layers = random_network_model(generator);
    models.push_back(
        std::make_unique<firmware::TestModel>(layers, generator(), 0, firmware::Placement::shared));
    for (const firmware::TestLayer& layer : layers) {
      ++types[layer.layer.type];
      if (firmware::has_weights(layer.layer)) ++orders[layer.design.order];
    }
  }
  const std::vector<std::uint64_t> cycles = emulated_cycles(models);
  int joined_models = 0;
  double predicted = 0;
  double emulated = 0;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    SCOPED_TRACE(text_of(models[i]->layers()));
    // By layers, or as the host counts where a power cycle holds all layers.
    const bool joined = models[i]->layers().front().design.batches_per_cycle == 0;
    joined_models += joined ? 1 : 0;
    const Observation of{joined ? host_counts(*models[i]) : priced_counts(models[i]->layers()),
                         static_cast<double>(cycles[i])};
    EXPECT_LE(std::abs(relative_error(laws, of)), 0.03)
        << laws.dot(of.counts) << " predicted, " << of.cycles << " emulated";
    predicted += laws.dot(of.counts);
    emulated += of.cycles;
  }
  EXPECT_NEAR(predicted / emulated, 1, 0.01);
  for (const LayerType type : kLayerTypes) EXPECT_GT(types[type], 5) << to_string(type);
  EXPECT_EQ(orders.size(), 3U);
  EXPECT_GT(joined_models, 8);
  EXPECT_LT(joined_models, 22);
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
