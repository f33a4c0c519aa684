#include <algorithm>
#include <chrono>

#include <inas/nas/run_limit.hpp>

namespace inas::nas {
namespace {

constexpr double kSearchShare = 0.5;
constexpr double kSearchShareWithTimeLimit = 0.9;

}  // namespace

RunLimit::RunLimit(const SearchSettings& search, Stop::Clock::time_point start)
    : start_(start),
      limit_s_(search.run_limit_s),
      search_s_((search.time_limit_s > 0 ? kSearchShareWithTimeLimit : kSearchShare) *
                search.run_limit_s) {}

Stop RunLimit::search(const Stop& stop) const { return at(stop, search_s_); }

Stop RunLimit::retraining(const Stop& stop, double rest_s) const {
  return at(stop, std::max(0.0, limit_s_ - rest_s));
}

Stop RunLimit::whole(const Stop& stop) const { return at(stop, limit_s_); }

Stop RunLimit::at(const Stop& stop, double seconds) const {
  if (!exists()) return stop;
  return stop.or_at(start_ + std::chrono::duration_cast<Stop::Clock::duration>(
                                 std::chrono::duration<double>(seconds)));
}

}  // namespace inas::nas
