#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <inas/core/solution.hpp>
#include <inas/core/stop.hpp>
#include <inas/data/dataset.hpp>
#include <inas/dump/dump.hpp>
#include <inas/dump/executor.hpp>

/// The way from a solution to the device. Needs no LibTorch.
namespace inas::study {

/// Training images that scales are calibrated on unless the user says otherwise.
inline constexpr std::int64_t kCalibrationImages = 256;

/// Folder of the device's files inside a solution folder.
inline constexpr const char* kDeviceFolder = "device";

/// The data that `data` names, for the networks of `space`. Throws Error, with the option that
/// names another folder.
[[nodiscard]] data::DataSplit load_data(const DataSettings& data, const SearchSpace& space,
                                        std::uint64_t seed);

/// `data` for a network that takes `input`: data::resampled of each part that has samples.
[[nodiscard]] data::DataSplit resampled(data::DataSplit data, const Shape& input);

/// The first `count` samples of `data`, or all if there are fewer.
[[nodiscard]] dump::Samples first_samples(const data::Dataset& data, std::int64_t count);

/// The solution for the device, calibrated on `calibration`, samples of the training part of
/// `data`.
[[nodiscard]] dump::Model deploy(const Solution& solution, const std::vector<Tensor>& weights,
                                 const dump::Samples& calibration, const data::DataSplit& data);

/// dump::deployed_answers, or nothing if `stop` said so before the end.
[[nodiscard]] std::optional<std::vector<std::int64_t>> deployed_answers(
    const dump::QuantizedNetwork& network, const dump::Samples& samples, const Stop& stop,
    const dump::SamplesDone& done = {});

/// How often samples with a label (rows) got an answer (columns), `classes` × `classes` counts, row
/// by row. Both are from 0 to classes − 1.
[[nodiscard]] std::vector<std::int64_t> confusion_of(std::span<const std::int64_t> answers,
                                                     std::span<const std::int64_t> labels,
                                                     std::int64_t classes);

/// The share of the samples of such counts whose answer was their label.
[[nodiscard]] double share_right(std::span<const std::int64_t> confusion, std::int64_t classes);

/// Frees the samples that only training needs; those for calibration and the test part stay.
void keep_for_deployment(data::DataSplit& data);

}  // namespace inas::study
