#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/run_folder.hpp>
#include <inas/core/text.hpp>
#include <inas/nas/strategy.hpp>
#include <inas/report/study_page.hpp>
#include <inas/study/batch.hpp>
#include <inas/study/study.hpp>

#include "command_line.hpp"
#include "long_work.hpp"
#include "search_commands.hpp"
#include "signals.hpp"
#include "study_display.hpp"

namespace inas::apps {

namespace {

namespace po = boost::program_options;
using study::BatchResult;
using study::BatchStudy;

const Usage kUsage{
    "inas-search batch", "inas-search batch FILE [--out DIR]",
    R"(Runs the studies of a batch file one after the other, each in a folder of its own, and writes
what came of them, with mean ± standard deviation over the seeds: summary.csv, studies.csv and
report.html. Called again, it goes on where it was ended; complete studies are not touched.
docs/studies.md explains the file.
A study that fails is said, and the others are run.
Exit code: 0 done, 2 bad input, or a study has failed, 3 ended by a signal: call it again to
go on.)"};

/// Runs a study, or goes on with it. Throws Error.
void run_study(const BatchStudy& study, const Stop& stop) {
  study::StudyPlan plan;
  plan.settings = study.settings;
  plan.resume = study::Store::exists(study::location_in(study.settings));
  StudyDisplay display(plan.settings);
  try {
    study::Study run(plan, display.observer());
    static_cast<void>(run.run(stop));
  } catch (const nas::NoFeasibleNetwork& nothing) {
    display.line(fmt::format("no feasible network: {}", nothing.what()));
  }
}

/// What came of a study, as `result` says; that it has failed, where it throws Error.
template <class Result>
BatchResult result_or_failure(const BatchStudy& study, std::vector<std::string>& failures,
                              const Result& result) {
  try {
    return result();
  } catch (const Error& error) {
    failures.push_back(fmt::format("{}: {}", study.name, error.what()));
    return {.name = study.name,
            .group = study.group,
            .state = "failed",
            .latency_s = std::nullopt,
            .accuracy = {}};
  }
}

void print_table(const report::PageTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    std::size_t width = character_count(table.columns[column]);
    for (const auto& row : table.rows) width = std::max(width, character_count(row[column]));
    widths.push_back(width);
  }
  const auto print_row = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      line += cells[column] + std::string(widths[column] - character_count(cells[column]) + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    fmt::print("{}\n", line);
  };
  print_row(table.columns);
  for (const auto& row : table.rows) print_row(row);
}

void write_summary(const std::filesystem::path& folder, const std::string& name,
                   const std::vector<BatchResult>& results, const std::string& state) {
  report::StudyPage page;
  page.kind = "batch of studies";
  page.title = name;
  page.state = state;
  page.synthetic_data = std::any_of(results.begin(), results.end(),
                                    [](const BatchResult& result) { return result.synthetic; });
  page.tables = {study::groups_table(results), study::studies_table(results)};
  write_file(folder / "summary.csv", study::groups_csv(results));
  write_file(folder / "studies.csv", study::studies_csv(results));
  write_file(folder / "report.html", report::study_html(page));
}

}  // namespace

int search_batch(int argc, const char* const* argv) {
  po::options_description options("options", 100);
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "folder for the folders of the studies (default: the file's name without "
                        "its ending)");
  const std::string word = take_word(argc, argv);
  const auto values = parse_command_line(argc, argv, kUsage, options);
  if (!values) return kDone;
  if (word.empty())
    throw Error(fmt::format("FILE: found none, allowed: a batch; usage: {}", kUsage.synopsis));
  const std::filesystem::path file = word;
  const std::filesystem::path folder = std::filesystem::absolute(
      values->count("out") > 0 ? std::filesystem::path((*values)["out"].as<std::string>())
                               : file.stem());
  const std::vector<BatchStudy> studies = study::read_batch(file, folder);
  {
    const LongWork shown("loading the data");
    study::check_batch(studies);
  }
  const RunFolder owned(folder, "inas-search", {"summary.csv", "studies.csv", "report.html"});
  const Stop stop = stop_by_signals();
  std::vector<BatchResult> results;
  for (const BatchStudy& study : studies) {
    std::vector<std::string> told_at_its_turn;
    results.push_back(
        result_or_failure(study, told_at_its_turn, [&] { return study::result_of(study); }));
  }
  std::vector<std::string> failures;
  for (std::size_t index = 0; index < studies.size() && !stop; ++index) {
    const BatchStudy& study = studies[index];
    fmt::print("[{}/{}] {}{}\n", index + 1, studies.size(), study.name,
               results[index].over ? fmt::format(": {}", results[index].state) : "");
    if (results[index].over) continue;
    const std::size_t failed_before = failures.size();
    results[index] = result_or_failure(study, failures, [&] {
      run_study(study, stop);
      return study::result_of(study);
    });
    // The others may still be of use: of many, one may meet a damaged file.
    if (failures.size() > failed_before) fmt::print("failed: {}\n", failures.back());
    write_summary(folder, file.stem().string(), results, "running");
  }
  const char* const state = stop ? "interrupted" : failures.empty() ? "complete" : "incomplete";
  write_summary(folder, file.stem().string(), results, state);
  fmt::print("\n");
  print_table(study::groups_table(results));
  fmt::print("written to {}: summary.csv, studies.csv, report.html\n", folder.string());
  if (!failures.empty()) {
    throw Error(fmt::format("{} of {} studies failed, called again they are tried again: {}",
                            failures.size(), studies.size(), fmt::join(failures, "; ")));
  }
  return stop ? kInterrupted : kDone;
}

}  // namespace inas::apps
