#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include <inas/costmodel/profile.hpp>

#include "firmware/test_model.hpp"

/// The laws of the runtime's code, fitted to cycles of models. The cost model is linear in them:
/// a model's count of a law is its price by a profile in which that law alone is 1.
namespace inas::laws {

/// A law's key in a profile's JSON form.
std::vector<std::string> law_keys();

/// The counts of an inference, by layers: one for each law, in the order of the keys.
Eigen::VectorXd counts_of(const std::vector<firmware::TestLayer>& layers);

struct Observation {
  Eigen::VectorXd counts;
  double cycles = 0;
};

struct Fit {
  Eigen::VectorXd laws;    ///< cycles, none negative
  Eigen::VectorXd errors;  ///< standard errors; 0 for a law that would be negative
};

/// Minimises Σ (predicted/cycles − 1)² over laws that are not negative.
Fit fit_laws(const std::vector<Observation>& observations);

/// predicted/cycles − 1.
double relative_error(const Eigen::VectorXd& laws, const Observation& observation);

}  // namespace inas::laws
