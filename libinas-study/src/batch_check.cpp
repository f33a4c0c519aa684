#include <optional>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/dump/dump.hpp>
#include <inas/nas/search.hpp>
#include <inas/study/batch.hpp>
#include <inas/study/deployment.hpp>

namespace inas::study {
namespace {

template <class Check>
void for_study(const BatchStudy& study, const Check& check) {
  try {
    check(study.settings);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", study.name, error.what()));
  }
}

// Of the seed only the order of the samples depends, and not how many there are.
bool share_data(const Settings& a, const Settings& b) {
  return a.data == b.data && a.space.input == b.space.input && a.space.classes == b.space.classes;
}

/// Checks the studies that share the data of the first one of `studies`. Returns the others.
std::vector<const BatchStudy*> check_first_data(const std::vector<const BatchStudy*>& studies) {
  std::optional<data::DataSplit> data;
  for_study(*studies.front(), [&](const Settings& settings) {
    data = load_data(settings.data, settings.space, settings.search.seed);
  });
  std::vector<const BatchStudy*> others;
  for (const BatchStudy* study : studies) {
    if (share_data(study->settings, studies.front()->settings)) {
      for_study(*study, [&](const Settings& settings) { nas::check_search(settings, *data); });
    } else {
      others.push_back(study);
    }
  }
  return others;
}

}  // namespace

void check_batch(const std::vector<BatchStudy>& studies) {
  std::vector<const BatchStudy*> left;
  for (const BatchStudy& study : studies) {
    for_study(study, [](const Settings& settings) {
      static_cast<void>(costmodel::make_device(settings.platform, settings.power));
      dump::check_platform(settings.platform);
    });
    left.push_back(&study);
  }
  while (!left.empty()) left = check_first_data(left);
}

}  // namespace inas::study
