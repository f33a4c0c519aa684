#include "result_files.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/nas/trial_plot.hpp>
#include <inas/study/deployment.hpp>
#include <inas/study/location.hpp>
#include <inas/study/page.hpp>

namespace inas::study {
namespace {

std::vector<std::string> network_names() {
  std::vector<std::string> names = solution_file_names();
  for (const std::string& name : dump::model_file_names()) {
    names.push_back(fmt::format("{}/{}", kDeviceFolder, name));
  }
  return names;
}

/// Of a study the database comes last: it makes all others again.
std::vector<std::string> result_names() {
  std::vector<std::string> names = network_names();
  names.insert(names.end(), {"trials.csv", "trials.svg", kReportFile, kStudyFile});
  return names;
}

bool has_other_results(const RunFolder& folder) {
  const std::vector<std::string> found = folder.earlier_results();
  return std::any_of(found.begin(), found.end(),
                     [](const std::string& name) { return name != kStudyFile; });
}

}  // namespace

ResultFiles::ResultFiles(const Settings& settings, bool own)
    : folder_(settings.out + settings.suffix, "inas-search", result_names()),
      earlier_(!own && has_other_results(folder_)) {}

void ResultFiles::log(const std::vector<nas::Trial>& trials, bool usable) {
  if (log_) {
    log_->add(trials.back());
  } else if (usable || !earlier_) {
    std::vector<std::string> stay = network_names();
    stay.emplace_back(kStudyFile);
    folder_.remove_earlier_results(stay);
    log_.emplace(folder_.path() / "trials.csv");
    for (const nas::Trial& trial : trials) log_->add(trial);
  }
}

void ResultFiles::draw(const std::vector<nas::Trial>& trials, const Settings& settings,
                       std::int64_t best) {
  if (!log_) return;
  write_file(folder_.path() / "trials.svg",
             nas::trial_plot_svg(trials, settings.search.latency_requirement_s, best));
}

void ResultFiles::write(const Winner& winner, const std::optional<dump::Model>& model) {
  const std::filesystem::path device = folder_.path() / kDeviceFolder;
  write_solution(folder_.path(), winner.solution, winner.weights);
  if (!model) {
    dump::remove_model(device);
    return;
  }
  try {
    dump::write_model(device, *model);
  } catch (const Error&) {
    dump::remove_model(device);  // of another network
    throw;
  }
}

}  // namespace inas::study
