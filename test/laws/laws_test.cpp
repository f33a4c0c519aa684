#include "laws.hpp"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include <inas/costmodel/device.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/explorer/explorer.hpp>

#include "emulated_cycles.hpp"
#include "firmware/scheduled_layers.hpp"
#include "micro_models.hpp"

namespace inas::laws {
namespace {

/// Networks as models, and how often each law is charged in them.
struct Networks {
  std::vector<std::unique_ptr<firmware::TestModel>> models;
  std::vector<Eigen::VectorXd> counts;

  void add(const firmware::ScheduledLayers& network, std::uint64_t seed, Eigen::VectorXd of_laws) {
    models.push_back(std::make_unique<firmware::TestModel>(
        network.layers, seed, 0, firmware::Placement::shared, network.ledger_budget));
    counts.push_back(std::move(of_laws));
  }
};

/// Networks by layers, and ones whose power cycles end by the ledger that `profile` gives them, as
/// scheduled.
Networks random_networks(const costmodel::Profile& profile, Units units) {
  constexpr int kNetworks = 40;
  costmodel::Device device;
  device.profile = profile;
  Networks networks;
  firmware::Generator generator(kOtherSeed);
  std::map<LayerType, int> types;
  std::map<LoopOrder, int> orders;
  int scheduled_models = 0;
  std::size_t scheduled_cycles = 0;
  for (int i = 0; i < kNetworks; ++i) {
    firmware::ScheduledLayers network{random_network_model(generator, units)};
    const bool scheduled = network.layers.front().design.batches_per_cycle == 0;
    Eigen::VectorXd counts;
    if (scheduled) {
      network = firmware::with_tight_ledger(device, network.layers, generator);
      counts = vector_of(costmodel::law_counts(device, network.plain(), network.designs()));
      scheduled_models += 1;
      scheduled_cycles +=
          costmodel::scheduled_cycles(device, network.plain(), network.designs()).size();
    } else {
      counts = priced_counts(network.layers);
    }
    for (const firmware::TestLayer& layer : network.layers) {
      ++types[layer.layer.type];
      if (firmware::has_vectors(layer.layer)) ++orders[layer.design.order];
    }
    networks.add(network, generator(), std::move(counts));
  }
  for (const LayerType type : kLayerTypes) EXPECT_GT(types[type], 5) << to_string(type);
  EXPECT_EQ(orders.size(), 3U);
  EXPECT_GT(scheduled_models, 10);
  EXPECT_LT(scheduled_models, 30);
  EXPECT_GT(scheduled_cycles, 3 * static_cast<std::size_t>(scheduled_models) / 2);
  return networks;
}

/// The laws of `profile` against machine code that they were not fitted to: each network within 3
/// %, all together within 1 %.
void expect_predicted(const Networks& networks, Build build, const costmodel::Profile& profile) {
  const std::vector<std::uint64_t> cycles = emulated_cycles(networks.models, build);
  const Eigen::VectorXd laws = laws_of(profile);
  double predicted = 0;
  double emulated = 0;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    SCOPED_TRACE(text_of(networks.models[i]->layers()));
    const Observation of{networks.counts[i], static_cast<double>(cycles[i])};
    EXPECT_LE(std::abs(relative_error(laws, of)), 0.03)
        << laws.dot(of.counts) << " predicted, " << of.cycles << " emulated";
    predicted += laws.dot(of.counts);
    emulated += of.cycles;
  }
  EXPECT_NEAR(predicted / emulated, 1, 0.01);
}

void expect_random_networks_predicted(const costmodel::Profile& profile, Units units, Build build) {
  expect_predicted(random_networks(profile, units), build, profile);
}

costmodel::Profile profile_for_registers() {
  return with_lea_by_registers(costmodel::load_profile("msp430fr5994"));
}

TEST(Laws, PredictTheCyclesOfRandomNetworks) {
  expect_random_networks_predicted(costmodel::load_profile("msp430fr5994"), kCpuOnly,
                                   Build::on_chip);
}

TEST(Laws, PredictTheCyclesOfRandomNetworksInASerialFram) {
  expect_random_networks_predicted(costmodel::load_profile("msp430fr5994-serial"), kCpuOnly,
                                   Build::serial_fram);
}

/// What the profile says must suffice, and must not be much more.
TEST(Laws, TheBootWaitsForASerialFramAsLongAsItsLawSays) {
  const costmodel::Profile profile = costmodel::load_profile("msp430fr5994-serial");
  const double cycles = static_cast<double>(emulated_boot_cycles(Build::serial_fram) -
                                            emulated_boot_cycles(Build::on_chip));
  EXPECT_GE(cycles / profile.clock_hz, 450e-6);
  EXPECT_NEAR(profile.nvm_start.latency_s * profile.clock_hz / cycles, 1, 0.03);
  EXPECT_EQ(profile.origins.at("nvm_start"), costmodel::Origin::documented);
  EXPECT_EQ(costmodel::load_profile("msp430fr5994").nvm_start, costmodel::Cost{});
}

TEST(Laws, PredictTheCyclesOfRandomNetworksForTheLea) {
  expect_random_networks_predicted(profile_for_registers(), kLeaToo, Build::lea);
}

/// Small networks with many input channels, whose vectors are long enough for the LEA to be worth
/// its start, with their best designs.
TEST(Laws, PredictTheCyclesOfTheBestDesignsForTheLeaAndForBothUnits) {
  for (const Units units : {Units{.lea = true}, Units{.lea = true, .cpu = true}}) {
    Settings settings;
    settings.space.input = {16, 11, 11};
    settings.space.layers = 2;
    settings.explorer.units = units;
    settings.explorer.ledger = false;  // priced by layers
    costmodel::Device device = costmodel::make_device(settings.platform, settings.power);
    device.profile = profile_for_registers();
    explorer::Explorer explorer(device, settings.explorer);
    Networks networks;
    int by_lea = 0;
    for (const char* choices : {"7,8,3,16", "5,16,3,8", "7,16,5,8", "3,24,7,4"}) {
      const Network network = build_network(settings.space, parse_architecture(choices));
      const explorer::NetworkResult result = explorer.explore(network);
      ASSERT_TRUE(result.feasible()) << choices;
      firmware::ScheduledLayers best;
      for (std::size_t i = 0; i < network.layers.size(); ++i) {
        best.layers.push_back({network.layers[i], result.layers[i].design});
        const bool weights = firmware::has_vectors(network.layers[i]);
        by_lea += weights && result.layers[i].design.unit == Unit::lea ? 1 : 0;
      }
      networks.add(best, networks.models.size() + 1, priced_counts(best.layers));
    }
    EXPECT_GT(by_lea, 0) << "a test of the multiplier alone";
    expect_predicted(networks, Build::lea, device.profile);
  }
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
  for (Observation& of : observations) {
    of.known = 100;
    of.cycles += of.known;
  }
  EXPECT_NEAR((fit_laws(observations).laws - laws).norm(), 0, 1e-9);
  for (Observation& of : observations) of.cycles -= 2 * of.counts[1];  // as if law 1 were negative
  EXPECT_EQ(fit_laws(observations).laws[1], 0);
}

}  // namespace
}  // namespace inas::laws
