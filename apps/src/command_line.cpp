#include "command_line.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/version.hpp>

namespace inas::apps {

namespace po = boost::program_options;

namespace {

void set_design_space(const std::string& text, ExplorerSettings& explorer) {
  const LoopOrders orders = explorer.loop_orders;
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
    } else if (part != "published") {
      throw Error(fmt::format(
          "--design-space: found \"{}\", allowed: published, full, or a comma-separated list of "
          "divisors, row, coalesced, batches, ragged",
          text));
    }
    begin = end + 1;
  }
  explorer.loop_orders = orders;
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

}  // namespace

int run_program(const std::string& name, const std::function<int()>& body) {
  // A file-size limit and a reader who has gone shall be errors of the write, as a full disk is,
  // not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  keep_standard_descriptors();
  try {
    const int code = body();
    const bool failed_before = std::ferror(stdout) != 0;
    if (std::fflush(stdout) != 0) {
      throw Error(fmt::format("standard output: cannot be written: {}", std::strerror(errno)));
    }
    if (failed_before) throw Error("standard output: could not be written in part");
    return code;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "{}: {}\n", name, error.what());
    return kBadInput;
  }
}

std::optional<po::variables_map> parse_command_line(int argc, const char* const* argv,
                                                    const Usage& usage,
                                                    po::options_description options) {
  options.add_options()("help,h", "show this help and exit")("version",
                                                             "show the version and exit");
  po::variables_map values;
  try {
    // Without guessing: an abbreviated option would change its meaning when a longer one is added.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(
        po::command_line_parser(argc, argv).options(options).positional({}).style(style).run(),
        values);
    po::notify(values);
  } catch (const po::error& error) {
    throw Error(fmt::format("{}; see {} --help", error.what(), usage.name));
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
      "settings: Fashion-MNIST, MSP430FR5994, 5 mF)")(
      "ccap,c", po::value<double>()->value_name("FARAD"),
      "capacitance in F (default: the settings', 0.005)")(
      "rehm", po::value<double>()->value_name("OHM"),
      "equivalent resistance of the energy-harvesting module in ohm (default: the settings', 24)")(
      "margin", po::value<double>()->value_name("SHARE"),
      "share of the capacitor's energy that is counted on, above 0 up to 1 (default: the "
      "settings', "
      "0.55)")(
      "latreq,l", po::value<double>()->value_name("SECONDS"),
      "required end-to-end latency of one inference in s (default: the settings', 100000)")(
      "vm", po::value<std::int64_t>()->value_name("BYTES"),
      "volatile memory for tiles in bytes (default: the settings', 2048)")(
      "profile", po::value<std::string>()->value_name("NAME"),
      "platform costs: msp430fr5994, msp430fr5994-published or a JSON file (default: the "
      "settings', "
      "msp430fr5994)")("continuous", po::bool_switch(), "continuous power instead of a capacitor")(
      "design-space", po::value<std::string>()->value_name("WHICH"),
      "designs to explore: full (all that the runtime executes), published (the paper's lists), or "
      "a list "
      "of divisors (all of them), row (vectors of a kernel row), coalesced (transfers of a tile "
      "row), "
      "batches (several per power cycle), ragged (tiles that do not divide the map) "
      "(default: the settings', full)");
  return options;
}

namespace {

/// What describes a capacitor and its charging says nothing of a continuous supply.
void refuse_capacitor_options(const po::variables_map& options, const PowerSupply& supply) {
  if (supply.kind != PowerKind::continuous) return;
  for (const char* name : {"ccap", "rehm", "margin"}) {
    if (options.count(name) == 0) continue;
    throw Error(fmt::format(
        "--{}: the supply is continuous and has no capacitor, so that it would do nothing; "
        "allowed: intermittent power",
        name));
  }
}

Settings with_options(Settings settings, const po::variables_map& options) {
  const auto apply = [&]<class T>(const char* name, T& field) {
    if (options.count(name) > 0) field = options[name].as<T>();
  };
  apply("ccap", settings.power.capacitance_f);
  apply("rehm", settings.power.ehm_resistance_ohm);
  apply("margin", settings.power.margin);
  apply("latreq", settings.search.latency_requirement_s);
  apply("vm", settings.platform.vm_bytes);
  apply("profile", settings.platform.profile);
  if (options["continuous"].as<bool>()) settings.power.kind = PowerKind::continuous;
  if (options.count("design-space") > 0) {
    set_design_space(options["design-space"].as<std::string>(), settings.explorer);
  }
  refuse_capacitor_options(options, settings.power);
  validate(settings);
  return settings;
}

}  // namespace

Settings settings_from(const po::variables_map& options) {
  return with_options(options.count("settings") > 0
                          ? load_settings(options["settings"].as<std::string>())
                          : Settings{},
                      options);
}

Settings on_other_device(Settings settings, const po::variables_map& options) {
  if (options.count("design-space") > 0) {
    throw Error(
        "--design-space: the designs of --solution are priced as they are, none is looked for; "
        "allowed: with --choices");
  }
  if (options.count("settings") > 0) {
    const Settings other = load_settings(options["settings"].as<std::string>());
    settings.platform = other.platform;
    settings.power = other.power;
    settings.search.latency_requirement_s = other.search.latency_requirement_s;
  }
  return with_options(std::move(settings), options);
}

}  // namespace inas::apps
