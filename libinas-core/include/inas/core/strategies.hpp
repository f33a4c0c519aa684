#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>

/// The strategies of a search as settings files, options of programs and messages know them. How
/// they propose: nas/strategy.hpp.
namespace inas {

/// An option of a strategy, "STRATEGY.NAME" in settings files and "--STRATEGY.NAME" to programs.
struct StrategyOption {
  std::string_view name;
  /// What it is if nobody says; values are of its type.
  std::variant<bool, std::int64_t, double, std::string_view> standard;
  double least = 0;                              ///< of numbers
  double most = 0;                               ///< of numbers
  std::span<const std::string_view> names = {};  ///< of texts: those that are allowed
  std::string_view help;
};

struct StrategyInfo {
  std::string_view name;
  std::string_view help;  ///< a few words
  std::span<const StrategyOption> options = {};
};

/// All of them, the default first.
[[nodiscard]] std::span<const StrategyInfo> strategies();

using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

/// A value for each option of each strategy, of the option's type.
class StrategyOptions {
 public:
  /// The standard values.
  StrategyOptions();

  /// The value of `key`, "STRATEGY.NAME", an option of type T. Throws InvalidArgument if there is
  /// none.
  template <class T>
  [[nodiscard]] const T& get(std::string_view key) const {
    const T* const value = std::get_if<T>(&at(key));
    if (value == nullptr) refuse(key);
    return *value;
  }
  /// Throws InvalidArgument if there is no option `key` of type T. The ranges are `validate`'s.
  template <class T>
  void set(std::string_view key, T value) {
    if (!std::holds_alternative<T>(at(key))) refuse(key);
    values_.find(key)->second = std::move(value);
  }

  [[nodiscard]] const OptionValue& at(std::string_view key) const;

  bool operator==(const StrategyOptions&) const = default;

 private:
  [[noreturn]] static void refuse(std::string_view key);

  std::map<std::string, OptionValue, std::less<>> values_;
};

/// Throws InvalidArgument, naming the option, if a value is not allowed.
void validate(const StrategyOptions& options);

}  // namespace inas
