#pragma once

#include <inas/core/settings.hpp>
#include <inas/nas/trial.hpp>

namespace inas::nas {

/// The paper's reward of a proposal, with its moving-average baseline.
///
/// With A the validation accuracy, B the moving average of accuracies, L the latency, L_req the
/// requirement:
///   infeasible network:              −0.1
///   latency violated (L > L_req):    −0.1
///   training diverged or too long:   −0.1
///   else:                            clip(A − B + L/L_req/10, ±0.1)
/// The last term rewards using up the latency allowance; settings.latency_bonus = false leaves it
/// out. If settings.clip_rewards is not 0, the sum is clipped to ± that first. Then B ← β·B + (1 −
/// β)·A, and the first time B ← A (bias correction).
class Reward {
 public:
  explicit Reward(const ControllerSettings& settings);

  /// Of a network without feasible design, or too large for NVM, or whose kernels do not fit.
  [[nodiscard]] double infeasible() const { return kRejected; }
  /// Of a feasible network that misses the latency requirement.
  [[nodiscard]] double too_slow() const { return kRejected; }
  /// Of a network whose training diverged.
  [[nodiscard]] double diverged() const { return kRejected; }
  /// Of a network of which no epoch ended within training.time_limit_s.
  [[nodiscard]] double too_long() const { return kRejected; }
  /// Of a network that was trained; updates the moving average.
  [[nodiscard]] double accepted(double accuracy, double latency_s, double latency_requirement_s);

  /// Of a trial, whatever became of it.
  [[nodiscard]] double of(const Trial& trial, double latency_requirement_s);

  /// B; 0 before the first accepted network.
  [[nodiscard]] double moving_accuracy() const { return moving_accuracy_; }

 private:
  static constexpr double kRejected = -0.1;
  static constexpr double kBound = 0.1;

  double beta_;
  double clip_;
  bool latency_bonus_;
  bool first_ = true;
  double moving_accuracy_ = 0;
};

}  // namespace inas::nas
