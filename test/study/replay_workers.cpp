#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <support/tool.hpp>

#include <inas/study/store.hpp>

namespace inas {
namespace {

const test::Tool kTool{
    .name = "inas-replay-workers",
    .arguments = "STUDY",
    .description =
        R"(Prints how long the search of STUDY would take with other numbers of workers, from the durations
of its trainings: a replay, not a measurement. Workers are as fast as those that recorded, each
alone on its cores, and the database costs nothing.

STUDY: the folder of its results, its file, or postgresql://HOST/DATABASE[#NAME].

Exit code: 0 done, 2 bad input.)",
    .least_words = 1,
    .most_words = 1};

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

int replay(const test::ToolArguments& arguments) {
  const study::Location location = study::parse_location(arguments.words[0]);
  study::Store store = study::Store::open(location, study::Access::read);
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
}  // namespace inas

int main(int argc, char** argv) {
  return inas::test::run_tool(inas::kTool, argc, argv, inas::replay);
}
