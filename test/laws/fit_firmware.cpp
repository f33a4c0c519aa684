#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/costmodel/laws.hpp>

#include "emulated_cycles.hpp"
#include "laws.hpp"
#include "micro_models.hpp"

/// Fits the laws of the runtime's code to the emulated cycles of random layers, and predicts
/// networks by them.
namespace inas::laws {
namespace {

double report(const char* what, const Fit& fit, const std::vector<Observation>& observations,
              const std::vector<std::string>& texts) {
  double worst = 0;
  double squares = 0;
  double predicted = 0;
  double cycles = 0;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const double error = relative_error(fit.laws, observations[i]);
    worst = std::max(worst, std::abs(error));
    squares += error * error;
    predicted += fit.laws.dot(observations[i].counts);
    cycles += observations[i].cycles;
    order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(relative_error(fit.laws, observations[a])) >
           std::abs(relative_error(fit.laws, observations[b]));
  });
  fmt::print("{}: {} models, worst {:.2f} %, RMS {:.2f} %, summed {:+.3f} %\n", what,
             observations.size(), 100 * worst,
             100 * std::sqrt(squares / static_cast<double>(observations.size())),
             100 * (predicted / cycles - 1));
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 8); ++i) {
    const Observation& of = observations[order[i]];
    fmt::print("  {:+.2f} % of {:.0f}:{}\n", 100 * relative_error(fit.laws, of), of.cycles,
               texts[order[i]]);
  }
  return worst;
}

std::string comment_of(std::size_t models, double worst) {
  return fmt::format(
      "MSP430FR5994 at 16 MHz, this runtime with its data in the FRAM on chip. Laws of the "
      "runtime: cycles of its machine code on an emulator of the part, fitted to {} random models, "
      "the worst of which they miss by {:.1f} %. Energy of a cycle: the CPU's addition, measured.",
      models, 100 * worst);
}

struct Observed {
  std::vector<Observation> observations;
  std::vector<std::string> texts;
};

template <class RandomModel>
Observed observe_all(int count, std::uint64_t seed, RandomModel&& random_model) {
  Observed all;
  std::vector<std::unique_ptr<firmware::TestModel>> models;
  firmware::Generator generator(seed);
  for (int i = 0; i < count; ++i) {
    std::vector<firmware::TestLayer> layers = random_model(generator);
    // Every second model has a ledger, of units that end its power cycles anywhere.
    const std::int64_t budget = i % 2 == 0 ? firmware::random_ledger(generator, layers) : 0;
    models.push_back(std::make_unique<firmware::TestModel>(layers, generator(), 0,
                                                           firmware::Placement::shared, budget));
    all.observations.push_back({host_counts(*models.back()), 0});
    all.texts.push_back(text_of(layers));
  }
  const std::vector<std::uint64_t> cycles = emulated_cycles(models);
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    all.observations[i].cycles = static_cast<double>(cycles[i]);
  }
  return all;
}

/// Fewer do not tell the laws from one another.
constexpr int kLeastLayers = 100;

int number_of(const char* what, std::string_view text, int least) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least) {
    throw InvalidArgument(
        fmt::format("{}: found \"{}\", allowed: a whole number from {}", what, text, least));
  }
  return number;
}

void fit_firmware(int layer_models, int network_models, const char* file) {
  Observed fitted = observe_all(layer_models, kFittedSeed, random_layer_model);
  // Networks tell what a layer's entry takes from what a power cycle takes.
  const Observed joined = observe_all(layer_models / 2, kFittedSeed, random_network_model);
  fitted.observations.insert(fitted.observations.end(), joined.observations.begin(),
                             joined.observations.end());
  fitted.texts.insert(fitted.texts.end(), joined.texts.begin(), joined.texts.end());
  const Fit fit = fit_laws(fitted.observations);
  const std::vector<std::string>& names = costmodel::law_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    fmt::print("{:<34} {:>9.2f} ± {:.2f}\n", names[i], fit.laws[at], fit.errors[at]);
  }
  const double worst = report("fitted", fit, fitted.observations, fitted.texts);
  if (network_models > 0) {
    const Observed others = observe_all(network_models, kOtherSeed, random_network_model);
    (void)report("never fitted", fit, others.observations, others.texts);
  }
  if (file == nullptr) return;
  const costmodel::Profile base = costmodel::load_profile("msp430fr5994");
  std::vector<double> cycles(fit.laws.begin(), fit.laws.end());
  for (std::size_t i = 0; i < names.size(); ++i) {
    // Whole cycles, a value's in hundredths.
    const double parts = names[i].ends_with(".slope") ? 100 : 1;
    cycles[i] = std::round(parts * cycles[i]) / parts;
  }
  costmodel::Profile profile =
      costmodel::with_law_cycles(base, cycles, base.runtime.energy_per_cycle_j);
  for (const char* law : {"nvm_read", "nvm_write", "cpu_mac", "runtime"}) {
    profile.origins[law] = costmodel::Origin::counted;
  }
  write_file(file, costmodel::to_json(profile, comment_of(fitted.observations.size(), worst)));
}

}  // namespace
}  // namespace inas::laws

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    fmt::print(stderr,
               "usage: inas-fit-firmware LAYERS NETWORKS [PROFILE.json]\n"
               "Fits the laws of the FR5994's firmware to the emulated cycles of so many random "
               "layers and half as many networks, predicts so many\nrandom networks, and writes "
               "the built-in profile with "
               "the laws.\n");
    return 2;
  }
  try {
    using inas::laws::number_of;
    inas::laws::fit_firmware(number_of("LAYERS", argv[1], inas::laws::kLeastLayers),
                             number_of("NETWORKS", argv[2], 0), argc == 4 ? argv[3] : nullptr);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "inas-fit-firmware: {}\n", error.what());
    return 2;
  }
}
