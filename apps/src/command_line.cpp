#include "command_line.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/nearest.hpp>
#include <inas/core/set_setting.hpp>
#include <inas/core/version.hpp>
#include <inas/costmodel/device.hpp>

#include "signals.hpp"

namespace inas::apps {

namespace po = boost::program_options;

namespace {

void set_design_space(const std::string& text, ExplorerSettings& explorer) {
  const LoopOrders orders = explorer.loop_orders;
  const Units units = explorer.units;
  explorer = published_space();
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
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
    begin = end + 1;
  }
  explorer.loop_orders = orders;
  explorer.units = units;
}

Units units_of(const std::string& text) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    names.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  try {
    return parse_units(names);
  } catch (const InvalidArgument&) {
    throw Error(fmt::format("--units: found \"{}\", allowed: cpu, lea, or cpu,lea", text));
  }
}

/// Keeps the numbers of standard streams that the caller has closed from the next files that are
/// opened, which would get what is printed. Opened the wrong way round, they refuse it.
void keep_standard_descriptors() {
  for (const int number : {0, 1, 2}) {
    if (fcntl(number, F_GETFD) < 0 && errno == EBADF) {
      const int placeholder = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY);
      static_cast<void>(placeholder);  // the lowest free number, which is `number`
    }
  }
}

/// Is standard output a pipe that nobody reads any more?
bool reader_has_gone() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

bool is_of_a_broken_pipe(const std::exception& error) {
  if (dynamic_cast<const BrokenPipe*>(&error) != nullptr) return true;
  const auto* const of_system = dynamic_cast<const std::system_error*>(&error);
  return of_system != nullptr && of_system->code() == std::errc::broken_pipe;
}

/// The value of `--name`, and how a value that it does not take is refused.
[[noreturn]] void refuse(const std::string& name, std::string_view found_and_allowed) {
  throw Error(fmt::format("--{}: {}", name, found_and_allowed));
}

/// The name that is used in errors, of "seed,d" the first.
std::string long_name(const std::string& names) { return names.substr(0, names.find(',')); }

/// The options that describe one kind of harvester, with their keys.
struct HarvesterOption {
  std::string_view name;
  std::string_view key;
  Harvester of;
};
constexpr std::array kHarvesterOptions{
    HarvesterOption{"rehm", "power.ehm_resistance_ohm", Harvester::resistance},
    HarvesterOption{"rehms", "power.ehm_resistance_ohm", Harvester::resistance},
    HarvesterOption{"harvest", "power.harvest_w", Harvester::constant_power},
    HarvesterOption{"efficiency", "power.harvest_efficiency", Harvester::constant_power},
    HarvesterOption{"leakage", "power.leakage_a", Harvester::constant_power}};

/// Sets `key` to `text`; where that is refused, as the value of `option`.
void set_by_option(const std::string& option, const std::string& key, const std::string& text,
                   Settings& settings) {
  const auto refuse_as_option = [&](std::string_view what) {
    const std::string start = key + ": ";
    if (what.starts_with(start)) refuse(option, what.substr(start.size()));
  };
  try {
    set_setting(settings, key, text);
  } catch (const InvalidArgument& error) {
    refuse_as_option(error.what());
    throw;
  }
  // Only what is said of this key: the others are not complete yet.
  Settings alone;
  for (const HarvesterOption& of_harvester : kHarvesterOptions) {
    if (of_harvester.key == key) alone.power.harvester = of_harvester.of;
  }
  set_setting(alone, key, text);
  try {
    validate(alone);
  } catch (const InvalidArgument& error) {
    refuse_as_option(error.what());
  }
}

/// The text of an option that overrides a settings key.
class SettingValue final : public po::typed_value<std::string> {
 public:
  SettingValue(std::string option, std::string key)
      : typed_value(nullptr), option_(std::move(option)), key_(std::move(key)) {}

  void xparse(boost::any& store, const std::vector<std::string>& tokens) const override {
    store = po::validators::get_single_string(tokens, true);
    Settings settings;
    apply(boost::any_cast<std::string>(store), settings);
  }

  void apply(const std::string& text, Settings& settings) const {
    set_by_option(option_, key_, text, settings);
  }

 private:
  std::string option_;
  std::string key_;
};

/// A whole number within bounds.
class NumberValue final : public po::typed_value<std::int64_t> {
 public:
  NumberValue(std::string option, std::int64_t least, std::int64_t most)
      : typed_value(nullptr), option_(std::move(option)), least_(least), most_(most) {}

  void xparse(boost::any& store, const std::vector<std::string>& tokens) const override {
    const std::string& text = po::validators::get_single_string(tokens, true);
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || value < least_ || value > most_) {
      refuse(option_, fmt::format("found {}, allowed: a whole number from {} to {}",
                                  text.empty() ? "nothing" : text, least_, most_));
    }
    store = value;
  }

 private:
  std::string option_;
  std::int64_t least_;
  std::int64_t most_;
};

/// A word that is no option; boost would only say that there is one.
constexpr const char* kStrayWord = "stray word";

}  // namespace

void add_setting(po::options_description& options, const char* names, const char* value_name,
                 const char* key, const std::string& help) {
  const std::string otherwise = setting_text(Settings{}, key);
  auto* const value = new SettingValue(long_name(names), key);  // boost takes and frees it
  value->value_name(value_name);
  options.add_options()(
      names, value,
      fmt::format("{} (default: the settings', {})", help, otherwise.empty() ? "none" : otherwise)
          .c_str());
}

void apply_settings(const po::variables_map& values, const po::options_description& described,
                    Settings& settings) {
  for (const auto& option : described.options()) {
    const auto* const setting = dynamic_cast<const SettingValue*>(option->semantic().get());
    const po::variable_value& value = values[option->long_name()];
    if (setting != nullptr && !value.empty()) setting->apply(value.as<std::string>(), settings);
  }
}

Settings with_setting(const char* option, const char* key, const std::string& text) {
  Settings settings;
  set_by_option(option, key, text, settings);
  return settings;
}

void add_number(po::options_description& options, const char* names, const char* value_name,
                std::int64_t least, std::int64_t most, std::optional<std::int64_t> otherwise,
                const std::string& help) {
  auto* const value = new NumberValue(long_name(names), least, most);  // boost takes and frees it
  value->value_name(value_name);
  if (otherwise) value->default_value(*otherwise);
  options.add_options()(names, value, help.c_str());
}

void add_threads(po::options_description& options) {
  add_number(options, "threads", "N", 0, 4096, 0,
             "threads, 0 for one per core; the result does not depend on it");
}

int run_program(const std::string& name, const std::function<int()>& body) {
  // A file-size limit and a reader who has gone shall be errors of the write, as a full disk is,
  // not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  keep_standard_descriptors();
  end_by_signals();
  try {
    const int code = body();
    const bool failed_before = std::ferror(stdout) != 0;
    const bool fails_now = std::fflush(stdout) != 0;
    const int why = errno;
    if ((failed_before || fails_now) && !reader_has_gone()) {
      throw Error(fails_now
                      ? fmt::format("standard output: cannot be written: {}", std::strerror(why))
                      : "standard output: could not be written in part");
    }
    return code;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    if (is_of_a_broken_pipe(error)) return kUnread;
    // One line, whatever names of files and layers it quotes; not by fmt::print, which throws where
    // standard error is closed.
    std::string line = fmt::format("{}: {}", name, error.what());
    for (char& c : line) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    }
    std::fputs((line + "\n").c_str(), stderr);
    return kBadInput;
  }
}

void check_outputs(const po::variables_map& options, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (options.count(name) > 0) check_writable(options[name].as<std::string>());
  }
}

std::string take_word(int& argc, const char* const*& argv) {
  if (argc < 2 || argv[1][0] == '-' || argv[1][0] == '\0') return {};
  --argc;
  ++argv;
  return *argv;
}

std::optional<po::variables_map> parse_command_line(int argc, const char* const* argv,
                                                    const Usage& usage,
                                                    po::options_description options) {
  options.add_options()("help,h", "show this help and exit")("version",
                                                             "show the version and exit");
  po::variables_map values;
  po::options_description all;
  all.add(options).add_options()(kStrayWord, po::value<std::vector<std::string>>());
  try {
    // Without guessing: an abbreviated option would change its meaning when a longer one is added.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::positional_options_description words;
    words.add(kStrayWord, -1);
    po::store(po::command_line_parser(argc, argv).options(all).positional(words).style(style).run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& error) {
    std::vector<std::string> known;
    for (const auto& option : options.options()) known.push_back(option->long_name());
    const std::string name = error.get_option_name();
    const std::string meant =
        nearest(name.substr(std::min(name.find_first_not_of('-'), name.size())), known);
    throw Error(fmt::format("{}; {}see {} --help", error.what(),
                            meant.empty() ? meant : fmt::format("did you mean --{}? ", meant),
                            usage.name));
  } catch (const po::error& error) {
    throw Error(fmt::format("{}; see {} --help", error.what(), usage.name));
  }
  if (values.count(kStrayWord) > 0) {
    throw Error(fmt::format("found \"{}\", allowed: options, which start with --; see {} --help",
                            values[kStrayWord].as<std::vector<std::string>>().front(), usage.name));
  }
  if (values.count("help") > 0) {
    std::cout << "usage: " << usage.synopsis << "\n\n" << usage.description << "\n\n" << options;
    return std::nullopt;
  }
  if (values.count("version") > 0) {
    fmt::print("{} {}\n", usage.name, version());
    return std::nullopt;
  }
  return values;
}

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
