#include "class_folders.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>

#include "folder.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

/// What file managers leave behind.
bool is_ignored(const std::string& name) {
  return name.starts_with('.') || name == "Thumbs.db" || name == "desktop.ini";
}

std::vector<std::string> classes_in(const fs::path& folder) {
  std::vector<std::string> names = names_in(folder);
  std::erase_if(names, [&](const std::string& name) {
    return is_ignored(name) || !is_folder(folder / name);
  });
  return names;
}

std::vector<std::string> files_in(const fs::path& folder, const FileKind& kind) {
  std::vector<std::string> files;
  for (const std::string& name : names_in(folder)) {
    if (is_ignored(name)) continue;
    if (!kind.is_one(name) || is_folder(folder / name)) {
      throw Error(fmt::format("{}: is in the folder of a class, allowed: {}s, {}",
                              (folder / name).string(), kind.what, kind.endings));
    }
    files.push_back(name);
  }
  if (files.empty()) {
    throw Error(fmt::format("{}: has no {} ({}); {}", folder.string(), kind.what, kind.endings,
                            contents_of(folder)));
  }
  return files;
}

ClassFiles list_part(const fs::path& folder, const std::vector<std::string>& classes,
                     const FileKind& kind) {
  for (const std::string& name : classes_in(folder)) {
    if (std::find(classes.begin(), classes.end(), name) != classes.end()) continue;
    throw Error(fmt::format("{}: is no class of the training part, allowed: {}",
                            (folder / name).string(), fmt::join(classes, ", ")));
  }
  ClassFiles sorted{.folder = folder, .files = {}, .labels = {}};
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const fs::path of_class = folder / classes[label];
    check_folder(of_class, "each part has a folder for each class");
    for (const std::string& name : files_in(of_class, kind)) {
      sorted.files.push_back(fmt::format("{}/{}", classes[label], name));
      sorted.labels.push_back(static_cast<std::int64_t>(label));
    }
  }
  ClassFiles part{.folder = folder, .files = {}, .labels = {}};
  std::mt19937_64 random(0);
  for (const std::int64_t at : random_order(std::ssize(sorted.files), random)) {
    part.files.push_back(std::move(sorted.files[static_cast<std::size_t>(at)]));
    part.labels.push_back(sorted.labels[static_cast<std::size_t>(at)]);
  }
  return part;
}

}  // namespace

ClassFolders list_class_folders(const fs::path& folder, std::int64_t classes,
                                const FileKind& kind) {
  check_folder(folder);
  const bool has_parts = is_folder(folder / "train");
  const fs::path train = has_parts ? folder / "train" : folder;
  ClassFolders listed;
  listed.classes = classes_in(train);
  if (std::ssize(listed.classes) != classes) {
    throw Error(
        fmt::format("{}: has {} folders, one a class, allowed: {}, as space.classes says; {}",
                    train.string(), listed.classes.size(), classes, contents_of(train)));
  }
  listed.train = list_part(train, listed.classes, kind);
  if (!has_parts) return listed;
  for (const auto& [name, part] :
       {std::pair{"validation", &listed.validation}, std::pair{"test", &listed.test}}) {
    if (is_folder(folder / name)) *part = list_part(folder / name, listed.classes, kind);
  }
  return listed;
}

RawSet cached_set(
    const ClassFolders& listed, CacheKey& key,
    const std::function<void(CacheKey& key, const ClassFiles& part, std::size_t file)>& add_file,
    const std::function<RawPart(const ClassFiles& part)>& read) {
  const auto add_part = [&](const ClassFiles& part) {
    key.add(std::ssize(part.files));
    for (std::size_t file = 0; file < part.files.size(); ++file) {
      key.add(part.labels[file]);
      add_file(key, part, file);
    }
  };
  for (const std::string& name : listed.classes) key.add(name);
  add_part(listed.train);
  for (const auto* part : {&listed.validation, &listed.test}) {
    key.add(*part ? "has" : "has not");
    if (*part) add_part(**part);
  }
  RawSet set = cached(key, [&] {
    RawSet made;
    made.train = read(listed.train);
    if (listed.validation) made.validation = read(*listed.validation);
    if (listed.test) made.test = read(*listed.test);
    made.class_names = listed.classes;
    return made;
  });
  set.train.source = listed.train.folder.string();
  if (set.validation) set.validation->source = listed.validation->folder.string();
  if (set.test) set.test->source = listed.test->folder.string();
  return set;
}

}  // namespace inas::data
