#include "laws.hpp"

#include <cmath>

#include <inas/costmodel/intermittent.hpp>

namespace inas::laws {
namespace {

using costmodel::Cost;
using costmodel::KernelLaws;
using costmodel::LinearCost;
using costmodel::Profile;
using execution::Kernel;

struct Law {
  std::string key;
  void (*set)(Profile& profile);
};

constexpr Cost kOne{0, 1};
constexpr LinearCost kSlope{{}, {1, 0, 1}};
constexpr LinearCost kIntercept{{}, {0, 1, 1}};

template <Kernel kernel, Cost KernelLaws::*law>
void set_one(Profile& profile) {
  profile.runtime.kernels[static_cast<std::size_t>(kernel)].*law = kOne;
}

template <Kernel kernel>
void add_shared(std::vector<Law>& laws, const std::string& name) {
  laws.push_back({name + ".entry", set_one<kernel, &KernelLaws::entry>});
  laws.push_back({name + ".batch", set_one<kernel, &KernelLaws::batch>});
  laws.push_back({name + ".tile", set_one<kernel, &KernelLaws::tile>});
  laws.push_back({name + ".output", set_one<kernel, &KernelLaws::output>});
}

template <Kernel kernel>
void add_positions(std::vector<Law>& laws, const std::string& name) {
  laws.push_back({name + ".row", set_one<kernel, &KernelLaws::row>});
  laws.push_back({name + ".position", set_one<kernel, &KernelLaws::position>});
}

const std::vector<Law>& all_laws() {
  static const std::vector<Law> kLaws = [] {
    std::vector<Law> laws{{"nvm_read.intercept", [](Profile& p) { p.nvm_read = kIntercept; }},
                          {"nvm_read.slope", [](Profile& p) { p.nvm_read = kSlope; }},
                          {"nvm_write.intercept", [](Profile& p) { p.nvm_write = kIntercept; }},
                          {"nvm_write.slope", [](Profile& p) { p.nvm_write = kSlope; }},
                          {"cpu_mac.intercept", [](Profile& p) { p.cpu_mac = kIntercept; }},
                          {"cpu_mac.slope", [](Profile& p) { p.cpu_mac = kSlope; }},
                          {"cycle", [](Profile& p) { p.runtime.cycle = kOne; }},
                          {"block", [](Profile& p) { p.runtime.block = kOne; }},
                          {"block_row", [](Profile& p) { p.runtime.block_row = kOne; }}};
    add_shared<Kernel::convolution>(laws, "convolution");
    add_positions<Kernel::convolution>(laws, "convolution");
    constexpr Kernel kAverage = Kernel::global_average_pool;
    add_shared<kAverage>(laws, "global_average_pool");
    laws.push_back({"global_average_pool.value", set_one<kAverage, &KernelLaws::value>});
    laws.push_back(
        {"global_average_pool.batch_output", set_one<kAverage, &KernelLaws::batch_output>});
    add_shared<Kernel::max_pool>(laws, "max_pool");
    add_positions<Kernel::max_pool>(laws, "max_pool");
    laws.push_back({"max_pool.line", set_one<Kernel::max_pool, &KernelLaws::line>});
    laws.push_back({"max_pool.value", set_one<Kernel::max_pool, &KernelLaws::value>});
    return laws;
  }();
  return kLaws;
}

/// Of the runtime, with no law but what it transfers at each power cycle.
Profile lawless() {
  Profile profile;
  profile.clock_hz = 1;
  profile.cpu_mac = LinearCost{};
  profile.has_lea = false;
  profile.progress_values = 9;
  profile.count_values = 1;
  return profile;
}

double price(const costmodel::Device& device, const std::vector<firmware::TestLayer>& layers) {
  Cost total;
  for (const firmware::TestLayer& of : layers) {
    Design design = of.design;
    design.unit = Unit::cpu;
    total = total + costmodel::intermittent_cost(device, of.layer, design)
                        .sum([](const costmodel::CycleCost& cycle) { return cycle.total(); });
  }
  return total.latency_s;
}

}  // namespace

std::vector<std::string> law_keys() {
  std::vector<std::string> keys;
  for (const Law& law : all_laws()) keys.push_back(law.key);
  return keys;
}

Eigen::VectorXd counts_of(const std::vector<firmware::TestLayer>& layers) {
  const std::vector<Law>& laws = all_laws();
  Eigen::VectorXd counts(static_cast<Eigen::Index>(laws.size()));
  costmodel::Device device;
  for (std::size_t i = 0; i < laws.size(); ++i) {
    device.profile = lawless();
    laws[i].set(device.profile);
    counts[static_cast<Eigen::Index>(i)] = price(device, layers);
  }
  return counts;
}

Fit fit_laws(const std::vector<Observation>& observations) {
  const auto rows = static_cast<Eigen::Index>(observations.size());
  const Eigen::Index columns = observations.front().counts.size();
  Eigen::MatrixXd relative(rows, columns);
  for (Eigen::Index i = 0; i < rows; ++i) {
    const Observation& of = observations[static_cast<std::size_t>(i)];
    relative.row(i) = of.counts.transpose() / of.cycles;
  }
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(rows);
  // The most negative law is left out until none is.
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < columns; ++i) kept.push_back(i);
  for (;;) {
    const Eigen::MatrixXd design = relative(Eigen::all, kept);
    const Eigen::VectorXd scale = design.colwise().norm();
    const Eigen::MatrixXd scaled = design * scale.cwiseInverse().asDiagonal();
    const Eigen::VectorXd solution = scaled.colPivHouseholderQr().solve(ones).cwiseQuotient(scale);
    Eigen::Index worst = 0;
    if (solution.minCoeff(&worst) < 0) {
      kept.erase(kept.begin() + worst);
      continue;
    }
    Fit fit{Eigen::VectorXd::Zero(columns), Eigen::VectorXd::Zero(columns)};
    const double variance = (design * solution - ones).squaredNorm() /
                            static_cast<double>(rows - static_cast<Eigen::Index>(kept.size()));
    const Eigen::MatrixXd covariance = (scaled.transpose() * scaled).inverse() * variance;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const auto at = static_cast<Eigen::Index>(i);
      fit.laws[kept[i]] = solution[at];
      fit.errors[kept[i]] = std::sqrt(covariance(at, at)) / scale[at];
    }
    return fit;
  }
}

double relative_error(const Eigen::VectorXd& laws, const Observation& observation) {
  return laws.dot(observation.counts) / observation.cycles - 1;
}

}  // namespace inas::laws
