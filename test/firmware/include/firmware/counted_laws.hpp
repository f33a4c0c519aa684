#pragma once

#include <cstdint>
#include <host_board.h>
#include <map>
#include <string>

namespace inas::firmware {

/// What the host board counted of each law of the runtime's cycles, by the names of
/// costmodel::law_names.
std::map<std::string, std::uint64_t> counted_laws(const inas_host_counts& did);

}  // namespace inas::firmware
