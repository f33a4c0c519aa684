#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include <Eigen/Dense>
#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/fit.hpp>

namespace inas::costmodel {
namespace {

constexpr std::string_view kHeader = "operation,values,energy_j,latency_cycles";

struct Measurements {
  std::vector<Sample> energy_j;
  std::vector<Sample> latency_cycles;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at == text.size() || text[at] == separator) {
      parts.push_back(text.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  return parts;
}

[[noreturn]] void fail(const std::string& source, std::size_t line, std::string_view found,
                       std::string_view allowed) {
  throw InvalidArgument(
      fmt::format("{}: line {}: found \"{}\", allowed: {}", source, line, found, allowed));
}

double parse_positive(std::string_view field, const std::string& source, std::size_t line) {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value) ||
      value <= 0) {
    fail(source, line, field, "a positive number");
  }
  return value;
}

OperationFit fit_operation(const std::map<std::string, Measurements, std::less<>>& measured,
                           const char* operation, const std::string& source) {
  const auto found = measured.find(operation);
  if (found == measured.end()) {
    throw InvalidArgument(fmt::format(
        "{}: found no measurement of {}, allowed: at least two lengths", source, operation));
  }
  const auto fit = [&](const std::vector<Sample>& samples, const char* quantity) {
    LinearFit line;
    try {
      line = fit_line(samples);
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(
          fmt::format("{}: {} of {}: {}", source, quantity, operation, error.what()));
    }
    if (!(line.slope > 0) || !(line.intercept > 0)) {
      throw InvalidArgument(fmt::format(
          "{}: {} of {}: found the fitted line {}·n + {}, allowed: a positive slope and intercept",
          source, quantity, operation, line.slope, line.intercept));
    }
    return line;
  };
  return {fit(found->second.energy_j, "energy_j"),
          fit(found->second.latency_cycles, "latency_cycles")};
}

LinearCost linear_cost(const OperationFit& fit, double clock_hz) {
  return {{fit.energy_j.slope, fit.energy_j.intercept, 1},
          {fit.latency_cycles.slope, fit.latency_cycles.intercept, clock_hz}};
}

}  // namespace

LinearFit fit_line(std::span<const Sample> samples) {
  const auto n = static_cast<Eigen::Index>(samples.size());
  Eigen::MatrixX2d design(n, 2);
  Eigen::VectorXd y(n);
  for (Eigen::Index row = 0; row < n; ++row) {
    const Sample& sample = samples[static_cast<std::size_t>(row)];
    if (!std::isfinite(sample.x) || !std::isfinite(sample.y)) {
      throw InvalidArgument(fmt::format(
          "line: found the measurement ({}, {}), allowed: finite numbers", sample.x, sample.y));
    }
    design.row(row) << sample.x, 1;
    y(row) = sample.y;
  }
  if (n < 2 || design.col(0).maxCoeff() == design.col(0).minCoeff()) {
    throw InvalidArgument(
        "line: found measurements at fewer than two lengths, allowed: at two or more");
  }
  const Eigen::Vector2d solution = design.colPivHouseholderQr().solve(y);
  const Eigen::VectorXd residuals = y - design * solution;
  const double total = (y.array() - y.mean()).square().sum();

  LinearFit fit;
  fit.slope = solution(0);
  fit.intercept = solution(1);
  fit.r_squared = total > 0 ? 1 - residuals.squaredNorm() / total : 1;
  fit.residuals.assign(residuals.begin(), residuals.end());
  return fit;
}

ProfileFit fit_measurements(std::string_view csv, const std::string& source) {
  std::map<std::string, Measurements, std::less<>> measured;
  std::size_t number = 0;
  bool header_seen = false;
  for (std::string_view line : split(csv, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    if (!header_seen) {
      if (line != kHeader) fail(source, number, line, kHeader);
      header_seen = true;
      continue;
    }
    const std::vector<std::string_view> fields = split(line, ',');
    if (fields.size() != 4) fail(source, number, line, "four fields, as in the header");
    const std::string_view operation = fields[0];
    if (operation != "nvm_read" && operation != "nvm_write" && operation != "vector_mac") {
      fail(source, number, operation, "nvm_read, nvm_write or vector_mac");
    }
    const double values = parse_positive(fields[1], source, number);
    Measurements& of_operation = measured[std::string(operation)];
    of_operation.energy_j.push_back({values, parse_positive(fields[2], source, number)});
    of_operation.latency_cycles.push_back({values, parse_positive(fields[3], source, number)});
  }
  if (!header_seen) fail(source, number, "", kHeader);
  return {fit_operation(measured, "nvm_read", source), fit_operation(measured, "nvm_write", source),
          fit_operation(measured, "vector_mac", source)};
}

Profile with_fit(Profile base, const ProfileFit& fit) {
  base.nvm_read = linear_cost(fit.nvm_read, base.clock_hz);
  base.nvm_write = linear_cost(fit.nvm_write, base.clock_hz);
  base.vector_mac = linear_cost(fit.vector_mac, base.clock_hz);
  return base;
}

}  // namespace inas::costmodel
