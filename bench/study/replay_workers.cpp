#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/study/store.hpp>

/// How long the search of a study would take with other numbers of workers, from the durations that
/// it has recorded: a replay, not a measurement. Workers are as fast as those that recorded, and
/// alone on their cores.
namespace {

using namespace inas;

/// Seconds until the last of `durations` has ended: trainings are proposed in order, at most
/// `parallelism` are open, which are those whose turn to be learned from has not come, and the
/// first free worker takes the first one that waits.
double replayed_s(const std::vector<double>& durations, std::int64_t parallelism,
                  std::int64_t workers) {
  std::vector<double> free_at(static_cast<std::size_t>(workers), 0.0);
  std::vector<double> learned_at;  // in trial order
  for (std::size_t trial = 0; trial < durations.size(); ++trial) {
    const auto open = static_cast<std::size_t>(parallelism);
    const double proposed = trial < open ? 0 : learned_at[trial - open];
    double& worker = *std::min_element(free_at.begin(), free_at.end());
    worker = std::max(worker, proposed) + durations[trial];
    learned_at.push_back(std::max(worker, learned_at.empty() ? 0 : learned_at.back()));
  }
  return learned_at.empty() ? 0 : learned_at.back();
}

int run(const std::string& where) {
  study::Store store = study::Store::open(study::parse_location(where), study::Access::read);
  std::vector<double> durations;
  for (const study::TrialRecord& trial : store.trials()) {
    if (trial.outcome == nas::Outcome::trained) durations.push_back(trial.seconds);
  }
  const study::StudyRecord record = store.study();
  fmt::print("{} trainings; the search took {:.1f} s\n", durations.size(), record.search_s);
  fmt::print("| workers | parallelism {} | parallelism 2 × workers |\n|---|---|---|\n",
             record.settings.search.parallelism);
  const double alone_s = replayed_s(durations, 1, 1);
  for (const std::int64_t workers : {1, 2, 4, 8, 16, 32}) {
    const double fixed_s = replayed_s(durations, record.settings.search.parallelism, workers);
    const double wide_s = replayed_s(durations, 2 * workers, workers);
    fmt::print("| {} | {:.1f} s, {:.2f}× | {:.1f} s, {:.2f}× |\n", workers, fixed_s,
               alone_s / fixed_s, wide_s, alone_s / wide_s);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: inas-replay-workers STUDY\n", stderr);
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "inas-replay-workers: {}\n", error.what());
    return 2;
  }
}
