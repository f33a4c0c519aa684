#pragma once

#include <boost/program_options.hpp>

#include <inas/core/settings.hpp>

/// The command line of inas-search.
namespace inas::apps {

/// The options of the search itself, without those of `settings_options`.
[[nodiscard]] boost::program_options::options_description search_options();

/// The settings that the command line asks for, where it names no file on top of `otherwise`,
/// validated. Paths that a solution needs later, those
/// of the data and of a profile, are absolute: whoever reads the solution may be in another folder.
[[nodiscard]] Settings search_settings(const boost::program_options::variables_map& options,
                                       Settings otherwise = {});

}  // namespace inas::apps
