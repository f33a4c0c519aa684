#pragma once

#include <string>

#include <boost/program_options.hpp>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/solution.hpp>
#include <inas/explorer/explorer.hpp>

namespace inas::apps {

/// A network that the command line names, and the settings that go with it.
struct NamedNetwork {
  Settings settings;
  Architecture architecture;
  Network network;
};

/// What --choices is, wherever it is offered.
inline constexpr const char* kChoicesHelp =
    "a network as kernel,filters,kernel,filters,… (each layer's followed by stride, padding and "
    "pool where the space offers them; fully connected spaces: widths; blocks: resolution, width "
    "in percent, then expansion, kernel, depth, skip and stride of each stage)";

/// The options --choices and --solution.
[[nodiscard]] boost::program_options::options_description network_options();

/// The network of --choices in the search space of `settings_from`, or that of --solution, with the
/// settings it was found under; the options of `settings_options` are then refused. Throws Error
/// unless exactly one of the two is given.
[[nodiscard]] NamedNetwork network_from(const boost::program_options::variables_map& options,
                                        const std::string& command);

/// A solution folder, and what its designs cost on the device of its settings.
struct PricedSolution {
  Solution solution;
  explorer::NetworkResult result;
};

/// The folder of --solution, priced on another device if options or --settings name one. Says on
/// standard error if the ledger in it, or a layer's units, are not those of its own settings, as
/// after a change by hand: what is deployed then ends its power cycles elsewhere than priced.
[[nodiscard]] PricedSolution priced_solution(const boost::program_options::variables_map& options);

}  // namespace inas::apps
