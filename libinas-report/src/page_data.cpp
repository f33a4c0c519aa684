#include "page_data.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/report/number_text.hpp>

#include "findings.hpp"

namespace inas::report {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no infinity.
Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::stod(fmt::format("{:.7g}", value));
}

template <class T>
Json number_or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  if constexpr (std::is_integral_v<T>) {
    return *value;
  } else {
    return number(*value);
  }
}

/// Texts that repeat, each once.
class Words {
 public:
  std::size_t index_of(const std::string& word) {
    const auto [at, is_new] = indices_.try_emplace(word, indices_.size());
    if (is_new) words_.push_back(word);
    return at->second;
  }
  [[nodiscard]] const Json& list() const { return words_; }

 private:
  std::map<std::string, std::size_t> indices_;
  Json words_ = Json::array();
};

/// The columns that the script knows. One in which no trial has anything is left out.
Json trial_columns(const StudyPage& page) {
  Words outcomes;
  Json columns;
  const auto add = [&](const char* name, const auto& cell_of) {
    Json column = Json::array();
    bool any = false;
    for (const TrialRow& trial : page.trials) {
      column.push_back(cell_of(trial));
      any = any || !column.back().is_null();
    }
    if (any) columns[name] = std::move(column);
  };
  const auto text = [](std::string value) {
    return value.empty() ? Json(nullptr) : Json(std::move(value));
  };
  const auto positive = [](auto value) { return value > 0 ? Json(value) : Json(nullptr); };

  add("number", [](const TrialRow& trial) { return Json(trial.number); });
  add("architecture", [&](const TrialRow& trial) { return text(trial.architecture); });
  add("outcome", [&](const TrialRow& trial) { return Json(outcomes.index_of(trial.outcome)); });
  add("accuracy", [](const TrialRow& trial) { return number_or_null(trial.accuracy); });
  add("latency", [](const TrialRow& trial) { return number_or_null(trial.latency_s); });
  add("energy", [](const TrialRow& trial) { return number_or_null(trial.energy_j); });
  add("macs", [](const TrialRow& trial) { return number_or_null(trial.macs); });
  add("weights", [](const TrialRow& trial) { return number_or_null(trial.weight_bytes); });
  add("nvm", [](const TrialRow& trial) { return number_or_null(trial.nvm_bytes); });
  add("epochs", [&](const TrialRow& trial) { return positive(trial.epochs); });
  add("images", [&](const TrialRow& trial) { return positive(trial.images); });
  add("seconds", [&](const TrialRow& trial) {
    return trial.seconds > 0 ? number(trial.seconds) : Json(nullptr);
  });
  add("reward", [](const TrialRow& trial) { return number_or_null(trial.reward); });
  add("reason", [&](const TrialRow& trial) {
    return trial.refusal ? text(trial.refusal->why) : Json(nullptr);
  });
  return {{"outcomes", outcomes.list()}, {"columns", std::move(columns)}};
}

/// The places of `rows` among the trials.
Json places(const StudyPage& page, const std::vector<const TrialRow*>& rows) {
  Json result = Json::array();
  for (const TrialRow* row : rows) result.push_back(row - page.trials.data());
  return result;
}

Json best_place(const StudyPage& page) {
  for (const TrialRow& trial : page.trials) {
    if (trial.is_best) return &trial - page.trials.data();
  }
  return nullptr;
}

Json refusals(const StudyPage& page) {
  Json result = Json::array();
  for (const RefusalCount& count : refusal_counts(page.trials)) {
    result.push_back({count.constraint, count.count});
  }
  return result;
}

/// Bars of energy: of the power cycles as scheduled, or of the layers.
Json energy_bars(const Winner& winner) {
  Json labels = Json::array();
  Json values = Json::array();
  if (winner.cycle_energy_j.empty()) {
    for (const WinnerLayer& layer : winner.layers) {
      labels.push_back(layer.layer.name);
      values.push_back(number(layer.energy_per_cycle_max_j));
    }
    return {{"of", "layer"}, {"labels", std::move(labels)}, {"energy", std::move(values)}};
  }
  const CycleBars bars = cycle_bars(winner.cycle_energy_j, kCycleBars);
  std::int64_t first = 1;
  for (const double energy_j : bars.energy_j) {
    labels.push_back(first);
    values.push_back(number(energy_j));
    first += bars.each;
  }
  return {{"of", "cycle"}, {"labels", std::move(labels)}, {"energy", std::move(values)}};
}

Json json_of(const std::vector<CostPart>& parts) {
  Json result = Json::array();
  for (const CostPart& part : parts) {
    result.push_back(
        {{"name", part.name}, {"time", number(part.time_s)}, {"energy", number(part.energy_j)}});
  }
  return result;
}

Json json_of(const Winner& winner) {
  Json layers = Json::array();
  for (const WinnerLayer& layer : winner.layers) {
    if (!layer.parts.empty()) {
      layers.push_back({{"name", layer.layer.name}, {"parts", json_of(layer.parts)}});
    }
  }
  return {{"bars", energy_bars(winner)},
          {"parts", json_of(winner.parts)},
          {"layers", std::move(layers)}};
}

}  // namespace

std::string page_data(const StudyPage& page) {
  Json data;
  data["synthetic"] = page.synthetic_data;
  data["requirement"] = number_or_null(page.latency_requirement_s);
  data["budget"] = number_or_null(page.energy_budget_j);
  data["trials"] = trial_columns(page);
  data["best"] = best_place(page);
  data["short"] = places(page, short_trials(page.trials));
  data["front"] = places(page, pareto_front(page.trials));
  data["improvements"] = places(page, improvements(page.trials, page.latency_requirement_s));
  data["refusals"] = refusals(page);
  data["winner"] = page.winner ? json_of(*page.winner) : Json(nullptr);
  return data.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace inas::report
