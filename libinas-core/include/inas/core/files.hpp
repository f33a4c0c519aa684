#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace inas {

/// The whole content of a file. Throws Error, naming the path and the system's reason.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Writes `content` beside `path`, flushes it to the disk and renames it over `path`: a reader sees
/// the old file or the new one, never a part. Throws Error (a full disk, a missing folder); the old
/// file stays then, and no temporary file is left behind.
void write_file(const std::filesystem::path& path, std::string_view content);

/// Creates `path` and the folders above it, unless they exist. Throws Error, naming the path.
void create_folder(const std::filesystem::path& path);

}  // namespace inas
