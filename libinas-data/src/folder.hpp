#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace inas::data {

/// Is something at `path`? Throws Error if that cannot be told, as in a folder that is closed to
/// this user.
[[nodiscard]] bool is_there(const std::filesystem::path& path);

/// Is it a folder? Throws as is_there does.
[[nodiscard]] bool is_folder(const std::filesystem::path& path);

/// Throws Error, with what is in the way, unless `folder` is one. `hint` ends the message if
/// nothing is there.
void check_folder(const std::filesystem::path& folder, std::string_view hint = {});

/// The names of what is in `folder`, sorted. Throws Error.
[[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& folder);

/// "it holds a, b, c": what somebody who looks for a missing file in `folder` sees.
[[nodiscard]] std::string contents_of(const std::filesystem::path& folder);

/// Does a file's name end in one of `endings`, which are in lower case, in any case?
[[nodiscard]] bool has_ending(std::string_view name, std::initializer_list<const char*> endings);

}  // namespace inas::data
