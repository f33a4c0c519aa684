#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <inas/core/settings.hpp>
#include <inas/report/study_page.hpp>
#include <inas/study/records.hpp>

/// Batches: a matrix of settings, each a study of its own, and what came of them.
///
///   {"vary": {"search.seed": [1, 2, 3]},
///    "studies": [
///      {"name": "har", "settings": "paper-har.json", "set": {"search.trials": 50},
///       "vary": {"training.epochs": [3, 6]},
///       "cases": [
///         {"name": "1mF", "power.capacitance_f": 0.001, "power.ehm_resistance_ohm": 62},
///         {"name": "5mF", "power.capacitance_f": 0.005, "power.ehm_resistance_ohm": 41}]}]}
///
/// Of each entry of `studies` there is a study for every case with every combination of the values
/// that `vary` lists, of the entry and of the file: 2 × 2 × 3 here. Paths are relative to the file.
namespace inas::study {

/// More in one file are refused.
inline constexpr std::size_t kMostBatchStudies = 10'000;
/// Of the batch, in its folder: no study has one of these names.
inline constexpr const char* kBatchFiles[] = {"summary.csv", "studies.csv", "report.html"};

struct BatchStudy {
  std::string name;   ///< its folder in that of the batch: "har-1mF-epochs=3-seed=1"
  std::string group;  ///< the same without the seed: studies of a group are averaged
  Settings settings;

  bool operator==(const BatchStudy&) const = default;
};

/// The studies of a batch file, in its order; `out` of each is `folder`/name. Throws Error, naming
/// the file and the key, if a value is not allowed, a name is no folder's in `folder`, two studies
/// have one name, or there are none or more than kMostBatchStudies.
[[nodiscard]] std::vector<BatchStudy> read_batch(const std::filesystem::path& file,
                                                 const std::filesystem::path& folder);

/// Makes every check that a study makes before its first trial, for all of them; data that several
/// share are loaded once. Throws Error, naming the study.
void check_batch(const std::vector<BatchStudy>& studies);

/// What came of a study of a batch.
struct BatchResult {
  std::string name;
  std::string group;
  std::string state;  ///< "complete", "searching", "no feasible network", "not begun", "failed"
  bool over = false;  ///< nothing is left to be done
  std::int64_t trials = 0;
  std::optional<double> latency_s;  ///< of the winner
  SolutionAccuracy accuracy;
  double search_s = 0;
  bool synthetic = false;  ///< its data

  bool operator==(const BatchResult&) const = default;
};

/// The result of a study as its folder has it.
[[nodiscard]] BatchResult result_of(const BatchStudy& study);

/// Mean and standard deviation (of a sample: over n − 1) of the values that there are.
struct Spread {
  std::int64_t count = 0;
  double mean = 0;
  std::optional<double> deviation;  ///< from two values on

  bool operator==(const Spread&) const = default;
};
[[nodiscard]] Spread spread_of(const std::vector<double>& values);

/// "91.80 ± 0.29 %"
[[nodiscard]] std::string percent_text(const Spread& shares);

/// The table of groups, with mean ± standard deviation, and that of studies, for people …
[[nodiscard]] report::PageTable groups_table(const std::vector<BatchResult>& results);
[[nodiscard]] report::PageTable studies_table(const std::vector<BatchResult>& results);
/// … and the same for programs: CSV of plain numbers, accuracies as shares. A cell is empty where
/// there is nothing: no network, or no standard deviation, of a single one.
[[nodiscard]] std::string groups_csv(const std::vector<BatchResult>& results);
[[nodiscard]] std::string studies_csv(const std::vector<BatchResult>& results);

}  // namespace inas::study
