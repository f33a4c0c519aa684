#include "settings_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include <inas/core/strategies.hpp>

namespace inas {
namespace {

template <class T>
std::vector<std::pair<std::string_view, T>> names(std::initializer_list<T> values) {
  std::vector<std::pair<std::string_view, T>> all;
  for (const T value : values) all.emplace_back(to_string(value), value);
  return all;
}

/// Names the keys that only other families have, which the reader would take for typing errors.
void refuse_keys(json::Reader& reader, std::initializer_list<const char*> keys,
                 NetworkFamily family, const char* families) {
  for (const char* key : keys) {
    if (!reader.has(key)) continue;
    reader.fail(key, fmt::format("the key with the family {}", to_string(family)),
                fmt::format("the key with {} alone", families));
  }
}

void read_layers(json::Reader& reader, SearchSpace& space) {
  refuse_keys(reader,
              {"resolutions", "stem_kernel", "stem_filters", "widths", "width_percents",
               "expansions", "depths", "skips"},
              space.family, "blocks");
  reader.read("layers", space.layers);
  reader.read("kernels", space.kernels);
  reader.read("filters", space.filters);
  reader.read("strides", space.strides);
  reader.read("paddings", space.paddings);
  reader.read("pools", space.pools);
}

/// The choices of blocks where settings name none: nothing of another family's.
void set_blocks(SearchSpace& space) {
  const SearchSpace none;
  space.layers = none.layers;
  space.filters = none.filters;
  space.paddings = none.paddings;
  space.pools = none.pools;
  space.kernels = {1, 3, 5, 7};
  space.strides = {1, 2};
  space.blocks.resolutions = {space.input.height};
}

void read_blocks(json::Reader& reader, SearchSpace& space) {
  refuse_keys(reader, {"layers", "filters", "paddings", "pools"}, space.family,
              "conv2d, conv1d or fc");
  BlockChoices& blocks = space.blocks;
  reader.read("resolutions", blocks.resolutions);
  reader.read("stem_kernel", blocks.stem_kernel);
  reader.read("stem_filters", blocks.stem_filters);
  reader.read("widths", blocks.widths);
  reader.read("width_percents", blocks.width_percents);
  reader.read("expansions", blocks.expansions);
  reader.read("kernels", space.kernels);
  reader.read("depths", blocks.depths);
  reader.read("skips", blocks.skips);
  reader.read("strides", space.strides);
}

void read_space(json::Reader& reader, SearchSpace& space) {
  const bool had_blocks = has_blocks(space);
  std::vector<std::pair<std::string_view, NetworkFamily>> families;
  for (const NetworkFamily family : kNetworkFamilies) {
    families.emplace_back(to_string(family), family);
  }
  reader.read_name("family", space.family, families);
  std::vector<std::int64_t> input{space.input.channels, space.input.height, space.input.width};
  reader.read("input", input);
  if (input.size() != 3) {
    reader.fail("input", fmt::format("{}", input), "three numbers [channels, height, width]");
  }
  space.input = {input[0], input[1], input[2]};
  reader.read("classes", space.classes);
  if (!has_blocks(space)) return read_layers(reader, space);
  if (!had_blocks) set_blocks(space);
  read_blocks(reader, space);
}

/// ["I", "W", "O"], or some of them, each once.
void read_loop_orders(json::Reader& reader, LoopOrders& orders) {
  if (!reader.has("loop_orders")) {
    reader.skip("loop_orders");
    return;
  }
  std::vector<std::string> letters;
  reader.read("loop_orders", letters);
  try {
    // A text of several letters is none of them.
    std::string text;
    for (const std::string& one : letters) text += one.size() == 1 ? one : "?";
    orders = parse_loop_orders(text);
  } catch (const InvalidArgument&) {
    reader.fail("loop_orders", fmt::format("{}", letters), "some of I, W, O, each once");
  }
}

/// ["cpu"], ["lea"], both, or none.
void read_units(json::Reader& reader, Units& units) {
  std::vector<std::string> found;
  if (!reader.has("units")) return reader.skip("units");
  reader.read("units", found);
  try {
    units = parse_units(found);
  } catch (const InvalidArgument&) {
    reader.fail("units", fmt::format("{}", found), "some of cpu, lea, each once");
  }
}

std::vector<std::string> names_of(const Units& units) {
  std::vector<std::string> names;
  for (const Unit unit : {Unit::cpu, Unit::lea}) {
    if (units.has(unit)) names.emplace_back(to_string(unit));
  }
  return names;
}

/// One of the strategies' names.
void read_strategy(json::Reader& search, std::string& name) {
  std::vector<std::pair<std::string_view, std::string>> known;
  for (const StrategyInfo& strategy : strategies()) {
    known.emplace_back(strategy.name, strategy.name);
  }
  search.read_name("strategy", name, known);
}

/// A section for each strategy that has options, named as it.
void read_strategies(json::Reader& reader, StrategyOptions& options) {
  for (const StrategyInfo& strategy : strategies()) {
    if (strategy.options.empty()) continue;
    reader.read_object(std::string(strategy.name).c_str(), [&](json::Reader& section) {
      for (const StrategyOption& option : strategy.options) {
        const std::string key = fmt::format("{}.{}", strategy.name, option.name);
        std::visit(
            [&](auto value) {
              section.read(std::string(option.name).c_str(), value);
              options.set(key, std::move(value));
            },
            options.at(key));
      }
    });
  }
}

void write_strategies(nlohmann::ordered_json& document, const StrategyOptions& options) {
  for (const StrategyInfo& strategy : strategies()) {
    for (const StrategyOption& option : strategy.options) {
      std::visit(
          [&](const auto& value) {
            document[std::string(strategy.name)][std::string(option.name)] = value;
          },
          options.at(fmt::format("{}.{}", strategy.name, option.name)));
    }
  }
}

std::vector<std::string> letters_of(const LoopOrders& orders) {
  std::vector<std::string> letters;
  for (const char order : to_string(orders)) letters.emplace_back(1, order);
  return letters;
}

// The original's sections and keys, with the defaults of its code. Facts from its settings.py.

constexpr std::array kOriginalSections{"GLOBAL_SETTINGS", "CUDA_SETTINGS",   "PLATFORM_SETTINGS",
                                       "NAS_SETTINGS",    "DUMPER_SETTINGS", "LOG_SETTINGS"};

/// Top-level keys of this project's form, which must not stand beside the original's sections.
constexpr std::array kOwnSections{"data",     "space",    "network", "platform",
                                  "power",    "explorer", "search",  "controller",
                                  "training", "out",      "suffix",  "comment"};

void read_original_cuda(json::Reader& reader, Settings& settings) {
  // The original writes the number as a text.
  if (!reader.is_text("GPUID")) {
    reader.read("GPUID", settings.training.gpu);
    return;
  }
  std::string text;
  reader.read("GPUID", text);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, settings.training.gpu);
  if (error != std::errc() || stop != end) {
    reader.fail("GPUID", json::shown(text), "the number of a device, -1 for the CPU");
  }
}

void read_original_platform(json::Reader& reader, Settings& settings) {
  int mcu = 0;
  reader.read_name("MCU_TYPE", mcu, {{"MSP430", 0}});
  PowerSupply& power = settings.power;
  power.ehm_resistance_ohm = 300;
  Platform& platform = settings.platform;
  platform = published_platform();
  reader.read("CCAP", power.capacitance_f);
  reader.read("REHM", power.ehm_resistance_ohm);
  reader.read("VON", power.von_v);
  reader.read("VOFF", power.voff_v);
  reader.read("VSUP", power.vsup_v);
  reader.read("EAV_SAFE_MARGIN", power.margin);
  reader.read("VM_CAPACITY", platform.vm_bytes);
  reader.read("NVM_CAPACITY", platform.nvm_bytes);
  reader.read("DATA_SZ", platform.data_bytes);
  reader.read("CPU_CLOCK", platform.clock_hz);
  reader.read("LAT_E2E_REQ", settings.search.latency_requirement_s);
  reader.read_name("POW_TYPE", power.kind,
                   {{"INT", PowerKind::intermittent}, {"CONT", PowerKind::continuous}});
}

void read_original_search(json::Reader& reader, Settings& settings) {
  SearchSpace& space = settings.space;
  space.input = {3, 32, 32};
  settings.data = {};
  settings.data.name = "cifar10";
  settings.data.train_images = 0;
  settings.data.validation_images = 5'000;
  settings.search.strategy = "reinforce";
  settings.training.epochs = 25;
  settings.training.final_epochs = 0;

  bool unused = false;
  reader.read("DETERMINISTIC_FLOW", unused);  // searches with one seed always repeat
  reader.read_name("DATASET", settings.data.name,
                   {{"CIFAR10", "cifar10"},
                    {"HAR", "har"},
                    {"KWS", "speech-commands"},
                    {"MNIST", "fashion-mnist"},
                    {"FASHION-MNIST", "fashion-mnist"}});
  reader.read_name("MODEL_FN_TYPE", space.family,
                   {{"MODEL_FN_CONV2D", NetworkFamily::convolution_2d},
                    {"MODEL_FN_CONV1D", NetworkFamily::convolution_1d},
                    {"MODEL_FN_FC", NetworkFamily::fully_connected}});
  std::int64_t channels = 3;
  std::int64_t size = 32;
  reader.read("IMG_CHANNEL", channels);
  reader.read("IMG_SIZE", size);
  space.input = {channels, size, space.family == NetworkFamily::convolution_2d ? size : 1};
  if (space.family == NetworkFamily::fully_connected) space.kernels.clear();
  reader.read("CONV_NUM_FILTERS", space.filters);
  reader.read("CONV_KERNEL_SIZES", space.kernels);
  reader.read("NUM_LAYERS", space.layers);
  reader.read("NUM_CLASS", space.classes);

  reader.read("SEED", settings.search.seed);
  reader.read("TRIALS", settings.search.trials);
  reader.read("EPOCH", settings.training.epochs);
  reader.read("CHILD_BATCHSIZE", settings.training.batch_size);
  reader.read("EXPLORATION", settings.controller.exploration);
  reader.read("REGULARIZATION", settings.controller.regularization);
  reader.read("CONTROLLER_CELLS", settings.controller.cells);
  reader.read("EMBEDDING_DIM", settings.controller.embedding);
  reader.read("ACCURACY_BETA", settings.controller.accuracy_beta);
  reader.read("CLIP_REWARDS", settings.controller.clip_rewards);
  bool restore = false;
  reader.read("RESTORE_CONTROLLER", restore);
  if (restore) {
    reader.fail("RESTORE_CONTROLLER", "true", "false, because searches always start anew");
  }
}

}  // namespace

bool is_original_form(const json::Reader& reader) {
  return std::any_of(kOriginalSections.begin(), kOriginalSections.end(),
                     [&](const char* section) { return reader.has(section); });
}

void read_original_settings(json::Reader& reader, Settings& settings) {
  std::vector<std::string> sections(kOwnSections.begin(), kOwnSections.end());
  for (const StrategyInfo& strategy : strategies()) sections.emplace_back(strategy.name);
  for (const std::string& section : sections) {
    if (reader.has(section.c_str())) {
      reader.fail(section, "a section of this project's form",
                  "only sections of the original form, such as NAS_SETTINGS, in one file with one");
    }
  }
  reader.read_object("GLOBAL_SETTINGS",
                     [&](json::Reader& section) { section.read("EXP_SUFFIX", settings.suffix); });
  reader.read_object("CUDA_SETTINGS",
                     [&](json::Reader& section) { read_original_cuda(section, settings); });
  // The original knows no other designs; that its lists lose odd sizes is a fault that is mended as
  // the default profile's are.
  settings.explorer = published_space(Divisors::all);
  // Defaults of the original's code hold for absent sections too.
  const nlohmann::json none = nlohmann::json::object();
  json::Reader absent("", none);
  if (!reader.has("PLATFORM_SETTINGS")) read_original_platform(absent, settings);
  if (!reader.has("NAS_SETTINGS")) read_original_search(absent, settings);
  reader.read_object("PLATFORM_SETTINGS",
                     [&](json::Reader& section) { read_original_platform(section, settings); });
  reader.read_object("NAS_SETTINGS",
                     [&](json::Reader& section) { read_original_search(section, settings); });
  reader.read_object("DUMPER_SETTINGS", [&](json::Reader& section) {
    std::string folder;
    section.read("DUMP_DIR", folder);
    if (!folder.empty()) settings.out = folder;
  });
  // Trials are logged beside the solution under a fixed name; the original's names are only
  // checked.
  reader.read_object("LOG_SETTINGS", [&](json::Reader& section) {
    std::string name;
    std::int64_t level = 0;
    section.read("TRIAL_LOG_DIR", name);
    section.read("TRIAL_LOG_FNAME", name);
    section.read("LOG_LEVEL", level);
  });
}

void read_settings(json::Reader& reader, Settings& settings) {
  std::string comment;
  reader.read("comment", comment);
  reader.read_object("data", [&](json::Reader& data) {
    data.read("name", settings.data.name);
    data.read("path", settings.data.path);
    data.read("train_images", settings.data.train_images);
    data.read("validation_images", settings.data.validation_images);
    data.read("label_column", settings.data.label_column);
    data.read("group_column", settings.data.group_column);
    data.read("window_column", settings.data.window_column);
    data.read("channel_columns", settings.data.channel_columns);
  });
  reader.read_object("space", [&](json::Reader& space) { read_space(space, settings.space); });
  reader.read_object("network",
                     [&](json::Reader& network) { network.read("bias", settings.space.bias); });
  reader.read_object("platform", [&](json::Reader& platform) {
    platform.read("profile", settings.platform.profile);
    platform.read("vm_bytes", settings.platform.vm_bytes);
    platform.read("nvm_bytes", settings.platform.nvm_bytes);
    platform.read("data_bytes", settings.platform.data_bytes);
    platform.read("clock_hz", settings.platform.clock_hz);
    platform.read("longest_vector", settings.platform.longest_vector);
  });
  reader.read_object("power", [&](json::Reader& power) {
    power.read_name("kind", settings.power.kind,
                    names({PowerKind::intermittent, PowerKind::continuous}));
    power.read("capacitance_f", settings.power.capacitance_f);
    power.read("ehm_resistance_ohm", settings.power.ehm_resistance_ohm);
    power.read("von_v", settings.power.von_v);
    power.read("voff_v", settings.power.voff_v);
    power.read("vsup_v", settings.power.vsup_v);
    power.read("margin", settings.power.margin);
    power.read_name("harvester", settings.power.harvester,
                    names({Harvester::resistance, Harvester::constant_power}));
    power.read("harvest_w", settings.power.harvest_w);
    power.read("harvest_efficiency", settings.power.harvest_efficiency);
    power.read("leakage_a", settings.power.leakage_a);
  });
  reader.read_object("explorer", [&](json::Reader& explorer) {
    explorer.read_name("legal", settings.explorer.legal,
                       names({Divisors::published, Divisors::all}));
    explorer.read("row_mac", settings.explorer.row_mac);
    explorer.read("coalesced_dma", settings.explorer.coalesced_dma);
    explorer.read("multiple_batches", settings.explorer.multiple_batches);
    explorer.read("ragged_tiles", settings.explorer.ragged_tiles);
    explorer.read("ledger", settings.explorer.ledger);
    read_loop_orders(explorer, settings.explorer.loop_orders);
    read_units(explorer, settings.explorer.units);
  });
  reader.read_object("search", [&](json::Reader& search) {
    read_strategy(search, settings.search.strategy);
    search.read("trials", settings.search.trials);
    search.read("budget", settings.search.budget);
    search.read("latency_requirement_s", settings.search.latency_requirement_s);
    search.read("seed", settings.search.seed);
    search.read("time_limit_s", settings.search.time_limit_s);
    search.read("run_limit_s", settings.search.run_limit_s);
    search.read("parallelism", settings.search.parallelism);
    search.read("workers", settings.search.workers);
    search.read("feasible_only", settings.search.feasible_only);
  });
  read_strategies(reader, settings.strategies);
  reader.read_object("controller", [&](json::Reader& controller) {
    controller.read("cells", settings.controller.cells);
    controller.read("embedding", settings.controller.embedding);
    controller.read("exploration", settings.controller.exploration);
    controller.read("regularization", settings.controller.regularization);
    controller.read("accuracy_beta", settings.controller.accuracy_beta);
    controller.read("clip_rewards", settings.controller.clip_rewards);
    controller.read("latency_bonus", settings.controller.latency_bonus);
    controller.read("learning_rate", settings.controller.learning_rate);
    controller.read("decay_rate", settings.controller.decay_rate);
    controller.read("decay_steps", settings.controller.decay_steps);
  });
  reader.read_object("training", [&](json::Reader& training) {
    training.read_name("recipe", settings.training.recipe,
                       names({TrainingRecipe::plain, TrainingRecipe::batch_norm}));
    training.read("epochs", settings.training.epochs);
    training.read("batch_size", settings.training.batch_size);
    training.read("learning_rate", settings.training.learning_rate);
    training.read("final_epochs", settings.training.final_epochs);
    training.read("final_train_images", settings.training.final_train_images);
    training.read("gpu", settings.training.gpu);
    training.read("time_limit_s", settings.training.time_limit_s);
  });
  reader.read("out", settings.out);
  reader.read("suffix", settings.suffix);
}

std::string dump_text(const nlohmann::ordered_json& document, std::string_view what) {
  try {
    return document.dump(2) + "\n";
  } catch (const nlohmann::json::exception& error) {
    throw InvalidArgument(
        fmt::format("{}: a text is not valid UTF-8: {}", what, json::one_line(error.what())));
  }
}

namespace {

nlohmann::ordered_json space_document(const SearchSpace& space) {
  nlohmann::ordered_json document{
      {"family", to_string(space.family)},
      {"input", nlohmann::ordered_json::array(
                    {space.input.channels, space.input.height, space.input.width})},
      {"classes", space.classes}};
  if (has_blocks(space)) {
    const BlockChoices& blocks = space.blocks;
    document.update({{"resolutions", blocks.resolutions},
                     {"stem_kernel", blocks.stem_kernel},
                     {"stem_filters", blocks.stem_filters},
                     {"widths", blocks.widths},
                     {"width_percents", blocks.width_percents},
                     {"expansions", blocks.expansions},
                     {"kernels", space.kernels},
                     {"depths", blocks.depths},
                     {"skips", blocks.skips},
                     {"strides", space.strides}});
  } else {
    document.update({{"layers", space.layers},
                     {"kernels", space.kernels},
                     {"filters", space.filters},
                     {"strides", space.strides},
                     {"paddings", space.paddings},
                     {"pools", space.pools}});
  }
  return document;
}

}  // namespace

nlohmann::ordered_json settings_document(const Settings& settings) {
  const DataSettings& data = settings.data;
  const SearchSpace& space = settings.space;
  const Platform& platform = settings.platform;
  const PowerSupply& power = settings.power;
  const SearchSettings& search = settings.search;
  const ControllerSettings& controller = settings.controller;
  const TrainingSettings& training = settings.training;
  nlohmann::ordered_json document{
      {"data",
       {{"name", data.name},
        {"path", data.path},
        {"train_images", data.train_images},
        {"validation_images", data.validation_images},
        {"label_column", data.label_column},
        {"group_column", data.group_column},
        {"window_column", data.window_column},
        {"channel_columns", data.channel_columns}}},
      {"space", space_document(space)},
      {"network", {{"bias", space.bias}}},
      {"platform",
       {{"profile", platform.profile},
        {"vm_bytes", platform.vm_bytes},
        {"nvm_bytes", platform.nvm_bytes},
        {"data_bytes", platform.data_bytes},
        {"clock_hz", platform.clock_hz},
        {"longest_vector", platform.longest_vector}}},
      {"power",
       {{"kind", to_string(power.kind)},
        {"capacitance_f", power.capacitance_f},
        {"ehm_resistance_ohm", power.ehm_resistance_ohm},
        {"von_v", power.von_v},
        {"voff_v", power.voff_v},
        {"vsup_v", power.vsup_v},
        {"margin", power.margin},
        {"harvester", to_string(power.harvester)},
        {"harvest_w", power.harvest_w},
        {"harvest_efficiency", power.harvest_efficiency},
        {"leakage_a", power.leakage_a}}},
      {"explorer",
       {{"legal", to_string(settings.explorer.legal)},
        {"row_mac", settings.explorer.row_mac},
        {"coalesced_dma", settings.explorer.coalesced_dma},
        {"multiple_batches", settings.explorer.multiple_batches},
        {"ragged_tiles", settings.explorer.ragged_tiles},
        {"ledger", settings.explorer.ledger},
        {"loop_orders", letters_of(settings.explorer.loop_orders)},
        {"units", names_of(settings.explorer.units)}}},
      {"search",
       {{"strategy", search.strategy},
        {"trials", search.trials},
        {"budget", search.budget},
        {"latency_requirement_s", search.latency_requirement_s},
        {"seed", search.seed},
        {"time_limit_s", search.time_limit_s},
        {"run_limit_s", search.run_limit_s},
        {"parallelism", search.parallelism},
        {"workers", search.workers},
        {"feasible_only", search.feasible_only}}},
  };
  write_strategies(document, settings.strategies);
  document.update({
      {"controller",
       {{"cells", controller.cells},
        {"embedding", controller.embedding},
        {"exploration", controller.exploration},
        {"regularization", controller.regularization},
        {"accuracy_beta", controller.accuracy_beta},
        {"clip_rewards", controller.clip_rewards},
        {"latency_bonus", controller.latency_bonus},
        {"learning_rate", controller.learning_rate},
        {"decay_rate", controller.decay_rate},
        {"decay_steps", controller.decay_steps}}},
      {"training",
       {{"recipe", to_string(training.recipe)},
        {"epochs", training.epochs},
        {"batch_size", training.batch_size},
        {"learning_rate", training.learning_rate},
        {"final_epochs", training.final_epochs},
        {"final_train_images", training.final_train_images},
        {"gpu", training.gpu},
        {"time_limit_s", training.time_limit_s}}},
      {"out", settings.out},
      {"suffix", settings.suffix},
  });
  return document;
}

}  // namespace inas
