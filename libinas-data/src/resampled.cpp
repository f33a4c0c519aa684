#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/shape_text.hpp>
#include <inas/data/dataset.hpp>

#include "covered.hpp"

namespace inas::data {
namespace {

float mean_of(const float* map, std::int64_t map_columns, const Covered& rows,
              const Covered& columns) {
  float sum = 0;
  for (std::int64_t row = rows.first; row < rows.end; ++row) {
    for (std::int64_t column = columns.first; column < columns.end; ++column) {
      sum += map[row * map_columns + column];
    }
  }
  return sum / static_cast<float>((rows.end - rows.first) * (columns.end - columns.first));
}

}  // namespace

Dataset resampled(Dataset data, const Shape& shape) {
  const Shape from = data.shape;
  if (shape == from) return data;
  if (shape.channels != from.channels || shape.height > from.height || shape.width > from.width ||
      shape.values() < 1) {
    throw InvalidArgument(fmt::format(
        "samples of {}: found {} to average them to, allowed: {} channels, up to {} "
        "rows and {} columns",
        shape_text(from, "×"), shape_text(shape, "×"), from.channels, from.height, from.width));
  }
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(data.size() * shape.values()));
  const std::int64_t maps = data.size() * from.channels;
  for (std::int64_t map = 0; map < maps; ++map) {
    const float* const of_map =
        &data.values[static_cast<std::size_t>(map * from.height * from.width)];
    for (std::int64_t row = 0; row < shape.height; ++row) {
      const Covered rows = covered(row, from.height, shape.height);
      for (std::int64_t column = 0; column < shape.width; ++column) {
        const Covered columns = covered(column, from.width, shape.width);
        values.push_back(mean_of(of_map, from.width, rows, columns));
      }
    }
  }
  data.shape = shape;
  data.values = std::move(values);
  return data;
}

}  // namespace inas::data
