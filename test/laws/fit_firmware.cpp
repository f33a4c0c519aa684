#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <support/tool.hpp>

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

struct Observed {
  std::vector<Observation> observations;
  std::vector<std::string> texts;

  void append(const Observed& other) {
    observations.insert(observations.end(), other.observations.begin(), other.observations.end());
    texts.insert(texts.end(), other.texts.begin(), other.texts.end());
  }
};

double report(const std::string& what, const Fit& fit, const Observed& observed) {
  const std::vector<Observation>& observations = observed.observations;
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
               observed.texts[order[i]]);
  }
  return worst;
}

/// All laws are fitted together: those of costmodel::law_names, the transfers' on chip, and then
/// the transfers' of the serial FRAM.
constexpr Eigen::Index kTransferLaws = 4;

const std::vector<std::string>& fitted_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names = costmodel::law_names();
    for (std::size_t i = 0; i < kTransferLaws; ++i) names.push_back("serial " + names[i]);
    return names;
  }();
  return kNames;
}

/// The transfers' laws are the first ones.
Eigen::VectorXd counts_in(const Eigen::VectorXd& counts, Build build) {
  Eigen::VectorXd all = Eigen::VectorXd::Zero(counts.size() + kTransferLaws);
  all.head(counts.size()) = counts;
  if (build == Build::serial_fram) {
    all.tail(kTransferLaws) = counts.head(kTransferLaws);
    all.head(kTransferLaws).setZero();
  }
  return all;
}

using RandomModel = std::vector<firmware::TestLayer>(firmware::Generator&, Units);

Observed observe_all(int count, std::uint64_t seed, RandomModel& random_model, Build build) {
  Observed all;
  std::vector<std::unique_ptr<firmware::TestModel>> models;
  firmware::Generator generator(seed);
  const Units units = build == Build::lea ? kLeaToo : kCpuOnly;
  for (int i = 0; i < count; ++i) {
    std::vector<firmware::TestLayer> layers = random_model(generator, units);
    // Every second model has a ledger, of units that end its power cycles anywhere.
    const std::int64_t budget = i % 2 == 0 ? firmware::random_ledger(generator, layers) : 0;
    models.push_back(std::make_unique<firmware::TestModel>(layers, generator(), 0,
                                                           firmware::Placement::shared, budget));
    all.observations.push_back({counts_in(host_counts(*models.back()), build), 0});
    all.texts.push_back(text_of(layers));
  }
  const std::vector<std::uint64_t> cycles = emulated_cycles(models, build);
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    all.observations[i].cycles = static_cast<double>(cycles[i]);
  }
  return all;
}

/// Fewer do not tell the laws from one another.
constexpr int kLeastLayers = 100;
constexpr int kMostModels = 1'000'000;

struct NamedBuild {
  Build build;
  const char* name;
};
constexpr std::array kBuilds{NamedBuild{Build::on_chip, "on chip"},
                             NamedBuild{Build::lea, "LEA by registers"},
                             NamedBuild{Build::serial_fram, "serial"}};

/// The laws as a profile has them: whole cycles, a value's in hundredths.
std::vector<double> rounded(const Eigen::VectorXd& laws) {
  std::vector<double> cycles;
  for (std::size_t i = 0; i < fitted_names().size(); ++i) {
    const std::string& name = fitted_names()[i];
    const bool of_value = name.ends_with(".slope") || name.ends_with(".cpu_value");
    const double parts = of_value ? 100 : 1;
    cycles.push_back(std::round(parts * laws[static_cast<Eigen::Index>(i)]) / parts);
  }
  return cycles;
}

/// The LEA's vector stays as `base` has it: measured, through DSPLib.
costmodel::Profile with_laws(const costmodel::Profile& base, std::vector<double> cycles) {
  cycles.resize(costmodel::law_names().size());
  costmodel::Profile profile =
      costmodel::with_law_cycles(base, cycles, base.runtime.energy_per_cycle_j);
  profile.vector_mac = base.vector_mac;
  for (const char* law : {"nvm_read", "nvm_write", "cpu_mac", "runtime"}) {
    profile.origins[law] = costmodel::Origin::counted;
  }
  return profile;
}

/// What a boot takes longer if it waits for the serial FRAM.
double nvm_start_cycles() {
  return static_cast<double>(emulated_boot_cycles(Build::serial_fram)) -
         static_cast<double>(emulated_boot_cycles(Build::on_chip));
}

/// Transfers and the wait at boot take the energy for each cycle that was measured for the
/// transfers of the published firmware, which had a serial FRAM.
void set_serial(costmodel::Profile& profile, const std::vector<double>& cycles, double start) {
  const costmodel::Profile measured = costmodel::load_profile("msp430fr5994-paper");
  const std::size_t first = costmodel::law_names().size();
  const auto set = [&](costmodel::LinearCost& cost, const costmodel::LinearCost& of,
                       std::size_t law) {
    const double per_cycle_j = of.energy_j.slope / of.latency_s.slope;
    cost.latency_s.intercept = cycles[law];
    cost.latency_s.slope = cycles[law + 1];
    cost.energy_j.intercept = cycles[law] * per_cycle_j;
    cost.energy_j.slope = cycles[law + 1] * per_cycle_j;
  };
  set(profile.nvm_read, measured.nvm_read, first);
  set(profile.nvm_write, measured.nvm_write, first + 2);
  const costmodel::LinearCost& read = profile.nvm_read;
  profile.nvm_start = {start * read.energy_j.slope / read.latency_s.slope,
                       start / profile.clock_hz};
  profile.origins["nvm_start"] = costmodel::Origin::documented;
}

/// All laws but that of a value written on chip, which is that of the shipped profile: what is
/// written are nearly the outputs that are computed, and random models do not tell one from the
/// other.
Fit fit_all(const std::vector<Observation>& observations) {
  const std::string name = "nvm_write.slope";
  const auto law = static_cast<Eigen::Index>(
      std::find(fitted_names().begin(), fitted_names().end(), name) - fitted_names().begin());
  const double shipped = laws_of(costmodel::load_profile("msp430fr5994"))[law];
  std::vector<Observation> others = observations;
  for (Observation& of : others) {
    of.known = shipped * of.counts[law];
    of.counts[law] = 0;
  }
  Fit fit = fit_laws(others);
  fit.laws[law] = shipped;
  return fit;
}

/// 16 bits at 8 MHz: no value passes the bus in less.
constexpr double kBusCyclesOfValue = 32;

/// The transfers' laws of the serial FRAM alone, the bus's time being known: all others are those
/// of the shipped profile.
Fit fit_serial(const std::vector<Observation>& observations) {
  const Eigen::VectorXd shipped = laws_of(costmodel::load_profile("msp430fr5994"));
  Fit fit{Eigen::VectorXd::Zero(shipped.size() + kTransferLaws),
          Eigen::VectorXd::Zero(shipped.size() + kTransferLaws)};
  fit.laws.head(shipped.size()) = shipped;
  for (Eigen::Index i = 0; i < fit.laws.size(); ++i) {
    const std::string& name = fitted_names()[static_cast<std::size_t>(i)];
    if (i >= shipped.size() && name.ends_with(".slope")) fit.laws[i] = kBusCyclesOfValue;
  }
  std::vector<Observation> transfers;
  for (const Observation& of : observations) {
    transfers.push_back({of.counts.tail(kTransferLaws), of.cycles, fit.laws.dot(of.counts)});
  }
  const Fit of_transfers = fit_laws(transfers);
  fit.laws.tail(kTransferLaws) += of_transfers.laws;
  fit.errors.tail(kTransferLaws) = of_transfers.errors;
  return fit;
}

void write_serial_profile(const std::filesystem::path& folder, costmodel::Profile profile,
                          const std::vector<double>& cycles, double start,
                          const std::string& fitted) {
  profile.name = "msp430fr5994-serial";
  set_serial(profile, cycles, start);
  write_file(
      folder / "msp430fr5994-serial.json",
      costmodel::to_json(
          profile,
          fmt::format("MSP430FR5994 at 16 MHz, this runtime with its data in a serial FRAM at 8 "
                      "MHz, behind the FRAM on chip. {} Vectors of the LEA: through DSPLib, "
                      "measured. Energy of a cycle: the CPU's addition, measured; of transfers and "
                      "the wait for the FRAM at boot, whose length is documented: that of the "
                      "published transfers' cycles, measured.",
                      fitted)));
}

/// Both, or of a fit of its transfers alone the serial one.
void write_profiles(const std::filesystem::path& folder, const Fit& fit, bool serial_alone,
                    double start, std::size_t models, double worst) {
  const std::vector<double> cycles = rounded(fit.laws);
  const costmodel::Profile profile = with_laws(costmodel::load_profile("msp430fr5994"), cycles);
  const std::string how = fmt::format(
      "cycles of its machine code on an emulator of the part, fitted to {} random "
      "models, the worst of which they miss by {:.1f} %.",
      models, 100 * worst);
  if (serial_alone) {
    write_serial_profile(
        folder, profile, cycles, start,
        "Laws of its transfers: " + how + " All other laws of the runtime: those of msp430fr5994.");
    return;
  }
  const std::string laws = "Laws of the runtime: " + how;
  write_file(folder / "msp430fr5994.json",
             costmodel::to_json(
                 profile, fmt::format("MSP430FR5994 at 16 MHz, this runtime with its data in the "
                                      "FRAM on chip. {} Vectors of the LEA: through DSPLib, "
                                      "measured. Energy of a cycle: the CPU's addition, measured.",
                                      laws)));
  write_serial_profile(folder, profile, cycles, start, laws);
}

void fit_firmware(int layer_models, int network_models, const char* folder, bool serial_alone) {
  const std::span<const NamedBuild> builds =
      serial_alone ? std::span(kBuilds).last(1) : std::span(kBuilds);
  // Networks tell what a layer's entry takes from what a power cycle takes.
  std::map<Build, Observed> of_build;
  Observed fitted;
  for (const auto& [build, name] : builds) {
    Observed& here = of_build[build];
    here = observe_all(layer_models, kFittedSeed, random_layer_model, build);
    here.append(observe_all(layer_models / 2, kFittedSeed, random_network_model, build));
    fitted.append(here);
  }
  const Fit fit = serial_alone ? fit_serial(fitted.observations) : fit_all(fitted.observations);
  for (std::size_t i = 0; i < fitted_names().size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    fmt::print("{:<34} {:>9.2f} ± {:.2f}\n", fitted_names()[i], fit.laws[at], fit.errors[at]);
  }
  const double start = nvm_start_cycles();
  fmt::print("{:<34} {:>9.0f}\n", "serial nvm_start", start);
  for (const auto& [build, name] : builds) {
    (void)report(fmt::format("{}, fitted", name), fit, of_build[build]);
  }
  const double worst = report("all, fitted", fit, fitted);
  if (network_models > 0) {
    for (const auto& [build, name] : builds) {
      (void)report(fmt::format("{}, never fitted", name), fit,
                   observe_all(network_models, kOtherSeed, random_network_model, build));
    }
  }
  if (folder != nullptr) {
    write_profiles(folder, fit, serial_alone, start, fitted.observations.size(), worst);
  }
}

}  // namespace
}  // namespace inas::laws

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-fit-firmware",
      .arguments = "[--serial] LAYERS NETWORKS [FOLDER]",
      .description = fmt::format(
          "Fits the laws of the FR5994's firmware to the emulated cycles of LAYERS random\n"
          "layers (at least {}) and half as many networks, for data on chip, with the LEA, and\n"
          "for a serial FRAM. Predicts NETWORKS others (0: none) of each, and writes the\n"
          "built-in profiles with the laws into FOLDER, if one is given.\n"
          "--serial: fits the laws of the serial FRAM's transfers alone, all others being the\n"
          "shipped profile's, and writes that one profile.\n"
          "Exit code: 0 done, 2 bad input.",
          inas::laws::kLeastLayers),
      .least_words = 2,
      .most_words = 3,
      .flags = {"--serial"}};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    const auto& words = given.words;
    const auto number_of = [&](const char* what, std::size_t at, int least) {
      return static_cast<int>(
          inas::test::whole_number(what, words[at], least, inas::laws::kMostModels));
    };
    inas::laws::fit_firmware(number_of("LAYERS", 0, inas::laws::kLeastLayers),
                             number_of("NETWORKS", 1, 0),
                             words.size() > 2 ? words[2].c_str() : nullptr, given.has("--serial"));
    return 0;
  });
}
