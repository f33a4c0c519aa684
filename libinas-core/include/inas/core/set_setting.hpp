#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <inas/core/settings.hpp>

/// Single settings by their key, for options of a command line.
namespace inas {

/// Sets the setting at `key`, a key's path as "search.trials", to what `text` says: the value as it
/// would stand in a settings file, texts and names without their quotes. Throws InvalidArgument,
/// naming the path, where a file's value is refused for its type; the ranges are `validate`'s.
void set_setting(Settings& settings, std::string_view key, const std::string& text);

/// The setting at `key`, as `set_setting` takes it.
[[nodiscard]] std::string setting_text(const Settings& settings, std::string_view key);

/// A key whose value differs between two settings.
struct SettingChange {
  std::string key;     ///< "search.seed"
  std::string before;  ///< as `setting_text`; empty if there is no such key
  std::string after;

  bool operator==(const SettingChange&) const = default;
};

/// The keys in which settings differ, in the order of a settings file.
[[nodiscard]] std::vector<SettingChange> setting_changes(const Settings& before,
                                                         const Settings& after);

}  // namespace inas
