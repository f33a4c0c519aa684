#include <algorithm>

#include <inas/nas/reward.hpp>

namespace inas::nas {

Reward::Reward(const ControllerSettings& settings)
    : beta_(settings.accuracy_beta),
      clip_(settings.clip_rewards),
      latency_bonus_(settings.latency_bonus) {}

double Reward::accepted(double accuracy, double latency_s, double latency_requirement_s) {
  double reward = accuracy - moving_accuracy_;
  if (latency_bonus_) reward += latency_s / latency_requirement_s / 10;
  if (clip_ != 0) reward = std::clamp(reward, -clip_, clip_);

  moving_accuracy_ = first_ ? accuracy : beta_ * moving_accuracy_ + (1 - beta_) * accuracy;
  first_ = false;
  return std::clamp(reward, -kBound, kBound);
}

double Reward::of(const Trial& trial, double latency_requirement_s) {
  switch (trial.outcome) {
    case Outcome::infeasible:
      return infeasible();
    case Outcome::too_slow:
      return too_slow();
    case Outcome::diverged:
      return diverged();
    case Outcome::too_long:
      return too_long();
    case Outcome::trained:
    case Outcome::cut_short:
    case Outcome::known:
      break;
  }
  return accepted(trial.accuracy.value(), trial.network.latency_s, latency_requirement_s);
}

}  // namespace inas::nas
