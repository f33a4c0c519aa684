#pragma once

#include <span>
#include <string_view>

#include <inas/core/settings.hpp>

namespace inas {

/// A strategy as settings files, options and messages name it.
struct StrategyInfo {
  StrategyKind kind;
  std::string_view name;
  std::string_view help;  ///< a few words
};

/// All of them, the default first. How they are made: nas/strategy.hpp.
[[nodiscard]] std::span<const StrategyInfo> strategies();

}  // namespace inas
