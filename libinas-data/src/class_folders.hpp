#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache.hpp"
#include "loader.hpp"

// Sets that are a folder of files for each class: all of one part, or in train and test, and
// perhaps validation.
namespace inas::data {

/// The files of a part, in a random order that depends on their number alone: what takes the first
/// of them takes some of each class.
struct ClassFiles {
  std::filesystem::path folder;
  std::vector<std::string> files;  ///< below it
  std::vector<std::int64_t> labels;
};

struct ClassFolders {
  std::vector<std::string> classes;  ///< their folders' names, sorted
  ClassFiles train;
  std::optional<ClassFiles> validation;
  std::optional<ClassFiles> test;
};

/// What the files of a set are, for messages, and how their names end.
struct FileKind {
  std::string what;     ///< "image"
  std::string endings;  ///< ".png, .jpg or .jpeg"
  bool (*is_one)(std::string_view name);
};

/// Lists the set in `folder`. Throws Error if it has not as many folders as there are classes, a
/// part has other classes than the training part, or a class has no file, or one that is not of the
/// kind; what file managers leave behind is overlooked.
[[nodiscard]] ClassFolders list_class_folders(const std::filesystem::path& folder,
                                              std::int64_t classes, const FileKind& kind);

/// The set, from the user's caches if it is there. `key` has what the samples depend on besides the
/// files, `add_file` adds a file's content, `read` makes the samples of a part.
[[nodiscard]] RawSet cached_set(
    const ClassFolders& listed, CacheKey& key,
    const std::function<void(CacheKey& key, const ClassFiles& part, std::size_t file)>& add_file,
    const std::function<RawPart(const ClassFiles& part)>& read);

}  // namespace inas::data
