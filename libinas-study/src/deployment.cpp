#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/study/deployment.hpp>

namespace inas::study {

data::DataSplit load_data(const DataSettings& data, const SearchSpace& space, std::uint64_t seed) {
  try {
    data::DataSplit split = data::load_data(data, space.classes, seed, space.input);
    data::check_data(split, space);
    return split;
  } catch (const InvalidArgument&) {  // of the settings: no folder mends it
    throw;
  } catch (const Error& error) {
    throw Error(fmt::format("{}; --data DIR names another folder", error.what()));
  }
}

data::DataSplit resampled(data::DataSplit data, const Shape& input) {
  for (data::Dataset* part : {&data.train, &data.validation, &data.test}) {
    if (part->size() > 0) *part = data::resampled(std::move(*part), input);
  }
  return data;
}

dump::Samples first_samples(const data::Dataset& data, std::int64_t count) {
  const std::int64_t taken = std::min(count, data.size());
  const auto values = static_cast<std::size_t>(taken * data.shape.values());
  return {std::span<const float>(data.values).first(values), taken};
}

dump::Model deploy(const Solution& solution, const std::vector<Tensor>& weights,
                   const dump::Samples& calibration, const data::DataSplit& data) {
  dump::Model model = dump::make_model(solution, weights, calibration);
  model.standardisation = {data.mean, data.standard_deviation};
  model.class_names = data.manifest.class_names;
  return model;
}

std::optional<std::vector<std::int64_t>> deployed_answers(const dump::QuantizedNetwork& network,
                                                          const dump::Samples& samples,
                                                          const Stop& stop,
                                                          const dump::SamplesDone& done) {
  constexpr std::int64_t kChunk = 256;  // between two looks at `stop`
  const auto values = static_cast<std::int64_t>(samples.values.size()) / samples.count;
  std::vector<std::int64_t> answers;
  for (std::int64_t first = 0; first < samples.count; first += kChunk) {
    if (stop) return {};
    const std::int64_t count = std::min(kChunk, samples.count - first);
    const dump::Samples chunk{samples.values.subspan(static_cast<std::size_t>(first * values),
                                                     static_cast<std::size_t>(count * values)),
                              count};
    const std::vector<std::int64_t> some = dump::deployed_answers(network, chunk);
    answers.insert(answers.end(), some.begin(), some.end());
    if (done) done(first + count);
  }
  return answers;
}

std::vector<std::int64_t> confusion_of(std::span<const std::int64_t> answers,
                                       std::span<const std::int64_t> labels, std::int64_t classes) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes * classes));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ++counts[static_cast<std::size_t>(labels[i] * classes + answers[i])];
  }
  return counts;
}

double share_right(std::span<const std::int64_t> confusion, std::int64_t classes) {
  std::int64_t right = 0;
  std::int64_t all = 0;
  for (std::int64_t label = 0; label < classes; ++label) {
    for (std::int64_t answer = 0; answer < classes; ++answer) {
      const std::int64_t count = confusion[static_cast<std::size_t>(label * classes + answer)];
      all += count;
      if (label == answer) right += count;
    }
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

void keep_for_deployment(data::DataSplit& data) {
  const dump::Samples kept = first_samples(data.train, kCalibrationImages);
  data.train.values.resize(kept.values.size());
  data.train.values.shrink_to_fit();
  data.train.labels.resize(static_cast<std::size_t>(kept.count));
  data.validation = {};
}

}  // namespace inas::study
