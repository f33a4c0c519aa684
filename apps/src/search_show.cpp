#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/set_setting.hpp>
#include <inas/nas/trial.hpp>
#include <inas/report/number_text.hpp>
#include <inas/study/page.hpp>
#include <inas/study/store.hpp>

#include "command_line.hpp"
#include "long_work.hpp"
#include "report.hpp"
#include "search_commands.hpp"

namespace inas::apps {

namespace {

namespace po = boost::program_options;
using study::TrialRecord;

const Usage kShowUsage{
    "inas-search show", "inas-search show STUDY [--trials]",
    R"(Prints a study, running or not, and changes nothing. Trials that are short were trained less
than in full, to choose those that are. STUDY: the folder of its results, its file, or
postgresql://HOST/DATABASE[#NAME].
Exit code: 0 done, 2 bad input.)"};

const Usage kExportUsage{
    "inas-search export", "inas-search export STUDY --csv FILE",
    R"(Writes the trials of a study, running or not, as CSV; docs/studies.md explains the columns.
STUDY: the folder of its results, its file, or postgresql://HOST/DATABASE[#NAME].
Exit code: 0 done, 2 bad input.)"};

const Usage kReportUsage{
    "inas-search report", "inas-search report STUDY [--out FILE]",
    R"(Writes the page of a study, running or not: one HTML file that needs no network, with the
accuracies and latencies of all trials, the best network and where its time and energy go.
STUDY: the folder of its results, its file, or postgresql://HOST/DATABASE[#NAME].
Exit code: 0 done, 2 bad input.)"};

/// The study that a command line names, and its options.
struct StudyCommand {
  study::Location location;
  po::variables_map options;
};

/// Nothing if help or the version was asked for.
std::optional<StudyCommand> parse_study_command(int argc, const char* const* argv,
                                                const Usage& usage,
                                                const po::options_description& options) {
  const std::string text = take_word(argc, argv);
  auto values = parse_command_line(argc, argv, usage, options);
  if (!values) return std::nullopt;
  if (text.empty())
    throw Error(fmt::format("STUDY: found none, allowed: a study; usage: {}", usage.synopsis));
  return StudyCommand{study::parse_location(text), *std::move(values)};
}

std::string line_of(const TrialRecord& trial, const Settings& settings) {
  std::string line = fmt::format("trial {:>4}  {:<24} {:<10}", trial.number,
                                 to_string(trial.architecture), study::progress_of(trial));
  if (trial.accuracy) line += fmt::format(" {:>8}", report::percent_text(*trial.accuracy));
  if (trial.why.empty() && trial.costs.latency_s) {
    line += fmt::format("  {:8.4g} s", *trial.costs.latency_s);
  }
  if (trial.accuracy && trial.effort < nas::full_effort(settings)) line += "  short";
  if (!trial.why.empty()) line += ' ' + trial.why;
  return line;
}

void print_study(const study::StudyRecord& study, const std::vector<TrialRecord>& trials,
                 const std::optional<std::string>& coordinator) {
  const Settings& settings = study.settings;
  fmt::print("begun {} by version {}, {}; {:.0f} s of search\n", report::date_text(study.created_s),
             study.software, study::to_string(study.state), study.search_s);
  if (coordinator) {
    fmt::print("running: {}\n", *coordinator);
  } else if (study.state != study::StudyState::complete) {
    fmt::print("not running; inas-search --resume goes on with it\n");
  }
  fmt::print("{}{}, data {}; strategy {}, seed {}, {}\n", settings.data.name,
             study.facts.synthetic ? " (synthetic)" : "", study.data_hash.substr(0, 12),
             setting_text(settings, "search.strategy"), settings.search.seed,
             requirement_text(settings.search));
  std::map<std::string, std::int64_t> counts;
  for (const TrialRecord& trial : trials) ++counts[std::string(study::progress_of(trial))];
  std::vector<std::string> list;
  for (const auto& [name, count] : counts) list.push_back(fmt::format("{} {}", count, name));
  fmt::print("{} of {} trials{}\n", trials.size(), settings.search.trials,
             list.empty() ? "" : fmt::format(": {}", fmt::join(list, ", ")));
  if (!study.facts.search_end.empty()) {
    fmt::print("the search ended: {}\n", study.facts.search_end);
  }
  const TrialRecord* const best = study::best_of(trials);
  if (best != nullptr) fmt::print("best: {}\n", line_of(*best, settings));
  const SolutionAccuracy& accuracy = study.final_accuracy;
  if (accuracy.validation) {
    const auto text = [](const std::optional<double>& share) {
      return share ? report::percent_text(*share) : std::string("not measured");
    };
    fmt::print("retrained trial {} for {} epochs: validation {}, test {}, deployed {}\n",
               study.final_trial, study.final_epochs, text(accuracy.validation),
               text(accuracy.test), text(accuracy.deployed));
  }
}

}  // namespace

int search_show(int argc, const char* const* argv) {
  po::options_description options("options", 100);
  options.add_options()("trials", po::bool_switch(), "print every trial, too");
  const auto command = parse_study_command(argc, argv, kShowUsage, options);
  if (!command) return kDone;
  const auto& [location, values] = *command;
  std::optional<LongWork> shown(std::in_place, "reading the study");
  study::Store store = study::Store::open(location, study::Access::read);
  const study::StudyRecord study = store.study();
  const std::vector<TrialRecord> trials = store.trials();
  const std::optional<std::string> coordinator = store.coordinator();
  shown.reset();
  fmt::print("{}\n", study::describe(location));
  print_study(study, trials, coordinator);
  if (values["trials"].as<bool>()) {
    for (const TrialRecord& trial : trials) fmt::print("{}\n", line_of(trial, study.settings));
  }
  return kDone;
}

int search_export(int argc, const char* const* argv) {
  po::options_description options("options", 100);
  options.add_options()("csv", po::value<std::string>()->value_name("FILE"),
                        "file to write the trials to (required); /dev/stdout prints them");
  const auto command = parse_study_command(argc, argv, kExportUsage, options);
  if (!command) return kDone;
  const auto& [location, values] = *command;
  if (values.count("csv") == 0)
    throw Error("--csv: found none, allowed: a file to write the trials to");
  check_outputs(values, {"csv"});
  const LongWork shown("reading the study");
  study::Store store = study::Store::open(location, study::Access::read);
  write_file(values["csv"].as<std::string>(), study::to_csv(store.trials()));
  return kDone;
}

int search_report(int argc, const char* const* argv) {
  po::options_description options("options", 100);
  options.add_options()("out", po::value<std::string>()->value_name("FILE"),
                        "file to write (default: report.html beside a study in a file, and here "
                        "for one of PostgreSQL)");
  const auto command = parse_study_command(argc, argv, kReportUsage, options);
  if (!command) return kDone;
  const auto& [location, values] = *command;
  check_outputs(values, {"out"});
  std::filesystem::path file = location.file.parent_path() / study::kReportFile;
  if (values.count("out") > 0) file = values["out"].as<std::string>();
  std::optional<LongWork> shown(std::in_place, "making the page");
  study::Store store = study::Store::open(location, study::Access::read);
  write_file(file, report::study_html(study::page_of(store)));
  shown.reset();
  fmt::print("written to {}\n", file.string());
  return kDone;
}

}  // namespace inas::apps
