#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include <Eigen/Dense>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/bench_fit.hpp>
#include <inas/costmodel/laws.hpp>

#include "kernel_laws.hpp"

namespace inas::costmodel {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Of all points: a file of which more is to be left out measures something else.
constexpr double kLeastBelieved = 0.8;
/// The law of energy of all that is neither a transfer nor a vector.
constexpr const char* kEnergyPerCycle = "energy_per_cycle";

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The quantile 0.975 of Student's distribution: Cornish and Fisher's expansion, exact to 0.1 %
/// from 5 degrees of freedom on.
double student_quantile(double degrees) {
  constexpr double z = 1.959964;
  const double z2 = z * z;
  const double first = z * (z2 + 1) / 4;
  const double second = z * ((5 * z2 + 16) * z2 + 3) / 96;
  const double third = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
  return z + (first + (second + third / degrees) / degrees) / degrees;
}

/// Points of one quantity: y ≈ counts·values.
struct Observed {
  MatrixXd counts;
  VectorXd measured;
  std::vector<std::string> names;   ///< of the columns
  std::vector<std::size_t> points;  ///< of the file, by row
};

/// Least squares of relative errors, each row with its weight; columns whose value would be
/// negative are left out and zero.
class RelativeFit {
 public:
  RelativeFit(const Observed& of, const VectorXd& weights) {
    const MatrixXd relative =
        of.measured.cwiseInverse().cwiseProduct(weights).asDiagonal() * of.counts;
    values_ = VectorXd::Zero(of.counts.cols());
    for (Index i = 0; i < of.counts.cols(); ++i) kept_.push_back(i);
    for (;;) {
      const MatrixXd design = relative(Eigen::all, kept_);
      scale_ = design.colwise().norm();
      qr_.compute(design * scale_.cwiseInverse().asDiagonal());
      const VectorXd solution = qr_.solve(weights).cwiseQuotient(scale_);
      Index worst = 0;
      if (solution.minCoeff(&worst) < 0) {
        kept_.erase(kept_.begin() + worst);
        continue;
      }
      for (std::size_t i = 0; i < kept_.size(); ++i) {
        values_[kept_[i]] = solution[static_cast<Index>(i)];
      }
      return;
    }
  }

  [[nodiscard]] const VectorXd& values() const { return values_; }
  [[nodiscard]] Index fitted() const { return static_cast<Index>(kept_.size()); }

  /// √ of the diagonal of the inverse of the normal matrix: standard errors for residuals of 1.
  [[nodiscard]] VectorXd unit_errors() const {
    const auto n = fitted();
    const MatrixXd inverse =
        qr_.matrixR().topLeftCorner(n, n).template triangularView<Eigen::Upper>().solve(
            MatrixXd::Identity(n, n));
    const VectorXd norms = qr_.colsPermutation() * inverse.rowwise().norm();
    VectorXd errors = VectorXd::Zero(values_.size());
    for (Index i = 0; i < n; ++i) errors[kept_[static_cast<std::size_t>(i)]] = norms[i] / scale_[i];
    return errors;
  }

 private:
  std::vector<Index> kept_;
  VectorXd scale_;
  Eigen::ColPivHouseholderQR<MatrixXd> qr_;
  VectorXd values_;
};

/// predicted/measured − 1
VectorXd residuals_of(const Observed& of, const VectorXd& values) {
  return (of.counts * values).cwiseQuotient(of.measured).array() - 1;
}

/// How far a residual may be from 0, by those of most points. A prediction that is too small by a
/// factor is as far as one that is too large by it.
double spread_of(const VectorXd& distances) {
  return 1.4826 * median({distances.begin(), distances.end()});
}

VectorXd distances_of(const Observed& of, const VectorXd& values) {
  return (of.counts * values).cwiseQuotient(of.measured).unaryExpr([](double ratio) {
    return ratio > 0 ? std::abs(std::log(ratio)) : 1e3;
  });
}

/// Which rows are as near as most.
std::vector<bool> within(const VectorXd& distances, double spread) {
  std::vector<bool> rows;
  for (const double distance : distances) {
    rows.push_back(distance <= std::max(kDisbelieved * spread, kModelError));
  }
  return rows;
}

/// Which rows are not contradicted by laws that heed those least that are far off.
std::vector<bool> plausible_rows(const Observed& of) {
  constexpr int kRounds = 60;
  constexpr double kTukey = 4.685;
  VectorXd weights = VectorXd::Ones(of.measured.size());
  VectorXd distances;
  double spread = 0;
  for (int round = 0; round < kRounds; ++round) {
    distances = distances_of(of, RelativeFit(of, weights).values());
    spread = std::max(spread_of(distances), 1e-4);
    // Least absolute deviations first, which find a start among outliers; then outliers count
    // nothing.
    weights = distances.unaryExpr([&](double distance) {
      if (round < kRounds / 2) return std::sqrt(1e-3 / std::max(distance, 1e-3));
      const double part = std::min(distance / std::max(kTukey * spread, kModelError), 1.0);
      return 1 - part * part;
    });
    // No point counts nothing, lest a law has none left.
    weights = weights.cwiseMax(1e-3);
  }
  return within(distances, spread);
}

Observed rows_of(const Observed& of, const std::vector<bool>& taken) {
  std::vector<Index> rows;
  Observed result;
  result.names = of.names;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i]) continue;
    rows.push_back(static_cast<Index>(i));
    result.points.push_back(of.points[i]);
  }
  result.counts = of.counts(rows, Eigen::all);
  result.measured = of.measured(rows);
  return result;
}

/// Which rows are believed: those that the laws fitted to them meet.
std::vector<bool> believed_rows(const Observed& of) {
  constexpr int kRounds = 10;
  std::vector<bool> believed = plausible_rows(of);
  for (int round = 0; round < kRounds; ++round) {
    const Observed taken = rows_of(of, believed);
    if (taken.counts.rows() <= taken.counts.cols()) break;
    const RelativeFit fit(taken, VectorXd::Ones(taken.measured.size()));
    const std::vector<bool> before = std::exchange(
        believed, within(distances_of(of, fit.values()),
                         std::max(spread_of(distances_of(taken, fit.values())), 1e-4)));
    if (believed == before) break;
  }
  return believed;
}

[[noreturn]] void fail(const BenchFile& file, const std::string& reason) {
  throw InvalidArgument(fmt::format("{}: {}", file.source, reason));
}

std::int64_t charged(const Observed& of, Index column) {
  return (of.counts.col(column).array() != 0).count();
}

/// Every law has enough points of `all` that are believed, those in `of`, and some that tell it
/// from the others.
void require_points(const BenchFile& file, const Observed& of, const Observed& all) {
  for (Index i = 0; i < of.counts.cols(); ++i) {
    if (charged(of, i) >= kLeastPoints) continue;
    const std::string& name = of.names[static_cast<std::size_t>(i)];
    if (charged(all, i) < kLeastPoints) {
      fail(file, fmt::format("{}: found {} points, allowed: at least {}", name, charged(all, i),
                             kLeastPoints));
    }
    fail(file, fmt::format("{}: found {} of {} points to believe, allowed: at least {}; the others "
                           "contradict each other or the laws of all points",
                           name, charged(of, i), charged(all, i), kLeastPoints));
  }
  const MatrixXd relative = of.measured.cwiseInverse().asDiagonal() * of.counts;
  const VectorXd scale = relative.colwise().norm();
  const MatrixXd scaled = relative * scale.cwiseInverse().asDiagonal();
  Eigen::ColPivHouseholderQR<MatrixXd> qr(scaled);
  qr.setThreshold(1e-7);
  if (qr.rank() == of.counts.cols()) {
    if (of.counts.rows() > of.counts.cols()) return;
    fail(file, fmt::format("found {} points for {} laws and overheads, allowed: more points",
                           of.counts.rows(), of.counts.cols()));
  }
  // The first column that the pivots leave, and those that make it up.
  const Index left = qr.colsPermutation().indices()[qr.rank()];
  const MatrixXd others = scaled(Eigen::all, qr.colsPermutation().indices().head(qr.rank()).eval());
  const VectorXd parts = others.colPivHouseholderQr().solve(scaled.col(left));
  std::vector<std::string> confused;
  for (Index i = 0; i < parts.size(); ++i) {
    if (std::abs(parts[i]) > 1e-6) {
      confused.push_back(of.names[static_cast<std::size_t>(qr.colsPermutation().indices()[i])]);
    }
  }
  fail(file, fmt::format("{}: found {} points, none of which tells it from {}, allowed: points of "
                         "other lengths or shapes, as the micro-benchmarks send them",
                         of.names[static_cast<std::size_t>(left)], charged(of, left),
                         fmt::join(confused, " and ")));
}

bool is_law_of_a_line(const std::string& name) {
  return name.ends_with(".slope") || name.ends_with(".intercept");
}

/// Of the squared residuals of the fit without a law, the share that goes with it.
double share_explained(double value, double error, double degrees) {
  if (!(value > 0)) return 0;
  const double squared = value * value / (error * error);
  return std::isfinite(squared) ? squared / (squared + degrees) : 1;
}

QuantityFit fit_quantity(const BenchFile& file, const Observed& all, const char* quantity) {
  require_points(file, all, all);
  const std::vector<bool> taken = believed_rows(all);
  const auto believed = std::count(taken.begin(), taken.end(), true);
  if (static_cast<double>(believed) < kLeastBelieved * static_cast<double>(taken.size())) {
    fail(file, fmt::format("{}: found {} of {} points to believe, allowed: at least {:.0f} %; the "
                           "others contradict them",
                           quantity, believed, taken.size(), 100 * kLeastBelieved));
  }
  const Observed of = rows_of(all, taken);
  require_points(file, of, all);
  const RelativeFit solved(of, VectorXd::Ones(of.measured.size()));
  const VectorXd residuals = residuals_of(of, solved.values());
  const auto degrees = static_cast<double>(of.measured.size() - solved.fitted());
  const double deviation = std::sqrt(residuals.squaredNorm() / degrees);
  const VectorXd errors = deviation * solved.unit_errors();

  QuantityFit fit;
  fit.believed = of.measured.size();
  fit.rms_residual = std::sqrt(residuals.squaredNorm() / static_cast<double>(fit.believed));
  fit.worst_residual = residuals.cwiseAbs().maxCoeff();
  for (Index i = 0; i < of.counts.cols(); ++i) {
    FittedLaw law;
    law.name = of.names[static_cast<std::size_t>(i)];
    law.value = solved.values()[i];
    law.half_width = student_quantile(degrees) * errors[i];
    law.r_squared = share_explained(law.value, errors[i], degrees);
    law.points = charged(of, i);
    double squares = 0;
    for (Index row = 0; row < of.counts.rows(); ++row) {
      if (of.counts(row, i) != 0) squares += residuals[row] * residuals[row];
    }
    law.rms_residual = std::sqrt(squares / static_cast<double>(law.points));
    if (is_law_of_a_line(law.name) && law.r_squared < kLeastRSquared) {
      fail(file, fmt::format("{} of {}: found R² {:.2f} from {} points, allowed: at least {}",
                             quantity, law.name, law.r_squared, law.points, kLeastRSquared));
    }
    fit.laws.push_back(law);
  }
  const VectorXd predicted = all.counts * solved.values();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const BenchPoint& point = file.points[all.points[i]];
    fit.points.push_back({point.line, point.what, all.measured[static_cast<Index>(i)],
                          predicted[static_cast<Index>(i)], taken[i]});
  }
  return fit;
}

/// The columns that some point is charged.
Observed observed_cycles(const BenchFile& file) {
  Observed of;
  const auto rows = static_cast<Index>(file.points.size());
  const std::vector<std::string>& names = bench_columns();
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < names.size(); ++column) {
    const bool any =
        std::any_of(file.points.begin(), file.points.end(),
                    [&](const BenchPoint& point) { return point.counts[column] != 0; });
    if (!any) continue;
    columns.push_back(column);
    of.names.push_back(names[column]);
  }
  of.counts.resize(rows, static_cast<Index>(columns.size()));
  of.measured.resize(rows);
  for (Index row = 0; row < rows; ++row) {
    const BenchPoint& point = file.points[static_cast<std::size_t>(row)];
    for (std::size_t i = 0; i < columns.size(); ++i) {
      of.counts(row, static_cast<Index>(i)) = point.counts[columns[i]];
    }
    of.measured[row] = point.cycles;
    of.points.push_back(static_cast<std::size_t>(row));
  }
  return of;
}

/// Of the points with an energy: transfers and vectors as they are counted, and the cycles of all
/// else.
Observed observed_energy(const BenchFile& file, const Observed& cycles, const QuantityFit& fit) {
  Observed of;
  std::vector<Index> columns;
  for (std::size_t i = 0; i < cycles.names.size(); ++i) {
    if (!is_law_of_a_line(cycles.names[i])) continue;
    columns.push_back(static_cast<Index>(i));
    of.names.push_back(cycles.names[i]);
  }
  of.names.emplace_back(kEnergyPerCycle);
  for (std::size_t i = 0; i < file.points.size(); ++i) {
    if (file.points[i].energy_j) of.points.push_back(i);
  }
  const auto rows = static_cast<Index>(of.points.size());
  of.counts = MatrixXd::Zero(rows, static_cast<Index>(of.names.size()));
  of.measured.resize(rows);
  for (Index row = 0; row < rows; ++row) {
    const auto point = static_cast<Index>(of.points[static_cast<std::size_t>(row)]);
    of.counts.row(row).head(static_cast<Index>(columns.size())) = cycles.counts(point, columns);
    for (std::size_t i = 0; i < cycles.names.size(); ++i) {
      if (is_law_of_a_line(cycles.names[i])) continue;
      of.counts(row, of.counts.cols() - 1) +=
          cycles.counts(point, static_cast<Index>(i)) * fit.laws[i].value;
    }
    of.measured[row] = *file.points[static_cast<std::size_t>(point)].energy_j;
  }
  return of;
}

/// What was measured of a thing, once more each time.
struct Repeated {
  std::vector<std::size_t> lines;
  std::vector<double> values;
};

/// Of two measurements of the same thing neither can be believed if they differ; of more, those
/// that most agree with. `text_of` a value is for the error.
template <class Text>
void require_agreement(const BenchFile& file, std::string_view what, const Repeated& of,
                       double noise, Text&& text_of) {
  if (of.values.empty()) return;
  const double middle = median(of.values);
  const auto agreeing = std::count_if(of.values.begin(), of.values.end(), [&](double value) {
    return std::abs(value / middle - 1) <= noise;
  });
  if (2 * agreeing > static_cast<std::ptrdiff_t>(of.values.size())) return;
  const auto [least, most] = std::minmax_element(of.values.begin(), of.values.end());
  const auto line_of = [&](auto value) {
    return of.lines[static_cast<std::size_t>(value - of.values.begin())];
  };
  fail(file, fmt::format("lines {} and {}: found {} and {} for {}, allowed: measurements of the "
                         "same thing that differ by at most {:g} %",
                         line_of(least), line_of(most), text_of(*least), text_of(*most), what,
                         100 * noise));
}

void require_no_contradictions(const BenchFile& file) {
  std::map<std::string_view, Repeated> cycles;
  std::map<std::string_view, Repeated> energies;
  const auto add = [](Repeated& to, const BenchPoint& point, double value) {
    to.lines.push_back(point.line);
    to.values.push_back(value);
  };
  for (const BenchPoint& point : file.points) {
    add(cycles[point.what], point, point.cycles);
    if (point.energy_j) add(energies[point.what], point, *point.energy_j);
  }
  for (const auto& [what, of] : cycles) {
    require_agreement(file, what, of, kMostNoise,
                      [](double value) { return fmt::format("{:.0f} cycles", value); });
  }
  for (const auto& [what, of] : energies) {
    require_agreement(file, what, of, kMostEnergyNoise,
                      [](double value) { return fmt::format("{:.4g} J", value); });
  }
}

/// The runtime's laws are measured if those are that all kernels share; a kernel whose laws are not
/// keeps the word that they had.
void set_origins(Profile& profile, const BenchFit& fit) {
  const auto measured = [&](const std::string& name) { return fit.cycles.find(name) != nullptr; };
  for (const char* name : {"cycle", "block", "block_row", "weights"}) {
    if (!measured(name)) return;
  }
  const auto runtime = profile.origins.find("runtime");
  const std::optional<Origin> before =
      runtime == profile.origins.end() ? std::nullopt : std::optional(runtime->second);
  profile.origins["runtime"] = Origin::measured;
  for (const KernelObject& object : kernel_objects()) {
    const bool all = std::all_of(object.laws.begin(), object.laws.end(), [&](const KernelLaw& law) {
      return measured(std::string(object.key) + "." + law.key);
    });
    if (all) {
      profile.origins.erase(object.key);
    } else if (before && (profile.has_lea || !object.of_lea)) {
      profile.origins.emplace(object.key, *before);
    }
  }
}

/// A thousandth of a cycle is finer than any interval of confidence.
double rounded(double cycles) { return std::round(1000 * cycles) / 1000; }

/// Without an energy of its own the law takes as much per cycle as before.
void set_part(LinearCost& cost, double LinearLaw::*part, const FittedLaw& cycles,
              const FittedLaw* energy) {
  const double per_cycle_j = cost.energy_j.*part / cost.latency_s.*part;
  cost.latency_s.*part = rounded(cycles.value);
  cost.energy_j.*part = energy ? energy->value : cost.latency_s.*part * per_cycle_j;
}

}  // namespace

const FittedLaw* QuantityFit::find(std::string_view name) const {
  const auto found = std::find_if(laws.begin(), laws.end(),
                                  [&](const FittedLaw& law) { return law.name == name; });
  return found == laws.end() ? nullptr : &*found;
}

BenchFit fit_bench(const BenchFile& file) {
  if (file.points.empty()) fail(file, "found no measurements, allowed: at least one law's");
  require_no_contradictions(file);
  const Observed cycles = observed_cycles(file);
  BenchFit fit;
  fit.cycles = fit_quantity(file, cycles, "cycles");
  const Observed energy = observed_energy(file, cycles, fit.cycles);
  if (!energy.points.empty()) fit.energy = fit_quantity(file, energy, "energy");
  return fit;
}

Profile with_bench_fit(const Profile& base, const BenchFile& file, const BenchFit& fit) {
  std::vector<double> cycles = law_cycles(base);
  if (base.clock_hz != file.clock_hz) {
    fail(file, fmt::format("clock_hz: found {:.0f}, allowed: {:.0f}, that of the profile {}",
                           file.clock_hz, base.clock_hz, base.name));
  }
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    if (const FittedLaw* law = fit.cycles.find(law_names()[i])) cycles[i] = rounded(law->value);
  }
  Profile profile = base;
  const FittedLaw* const per_cycle = fit.energy.find(kEnergyPerCycle);
  profile.runtime =
      with_law_cycles(base, cycles, per_cycle ? per_cycle->value : base.runtime.energy_per_cycle_j)
          .runtime;
  set_origins(profile, fit);
  const auto set_linear = [&](const std::string& name, LinearCost& cost) {
    const FittedLaw* const slope = fit.cycles.find(name + ".slope");
    const FittedLaw* const intercept = fit.cycles.find(name + ".intercept");
    if (slope == nullptr || intercept == nullptr) return;
    set_part(cost, &LinearLaw::slope, *slope, fit.energy.find(name + ".slope"));
    set_part(cost, &LinearLaw::intercept, *intercept, fit.energy.find(name + ".intercept"));
    cost.latency_s.divisor = base.clock_hz;
    cost.energy_j.divisor = 1;
    profile.origins[name] = Origin::measured;
  };
  set_linear("nvm_read", profile.nvm_read);
  set_linear("nvm_write", profile.nvm_write);
  set_linear("cpu_mac", *profile.cpu_mac);
  if (profile.has_lea) set_linear("vector_mac", profile.vector_mac);
  return profile;
}

}  // namespace inas::costmodel
