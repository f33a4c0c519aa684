#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inas::data {

/// A member of a zip archive and its content.
struct ZipMember {
  std::string name;
  std::string content;
};

/// Does the content begin as a zip archive does?
[[nodiscard]] bool is_zip(std::string_view content);

/// The members of a zip archive that are stored or deflated, in the order of its directory. Throws
/// Error, naming `source` and the member, if the archive is damaged or needs more than that.
[[nodiscard]] std::vector<ZipMember> read_zip(std::string_view content, const std::string& source);

}  // namespace inas::data
