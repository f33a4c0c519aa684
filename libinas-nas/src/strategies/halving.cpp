#include "halving.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "factories.hpp"
#include "short_effort.hpp"

namespace inas::nas {

Ladder::Ladder(std::int64_t rungs, std::int64_t factor)
    : factor_(factor), rungs_(static_cast<std::size_t>(rungs)) {}

void Ladder::add(std::int64_t rung, const Architecture& architecture, double accuracy) {
  Rung& to = rungs_.at(static_cast<std::size_t>(rung));
  if (!to.known.insert(architecture).second) return;
  const auto behind = std::find_if(to.results.begin(), to.results.end(),
                                   [&](const Result& other) { return other.accuracy < accuracy; });
  to.results.insert(behind, {architecture, accuracy});
}

std::optional<Ladder::Promotion> Ladder::promote() {
  for (std::int64_t rung = std::ssize(rungs_) - 2; rung >= 0; --rung) {
    Rung& from = rungs_[static_cast<std::size_t>(rung)];
    const std::int64_t best = std::ssize(from.results) / factor_;
    for (std::int64_t place = 0; place < best; ++place) {
      const Architecture& architecture = from.results[static_cast<std::size_t>(place)].architecture;
      if (from.promoted.insert(architecture).second) return Promotion{architecture, rung + 1};
    }
  }
  return std::nullopt;
}

namespace {

/// The ladder's promotions, and where there is none a proposal for the lowest rung. A network that
/// is proposed again goes a rung up: a space may have too few to fill the ladder.
class Halving final : public Strategy {
 public:
  Halving(const Settings& settings, std::unique_ptr<Strategy> proposer)
      : proposer_(std::move(proposer)),
        efforts_(efforts_of(settings)),
        ladder_(std::ssize(efforts_), settings.strategies.get<std::int64_t>("halving.factor")) {}

  Proposal propose() override {
    while (std::optional<Ladder::Promotion> promotion = ladder_.promote()) {
      std::int64_t& next = next_rungs_[promotion->architecture];
      if (promotion->rung < next) continue;  // its proposer was faster
      next = promotion->rung + 1;
      is_promotion_.push_back(true);
      return {std::move(promotion->architecture), effort(promotion->rung)};
    }
    is_promotion_.push_back(false);
    Architecture architecture = proposer_->propose().architecture;
    std::int64_t& next = next_rungs_[architecture];
    const std::int64_t rung = std::min(next, std::ssize(efforts_) - 1);
    next = rung + 1;
    return {std::move(architecture), effort(rung)};
  }

  /// The proposer is told its own proposals, as the lowest rung trains them.
  Lesson learn(const Trial& trial) override {
    const bool promoted = is_promotion_.front();
    is_promotion_.pop_front();
    const auto rung = std::find(efforts_.begin(), efforts_.end(), trial.effort);
    if (trial.accuracy && rung != efforts_.end()) {
      ladder_.add(rung - efforts_.begin(), trial.architecture, *trial.accuracy);
    }
    if (promoted) return {};
    const auto [first, is_new] = first_results_.try_emplace(
        trial.architecture, FirstResult{trial.effort, trial.outcome, trial.accuracy});
    return proposer_->learn(is_new ? trial : again(trial, first->second));
  }

 private:
  /// What became of a network when it was proposed for the first time.
  struct FirstResult {
    Effort effort;
    Outcome outcome = Outcome::infeasible;
    std::optional<double> accuracy;
  };

  /// A trial of a network that went up for being proposed again, as if it had been trained no more:
  /// the accuracy of a longer training would reward its proposer for repeating itself.
  static Trial again(Trial trial, const FirstResult& first) {
    trial.effort = first.effort;
    trial.outcome = first.accuracy ? Outcome::known : first.outcome;
    trial.accuracy = first.accuracy;
    return trial;
  }

  [[nodiscard]] const Effort& effort(std::int64_t rung) const {
    return efforts_[static_cast<std::size_t>(rung)];
  }

  /// Of each rung; those that would be no shorter than the one above are left out.
  static std::vector<Effort> efforts_of(const Settings& settings) {
    std::vector<Effort> efforts{full_effort(settings)};
    const auto factor = settings.strategies.get<std::int64_t>("halving.factor");
    std::int64_t shorter = 1;
    for (std::int64_t rung = 1; rung < settings.strategies.get<std::int64_t>("halving.rungs");
         ++rung) {
      shorter = std::min<std::int64_t>(shorter * factor, 1'000'000'000);
      const Effort effort = short_effort(settings, shorter);
      if (effort < efforts.front()) efforts.insert(efforts.begin(), effort);
    }
    return efforts;
  }

  std::unique_ptr<Strategy> proposer_;
  std::vector<Effort> efforts_;  ///< of the rungs, the shortest first
  Ladder ladder_;
  std::map<Architecture, std::int64_t> next_rungs_;  ///< above those that each was proposed for
  std::map<Architecture, FirstResult> first_results_;
  std::deque<bool> is_promotion_;  ///< of the trials that are not learned yet
};

}  // namespace

std::unique_ptr<Strategy> make_halving(const Settings& settings,
                                       std::unique_ptr<Strategy> proposer) {
  return std::make_unique<Halving>(settings, std::move(proposer));
}

}  // namespace inas::nas
