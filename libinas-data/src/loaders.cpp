#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "loader.hpp"

namespace inas::data {
namespace {

constexpr std::array kLoaders{
    Loader{"fashion-mnist", load_fashion_mnist},
    Loader{"mnist", load_idx},
    Loader{"idx", load_idx},
    Loader{"cifar10", load_cifar10},
    Loader{"numpy", load_numpy},
    Loader{"images", load_images},
    Loader{"windows", load_windows},
    Loader{"har", load_har},
    Loader{"speech-commands", load_speech_commands},
    Loader{"sounds", load_sounds},
};

}  // namespace

std::span<const Loader> loaders() { return kLoaders; }

std::filesystem::path required_path(const DataSettings& data, std::string_view what) {
  if (data.path.empty()) throw Error(fmt::format("data.path: found \"\", allowed: {}", what));
  return data.path;
}

template <class Label>
void check_labels(const std::string& file, std::string_view sample, std::span<const Label> labels,
                  std::int64_t classes) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::int64_t>(labels[i]);
    if (label < 0 || label >= classes) {
      throw Error(fmt::format(
          "{}: {} {} has the label {}, allowed: 0 to {}, for the {} classes of space.classes", file,
          sample, i, label, classes - 1, classes));
    }
  }
}

template void check_labels(const std::string&, std::string_view, std::span<const std::uint8_t>,
                           std::int64_t);
template void check_labels(const std::string&, std::string_view, std::span<const std::int64_t>,
                           std::int64_t);

std::vector<std::string> names_of_classes(std::vector<std::string> names, std::int64_t classes) {
  if (static_cast<std::int64_t>(names.size()) != classes) names.clear();
  return names;
}

}  // namespace inas::data
