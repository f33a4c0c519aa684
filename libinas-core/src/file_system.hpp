#pragma once

#include <filesystem>
#include <string>
#include <string_view>

/// What the writers of files and folders share.
namespace inas::file_system {

/// Throws Error: "`path`: cannot be `what`: the reason of `error`", an errno.
[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what, int error);

/// Flushes a folder's entries to the disk, so that renames survive a power cut. A file system that
/// cannot do so is no error.
void sync_folder(const std::filesystem::path& folder);

/// Renames, then flushes the folder of `to`. Throws Error, naming `to`.
void rename_and_sync(const std::filesystem::path& from, const std::filesystem::path& to);

/// The folder that `path` lies in, "." for a bare name.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& path);

/// Whether `name` has the form of `pattern`, in which # stands for a hexadecimal digit in lower
/// case.
[[nodiscard]] bool matches(std::string_view name, std::string_view pattern);

/// Whether `name` is that of a temporary file that write_file makes beside one whose name has the
/// form of `pattern`.
[[nodiscard]] bool is_temporary_of(std::string_view name, std::string_view pattern);

}  // namespace inas::file_system
