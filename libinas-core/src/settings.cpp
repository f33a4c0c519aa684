#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

#include "settings_json.hpp"

namespace inas {
namespace {

constexpr std::array kDataNames{"fashion-mnist", "mnist",   "idx", "cifar10",         "numpy",
                                "images",        "windows", "har", "speech-commands", "sounds"};
constexpr std::int64_t kMillion = 1'000'000;

template <class T>
void require_range(const char* key, T found, T low, T high) {
  if (!(found >= low && found <= high)) {
    throw InvalidArgument(fmt::format("{}: found {}, allowed: {} to {}", key, found, low, high));
  }
}

void require_positive(const char* key, double found) {
  if (!(found > 0) || !std::isfinite(found)) {
    throw InvalidArgument(fmt::format("{}: found {}, allowed: a positive number", key, found));
  }
}

void validate_columns(const DataSettings& data) {
  const DataSettings none;
  const auto refuse = [](const char* key, const std::string& found, const char* allowed) {
    throw InvalidArgument(fmt::format("{}: found \"{}\", allowed: {}", key, found, allowed));
  };
  if (data.name != "windows") {
    constexpr const char* kNothing = "none, because data.name is not \"windows\"";
    if (data.label_column != none.label_column) {
      refuse("data.label_column", data.label_column, kNothing);
    }
    if (!data.group_column.empty()) refuse("data.group_column", data.group_column, kNothing);
    if (!data.window_column.empty()) refuse("data.window_column", data.window_column, kNothing);
    if (!data.channel_columns.empty()) {
      refuse("data.channel_columns", data.channel_columns.front(), kNothing);
    }
    return;
  }
  if (data.label_column.empty()) refuse("data.label_column", "", "the name of a column");
  std::set<std::string> used{data.label_column};
  const auto use = [&](const char* key, const std::string& name) {
    if (!used.insert(name).second) refuse(key, name, "a column that no other key names");
  };
  if (!data.group_column.empty()) use("data.group_column", data.group_column);
  if (!data.window_column.empty()) use("data.window_column", data.window_column);
  for (const std::string& name : data.channel_columns) use("data.channel_columns", name);
}

void validate_data(const DataSettings& data) {
  if (std::find(kDataNames.begin(), kDataNames.end(), data.name) == kDataNames.end()) {
    throw InvalidArgument(fmt::format("data.name: found \"{}\", allowed: {}", data.name,
                                      fmt::join(kDataNames, ", ")));
  }
  require_range<std::int64_t>("data.train_images", data.train_images, 0, 100 * kMillion);
  require_range<std::int64_t>("data.validation_images", data.validation_images, 1, 100 * kMillion);
  validate_columns(data);
}

void validate_search(const SearchSettings& search) {
  std::vector<std::string_view> names;
  for (const StrategyInfo& strategy : strategies()) names.push_back(strategy.name);
  if (std::find(names.begin(), names.end(), search.strategy) == names.end()) {
    throw InvalidArgument(fmt::format("search.strategy: found \"{}\", allowed: {}", search.strategy,
                                      fmt::join(names, ", ")));
  }
  require_range<std::int64_t>("search.trials", search.trials, 1, 1000 * kMillion);
  require_range("search.budget", search.budget, 0.0, 1e9);
  require_positive("search.latency_requirement_s", search.latency_requirement_s);
  require_range("search.time_limit_s", search.time_limit_s, 0.0, 1e9);
  require_range("search.run_limit_s", search.run_limit_s, 0.0, 1e9);
  require_range<std::int64_t>("search.parallelism", search.parallelism, 1, 4096);
  require_range<std::int64_t>("search.workers", search.workers, 1, 256);
}

void validate_controller(const ControllerSettings& controller) {
  require_range<std::int64_t>("controller.cells", controller.cells, 1, 4096);
  require_range<std::int64_t>("controller.embedding", controller.embedding, 1, 4096);
  require_range("controller.exploration", controller.exploration, 0.0, 1.0);
  require_range("controller.regularization", controller.regularization, 0.0, 1e6);
  require_range("controller.accuracy_beta", controller.accuracy_beta, 0.0, 1.0);
  require_range("controller.clip_rewards", controller.clip_rewards, 0.0, 1e6);
  require_positive("controller.learning_rate", controller.learning_rate);
  require_range("controller.decay_rate", controller.decay_rate, 0.0, 1.0);
  require_range<std::int64_t>("controller.decay_steps", controller.decay_steps, 1, 1000 * kMillion);
}

void validate_training(const TrainingSettings& training) {
  require_range<std::int64_t>("training.epochs", training.epochs, 1, kMillion);
  require_range<std::int64_t>("training.batch_size", training.batch_size, 1, kMillion);
  require_positive("training.learning_rate", training.learning_rate);
  require_range<std::int64_t>("training.final_epochs", training.final_epochs, 0, kMillion);
  require_range<std::int64_t>("training.final_train_images", training.final_train_images, 0,
                              100 * kMillion);
  require_range<std::int64_t>("training.gpu", training.gpu, -1, 1023);
  require_range("training.time_limit_s", training.time_limit_s, 0.0, 1e9);
}

void validate_recipe(const Settings& settings) {
  if (settings.training.recipe != TrainingRecipe::batch_norm) return;
  if (!settings.space.bias) {
    throw InvalidArgument(
        "training.recipe: found \"batch_norm\", allowed: \"plain\", because network.bias is false "
        "and batch normalisation ends in biases");
  }
  if (settings.training.batch_size < kLeastNormalisedBatch) {
    throw InvalidArgument(fmt::format(
        "training.batch_size: found {}, allowed: {} to {} with the training.recipe \"batch_norm\"",
        settings.training.batch_size, kLeastNormalisedBatch, kMillion));
  }
}

}  // namespace

void validate(const Settings& settings) {
  validate_data(settings.data);
  validate(settings.space);
  validate(settings.platform);
  validate(settings.power);
  validate_search(settings.search);
  if (settings.explorer.loop_orders.none()) {
    throw InvalidArgument("explorer.loop_orders: found [], allowed: at least one of I, W, O");
  }
  validate(settings.strategies);
  validate_controller(settings.controller);
  validate_training(settings.training);
  validate_recipe(settings);
  if (settings.out.empty()) {
    throw InvalidArgument("out: found \"\", allowed: the name of a folder");
  }
}

Settings parse_settings(std::string_view text, const std::string& source) {
  const nlohmann::json document = json::parse(text, source);
  json::Reader reader(source, document);
  Settings settings;
  if (is_original_form(reader)) {
    read_original_settings(reader, settings);
  } else {
    read_settings(reader, settings);
  }
  reader.finish();
  try {
    validate(settings);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("{}: {}", source, error.what()));
  }
  return settings;
}

Settings load_settings(const std::filesystem::path& path) {
  return parse_settings(read_file(path, kMostTextBytes), path.string());
}

std::string to_json(const Settings& settings) {
  return dump_text(settings_document(settings), "settings");
}

std::string_view to_string(Divisors legal) {
  return legal == Divisors::published ? "published" : "all";
}

std::string to_string(const LoopOrders& orders) {
  std::string text;
  for (const LoopOrder order : {LoopOrder::reuse_I, LoopOrder::reuse_W, LoopOrder::reuse_O}) {
    if (orders.has(order)) text += letter(order);
  }
  return text;
}

LoopOrders parse_loop_orders(std::string_view text) {
  LoopOrders orders{false, false, false};
  for (const char order : text) {
    bool* const field = order == 'I'   ? &orders.I
                        : order == 'W' ? &orders.W
                        : order == 'O' ? &orders.O
                                       : nullptr;
    if (field == nullptr || *field) {
      throw InvalidArgument(
          fmt::format("loop orders: found \"{}\", allowed: some of I, W, O, each once", text));
    }
    *field = true;
  }
  if (orders.none()) {
    throw InvalidArgument("loop orders: found \"\", allowed: some of I, W, O, each once");
  }
  return orders;
}

Units parse_units(const std::vector<std::string>& names) {
  Units units;
  for (const std::string& name : names) {
    const bool is_lea = name == to_string(Unit::lea);
    bool& unit = is_lea ? units.lea : units.cpu;
    if ((!is_lea && name != to_string(Unit::cpu)) || unit) {
      throw InvalidArgument(fmt::format("units: found \"{}\", allowed: cpu, lea, each once", name));
    }
    unit = true;
  }
  return units;
}

std::string_view to_string(PowerKind kind) {
  return kind == PowerKind::intermittent ? "intermittent" : "continuous";
}

std::string_view to_string(TrainingRecipe recipe) {
  return recipe == TrainingRecipe::plain ? "plain" : "batch_norm";
}

}  // namespace inas
