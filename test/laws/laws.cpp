#include "laws.hpp"

#include <cmath>
#include <map>
#include <string>

#include <inas/core/error.hpp>
#include <inas/costmodel/laws.hpp>

#include "firmware/counted_laws.hpp"

namespace inas::laws {

Eigen::VectorXd priced_counts(const std::vector<firmware::TestLayer>& layers) {
  Eigen::VectorXd counts =
      Eigen::VectorXd::Zero(static_cast<Eigen::Index>(costmodel::law_names().size()));
  for (const firmware::TestLayer& of : layers) {
    counts += vector_of(costmodel::law_counts(of.layer, of.design));
  }
  return counts;
}

Eigen::VectorXd host_counts(const firmware::TestModel& model) {
  firmware::TestBoard device(model);
  if (inas_host_start(&device.board, &model.tables()) != INAS_HOST_DONE) {
    throw Error("the host board did not start");
  }
  inas_host_reset(&device.board);
  if (inas_host_finish(&device.board, &model.tables(), 0) != INAS_HOST_DONE) {
    throw Error("the host board did not finish");
  }
  const std::map<std::string, std::uint64_t> counted = firmware::counted_laws(device.board.counts);
  const std::vector<std::string>& names = costmodel::law_names();
  Eigen::VectorXd counts(static_cast<Eigen::Index>(names.size()));
  for (std::size_t i = 0; i < names.size(); ++i) {
    counts[static_cast<Eigen::Index>(i)] = static_cast<double>(counted.at(names[i]));
  }
  return counts;
}

Eigen::VectorXd vector_of(const std::vector<double>& values) {
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

Eigen::VectorXd laws_of(const costmodel::Profile& profile) {
  const std::vector<double> cycles = costmodel::law_cycles(profile);
  return Eigen::Map<const Eigen::VectorXd>(cycles.data(), static_cast<Eigen::Index>(cycles.size()));
}

costmodel::Profile with_lea_by_registers(costmodel::Profile profile) {
  profile.vector_mac.latency_s = {1.42, 216, profile.clock_hz};
  return profile;
}

Fit fit_laws(const std::vector<Observation>& observations) {
  const auto rows = static_cast<Eigen::Index>(observations.size());
  const Eigen::Index columns = observations.front().counts.size();
  Eigen::MatrixXd relative(rows, columns);
  Eigen::VectorXd unknown(rows);
  for (Eigen::Index i = 0; i < rows; ++i) {
    const Observation& of = observations[static_cast<std::size_t>(i)];
    relative.row(i) = of.counts.transpose() / of.cycles;
    unknown[i] = 1 - of.known / of.cycles;
  }
  // The most negative law is left out until none is.
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < columns; ++i) {
    if (relative.col(i).squaredNorm() > 0) kept.push_back(i);
  }
  for (;;) {
    const Eigen::MatrixXd design = relative(Eigen::all, kept);
    const Eigen::VectorXd scale = design.colwise().norm();
    const Eigen::MatrixXd scaled = design * scale.cwiseInverse().asDiagonal();
    const Eigen::VectorXd solution =
        scaled.colPivHouseholderQr().solve(unknown).cwiseQuotient(scale);
    Eigen::Index worst = 0;
    if (solution.minCoeff(&worst) < 0) {
      kept.erase(kept.begin() + worst);
      continue;
    }
    Fit fit{Eigen::VectorXd::Zero(columns), Eigen::VectorXd::Zero(columns)};
    const double variance = (design * solution - unknown).squaredNorm() /
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
