#pragma once

#include <filesystem>

#include <inas/data/dataset.hpp>

namespace inas::data {

/// The manifest of a split, but for what the data do not tell: the format, the classes' names and
/// whether they are synthetic.
[[nodiscard]] Manifest make_manifest(const DataSplit& data);

/// Manifest::synthetic of the set in the folder `path`, or in the folder of the file `path`. Throws
/// Error, naming the file, if there is a manifest.json that is no JSON.
[[nodiscard]] bool says_synthetic(const std::filesystem::path& path);

}  // namespace inas::data
