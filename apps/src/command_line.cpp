#include "command_line.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/nearest.hpp>
#include <inas/core/set_setting.hpp>
#include <inas/core/version.hpp>

#include "harvester_options.hpp"

namespace inas::apps {

namespace po = boost::program_options;

namespace {

/// The value of `--name`, and how a value that it does not take is refused.
[[noreturn]] void refuse(const std::string& name, std::string_view found_and_allowed) {
  throw Error(fmt::format("--{}: {}", name, found_and_allowed));
}

/// The name that is used in errors, of "seed,d" the first.
std::string long_name(const std::string& names) { return names.substr(0, names.find(',')); }

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

}  // namespace inas::apps
