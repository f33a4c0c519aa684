#include <inas/core/version.hpp>

namespace inas {

std::string_view version() { return INAS_VERSION; }

}  // namespace inas
