#include <inas/nas/trial.hpp>

namespace inas::nas {

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
  }
  return "unknown";
}

}  // namespace inas::nas
