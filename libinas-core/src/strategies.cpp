#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/strategies.hpp>

namespace inas {
namespace {

using std::int64_t;

constexpr std::array kScreen{
    StrategyOption{.name = "shorter",
                   .standard = int64_t{12},
                   .least = 1,
                   .most = 1000,
                   .help = "how many short trainings cost as much as a full one"},
    StrategyOption{.name = "start",
                   .standard = int64_t{24},
                   .least = 1,
                   .most = 1'000'000,
                   .help = "short trainings of random networks before the first prediction"},
    StrategyOption{.name = "full_share",
                   .standard = 0.5,
                   .least = 0.01,
                   .most = 1,
                   .help = "share of the cost that goes into full trainings"},
    StrategyOption{.name = "candidates",
                   .standard = int64_t{512},
                   .least = 1,
                   .most = 100'000,
                   .help = "random networks of which the best predicted is trained next"},
    StrategyOption{.name = "ridge",
                   .standard = 5.0,
                   .least = 1e-6,
                   .most = 1e6,
                   .help = "weight of the L2 term of the regression"},
};

constexpr std::array kEvolution{
    StrategyOption{.name = "population",
                   .standard = int64_t{8},
                   .least = 2,
                   .most = 100'000,
                   .help = "the youngest networks, of which parents are drawn"},
    StrategyOption{.name = "sample",
                   .standard = int64_t{4},
                   .least = 1,
                   .most = 100'000,
                   .help = "networks drawn, of which the best one is the parent"},
};

constexpr std::array<std::string_view, 4> kProposers{"random", "evolution", "pareto", "reinforce"};

constexpr std::array kHalving{
    StrategyOption{.name = "factor",
                   .standard = int64_t{3},
                   .least = 2,
                   .most = 100,
                   .help = "cost of a rung's training over that of the rung below; one in so many "
                           "is promoted"},
    StrategyOption{.name = "rungs",
                   .standard = int64_t{3},
                   .least = 1,
                   .most = 20,
                   .help = "lengths of training, the last of them full"},
    StrategyOption{.name = "proposer",
                   .standard = std::string_view("random"),
                   .names = kProposers,
                   .help = "who proposes the networks of the lowest rung"},
};

constexpr std::array kPareto{
    StrategyOption{.name = "population",
                   .standard = int64_t{12},
                   .least = 2,
                   .most = 100'000,
                   .help = "networks that survive, of which parents are drawn"},
    StrategyOption{.name = "energy",
                   .standard = false,
                   .help = "less energy per inference is an objective, too"},
    StrategyOption{
        .name = "weights", .standard = false, .help = "fewer weights are an objective, too"},
    StrategyOption{
        .name = "nvm", .standard = false, .help = "fewer bytes of NVM are an objective, too"},
};

constexpr std::array kStrategies{
    StrategyInfo{"screen",
                 "trains many feasible networks shortly, chosen by a regression on those before, "
                 "and the best of them in full",
                 kScreen},
    StrategyInfo{"evolution", "mutates the best of a sample of the youngest networks", kEvolution},
    StrategyInfo{"halving", "trains shortly and promotes the best to longer trainings (ASHA)",
                 kHalving},
    StrategyInfo{"pareto",
                 "non-dominated sorting over accuracy, latency and what its options add (NSGA-II)",
                 kPareto},
    StrategyInfo{"reinforce", "the paper's LSTM controller (section controller)"},
    StrategyInfo{"random",
                 "uniformly random networks, of the feasible ones where search.feasible_only"},
};

OptionValue value_of(const StrategyOption& option) {
  if (const auto* text = std::get_if<std::string_view>(&option.standard)) return std::string(*text);
  if (const auto* flag = std::get_if<bool>(&option.standard)) return *flag;
  if (const auto* whole = std::get_if<int64_t>(&option.standard)) return *whole;
  return std::get<double>(option.standard);
}

void validate(const std::string& key, const StrategyOption& option, const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (std::find(option.names.begin(), option.names.end(), *text) == option.names.end()) {
      throw InvalidArgument(
          fmt::format("{}: found \"{}\", allowed: {}", key, *text, fmt::join(option.names, ", ")));
    }
    return;
  }
  if (std::holds_alternative<bool>(value)) return;
  const auto* whole = std::get_if<int64_t>(&value);
  const double number = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
  if (!(number >= option.least && number <= option.most)) {
    throw InvalidArgument(
        fmt::format("{}: found {}, allowed: {} to {}", key, number, option.least, option.most));
  }
}

std::string key_of(const StrategyInfo& strategy, const StrategyOption& option) {
  return fmt::format("{}.{}", strategy.name, option.name);
}

}  // namespace

std::span<const StrategyInfo> strategies() { return kStrategies; }

StrategyOptions::StrategyOptions() {
  for (const StrategyInfo& strategy : kStrategies) {
    for (const StrategyOption& option : strategy.options) {
      values_.emplace(key_of(strategy, option), value_of(option));
    }
  }
}

const OptionValue& StrategyOptions::at(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) refuse(key);
  return found->second;
}

void StrategyOptions::refuse(std::string_view key) {
  throw InvalidArgument(fmt::format("{}: no option of a strategy, or one of another type", key));
}

void validate(const StrategyOptions& options) {
  for (const StrategyInfo& strategy : kStrategies) {
    for (const StrategyOption& option : strategy.options) {
      const std::string key = key_of(strategy, option);
      validate(key, option, options.at(key));
    }
  }
}

}  // namespace inas
