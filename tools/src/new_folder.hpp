#pragma once

#include <filesystem>
#include <string>

namespace inas::tools {

/// Makes `path` a folder to write a set to. Throws Error if there is one that is not empty: a set
/// is never mixed with another one's files.
void make_new_folder(const std::filesystem::path& path);

/// The last file of a set, named SYNTHETIC: how it was made. A folder without it is not finished.
void write_synthetic(const std::filesystem::path& folder, const std::string& how);

}  // namespace inas::tools
