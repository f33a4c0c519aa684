#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include <inas/report/number_text.hpp>
#include <inas/study/batch.hpp>
#include <inas/study/location.hpp>
#include <inas/study/store.hpp>

namespace inas::study {
namespace {

template <class Get>
std::vector<double> values(const std::vector<BatchResult>& results, const std::string& group,
                           Get get) {
  std::vector<double> all;
  for (const BatchResult& result : results) {
    if (result.group != group) continue;
    if (const std::optional<double> value = get(result)) all.push_back(*value);
  }
  return all;
}

std::string seconds_text(const Spread& seconds) {
  if (seconds.count == 0) return "–";
  if (!seconds.deviation) return fmt::format("{:.4g}", seconds.mean);
  return fmt::format("{:.4g} ± {:.2g}", seconds.mean, *seconds.deviation);
}

std::string share_text(const std::optional<double>& share) {
  return share ? report::percent_text(*share) : "–";
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
  std::vector<std::string> groups;
  std::map<std::string, std::int64_t> sizes;
  std::map<std::string, bool> synthetic;
  for (const BatchResult& result : results) {
    if (sizes[result.group]++ == 0) groups.push_back(result.group);
    synthetic[result.group] = synthetic[result.group] || result.synthetic;
  }
  for (const std::string& group : groups) {
    const auto of = [&](auto get) { return spread_of(values(results, group, get)); };
    const Spread test = of([](const BatchResult& r) { return r.accuracy.test; });
    table.rows.push_back(
        {group, fmt::format("{} of {}", test.count, sizes[group]),
         percent_text(of([](const BatchResult& r) { return r.accuracy.validation; })),
         percent_text(test),
         percent_text(of([](const BatchResult& r) { return r.accuracy.deployed; })),
         seconds_text(of([](const BatchResult& r) { return r.latency_s; })),
         synthetic[group] ? "synthetic" : ""});
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

std::string to_csv(const report::PageTable& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text;
    for (const std::string& cell : cells) {
      if (!text.empty()) text += ',';
      const bool plain = cell.find_first_of(",\"\n") == std::string::npos;
      if (plain) {
        text += cell;
        continue;
      }
      text += '"';
      for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
      text += '"';
    }
    return text + "\n";
  };
  std::string text = line(table.columns);
  for (const std::vector<std::string>& row : table.rows) text += line(row);
  return text;
}

}  // namespace inas::study
