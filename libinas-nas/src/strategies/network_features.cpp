#include "network_features.hpp"

#include <cmath>
#include <iterator>
#include <span>
#include <utility>

namespace inas::nas {
namespace {

double log_of_count(std::int64_t count) { return std::log1p(static_cast<double>(count)); }

}  // namespace

NetworkFeatures::NetworkFeatures(const SearchSpace& space)
    : input_(space.input), stages_(stages(space)), count_(3) {
  for (const Stage& stage : stages_) {
    if (!stage.decisions.empty()) count_ += 2;
    for (const Decision& decision : stage.decisions) count_ += std::ssize(decision.values);
  }
}

Eigen::VectorXd NetworkFeatures::of(const Architecture& architecture, double latency_s) const {
  Eigen::VectorXd all = Eigen::VectorXd::Zero(count_);
  Eigen::Index next = 0;
  std::int64_t macs = 0;
  std::int64_t weights = 0;
  Front front{input_};
  std::span<const std::int64_t> choices = architecture;
  for (const Stage& stage : stages_) {
    Growth grown = stage.grow(front, choices.first(stage.decisions.size()));
    front = grown.front;
    const Network part{std::move(grown.layers)};
    const std::int64_t stage_macs = mac_count(part);
    macs += stage_macs;
    weights += weight_count(part);
    if (stage.decisions.empty()) continue;
    all(next++) = log_of_count(stage_macs);
    all(next++) = log_of_count(front.map.channels * front.map.height * front.map.width);
    for (std::size_t i = 0; i < stage.decisions.size(); ++i) {
      for (const std::int64_t value : stage.decisions[i].values) {
        all(next++) = value == choices[i] ? 1 : 0;
      }
    }
    choices = choices.subspan(stage.decisions.size());
  }
  all(next++) = log_of_count(macs);
  all(next++) = log_of_count(weights);
  all(next++) = std::log(latency_s);
  return all;
}

}  // namespace inas::nas
