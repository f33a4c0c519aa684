#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <inas/core/random_draw.hpp>
#include <inas/nas/pareto.hpp>

#include "factories.hpp"
#include "feasible_space.hpp"

namespace inas::nas {
namespace {

/// NSGA-II, a child at a time: it joins the survivors as soon as it is trained, and whoever is last
/// by front, then by crowding distance, goes. Parents are the better of two, a child takes each
/// choice from one of them, or all from the first where that mix is not feasible. One child in two,
/// and each that has been proposed, is mutated to a feasible neighbour.
class Pareto final : public Strategy {
 public:
  Pareto(const Settings& settings, explorer::Explorer& explorer)
      : space_(settings, explorer),
        networks_(settings.space),
        device_(explorer.device()),
        objectives_(objectives(settings.strategies)),
        effort_(full_effort(settings)),
        size_(settings.strategies.get<std::int64_t>("pareto.population")),
        random_(settings.search.seed) {}

  Proposal propose() override {
    Architecture architecture = child();
    proposed_.insert(architecture);
    return {std::move(architecture), effort_};
  }

  Lesson learn(const Trial& trial) override {
    if (!trial.accuracy || !learned_.insert(trial.architecture).second) return {};
    survivors_.push_back(trial.architecture);
    points_.push_back(objective_values(trial, objectives_, networks_, device_));
    rank();
    if (std::ssize(survivors_) <= size_) return {};
    std::size_t last = 0;
    for (std::size_t i = 1; i < survivors_.size(); ++i) {
      if (!before(i, last)) last = i;
    }
    survivors_.erase(survivors_.begin() + static_cast<std::ptrdiff_t>(last));
    points_.erase(points_.begin() + static_cast<std::ptrdiff_t>(last));
    rank();
    return {};
  }

 private:
  Architecture child() {
    if (std::ssize(proposed_) < size_ || survivors_.empty()) {
      return space_.draw_new(proposed_, random_);
    }
    constexpr int kMostPairs = 10;
    for (int pairs = 0; pairs < kMostPairs; ++pairs) {
      const Architecture& one = survivors_[parent()];
      const Architecture mixed = crossed(one, survivors_[parent()]);
      const Architecture& base = space_.contains(mixed) ? mixed : one;
      if (!proposed_.contains(base) && draw_below(random_, 2) == 0) return base;
      std::optional<Architecture> found = space_.new_neighbour(base, proposed_, random_);
      if (found) return *std::move(found);
    }
    return space_.draw_new(proposed_, random_);
  }

  Architecture crossed(Architecture one, const Architecture& other) {
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (draw_below(random_, 2) == 0) one[i] = other[i];
    }
    return one;
  }

  std::size_t parent() {
    const std::size_t a = draw_below(random_, survivors_.size());
    const std::size_t b = draw_below(random_, survivors_.size());
    return before(b, a) ? b : a;
  }

  /// The fronts and, within each, the crowding distances of the survivors.
  void rank() {
    fronts_ = fronts(points_);
    distances_.assign(points_.size(), 0);
    for (std::int64_t front = 0;; ++front) {
      std::vector<std::size_t> members;
      std::vector<Point> points;
      for (std::size_t i = 0; i < points_.size(); ++i) {
        if (fronts_[i] != front) continue;
        members.push_back(i);
        points.push_back(points_[i]);
      }
      if (members.empty()) return;
      const std::vector<double> distances = crowding_distances(points);
      for (std::size_t i = 0; i < members.size(); ++i) distances_[members[i]] = distances[i];
    }
  }

  [[nodiscard]] bool before(std::size_t a, std::size_t b) const {
    if (fronts_[a] != fronts_[b]) return fronts_[a] < fronts_[b];
    return distances_[a] > distances_[b];
  }

  FeasibleSpace space_;
  SearchSpace networks_;
  costmodel::Device device_;
  std::vector<Objective> objectives_;
  Effort effort_;
  std::int64_t size_;
  std::set<Architecture> proposed_;
  std::set<Architecture> learned_;
  std::vector<Architecture> survivors_;
  std::vector<Point> points_;  ///< of the survivors, as what follows
  std::vector<std::int64_t> fronts_;
  std::vector<double> distances_;
  std::mt19937_64 random_;
};

}  // namespace

std::unique_ptr<Strategy> make_pareto(const Settings& settings, explorer::Explorer& explorer) {
  return std::make_unique<Pareto>(settings, explorer);
}

}  // namespace inas::nas
