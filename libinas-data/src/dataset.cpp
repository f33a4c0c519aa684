#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/shape_text.hpp>
#include <inas/data/dataset.hpp>

#include "loader.hpp"
#include "make_manifest.hpp"
#include "split.hpp"
#include "standardise.hpp"

namespace inas::data {
namespace {

const Loader& loader_of(const std::string& name) {
  std::string known;
  for (const Loader& loader : loaders()) {
    if (loader.name == name) return loader;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", loader.name);
  }
  throw InvalidArgument(fmt::format("data.name: found \"{}\", allowed: {}", name, known));
}

}  // namespace

DataSplit load_data(const DataSettings& data, std::int64_t classes, std::uint64_t seed,
                    const std::optional<Shape>& input) {
  const RawSet raw = loader_of(data.name).load({.data = data, .classes = classes, .input = input});
  check_parts(raw, classes);
  const Selections selections = split(raw, data.validation_images, seed);
  const Standard standard = measure(selections.train);
  DataSplit result{.train = standardise(selections.train, classes, standard),
                   .validation = standardise(selections.validation, classes, standard),
                   .test = standardise(selections.test, classes, standard),
                   .mean = standard.mean,
                   .standard_deviation = standard.deviation};
  result.manifest = make_manifest(result);
  result.manifest.format = data.name;
  result.manifest.class_names = raw.class_names;
  result.manifest.synthetic = !data.path.empty() && says_synthetic(data.path);
  return result;
}

void check_data(const DataSplit& data, const SearchSpace& space) {
  const Shape& found = data.train.shape;
  if (found != space.input) {
    throw InvalidArgument(fmt::format(
        "space.input: found {} (channels × height × width), allowed: {}, as the data have",
        shape_text(space.input, "×"), shape_text(found, "×")));
  }
  if (data.train.classes != space.classes) {
    throw InvalidArgument(
        fmt::format("space.classes: found {}, allowed: {}, for which the data were loaded",
                    space.classes, data.train.classes));
  }
  const std::vector<std::int64_t>& counts = data.manifest.train;
  const auto empty = std::find(counts.begin(), counts.end(), 0);
  if (empty != counts.end()) {
    throw Error(
        fmt::format("training data: found no sample of {}, allowed: at least one of each of the {} "
                    "classes of space.classes",
                    name_of_class(data.manifest, empty - counts.begin()), space.classes));
  }
}

}  // namespace inas::data
