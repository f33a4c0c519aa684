#pragma once

#include <string>

#include <boost/program_options.hpp>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>

namespace inas::apps {

/// A network that the command line names, and the settings that go with it.
struct NamedNetwork {
  Settings settings;
  Architecture architecture;
  Network network;
};

/// The options --choices and --solution.
[[nodiscard]] boost::program_options::options_description network_options();

/// The network of --choices in the search space of `settings_from`, or that of --solution, with the
/// settings it was found under; the options of `settings_options` are then refused. Throws Error
/// unless exactly one of the two is given.
[[nodiscard]] NamedNetwork network_from(const boost::program_options::variables_map& options,
                                        const std::string& command);

}  // namespace inas::apps
