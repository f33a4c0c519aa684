#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include <inas/core/network.hpp>
#include <inas/costmodel/breakdown.hpp>
#include <inas/nas/pareto.hpp>

namespace inas::nas {
namespace {

double energy_j(const Trial& trial, const Network& network, const costmodel::Device& device) {
  const std::vector<Design> designs = trial.network.designs();
  return costmodel::breakdown(device, network.layers, designs).total().active().energy_j;
}

}  // namespace

std::string_view to_string(Objective objective) {
  constexpr std::array<std::string_view, 5> kNames{"accuracy", "latency", "energy", "weights",
                                                   "nvm"};
  return kNames.at(static_cast<std::size_t>(objective));
}

std::vector<Objective> objectives(const StrategyOptions& options) {
  std::vector<Objective> chosen{Objective::accuracy, Objective::latency};
  if (options.get<bool>("pareto.energy")) chosen.push_back(Objective::energy);
  if (options.get<bool>("pareto.weights")) chosen.push_back(Objective::weights);
  if (options.get<bool>("pareto.nvm")) chosen.push_back(Objective::nvm);
  return chosen;
}

Point objective_values(const Trial& trial, std::span<const Objective> objectives,
                       const SearchSpace& space, const costmodel::Device& device) {
  const Network network = build_network(space, trial.architecture);
  Point point;
  for (const Objective objective : objectives) {
    switch (objective) {
      case Objective::accuracy:
        point.push_back(-trial.accuracy.value());
        break;
      case Objective::latency:
        point.push_back(trial.network.latency_s);
        break;
      case Objective::energy:
        point.push_back(energy_j(trial, network, device));
        break;
      case Objective::weights:
        point.push_back(static_cast<double>(weight_count(network)));
        break;
      case Objective::nvm:
        point.push_back(static_cast<double>(trial.network.nvm_bytes));
        break;
    }
  }
  return point;
}

bool dominates(const Point& a, const Point& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

std::vector<std::int64_t> fronts(std::span<const Point> points) {
  constexpr std::int64_t kNone = -1;
  std::vector<std::int64_t> of(points.size(), kNone);
  std::size_t left = points.size();
  for (std::int64_t front = 0; left > 0; ++front) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (of[i] != kNone) continue;
      bool dominated = false;
      for (std::size_t j = 0; j < points.size() && !dominated; ++j) {
        dominated = of[j] == kNone && dominates(points[j], points[i]);
      }
      if (!dominated) members.push_back(i);
    }
    for (const std::size_t member : members) of[member] = front;
    left -= members.size();
  }
  return of;
}

std::vector<double> crowding_distances(std::span<const Point> points) {
  std::vector<double> distances(points.size(), 0);
  if (points.empty()) return distances;
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t objective = 0; objective < points.front().size(); ++objective) {
    const auto value = [&](std::size_t place) { return points[order[place]][objective]; };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return points[a][objective] < points[b][objective];
    });
    const double range = value(order.size() - 1) - value(0);
    if (!(range > 0)) continue;
    distances[order.front()] = std::numeric_limits<double>::infinity();
    distances[order.back()] = std::numeric_limits<double>::infinity();
    for (std::size_t place = 1; place + 1 < order.size(); ++place) {
      distances[order[place]] += (value(place + 1) - value(place - 1)) / range;
    }
  }
  return distances;
}

std::vector<std::size_t> pareto_front(std::span<const Trial> trials,
                                      std::span<const Objective> objectives,
                                      const SearchSpace& space, const costmodel::Device& device) {
  const Effort most = most_effort(trials);
  std::vector<std::size_t> places;
  std::vector<Point> points;
  std::set<Architecture> seen;
  for (std::size_t place = 0; place < trials.size(); ++place) {
    const Trial& trial = trials[place];
    if (!trial.accuracy || trial.effort != most) continue;
    if (!seen.insert(trial.architecture).second) continue;
    places.push_back(place);
    points.push_back(objective_values(trial, objectives, space, device));
  }
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool dominated = std::any_of(points.begin(), points.end(), [&](const Point& other) {
      return dominates(other, points[i]);
    });
    if (!dominated) front.push_back(places[i]);
  }
  std::sort(front.begin(), front.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t place) {
      return std::tuple(trials[place].network.latency_s, -*trials[place].accuracy, place);
    };
    return key(a) < key(b);
  });
  return front;
}

}  // namespace inas::nas
