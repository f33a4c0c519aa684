#include <array>
#include <filesystem>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/data/dataset.hpp>
#include <inas/data/manifest.hpp>

#include "byte_file.hpp"
#include "folder.hpp"
#include "hash.hpp"
#include "make_manifest.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

std::vector<std::int64_t> counts_of(const Dataset& part) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(part.classes));
  for (const std::int64_t label : part.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

}  // namespace

std::string content_hash(const DataSplit& data) {
  Hash hash;
  const auto add = [&hash]<class T>(const std::vector<T>& values) {
    static_assert(std::is_arithmetic_v<T>);
    hash.add(values.data(), values.size() * sizeof(T));
  };
  for (const Dataset* part : {&data.train, &data.validation, &data.test}) {
    add(std::vector<std::int64_t>{part->shape.channels, part->shape.height, part->shape.width,
                                  part->classes, part->size()});
    add(part->values);
    add(part->labels);
  }
  return hash.text();
}

bool says_synthetic(const fs::path& path) {
  const fs::path folder = is_folder(path) ? path : path.parent_path();
  if (is_there(folder / "SYNTHETIC")) return true;
  const fs::path file = folder / "manifest.json";
  if (!is_there(file)) return false;
  const nlohmann::json document = json::parse(read_data_file(file, kMostTextBytes), file.string());
  const auto found = document.find("synthetic");
  if (found == document.end()) return false;
  if (!found->is_boolean()) {
    throw Error(fmt::format("{}: synthetic: found {}, allowed: true or false", file.string(),
                            json::shown(*found)));
  }
  return found->get<bool>();
}

Manifest make_manifest(const DataSplit& data) {
  return {.format = {},
          .shape = data.train.shape,
          .classes = data.train.classes,
          .class_names = {},
          .train = counts_of(data.train),
          .validation = counts_of(data.validation),
          .test = counts_of(data.test),
          .mean = data.mean,
          .standard_deviation = data.standard_deviation,
          .synthetic = false,
          .content_hash = content_hash(data)};
}

std::string name_of_class(const Manifest& manifest, std::int64_t label) {
  if (manifest.class_names.empty()) return fmt::format("class {}", label);
  return fmt::format("class {} ('{}')", label,
                     manifest.class_names.at(static_cast<std::size_t>(label)));
}

}  // namespace inas::data
