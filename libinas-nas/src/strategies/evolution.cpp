#include "evolution.hpp"

#include <cassert>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include <inas/core/random_draw.hpp>

#include "factories.hpp"
#include "feasible_space.hpp"

namespace inas::nas {

void AgeingPopulation::add(Member member) {
  members_.push_back(std::move(member));
  if (std::ssize(members_) > size_) members_.pop_front();
}

const AgeingPopulation::Member& AgeingPopulation::best_of(std::int64_t sample,
                                                          std::mt19937_64& random) const {
  assert(!members_.empty());
  const Member* best = nullptr;
  for (std::int64_t drawn = 0; drawn < sample; ++drawn) {
    const Member& member = members_[draw_below(random, members_.size())];
    if (best == nullptr || member.accuracy > best->accuracy) best = &member;
  }
  return *best;
}

namespace {

/// A parent is the best of a sample of the population, its child a feasible neighbour that has not
/// been proposed. The first population is drawn at random.
class Evolution final : public Strategy {
 public:
  Evolution(const Settings& settings, const explorer::Explorer& explorer)
      : space_(settings, explorer),
        effort_(full_effort(settings)),
        size_(settings.strategies.get<std::int64_t>("evolution.population")),
        sample_(settings.strategies.get<std::int64_t>("evolution.sample")),
        population_(size_),
        random_(settings.search.seed) {}

  Proposal propose() override {
    Architecture architecture = child();
    proposed_.insert(architecture);
    return {std::move(architecture), effort_};
  }

  Lesson learn(const Trial& trial) override {
    if (trial.accuracy) population_.add({trial.architecture, *trial.accuracy});
    return {};
  }

 private:
  Architecture child() {
    if (std::ssize(proposed_) < size_ || population_.members().empty()) {
      return space_.draw_new(proposed_, random_);
    }
    constexpr int kMostParents = 10;
    for (int parents = 0; parents < kMostParents; ++parents) {
      const Architecture& parent = population_.best_of(sample_, random_).architecture;
      std::optional<Architecture> found = space_.new_neighbour(parent, proposed_, random_);
      if (found) return *std::move(found);
    }
    return space_.draw_new(proposed_, random_);
  }

  FeasibleSpace space_;
  Effort effort_;
  std::int64_t size_;
  std::int64_t sample_;
  AgeingPopulation population_;
  std::set<Architecture> proposed_;
  std::mt19937_64 random_;
};

}  // namespace

std::unique_ptr<Strategy> make_evolution(const Settings& settings, explorer::Explorer& explorer) {
  return std::make_unique<Evolution>(settings, explorer);
}

}  // namespace inas::nas
