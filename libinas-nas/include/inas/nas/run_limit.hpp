#pragma once

#include <inas/core/settings.hpp>
#include <inas/core/stop.hpp>

namespace inas::nas {

/// How a run divides the time that search.run_limit_s gives it, counted from its start: when each
/// part ends, whatever it is doing. Without a run limit none ends by itself.
///
///   search      at half of the limit; at nine tenths if search.time_limit_s, which only ends the
///               proposals, says how long it is to be
///   retraining  early enough for what comes after it
///   the rest    tests and dump: at the limit
class RunLimit {
 public:
  RunLimit(const SearchSettings& search, Stop::Clock::time_point start);

  /// `stop`, and the search's end.
  [[nodiscard]] Stop search(const Stop& stop) const;
  /// `stop`, and the end of retraining if what follows takes `rest_s`.
  [[nodiscard]] Stop retraining(const Stop& stop, double rest_s) const;
  /// `stop`, and the limit itself.
  [[nodiscard]] Stop whole(const Stop& stop) const;

  /// Is there one?
  [[nodiscard]] bool exists() const { return limit_s_ > 0; }

 private:
  [[nodiscard]] Stop at(const Stop& stop, double seconds) const;

  Stop::Clock::time_point start_;
  double limit_s_;
  double search_s_;
};

}  // namespace inas::nas
