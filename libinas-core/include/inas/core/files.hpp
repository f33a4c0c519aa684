#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace inas {

/// Bytes that a file may have, at most, and one of settings, a profile or the like.
inline constexpr std::size_t kMostFileBytes = std::size_t{1} << 30;
inline constexpr std::size_t kMostTextBytes = std::size_t{1} << 26;

/// The whole content of a file. Throws Error, naming the path and the system's reason, also if
/// there are more than `most` bytes: a device may have no end.
[[nodiscard]] std::string read_file(const std::filesystem::path& path,
                                    std::size_t most = kMostFileBytes);

/// Makes `content` the content of `path`. Symbolic links are followed and stay, also one to a file
/// that is not there yet. What `path` leads to decides how:
/// - a regular file or nothing: `content` is written beside it, flushed to the disk and renamed
///   over it, so that a reader sees the old file or the new one, never a part. A file that is
///   replaced passes on its permissions; one that must not be written is not replaced;
/// - a device, a FIFO, or a descriptor of this process (/dev/stdout, /dev/fd/N): `content` is
///   written into it, after what standard output and error still hold.
/// Throws Error with the system's reason (a full disk, a missing folder, a folder in its place); a
/// regular file keeps its content then, and no temporary file is left behind.
void write_file(const std::filesystem::path& path, std::string_view content);

/// Throws the Error of write_file as far as it can be told before anything is written: a folder in
/// its place or none around it, no right to write. To be called before long work whose result goes
/// to `path`.
void check_writable(const std::filesystem::path& path);

/// Creates `path` and the folders above it, unless they exist. Throws Error, naming the path.
void create_folder(const std::filesystem::path& path);

}  // namespace inas
