#include "new_folder.hpp"

#include <system_error>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/version.hpp>

namespace inas::tools {

void make_new_folder(const std::filesystem::path& path) {
  create_folder(path);
  std::error_code error;
  const bool empty = std::filesystem::is_empty(path, error);
  if (error) {
    throw Error(fmt::format("{}: cannot be read: {}", path.string(), error.message()));
  }
  if (!empty) {
    throw Error(fmt::format("{}: is not empty, allowed: a new folder for the set", path.string()));
  }
}

void write_synthetic(const std::filesystem::path& folder, const std::string& how) {
  write_file(folder / "SYNTHETIC",
             fmt::format("This is synthetic data, made by iNAS {}; it is no recording of people.\n"
                         "Accuracies on it say that a search works, not how well people are "
                         "recognised.\n\n{}",
                         version(), how));
}

}  // namespace inas::tools
