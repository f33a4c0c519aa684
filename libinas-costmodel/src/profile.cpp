#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/costmodel/profile.hpp>

namespace inas::costmodel {
namespace {

/// An addressing overhead as the number of CPU additions and multiplications it takes.
struct OperationCount {
  double adds = 0;
  double multiplies = 0;

  [[nodiscard]] double times(double add, double multiply) const {
    return adds * add + multiplies * multiply;
  }
};

/// The published model counts energy and latency of an overhead apart; most counts agree.
struct Overhead {
  OperationCount energy;
  OperationCount latency;

  Overhead() = default;
  Overhead(OperationCount both) : energy(both), latency(both) {}
  Overhead(OperationCount for_energy, OperationCount for_latency)
      : energy(for_energy), latency(for_latency) {}

  [[nodiscard]] Cost cost(const Profile& profile) const {
    return {energy.times(profile.add.energy_j, profile.multiply.energy_j),
            latency.times(profile.add.latency_s, profile.multiply.latency_s)};
  }
  /// Fault 1: the latency is built from the energies of the operations, so that joules pass for
  /// seconds.
  [[nodiscard]] Cost cost_with_energies_for_latencies(const Profile& profile) const {
    const double joules = energy.times(profile.add.energy_j, profile.multiply.energy_j);
    return {joules, joules};
  }
};

struct OutputOverheads {
  std::array<Overhead, 3> fetch;   ///< indexed by LoopOrder
  std::array<Overhead, 3> backup;  ///< indexed by LoopOrder
};

// The constants are micro-benchmark measurements on the MSP430FR5994 at 16 MHz with an external SPI
// FRAM. Source: cost-model page, section 2.

constexpr double kClockHz = 16'000'000;

LinearLaw cycles_law(double slope, double intercept) { return {slope, intercept, kClockHz}; }

const OutputOverheads& msp430_output_overheads() {
  static const OutputOverheads overheads{
      .fetch = {OperationCount{7, 5}, OperationCount{7, 4}, OperationCount{7, 4}},
      .backup = {OperationCount{9, 8}, OperationCount{11, 9}, OperationCount{7, 5}}};
  return overheads;
}

/// Everything but the output overheads, which the two built-in profiles count differently.
Profile msp430fr5994_base() {
  Profile profile;
  profile.clock_hz = kClockHz;
  profile.reboot = {7.788e-05, 0.07};
  profile.nvm_read = {{2.7e-08, 2.0e-07, 1}, cycles_law(64.00000000000001, 423.99999999999994)};
  profile.nvm_write = {{2.6815e-08, 1.9336e-07, 1},
                       cycles_law(64.00082974729904, 422.22773129921234)};
  profile.vector_mac = {{5.27308646249e-10, 2.04412689725e-07, 1},
                        cycles_law(1.4999999999999978, 616.0000000000002)};
  profile.add = {3.935538461538471e-09, 12 / kClockHz};
  profile.multiply = {1.9253346153846146e-08, 44 / kClockHz};
  profile.max_compare = {4.228153846153846e-09, 14 / kClockHz};
  profile.subtract = profile.add;
  profile.divide = {4.373834615384616e-08, 160 / kClockHz};
  profile.modulo = {4.366230769230769e-08, 160 / kClockHz};
  profile.fetch_input = Overhead({7, 5}).cost(profile);
  profile.fetch_weights = Overhead({8, 9}, {8, 10}).cost(profile);
  profile.partial_sum = Overhead({7, 5}, {7, 10}).cost(profile);
  profile.accumulate = Overhead({3, 3}).cost(profile);
  profile.max_address = Overhead({2, 1}).cost(profile);
  return profile;
}

void set_output_overheads(Profile& profile, const OutputOverheads& overheads,
                          bool energies_for_latencies) {
  const auto cost = [&](const Overhead& overhead) {
    return energies_for_latencies ? overhead.cost_with_energies_for_latencies(profile)
                                  : overhead.cost(profile);
  };
  for (std::size_t order = 0; order < 3; ++order) {
    profile.fetch_output[order] = cost(overheads.fetch[order]);
    profile.backup_output[order] = cost(overheads.backup[order]);
  }
}

Profile msp430fr5994() {
  Profile profile = msp430fr5994_base();
  profile.name = "msp430fr5994";
  set_output_overheads(profile, msp430_output_overheads(), false);
  return profile;
}

Profile msp430fr5994_published() {
  Profile profile = msp430fr5994_base();
  profile.name = "msp430fr5994-published";
  set_output_overheads(profile, msp430_output_overheads(), true);
  profile.faults = {.pool_fetches_convolution_tile = true,
                    .recharge_from_margin = true,
                    .continuous_backup_per_tile = true};
  return profile;
}

struct Builtin {
  const char* name;
  Profile (*make)();
};
constexpr std::array kBuiltins{Builtin{"msp430fr5994", msp430fr5994},
                               Builtin{"msp430fr5994-published", msp430fr5994_published}};

/// Costs are multiplied with one another's counts and divided by the clock; within these bounds no
/// such product leaves the range of doubles.
double read_positive(json::Reader& reader, const char* key) {
  double value = 0;
  reader.require(key, value);
  if (!(value >= 1e-100 && value <= 1e100)) {
    reader.fail(key, fmt::format("{}", value), "a positive number from 1e-100 to 1e100");
  }
  return value;
}

/// {"energy_j": …, "latency_cycles": …}
Cost read_cost(json::Reader& parent, const char* key, double clock_hz) {
  Cost cost;
  parent.require_object(key, [&](json::Reader& reader) {
    cost.energy_j = read_positive(reader, "energy_j");
    cost.latency_s = read_positive(reader, "latency_cycles") / clock_hz;
  });
  return cost;
}

/// {"slope": …, "intercept": …}
LinearLaw read_law(json::Reader& parent, const char* key, double divisor) {
  LinearLaw law;
  law.divisor = divisor;
  parent.require_object(key, [&](json::Reader& reader) {
    law.slope = read_positive(reader, "slope");
    law.intercept = read_positive(reader, "intercept");
  });
  return law;
}

/// {"energy_j": law, "latency_cycles": law}
LinearCost read_linear(json::Reader& parent, const char* key, double clock_hz) {
  LinearCost cost;
  parent.require_object(key, [&](json::Reader& reader) {
    cost.energy_j = read_law(reader, "energy_j", 1);
    cost.latency_s = read_law(reader, "latency_cycles", clock_hz);
  });
  return cost;
}

OperationCount read_count(json::Reader& reader, const char* key) {
  std::vector<std::int64_t> counts;
  reader.require(key, counts);
  if (counts.size() != 2 || counts[0] < 0 || counts[1] < 0 || counts[0] > 1'000'000 ||
      counts[1] > 1'000'000) {
    reader.fail(key, fmt::format("{}", counts),
                "two counts [additions, multiplications] from 0 to 1000000");
  }
  return {static_cast<double>(counts[0]), static_cast<double>(counts[1])};
}

}  // namespace

std::vector<std::string> builtin_profiles() {
  std::vector<std::string> names;
  for (const Builtin& builtin : kBuiltins) names.emplace_back(builtin.name);
  return names;
}

// The form is documented in docs/profiles.md.
Profile parse_profile(std::string_view text, const std::string& source) {
  const nlohmann::json document = json::parse(text, source);
  json::Reader reader(source, document);
  Profile profile;
  std::string comment;
  reader.read("comment", comment);
  reader.require("name", profile.name);
  profile.clock_hz = read_positive(reader, "clock_hz");
  reader.require_object("reboot", [&](json::Reader& reboot) {
    profile.reboot = {read_positive(reboot, "energy_j"), read_positive(reboot, "latency_s")};
  });
  profile.nvm_read = read_linear(reader, "nvm_read", profile.clock_hz);
  profile.nvm_write = read_linear(reader, "nvm_write", profile.clock_hz);
  profile.vector_mac = read_linear(reader, "vector_mac", profile.clock_hz);
  profile.add = read_cost(reader, "add", profile.clock_hz);
  profile.multiply = read_cost(reader, "multiply", profile.clock_hz);
  profile.max_compare = read_cost(reader, "max_compare", profile.clock_hz);
  for (auto [key, cost] :
       {std::pair{"subtract", &profile.subtract}, std::pair{"divide", &profile.divide},
        std::pair{"modulo", &profile.modulo}}) {
    if (reader.has(key)) *cost = read_cost(reader, key, profile.clock_hz);
  }
  reader.require_object("overheads", [&](json::Reader& overheads) {
    const auto cost = [&](const char* key) {
      return Overhead(read_count(overheads, key)).cost(profile);
    };
    profile.fetch_input = cost("fetch_input");
    profile.fetch_weights = cost("fetch_weights");
    profile.fetch_output = {cost("fetch_output_I"), cost("fetch_output_W"), cost("fetch_output_O")};
    profile.backup_output = {cost("backup_output_I"), cost("backup_output_W"),
                             cost("backup_output_O")};
    profile.partial_sum = cost("partial_sum");
    profile.accumulate = cost("accumulate");
    profile.max_address = cost("max_address");
  });
  reader.finish();
  return profile;
}

Profile load_profile(const std::string& name_or_path) {
  for (const Builtin& builtin : kBuiltins) {
    if (name_or_path == builtin.name) return builtin.make();
  }
  std::error_code ignored;
  if (!std::filesystem::exists(name_or_path, ignored)) {
    throw InvalidArgument(
        fmt::format("platform.profile: found \"{}\", allowed: {}, or the path of a JSON file",
                    name_or_path, fmt::join(builtin_profiles(), ", ")));
  }
  return parse_profile(read_file(name_or_path), name_or_path);
}

}  // namespace inas::costmodel
