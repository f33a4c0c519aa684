#include <limits>
#include <tuple>

#include <inas/nas/trial.hpp>

namespace inas::nas {
namespace {

/// That one epoch sees, for comparisons: all are more than any number of them.
std::int64_t images(const Effort& effort) {
  constexpr std::int64_t kAll = std::numeric_limits<std::int32_t>::max();
  return effort.train_images == 0 ? kAll : effort.train_images;
}

}  // namespace

std::strong_ordering Effort::operator<=>(const Effort& other) const {
  const auto key = [](const Effort& effort) {
    return std::tuple(effort.epochs * images(effort), effort.epochs);
  };
  return key(*this) <=> key(other);
}

double cost(const Effort& effort, const Effort& full) {
  const auto seen = [](const Effort& of) {
    return static_cast<double>(of.epochs) * static_cast<double>(images(of));
  };
  return seen(effort) / seen(full);
}

Effort full_effort(const Settings& settings) {
  return {settings.training.epochs, settings.data.train_images};
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::infeasible:
      return "infeasible";
    case Outcome::too_slow:
      return "too-slow";
    case Outcome::trained:
      return "trained";
    case Outcome::known:
      return "known";
    case Outcome::diverged:
      return "diverged";
    case Outcome::cut_short:
      return "cut-short";
    case Outcome::too_long:
      return "too-long";
  }
  return "unknown";
}

bool is_trained(Outcome outcome) {
  return outcome == Outcome::trained || outcome == Outcome::cut_short;
}

}  // namespace inas::nas
