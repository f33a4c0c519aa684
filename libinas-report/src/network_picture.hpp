#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <inas/report/study_page.hpp>

namespace inas::report {

/// A connection between boxes that are not neighbours, in a lane beside them.
struct Lane {
  std::int64_t from = 0;  ///< box that writes; 0: the network's input, i + 1: layer i
  std::int64_t to = 0;    ///< box that reads
  std::int64_t lane = 0;  ///< from 0, next to the boxes, outwards
};
/// Lanes for what layers read, by `input_indices`: two connections share none over a box at which
/// both run. Lanes are as few as that allows.
[[nodiscard]] std::vector<Lane> lanes_of(std::span<const std::vector<std::int64_t>> inputs);

/// The layers as boxes, from the input down, with what each is, its shapes and its share of the
/// latency, and lines from what each reads. HTML that fits any width.
[[nodiscard]] std::string network_picture(std::span<const WinnerLayer> layers);

}  // namespace inas::report
