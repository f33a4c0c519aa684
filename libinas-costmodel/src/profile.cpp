#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/costmodel/profile.hpp>

#include "builtin_profiles.hpp"
#include "kernel_laws.hpp"

namespace inas::costmodel {
namespace {

/// The newest JSON form of docs/profiles.md. The first has no `runtime`, no `cpu_mac` and no
/// `pool_fetches_first_sums`.
constexpr std::int64_t kFormat = 2;

/// An addressing overhead as the number of CPU additions and multiplications it takes.
struct OperationCount {
  double adds = 0;
  double multiplies = 0;

  [[nodiscard]] double times(double add, double multiply) const {
    return adds * add + multiplies * multiply;
  }
};

/// Energy and latency may be counted apart.
struct Overhead {
  OperationCount energy;
  OperationCount latency;

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

/// Reads one document into a profile, key by key.
class ProfileReader {
 public:
  ProfileReader(json::Reader& reader, const std::string& source)
      : reader_(reader), source_(source) {}

  [[nodiscard]] Profile read() {
    read_head();
    read_supply();
    const bool is_runtime = reader_.has("runtime");
    read_laws(is_runtime);
    profile_.faults.pool_fetches_first_sums = !is_runtime;
    read_faults();
    if (is_runtime) {
      read_runtime();
    } else {
      read_overheads();
    }
    reader_.finish();
    return std::move(profile_);
  }

 private:
  void read_head() {
    std::int64_t format = kFormat;
    reader_.read("format", format);
    if (format < 1 || format > kFormat) {
      reader_.fail("format", fmt::format("{}", format),
                   fmt::format("1 to {}, the forms that this version reads", kFormat));
    }
    std::string comment;
    reader_.read("comment", comment);
    reader_.require("name", profile_.name);
    profile_.clock_hz = read_positive(reader_, "clock_hz");
    reader_.read("measured_length", profile_.measured_length);
    if (profile_.measured_length < 1 || profile_.measured_length > 65'535) {
      reader_.fail("measured_length", fmt::format("{}", profile_.measured_length),
                   "1 to 65535 values");
    }
  }

  void read_supply() {
    reader_.read_object("supply", [&](json::Reader& supply) {
      VoltageRange& range = profile_.supply.emplace();
      supply.require("min_v", range.min_v);
      supply.require("max_v", range.max_v);
      if (const std::string fault = fault_of(range); !fault.empty()) {
        throw InvalidArgument(fmt::format("{}: supply: {}", source_, fault));
      }
    });
  }

  void read_laws(bool is_runtime) {
    reader_.require_object("reboot", [&](json::Reader& reboot) {
      read_origin(reboot, "reboot");
      profile_.reboot = {read_positive(reboot, "energy_j"), read_positive(reboot, "latency_s")};
    });
    if (reader_.has("nvm_start")) profile_.nvm_start = read_cost("nvm_start");
    profile_.nvm_read = read_linear("nvm_read");
    profile_.nvm_write = read_linear("nvm_write");
    if (is_runtime) {
      profile_.has_lea = reader_.has("vector_mac");
      if (profile_.has_lea) profile_.vector_mac = read_linear("vector_mac");
      profile_.cpu_mac = read_linear("cpu_mac");
      return;
    }
    profile_.vector_mac = read_linear("vector_mac");
    profile_.add = read_cost("add");
    profile_.multiply = read_cost("multiply");
    profile_.max_compare = read_cost("max_compare");
    for (auto [key, cost] :
         {std::pair{"subtract", &profile_.subtract}, std::pair{"divide", &profile_.divide},
          std::pair{"modulo", &profile_.modulo}}) {
      if (reader_.has(key)) *cost = read_cost(key);
    }
  }

  void read_faults() {
    reader_.read_object("faults", [&](json::Reader& faults) {
      faults.read("output_latencies_from_energies", output_latencies_from_energies_);
      faults.read("pool_fetches_convolution_tile", profile_.faults.pool_fetches_convolution_tile);
      faults.read("recharge_from_margin", profile_.faults.recharge_from_margin);
      faults.read("continuous_backup_per_tile", profile_.faults.continuous_backup_per_tile);
      faults.read("pool_fetches_first_sums", profile_.faults.pool_fetches_first_sums);
      faults.read("nvm_holds_two_largest_maps", profile_.faults.nvm_holds_two_largest_maps);
    });
  }

  void read_overheads() {
    reader_.require_object("overheads", [&](json::Reader& overheads) {
      read_origin(overheads, "overheads");
      const auto cost = [&](const char* key) {
        return read_overhead(overheads, key).cost(profile_);
      };
      const auto output_cost = [&](const char* key) {
        const Overhead overhead = read_overhead(overheads, key);
        return output_latencies_from_energies_ ? overhead.cost_with_energies_for_latencies(profile_)
                                               : overhead.cost(profile_);
      };
      profile_.fetch_input = cost("fetch_input");
      profile_.fetch_weights = cost("fetch_weights");
      profile_.fetch_output = {output_cost("fetch_output_I"), output_cost("fetch_output_W"),
                               output_cost("fetch_output_O")};
      profile_.backup_output = {output_cost("backup_output_I"), output_cost("backup_output_W"),
                                output_cost("backup_output_O")};
      profile_.partial_sum = cost("partial_sum");
      profile_.accumulate = cost("accumulate");
      profile_.max_address = cost("max_address");
    });
  }

  void read_runtime() {
    reader_.require_object("runtime", [&](json::Reader& runtime) {
      read_origin(runtime, "runtime");
      profile_.runtime.energy_per_cycle_j = read_positive(runtime, "energy_per_cycle_j");
      profile_.progress_values = read_values(runtime, "progress_values", 1);
      profile_.count_values = read_values(runtime, "count_values", 0);
      runtime.require_object("cycles", [&](json::Reader& cycles) {
        RuntimeLaws& laws = profile_.runtime;
        laws.cycle = read_cycles(cycles, "cycle");
        laws.block = read_cycles(cycles, "block");
        laws.block_row = read_cycles(cycles, "block_row");
        laws.weights = read_cycles(cycles, "weights");
        for (const auto& [key, law] :
             {std::pair{"window", &laws.window}, std::pair{"border", &laws.border},
              std::pair{"fill", &laws.fill}, std::pair{"fill_run", &laws.fill_run},
              std::pair{"cap", &laws.cap}}) {
          if (cycles.has(key)) *law = read_cycles(cycles, key);
        }
        for (const KernelObject& object : kernel_objects()) {
          if (object.of_lea && !profile_.has_lea) continue;
          if (object.may_be_absent && !cycles.has(object.key)) {
            cycles.skip(object.key);
            continue;
          }
          object.set_priced(laws);
          cycles.require_object(object.key, [&](json::Reader& reader) {
            read_origin(reader, object.key);
            for (const auto& [key, law, may_be_absent] : object.laws) {
              if (may_be_absent && !reader.has(key)) {
                reader.skip(key);
              } else {
                object.in(laws).*law = read_cycles(reader, key);
              }
            }
          });
        }
      });
    });
  }

  static std::int64_t read_values(json::Reader& reader, const char* key, std::int64_t least) {
    std::int64_t values = 0;
    reader.require(key, values);
    if (values < least || values > 1000) {
      reader.fail(key, fmt::format("{}", values), fmt::format("{} to 1000 values", least));
    }
    return values;
  }

  /// Cycles of the CPU, which may be none.
  [[nodiscard]] Cost read_cycles(json::Reader& reader, const char* key) const {
    double cycles = 0;
    reader.require(key, cycles);
    if (!(cycles >= 0 && cycles <= 1e9)) {
      reader.fail(key, fmt::format("{}", cycles), "0 to 1e9 clock cycles");
    }
    return {cycles * profile_.runtime.energy_per_cycle_j, cycles / profile_.clock_hz};
  }

  /// {"energy_j": …, "latency_cycles": …}
  Cost read_cost(const char* key) {
    Cost cost;
    reader_.require_object(key, [&](json::Reader& reader) {
      read_origin(reader, key);
      cost.energy_j = read_positive(reader, "energy_j");
      cost.latency_s = read_positive(reader, "latency_cycles") / profile_.clock_hz;
    });
    return cost;
  }

  /// {"energy_j": law, "latency_cycles": law}
  LinearCost read_linear(const char* key) {
    LinearCost cost;
    reader_.require_object(key, [&](json::Reader& reader) {
      read_origin(reader, key);
      cost.energy_j = read_law(reader, "energy_j", 1);
      cost.latency_s = read_law(reader, "latency_cycles", profile_.clock_hz);
    });
    return cost;
  }

  /// {"slope": …, "intercept": …}
  static LinearLaw read_law(json::Reader& parent, const char* key, double divisor) {
    LinearLaw law;
    law.divisor = divisor;
    parent.require_object(key, [&](json::Reader& reader) {
      law.slope = read_positive(reader, "slope");
      law.intercept = read_positive(reader, "intercept");
    });
    return law;
  }

  /// [additions, multiplications], or {"energy": […], "latency": […]}
  static Overhead read_overhead(json::Reader& parent, const char* key) {
    if (!parent.is_object(key)) {
      const OperationCount both = read_count(parent, key);
      return {both, both};
    }
    Overhead overhead;
    parent.require_object(key, [&](json::Reader& reader) {
      overhead = {read_count(reader, "energy"), read_count(reader, "latency")};
    });
    return overhead;
  }

  void read_origin(json::Reader& reader, const char* law) {
    if (!reader.has("origin")) return reader.skip("origin");
    std::vector<std::pair<std::string_view, Origin>> names;
    for (const Origin origin :
         {Origin::measured, Origin::counted, Origin::documented, Origin::assumed}) {
      names.emplace_back(to_string(origin), origin);
    }
    reader.read_name("origin", profile_.origins[law], names);
  }

  json::Reader& reader_;
  const std::string& source_;
  Profile profile_;
  bool output_latencies_from_energies_ = false;
};

}  // namespace

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::measured:
      return "measured";
    case Origin::counted:
      return "counted";
    case Origin::documented:
      return "documented";
    case Origin::assumed:
      return "assumed";
  }
  return "unknown";
}

double cycles_of(const Cost& cost, double clock_hz) {
  return std::stod(fmt::format("{:.12g}", cost.latency_s * clock_hz));
}

const std::vector<KernelObject>& kernel_objects() {
  const std::vector<KernelLaw> of_windows{
      {"entry", &KernelLaws::entry},       {"batch", &KernelLaws::batch},
      {"tile", &KernelLaws::tile},         {"row", &KernelLaws::row},
      {"position", &KernelLaws::position}, {"output", &KernelLaws::output},
      {"line", &KernelLaws::line},         {"value", &KernelLaws::value}};
  std::vector<KernelLaw> with_bias = of_windows;
  with_bias.push_back({"bias", &KernelLaws::bias});
  static const std::vector<KernelObject> objects{
      KernelObject{"convolution",
                   execution::Kernel::convolution,
                   false,
                   {{"entry", &KernelLaws::entry},
                    {"batch", &KernelLaws::batch},
                    {"tile", &KernelLaws::tile},
                    {"row", &KernelLaws::row},
                    {"position", &KernelLaws::position},
                    {"output", &KernelLaws::output},
                    {"bias", &KernelLaws::bias, true}}},
      KernelObject{"convolution_lea",
                   execution::Kernel::convolution,
                   true,
                   {{"tile", &KernelLaws::tile},
                    {"row", &KernelLaws::row},
                    {"position", &KernelLaws::position},
                    {"output", &KernelLaws::output},
                    {"bias", &KernelLaws::bias, true},
                    {"line", &KernelLaws::line},
                    {"vector", &KernelLaws::vector},
                    {"cpu_vector", &KernelLaws::cpu_vector},
                    {"cpu_value", &KernelLaws::value}}},
      KernelObject{"global_average_pool",
                   execution::Kernel::global_average_pool,
                   false,
                   {{"entry", &KernelLaws::entry},
                    {"batch", &KernelLaws::batch},
                    {"tile", &KernelLaws::tile},
                    {"output", &KernelLaws::output},
                    {"value", &KernelLaws::value},
                    {"batch_output", &KernelLaws::batch_output}}},
      KernelObject{"max_pool", execution::Kernel::max_pool, false, of_windows},
      KernelObject{"depthwise", execution::Kernel::depthwise, false, with_bias, true},
      KernelObject{"average_pool", execution::Kernel::average_pool, false, of_windows, true},
      KernelObject{"add",
                   execution::Kernel::add,
                   false,
                   {{"entry", &KernelLaws::entry},
                    {"batch", &KernelLaws::batch},
                    {"tile", &KernelLaws::tile},
                    {"row", &KernelLaws::row},
                    {"output", &KernelLaws::output}},
                   true}};
  return objects;
}

std::string to_json(const Profile& profile, const std::string& comment) {
  if (!profile.cpu_mac) {
    throw InvalidArgument(fmt::format(
        "profile: found {}, allowed: one of the runtime, which has cpu_mac", profile.name));
  }
  using Json = nlohmann::ordered_json;
  const auto with_origin = [&](const char* key, Json object) {
    const auto origin = profile.origins.find(key);
    if (origin != profile.origins.end()) object["origin"] = to_string(origin->second);
    return object;
  };
  const auto linear = [&](const char* key, const LinearCost& cost) {
    const auto law = [](const LinearLaw& of) {
      return Json{{"slope", of.slope}, {"intercept", of.intercept}};
    };
    return with_origin(key,
                       {{"energy_j", law(cost.energy_j)}, {"latency_cycles", law(cost.latency_s)}});
  };
  const auto cycles_of = [&](const Cost& cost) {
    return costmodel::cycles_of(cost, profile.clock_hz);
  };
  Json document{{"format", kFormat},
                {"name", profile.name},
                {"comment", comment},
                {"clock_hz", profile.clock_hz},
                {"measured_length", profile.measured_length}};
  if (profile.supply) {
    document["supply"] = {{"min_v", profile.supply->min_v}, {"max_v", profile.supply->max_v}};
  }
  document["reboot"] = with_origin(
      "reboot", {{"energy_j", profile.reboot.energy_j}, {"latency_s", profile.reboot.latency_s}});
  if (profile.nvm_start != Cost{}) {
    document["nvm_start"] =
        with_origin("nvm_start", {{"energy_j", profile.nvm_start.energy_j},
                                  {"latency_cycles", cycles_of(profile.nvm_start)}});
  }
  document["nvm_read"] = linear("nvm_read", profile.nvm_read);
  document["nvm_write"] = linear("nvm_write", profile.nvm_write);
  if (profile.has_lea) document["vector_mac"] = linear("vector_mac", profile.vector_mac);
  document["cpu_mac"] = linear("cpu_mac", *profile.cpu_mac);
  const RuntimeLaws& runtime = profile.runtime;
  Json cycles{{"cycle", cycles_of(runtime.cycle)},
              {"block", cycles_of(runtime.block)},
              {"block_row", cycles_of(runtime.block_row)},
              {"weights", cycles_of(runtime.weights)},
              {"window", cycles_of(runtime.window)},
              {"border", cycles_of(runtime.border)},
              {"fill", cycles_of(runtime.fill)},
              {"fill_run", cycles_of(runtime.fill_run)},
              {"cap", cycles_of(runtime.cap)}};
  for (const KernelObject& object : kernel_objects()) {
    if (object.of_lea && !profile.has_lea) continue;
    if (!runtime.prices(object.kernel)) continue;
    Json& kernel = cycles[object.key];
    for (const KernelLaw& law : object.laws) {
      kernel[law.key] = cycles_of(object.in(runtime).*law.law);
    }
    kernel = with_origin(object.key, std::move(kernel));
  }
  document["runtime"] = with_origin("runtime", {{"energy_per_cycle_j", runtime.energy_per_cycle_j},
                                                {"progress_values", profile.progress_values},
                                                {"count_values", profile.count_values},
                                                {"cycles", std::move(cycles)}});
  return document.dump(2) + "\n";
}

std::vector<std::string> builtin_profiles() {
  std::vector<std::string> names;
  for (const BuiltinProfile& builtin : embedded_profiles()) names.emplace_back(builtin.name);
  return names;
}

bool is_builtin_profile(std::string_view name) {
  const std::vector<std::string> names = builtin_profiles();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view builtin_profile_json(std::string_view name) {
  for (const BuiltinProfile& builtin : embedded_profiles()) {
    if (name == builtin.name) return builtin.json;
  }
  throw InvalidArgument(
      fmt::format("profile: found \"{}\", allowed: {}", name, fmt::join(builtin_profiles(), ", ")));
}

// The form is documented in docs/profiles.md.
Profile parse_profile(std::string_view text, const std::string& source) {
  const nlohmann::json document = json::parse(text, source);
  json::Reader reader(source, document);
  return ProfileReader(reader, source).read();
}

Profile load_profile(const std::string& name_or_path) {
  for (const BuiltinProfile& builtin : embedded_profiles()) {
    if (name_or_path == builtin.name) return parse_profile(builtin.json, name_or_path);
  }
  std::error_code ignored;
  if (!std::filesystem::exists(name_or_path, ignored)) {
    throw InvalidArgument(
        fmt::format("platform.profile: found \"{}\", allowed: {}, or the path of a JSON file",
                    name_or_path, fmt::join(builtin_profiles(), ", ")));
  }
  return parse_profile(read_file(name_or_path, kMostTextBytes), name_or_path);
}

}  // namespace inas::costmodel
