#include <string>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/text.hpp>
#include <inas/costmodel/device.hpp>

#include "command_line.hpp"
#include "harvester_options.hpp"

// The options that describe a device, its power and what is asked of it.
namespace inas::apps {

namespace po = boost::program_options;

po::options_description settings_options() {
  po::options_description options("device and requirement", 100);
  options.add_options()(
      "settings,s", po::value<std::string>()->value_name("FILE"),
      "settings file, of this project's form or of the original iNAS form (default: built-in "
      "settings: Fashion-MNIST, MSP430FR5994, 5 mF)");
  add_setting(options, "ccap,c", "FARAD", "power.capacitance_f", "capacitance in F");
  add_setting(options, "rehm", "OHM", "power.ehm_resistance_ohm",
              "equivalent resistance of the energy-harvesting module in ohm");
  add_setting(options, "harvester", "KIND", "power.harvester",
              "what charges the capacitor: resistance, or constant-power with --harvest");
  add_setting(options, "harvest", "WATT", "power.harvest_w",
              "power of a harvester of constant power in W");
  add_setting(options, "efficiency", "SHARE", "power.harvest_efficiency",
              "share of that power that arrives at the capacitor, up to 1");
  add_setting(options, "leakage", "AMPERE", "power.leakage_a",
              "leakage current of the capacitor at the turn-on voltage in A, with constant power");
  add_setting(options, "margin", "SHARE", "power.margin",
              "share of the capacitor's energy that is counted on, above 0 up to 1");
  add_setting(options, "latreq,l", "SECONDS", "search.latency_requirement_s",
              fmt::format("required end-to-end latency of one inference in s ({}: none)",
                          kNoLatencyRequirementS));
  add_setting(options, "vm", "BYTES", "platform.vm_bytes", "volatile memory for tiles in bytes");
  add_setting(options, "profile", "NAME", "platform.profile",
              "platform costs: msp430fr5994, msp430fr5994-serial, msp430fr5994-paper, "
              "msp430fr5994-published or a JSON file");
  options.add_options()("memory", po::value<std::string>()->value_name("WHICH"),
                        "where this runtime has its data: on-chip, or serial for a serial FRAM; "
                        "sets profile and bytes of NVM (default: the settings', on-chip)")(
      "continuous", po::bool_switch(), "continuous power instead of a capacitor")(
      "design-space", po::value<std::string>()->value_name("WHICH"),
      "designs to explore: full (all that the runtime executes), published (the paper's lists), or "
      "a list "
      "of divisors (all of them), row (vectors of a kernel row), coalesced (transfers of a tile "
      "row), "
      "batches (several per power cycle), ragged (tiles that do not divide the map), "
      "ledger (power cycles that run on over the ends of layers) "
      "(default: the settings', full)")(
      "units", po::value<std::string>()->value_name("LIST"),
      "what multiplies: cpu, lea, or cpu,lea to choose for each layer (default: the settings', or "
      "else the cpu, which every build of the firmware has)");
  return options;
}

namespace {

void set_design_space(const std::string& text, ExplorerSettings& explorer) {
  const LoopOrders orders = explorer.loop_orders;
  const Units units = explorer.units;
  explorer = published_space();
  for (const std::string& part : split_at_commas(text)) {
    if (part == "full") {
      explorer = {};
    } else if (part == "divisors") {
      explorer.legal = Divisors::all;
    } else if (part == "row") {
      explorer.row_mac = true;
    } else if (part == "coalesced") {
      explorer.coalesced_dma = true;
    } else if (part == "batches") {
      explorer.multiple_batches = true;
    } else if (part == "ragged") {
      explorer.ragged_tiles = true;
    } else if (part == "ledger") {
      explorer.ledger = true;
    } else if (part != "published") {
      throw Error(fmt::format(
          "--design-space: found \"{}\", allowed: published, full, or a comma-separated list of "
          "divisors, row, coalesced, batches, ragged, ledger",
          text));
    }
  }
  explorer.loop_orders = orders;
  explorer.units = units;
}

Units units_of(const std::string& text) {
  try {
    return parse_units(split_at_commas(text));
  } catch (const InvalidArgument&) {
    throw Error(fmt::format("--units: found \"{}\", allowed: cpu, lea, or cpu,lea", text));
  }
}

/// What describes a capacitor and its charging says nothing of a continuous supply.
void refuse_capacitor_options(const po::variables_map& options, const PowerSupply& supply) {
  if (supply.kind != PowerKind::continuous) return;
  for (const char* name :
       {"ccap", "rehm", "margin", "harvester", "harvest", "efficiency", "leakage"}) {
    if (options.count(name) == 0) continue;
    throw Error(fmt::format(
        "--{}: the supply is continuous and has no capacitor, so that it would do nothing; "
        "allowed: intermittent power",
        name));
  }
}

/// Nor does what describes one kind of harvester of the other.
void refuse_other_harvester_options(const po::variables_map& options, const PowerSupply& supply) {
  for (const HarvesterOption& option : kHarvesterOptions) {
    const std::string name(option.name);
    if (option.of == supply.harvester || options.count(name) == 0) continue;
    throw Error(fmt::format(
        "--{}: power.harvester is {}, so that it would do nothing; allowed: with --harvester {}",
        name, to_string(supply.harvester), to_string(option.of)));
  }
}

/// The profile says where data lie; the two options cannot both.
void set_memory(const po::variables_map& options, Platform& platform) {
  if (options.count("memory") == 0) return;
  if (options.count("profile") > 0) {
    throw Error(
        "--memory: sets the profile, which --profile sets as well; allowed: one of the two");
  }
  const std::string& name = options["memory"].as<std::string>();
  if (name != "on-chip" && name != "serial") {
    throw Error(fmt::format("--memory: found \"{}\", allowed: on-chip, serial", name));
  }
  using costmodel::Memory;
  platform = costmodel::with_memory(platform, name == "serial" ? Memory::serial : Memory::on_chip);
}

Settings with_options(Settings settings, const po::variables_map& options) {
  const Harvester before = settings.power.harvester;
  apply_settings(options, settings_options(), settings);
  set_memory(options, settings.platform);
  // The option replaces the settings' harvester, and with it what they say of that.
  if (settings.power.harvester != before) {
    settings.power = with_harvester(settings.power, settings.power.harvester);
  }
  if (options["continuous"].as<bool>()) settings.power.kind = PowerKind::continuous;
  if (options.count("design-space") > 0) {
    set_design_space(options["design-space"].as<std::string>(), settings.explorer);
  }
  if (options.count("units") > 0) {
    settings.explorer.units = units_of(options["units"].as<std::string>());
  }
  refuse_capacitor_options(options, settings.power);
  refuse_other_harvester_options(options, settings.power);
  validate(settings);
  return settings;
}

}  // namespace

Settings settings_from(const po::variables_map& options, Settings otherwise) {
  return with_options(options.count("settings") > 0
                          ? load_settings(options["settings"].as<std::string>())
                          : std::move(otherwise),
                      options);
}

namespace {

/// What the --settings file says of the device and of the requirement.
Settings with_device_of_file(Settings settings, const Settings& file) {
  settings.platform = file.platform;
  settings.power = file.power;
  settings.search.latency_requirement_s = file.search.latency_requirement_s;
  return settings;
}

}  // namespace

Settings on_other_device(Settings settings, const po::variables_map& options) {
  for (const char* name : {"design-space", "units"}) {
    if (options.count(name) == 0) continue;
    throw Error(fmt::format(
        "--{}: the designs of --solution are priced as they are, none is looked for; allowed: with "
        "--choices",
        name));
  }
  if (options.count("settings") > 0) {
    settings = with_device_of_file(std::move(settings),
                                   load_settings(options["settings"].as<std::string>()));
  }
  return with_options(std::move(settings), options);
}

Settings for_new_designs(Settings settings, const po::variables_map& options) {
  if (options.count("settings") > 0) {
    const Settings file = load_settings(options["settings"].as<std::string>());
    settings = with_device_of_file(std::move(settings), file);
    settings.explorer = file.explorer;
  }
  return with_options(std::move(settings), options);
}

}  // namespace inas::apps
