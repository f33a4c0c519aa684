#pragma once

#include <string>

namespace inas::apps {

/// Prints what a board has and what is inconsistent in its description. Returns the exit code:
/// `kDone` or, after a sentence for each fault on standard error, `kBadInput`. Throws Error if the
/// description cannot be read.
int report_board(const std::string& name_or_path);

}  // namespace inas::apps
