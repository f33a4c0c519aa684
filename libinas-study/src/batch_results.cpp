#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include <fmt/format.h>

#include <inas/report/number_text.hpp>
#include <inas/study/batch.hpp>
#include <inas/study/location.hpp>
#include <inas/study/store.hpp>

namespace inas::study {
namespace {

/// What came of the studies of a group.
struct Group {
  std::string name;
  std::int64_t studies = 0;
  bool synthetic = false;
  Spread validation = {};
  Spread test = {};
  Spread deployed = {};
  Spread latency_s = {};
};

template <class Get>
Spread spread_in(const std::vector<BatchResult>& results, const std::string& group, Get get) {
  std::vector<double> all;
  for (const BatchResult& result : results) {
    if (result.group != group) continue;
    if (const std::optional<double> value = get(result)) all.push_back(*value);
  }
  return spread_of(all);
}

/// In the order in which they first occur.
std::vector<Group> groups_of(const std::vector<BatchResult>& results) {
  std::vector<Group> groups;
  for (const BatchResult& result : results) {
    auto at = std::find_if(groups.begin(), groups.end(),
                           [&](const Group& group) { return group.name == result.group; });
    if (at == groups.end()) at = groups.insert(at, Group{.name = result.group});
    ++at->studies;
    at->synthetic = at->synthetic || result.synthetic;
  }
  for (Group& group : groups) {
    const auto of = [&](auto get) { return spread_in(results, group.name, get); };
    group.validation = of([](const BatchResult& result) { return result.accuracy.validation; });
    group.test = of([](const BatchResult& result) { return result.accuracy.test; });
    group.deployed = of([](const BatchResult& result) { return result.accuracy.deployed; });
    group.latency_s = of([](const BatchResult& result) { return result.latency_s; });
  }
  return groups;
}

std::string seconds_text(const Spread& seconds) {
  if (seconds.count == 0) return "–";
  if (!seconds.deviation) return fmt::format("{:.4g}", seconds.mean);
  return fmt::format("{:.4g} ± {:.2g}", seconds.mean, *seconds.deviation);
}

std::string share_text(const std::optional<double>& share) {
  return share ? report::percent_text(*share) : "–";
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) text += ',';
    if (cell.find_first_of(",\"\n") == std::string::npos) {
      text += cell;
      continue;
    }
    text += '"';
    for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
  }
  return text + "\n";
}

std::string number_cell(const std::optional<double>& number) {
  return number ? fmt::format("{}", *number) : "";
}

void add_cells(std::vector<std::string>& cells, const Spread& spread) {
  cells.push_back(spread.count == 0 ? "" : number_cell(spread.mean));
  cells.push_back(number_cell(spread.deviation));
}

}  // namespace

BatchResult result_of(const BatchStudy& study) {
  BatchResult result;
  result.name = study.name;
  result.group = study.group;
  result.state = "not begun";
  const Location location = location_in(study.settings);
  if (!Store::exists(location)) return result;
  Store store = Store::open(location, Access::read);
  const StudyRecord record = store.study();
  const std::vector<TrialRecord> trials = store.trials();
  result.over = record.state == StudyState::complete;
  const bool nothing = result.over && !record.final_accuracy.test;
  result.state = nothing ? "no feasible network" : to_string(record.state);
  result.trials = std::ssize(trials);
  result.accuracy = record.final_accuracy;
  result.search_s = record.search_s;
  result.synthetic = record.facts.synthetic;
  if (record.final_trial > 0 && record.final_trial <= std::ssize(trials)) {
    result.latency_s = trials[static_cast<std::size_t>(record.final_trial - 1)].costs.latency_s;
  }
  return result;
}

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  spread.count = std::ssize(values);
  if (values.empty()) return spread;
  for (const double value : values) spread.mean += value / static_cast<double>(spread.count);
  if (spread.count < 2) return spread;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / static_cast<double>(spread.count - 1));
  return spread;
}

std::string percent_text(const Spread& shares) {
  if (shares.count == 0) return "–";
  if (!shares.deviation) return report::percent_text(shares.mean);
  return fmt::format("{:.2f} ± {:.2f} %", 100 * shares.mean, 100 * *shares.deviation);
}

report::PageTable groups_table(const std::vector<BatchResult>& results) {
  report::PageTable table;
  table.title = "Groups";
  table.text = "Mean ± standard deviation over the seeds.";
  table.columns = {"group", "studies", "validation", "test", "deployed", "latency s", "data"};
  for (const Group& group : groups_of(results)) {
    table.rows.push_back({group.name, fmt::format("{} of {}", group.test.count, group.studies),
                          percent_text(group.validation), percent_text(group.test),
                          percent_text(group.deployed), seconds_text(group.latency_s),
                          group.synthetic ? "synthetic" : ""});
  }
  return table;
}

report::PageTable studies_table(const std::vector<BatchResult>& results) {
  report::PageTable table;
  table.title = "Studies";
  table.columns = {"study",    "state",     "trials",   "validation", "test",
                   "deployed", "latency s", "search s", "data"};
  for (const BatchResult& result : results) {
    table.rows.push_back({result.name, result.state, fmt::format("{}", result.trials),
                          share_text(result.accuracy.validation), share_text(result.accuracy.test),
                          share_text(result.accuracy.deployed),
                          result.latency_s ? fmt::format("{:.4g}", *result.latency_s) : "–",
                          fmt::format("{:.0f}", result.search_s),
                          result.synthetic ? "synthetic" : ""});
  }
  return table;
}

std::string groups_csv(const std::vector<BatchResult>& results) {
  std::string text =
      "group,studies,complete,synthetic,validation_mean,validation_sd,test_mean,test_sd,"
      "deployed_mean,deployed_sd,latency_s_mean,latency_s_sd\n";
  for (const Group& group : groups_of(results)) {
    std::vector<std::string> cells{group.name, fmt::format("{}", group.studies),
                                   fmt::format("{}", group.test.count),
                                   group.synthetic ? "1" : "0"};
    for (const Spread* spread :
         {&group.validation, &group.test, &group.deployed, &group.latency_s}) {
      add_cells(cells, *spread);
    }
    text += csv_line(cells);
  }
  return text;
}

std::string studies_csv(const std::vector<BatchResult>& results) {
  std::string text =
      "study,group,state,trials,synthetic,validation,test,deployed,latency_s,search_s\n";
  for (const BatchResult& result : results) {
    text += csv_line({result.name, result.group, result.state, fmt::format("{}", result.trials),
                      result.synthetic ? "1" : "0", number_cell(result.accuracy.validation),
                      number_cell(result.accuracy.test), number_cell(result.accuracy.deployed),
                      number_cell(result.latency_s), number_cell(result.search_s)});
  }
  return text;
}

}  // namespace inas::study
