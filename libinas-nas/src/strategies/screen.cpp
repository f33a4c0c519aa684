#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "factories.hpp"
#include "feasible_space.hpp"
#include "network_features.hpp"
#include "ridge.hpp"
#include "short_effort.hpp"

namespace inas::nas {
namespace {

/// Short trainings of many networks, full trainings of the best of them.
///
/// The first short trainings are of random feasible networks. Then a ridge regression learns their
/// accuracies from what is known of a network before it is trained (network_features.hpp). The next
/// is, of so many random feasible networks, the one of the highest prediction. A full training is
/// proposed whenever the cost of all full ones is below its share; it goes to the network with the
/// highest mean of its short training's accuracy and its prediction: the first is noisy, the second
/// blind to what the features do not tell.
class Screen final : public Strategy {
 public:
  Screen(const Settings& settings, explorer::Explorer& explorer)
      : space_(settings, explorer),
        networks_(settings.space),
        features_(settings.space),
        explorer_(explorer),
        full_(full_effort(settings)),
        short_(short_effort(settings, settings.strategies.get<std::int64_t>("screen.shorter"))),
        start_(settings.strategies.get<std::int64_t>("screen.start")),
        full_share_(settings.strategies.get<double>("screen.full_share")),
        candidates_(settings.strategies.get<std::int64_t>("screen.candidates")),
        lambda_(settings.strategies.get<double>("screen.ridge")),
        random_(settings.search.seed) {}

  Proposal propose() override {
    if (full_is_due()) {
      if (std::optional<Architecture> best = best_screened()) return in_full(*std::move(best));
    }
    Architecture next = predicts() ? best_predicted() : space_.draw_new(proposed_, random_);
    if (proposed_.insert(next).second) {
      short_cost_ += cost(short_, full_);
      return {std::move(next), short_};
    }
    // Nothing is left to screen.
    if (std::optional<Architecture> best = best_screened()) return in_full(*std::move(best));
    return in_full(std::move(next));
  }

  Lesson learn(const Trial& trial) override {
    if (trial.effort != short_ || !trial.accuracy || screened_.contains(trial.architecture)) {
      return {};
    }
    Screened screened{features_.of(trial.architecture, trial.network.latency_s), *trial.accuracy};
    screened_.emplace(trial.architecture, std::move(screened));
    return {};
  }

 private:
  struct Screened {
    Eigen::VectorXd features;
    double accuracy = 0;
  };

  [[nodiscard]] bool predicts() const { return std::ssize(screened_) >= start_; }

  [[nodiscard]] bool full_is_due() const {
    return short_ != full_ && predicts() &&
           full_cost_ + 1 <= full_share_ * (full_cost_ + short_cost_ + 1);
  }

  Proposal in_full(Architecture architecture) {
    full_cost_ += 1;
    in_full_.insert(architecture);
    return {std::move(architecture), full_};
  }

  /// Of the screened networks that were not proposed in full.
  std::optional<Architecture> best_screened() {
    if (short_ == full_ || screened_.empty()) return std::nullopt;
    fit();
    const Architecture* best = nullptr;
    double best_score = 0;
    for (const auto& [architecture, screened] : screened_) {
      if (in_full_.contains(architecture)) continue;
      const double score = (screened.accuracy + ridge_.predict(screened.features)) / 2;
      if (best != nullptr && score <= best_score) continue;
      best = &architecture;
      best_score = score;
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
  }

  /// Of the candidates that were not proposed; any if all were.
  Architecture best_predicted() {
    fit();
    std::optional<Architecture> best;
    double best_prediction = 0;
    for (std::int64_t drawn = 0; drawn < candidates_; ++drawn) {
      Architecture candidate = space_.draw(random_);
      if (proposed_.contains(candidate)) continue;
      const double latency_s = explorer_.explore(networks_, candidate).latency_s;
      const double prediction = ridge_.predict(features_.of(candidate, latency_s));
      if (best && prediction <= best_prediction) continue;
      best = std::move(candidate);
      best_prediction = prediction;
    }
    return best ? *std::move(best) : space_.draw_new(proposed_, random_);
  }

  /// Fits to all short trainings if there are new ones: of many, one in 256 at least.
  void fit() {
    const std::int64_t count = std::ssize(screened_);
    if (count <= fitted_ + fitted_ / 256) return;
    fitted_ = count;
    Eigen::MatrixXd x(count, features_.count());
    Eigen::VectorXd y(count);
    Eigen::Index row = 0;
    for (const auto& [architecture, screened] : screened_) {
      x.row(row) = screened.features.transpose();
      y(row++) = screened.accuracy;
    }
    ridge_ = fit_ridge(x, y, lambda_);
  }

  FeasibleSpace space_;
  SearchSpace networks_;
  NetworkFeatures features_;
  explorer::Explorer& explorer_;
  Effort full_;
  Effort short_;
  std::int64_t start_;
  double full_share_;
  std::int64_t candidates_;
  double lambda_;
  Ridge ridge_;
  std::int64_t fitted_ = 0;          ///< to so many short trainings
  std::set<Architecture> proposed_;  ///< shortly
  std::set<Architecture> in_full_;
  double short_cost_ = 0;  ///< of all proposals, in full trainings
  double full_cost_ = 0;
  std::map<Architecture, Screened> screened_;
  std::mt19937_64 random_;
};

}  // namespace

std::unique_ptr<Strategy> make_screen(const Settings& settings, explorer::Explorer& explorer) {
  return std::make_unique<Screen>(settings, explorer);
}

}  // namespace inas::nas
