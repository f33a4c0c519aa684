#include "deployment.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace inas::apps {

dump::Samples first_samples(const nas::Dataset& data, std::int64_t count) {
  const std::int64_t taken = std::min(count, data.size());
  const auto values = static_cast<std::size_t>(taken * data.shape.values());
  return {std::span<const float>(data.values).first(values), taken};
}

dump::Model deploy(const Solution& solution, const std::vector<Tensor>& weights,
                   const dump::Samples& calibration, const nas::DataSplit& data) {
  dump::Model model = dump::make_model(solution, weights, calibration);
  model.standardisation = {data.mean, data.standard_deviation};
  return model;
}

void keep_for_deployment(nas::DataSplit& data) {
  const dump::Samples kept = first_samples(data.train, kCalibrationImages);
  data.train.values.resize(kept.values.size());
  data.train.values.shrink_to_fit();
  data.train.labels.resize(static_cast<std::size_t>(kept.count));
  data.validation = {};
}

dump::SamplesDone show_samples(Progress& progress, const std::string& what, std::int64_t count) {
  return [&progress, what, count](std::int64_t done) {
    progress.live(fmt::format("{}: {} of {} images", what, done, count));
  };
}

}  // namespace inas::apps
