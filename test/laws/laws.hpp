#pragma once

#include <vector>

#include <Eigen/Dense>

#include <inas/costmodel/profile.hpp>

#include "firmware/test_model.hpp"

/// The laws of the runtime's code (inas/costmodel/laws.hpp), fitted to cycles of models.
namespace inas::laws {

/// How often an inference is charged each law, in the sequence of costmodel::law_names: by the cost
/// model, by layers, each of which begins and ends with a power cycle; no K is 0.
Eigen::VectorXd priced_counts(const std::vector<firmware::TestLayer>& layers);

/// The same as the host board counts it, also where a power cycle holds several layers.
Eigen::VectorXd host_counts(const firmware::TestModel& model);

Eigen::VectorXd vector_of(const std::vector<double>& values);

/// Cycles of the laws of a runtime's profile, in the same sequence.
Eigen::VectorXd laws_of(const costmodel::Profile& profile);

/// `profile` for firmware that drives the LEA by its registers (INAS_LEA=registers): the shipped
/// law of the LEA's vector is DSPLib's. As inas-fit-firmware prints it, with the time that the
/// emulator's LEA is assumed to take.
costmodel::Profile with_lea_by_registers(costmodel::Profile profile);

struct Observation {
  Eigen::VectorXd counts;
  double cycles = 0;
  double known = 0;  ///< of the cycles: those of laws that are not fitted, nor among the counts
};

struct Fit {
  Eigen::VectorXd laws;    ///< cycles, none negative
  Eigen::VectorXd errors;  ///< standard errors; 0 for a law that would be negative
};

/// Minimises Σ ((known + predicted)/cycles − 1)² over laws that are not negative.
Fit fit_laws(const std::vector<Observation>& observations);

/// predicted/cycles − 1.
double relative_error(const Eigen::VectorXd& laws, const Observation& observation);

}  // namespace inas::laws
