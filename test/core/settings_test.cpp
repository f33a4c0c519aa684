#include <filesystem>
#include <limits>
#include <optional>
#include <random>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/set_setting.hpp>
#include <inas/core/settings.hpp>

namespace inas {
namespace {

Settings parse(const std::string& text) { return parse_settings(text, "s.json"); }

void expect_refusal(const std::string& text, const std::string& word) {
  SCOPED_TRACE(text);
  test::expect_error([&] { (void)parse(text); }, word);
  test::expect_error([&] { (void)parse(text); }, "s.json");
}

TEST(Settings, AnEmptyObjectGivesTheDefaults) { EXPECT_EQ(parse("{}"), Settings{}); }

TEST(Settings, WithoutAnExplorerSectionTheWholeDesignSpaceIsMeant) {
  for (const char* text : {"{}", R"({"explorer": {}})"}) {
    const ExplorerSettings explorer = parse(text).explorer;
    EXPECT_EQ(explorer.legal, Divisors::all) << text;
    EXPECT_TRUE(explorer.row_mac && explorer.coalesced_dma && explorer.multiple_batches &&
                explorer.ragged_tiles && explorer.ledger)
        << text;
  }
  const Settings narrow = parse(R"({"explorer": {"row_mac": false}})");
  EXPECT_FALSE(narrow.explorer.row_mac);
  EXPECT_TRUE(narrow.explorer.ragged_tiles);
}

TEST(Settings, JsonRoundTrips) {
  std::mt19937_64 random(11);
  const auto real = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  for (int round = 0; round < 200; ++round) {
    Settings settings;
    settings.data = {random() % 2 ? "cifar10" : "sounds", "/a \"b\"",
                     static_cast<std::int64_t>(random() % 9999),
                     1 + static_cast<std::int64_t>(random() % 999)};
    if (random() % 3 == 0) {
      settings.data.name = "windows";
      settings.data.label_column = "class";
      settings.data.group_column = random() % 2 ? "who" : "";
      settings.data.window_column = random() % 2 ? "w \"1\"" : "";
      if (random() % 2) settings.data.channel_columns = {"z", "x"};
    }
    settings.space.bias = random() % 2 == 0;
    settings.platform.vm_bytes = 1 + static_cast<std::int64_t>(random() % 99999);
    settings.power.kind = random() % 2 ? PowerKind::intermittent : PowerKind::continuous;
    settings.power.capacitance_f = 1e-6 + real();
    settings.power.ehm_resistance_ohm = 1000 * real();
    settings.power.margin = 1 - 0.9 * real();
    if (random() % 2) {
      settings.power = with_harvester(settings.power, Harvester::constant_power);
      settings.power.harvest_w = 1e-3 + real();
      settings.power.harvest_efficiency = 1 - 0.9 * real();
      settings.power.leakage_a = 1e-6 + 1e-5 * real();
    }
    settings.explorer.legal = random() % 2 ? Divisors::published : Divisors::all;
    settings.explorer.row_mac = random() % 2 == 0;
    settings.explorer.coalesced_dma = random() % 2 == 0;
    settings.explorer.multiple_batches = random() % 2 == 0;
    settings.explorer.ragged_tiles = random() % 2 == 0;
    settings.explorer.ledger = random() % 2 == 0;
    settings.platform.longest_vector = static_cast<std::int64_t>(2 * (random() % 250));
    settings.search.strategy = strategies()[random() % strategies().size()].name;
    settings.search.budget = random() % 2 ? 0 : 100 * real();
    settings.strategies.set("screen.start", 1 + static_cast<std::int64_t>(random() % 999));
    settings.strategies.set("screen.full_share", 1 - 0.9 * real());
    settings.strategies.set("pareto.energy", random() % 2 == 0);
    settings.strategies.set("halving.proposer", std::string(random() % 2 ? "random" : "pareto"));
    settings.search.seed = random();
    settings.search.feasible_only = random() % 2 == 0;
    settings.search.latency_requirement_s = 1e-3 + 100 * real();
    settings.controller.latency_bonus = random() % 2 == 0;
    settings.controller.learning_rate = 1e-6 + real();
    settings.training.learning_rate = 1e-9 + real();
    if (settings.space.bias && random() % 2) settings.training.recipe = TrainingRecipe::batch_norm;
    settings.training.gpu = static_cast<std::int64_t>(random() % 4) - 1;
    settings.out = std::string(1 + random() % 4, 'o');
    settings.suffix = std::string(random() % 4, 'x');
    ASSERT_EQ(parse(to_json(settings)), settings) << "round " << round << "\n" << to_json(settings);
  }
}

TEST(Settings, EverySpaceAndEverySetOfLoopOrdersRoundTrips) {
  Settings settings;
  for (const NetworkFamily family : {NetworkFamily::convolution_2d, NetworkFamily::convolution_1d,
                                     NetworkFamily::fully_connected}) {
    settings.space.family = family;
    if (family == NetworkFamily::convolution_1d) settings.space.input = {9, 128, 1};
    if (family == NetworkFamily::fully_connected) settings.space.input = {1, 250, 1};
    if (family == NetworkFamily::fully_connected) settings.space.kernels.clear();
    settings.space.pools = {1};
    settings.space.strides = {1};
    settings.space.paddings = {0};
    if (family != NetworkFamily::fully_connected) {
      settings.space.pools.push_back(2);
      settings.space.strides = {1, 3};
      settings.space.paddings = {0, 1};
    }
    for (unsigned set = 1; set < 8; ++set) {
      settings.explorer.loop_orders = {(set & 1U) != 0, (set & 2U) != 0, (set & 4U) != 0};
      EXPECT_EQ(parse(to_json(settings)), settings) << to_json(settings);
    }
  }
}

TEST(Settings, BlocksHaveKeysOfTheirOwn) {
  const std::string some =
      R"({"space": {"family": "blocks", "input": [3, 24, 24], "widths": [8, 12]}})";
  Settings settings = parse(some);
  EXPECT_EQ(settings.space.blocks.resolutions, (std::vector<std::int64_t>{24}));
  EXPECT_EQ(settings.space.blocks.widths, (std::vector<std::int64_t>{8, 12}));
  EXPECT_EQ(settings.space.strides, (std::vector<std::int64_t>{1, 2}));
  settings.space.blocks = {.resolutions = {12, 24},
                           .stem_kernel = 5,
                           .stem_filters = 6,
                           .widths = {40, 8},
                           .width_percents = {30, 110},
                           .expansions = {2},
                           .depths = {2, 4},
                           .skips = {1}};
  settings.space.kernels = {2, 3};
  settings.space.strides = {2};
  EXPECT_EQ(parse(to_json(settings)), settings);
  set_setting(settings, "space.stem_filters", "7");
  EXPECT_EQ(settings.space.blocks.stem_filters, 7);
  EXPECT_EQ(settings.space.blocks.resolutions, (std::vector<std::int64_t>{12, 24}));

  for (const char* key : {"layers", "filters", "paddings", "pools"}) {
    expect_refusal(std::string(R"({"space": {"family": "blocks", ")") + key + R"(": [1]}})",
                   std::string("space.") + key +
                       ": found the key with the family blocks, allowed: the key with conv2d, "
                       "conv1d or fc alone");
  }
  expect_refusal(R"({"space": {"family": "conv2d", "depths": [1]}})",
                 "space.depths: found the key with the family conv2d, allowed: the key with blocks "
                 "alone");
  expect_refusal(R"({"space": {"family": "blocks", "resolutions": [14, 29]}})",
                 "space.resolutions: found [14, 29], allowed: an ascending list of different "
                 "numbers from 1 to 28");
}

TEST(Settings, EveryTruncationIsRefused) {
  const std::string text = to_json(Settings{});
  const std::size_t end = text.find_last_of('}');
  for (std::size_t length = 0; length <= end; ++length) {
    SCOPED_TRACE(length);
    test::expect_error([&] { (void)parse(text.substr(0, length)); }, "s.json");
  }
}

TEST(Settings, ACommentIsAcceptedAndDropped) {
  EXPECT_EQ(parse(R"({"comment": "why"})"), Settings{});
  expect_refusal(R"({"comment": 1})", "comment: found 1, allowed: a text");
  expect_refusal(R"({"search": {"comment": "why"}})", "search.comment: unknown key");
}

TEST(Settings, TextThatJsonCannotHoldIsRefusedNotWritten) {
  Settings settings;
  settings.data.path = "/data/\xff";
  test::expect_error([&] { (void)to_json(settings); }, "UTF-8");
}

/// The paths of all numbers in `document`.
void collect_numbers(const nlohmann::json& document, const std::string& path,
                     std::vector<std::string>& paths) {
  for (const auto& [key, value] : document.items()) {
    const std::string at = path.empty() ? key : path + "." + key;
    if (value.is_object()) collect_numbers(value, at, paths);
    if (value.is_number()) paths.push_back(at);
  }
}

/// What stands in a file and what an option brings are judged alike, for every number and every
/// kind of bad one.
TEST(Settings, ASettingIsRefusedExactlyWhereAFilesValueIs) {
  std::vector<std::string> paths;
  collect_numbers(nlohmann::json::parse(to_json(Settings{})), "", paths);
  ASSERT_GT(paths.size(), 30u);
  for (const std::string& path : paths) {
    int refused = 0;
    for (const char* value : {"-1", "0", "1", "2", "1.5", "0.5", "1e3", "1e9", "1e300", "-2",
                              "1e400", "99999999999999999999", "18446744073709551615", "-1e-9"}) {
      SCOPED_TRACE(path + " = " + value);
      std::string text = value;
      for (std::string rest = path; !rest.empty();) {
        const std::size_t dot = rest.rfind('.');
        text = "{\"" + rest.substr(dot == std::string::npos ? 0 : dot + 1) + "\": " + text + "}";
        rest = dot == std::string::npos ? "" : rest.substr(0, dot);
      }
      std::optional<Settings> of_file;
      std::optional<Settings> of_option;
      try {
        of_file = parse(text);
      } catch (const Error&) {
        ++refused;
      }
      try {
        Settings settings;
        set_setting(settings, path, value);
        validate(settings);
        of_option = settings;
      } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find(": found "), std::string::npos) << error.what();
      }
      EXPECT_EQ(of_option, of_file);
    }
    EXPECT_GT(refused, 0) << path;
    for (const char* value :
         {"nan", "inf", "-inf", "", " ", "x", "1x", " 1", "0x10", "1,5", "true"}) {
      SCOPED_TRACE(path + " = " + value);
      Settings settings;
      test::expect_error([&] { set_setting(settings, path, value); }, path + ": found \"");
    }
  }
}

TEST(Settings, ASettingsTextSetsIt) {
  Settings settings;
  settings.search.seed = 18446744073709551615U;
  settings.power.capacitance_f = 0.00022;
  settings.out = "a folder";
  settings.search.strategy = "random";
  settings.strategies.set("screen.full_share", 0.25);
  settings.strategies.set("pareto.nvm", true);
  Settings copy;
  for (const char* key : {"search.seed", "power.capacitance_f", "out", "search.strategy",
                          "screen.full_share", "pareto.nvm"}) {
    set_setting(copy, key, setting_text(settings, key));
  }
  EXPECT_EQ(copy, settings);
  test::expect_error([&] { set_setting(copy, "search.feasible_only", "1"); },
                     "search.feasible_only: found \"1\", allowed: true or false");
  test::expect_error([&] { set_setting(copy, "search.strategy", "guess"); }, "evolution");
}

TEST(Settings, LimitsAreLegalAndWhatLiesBeyondIsNot) {
  for (const auto& [section, key, legal, illegal] :
       std::vector<std::tuple<std::string, std::string, std::string, std::string>>{
           {"platform", "vm_bytes", "2147483647", "2147483648"},
           {"platform", "vm_bytes", "1", "0"},
           {"platform", "data_bytes", "4", "3"},
           {"search", "workers", "256", "257"},
           {"search", "trials", "1.0", "1.5"},
           {"search", "time_limit_s", "0", "-0.001"},
           {"search", "run_limit_s", "1e9", "1e10"},
           {"controller", "exploration", "1", "1.0000001"},
           {"controller", "exploration", "0", "-0.1"},
           {"controller", "accuracy_beta", "1", "2"},
           {"controller", "regularization", "0", "-1e-9"},
           {"training", "epochs", "1", "0"},
           {"training", "final_epochs", "0", "-1"},
           {"training", "gpu", "-1", "-2"},
           {"training", "time_limit_s", "0", "-0.5"},
           {"data", "train_images", "0", "-1"},
           {"search", "budget", "0", "-0.5"},
           {"screen", "full_share", "1", "1.001"},
           {"screen", "start", "1", "0"},
           {"evolution", "population", "2", "2.5"},
           {"halving", "proposer", "\"evolution\"", "\"halving\""},
           {"pareto", "energy", "true", "1"},
           {"power", "margin", "1", "1.001"},
           {"power", "ehm_resistance_ohm", "0", "-1"}}) {
    const auto text = [&, section = section, key = key](const std::string& value) {
      return "{\"" + section + "\": {\"" + key + "\": " + value + "}}";
    };
    EXPECT_NO_THROW((void)parse(text(legal))) << text(legal);
    expect_refusal(text(illegal), section + "." + key);
  }
}

TEST(Settings, UnknownKeysSuggestTheNearestOne) {
  expect_refusal(R"({"platfrom": {}})", "platfrom: unknown key; did you mean platform?");
  expect_refusal(R"({"platform": {"vm_byte": 1}})",
                 "platform.vm_byte: unknown key; did you mean vm_bytes?");
}

TEST(Settings, ImpossibleValuesAreRefusedWithTheirPath) {
  expect_refusal(R"({"data": {"name": "har", "window_column": "id"}})",
                 "data.window_column: found \"id\", allowed: none, because data.name is not");
  expect_refusal(R"({"data": {"name": "windows", "label_column": ""}})",
                 "data.label_column: found \"\", allowed: the name of a column");
  expect_refusal(R"({"data": {"name": "windows", "group_column": "label"}})",
                 "data.group_column: found \"label\", allowed: a column that no other key names");
  expect_refusal(R"({"data": {"name": "windows", "channel_columns": ["x", "x"]}})",
                 "data.channel_columns: found \"x\"");
  expect_refusal(R"({"data": {"name": "imagenet"}})", "data.name: found \"imagenet\"");
  expect_refusal(R"({"data": {"validation_images": 0}})", "data.validation_images");
  expect_refusal(R"({"space": {"input": [1, 28]}})", "space.input");
  expect_refusal(R"({"space": {"family": "conv3d"}})", "conv2d, conv1d, fc");
  expect_refusal(R"({"space": {"filters": []}})", "space.filters");
  expect_refusal(R"({"space": {"pools": [2, 1]}})", "space.pools: found [2, 1]");
  expect_refusal(R"({"space": {"pools": 2}})", "space.pools");
  expect_refusal(R"({"space": {"strides": [1, 1]}})", "space.strides: found [1, 1]");
  expect_refusal(R"({"space": {"paddings": [2]}})", "space.paddings: found [2]");
  expect_refusal(R"({"space": {"paddings": 1}})", "space.paddings");
  expect_refusal(R"({"network": {"bias": 1}})", "network.bias");
  expect_refusal(R"({"platform": {"vm_bytes": 1e30}})", "platform.vm_bytes");
  expect_refusal(R"({"platform": {"vm_bytes": "2048"}})", "platform.vm_bytes");
  expect_refusal(R"({"power": {"voff_v": 2.99}})", "power.voff_v");
  expect_refusal(R"({"power": {"kind": "solar"}})", "power.kind");
  expect_refusal(R"({"power": {"harvester": "solar"}})", "resistance, constant-power");
  expect_refusal(R"({"power": {"harvester": "constant-power"}})", "power.harvest_w: found 0");
  expect_refusal(R"({"power": {"harvest_w": 0.001}})", "power.harvest_w: found 0.001, allowed: 0");
  expect_refusal(
      R"({"power": {"harvester": "constant-power", "harvest_w": 1, "ehm_resistance_ohm": 50}})",
      "power.ehm_resistance_ohm: found 50");
  expect_refusal(
      R"({"power": {"harvester": "constant-power", "harvest_w": 1e-5, "leakage_a": 1e-5}})",
      "power.leakage_a: found 1e-05");
  expect_refusal(R"({"explorer": {"legal": "odd"}})", "explorer.legal");
  expect_refusal(R"({"search": {"trials": 0}})", "search.trials");
  expect_refusal(R"({"search": {"seed": -1}})", "search.seed");
  expect_refusal(R"({"search": {"latency_requirement_s": 0}})", "search.latency_requirement_s");
  expect_refusal(R"({"search": {"workers": 0}})", "search.workers");
  expect_refusal(R"({"search": {"feasible_only": 1}})", "search.feasible_only");
  expect_refusal(R"({"search": {"time_limit_s": -1}})", "search.time_limit_s");
  expect_refusal(R"({"controller": {"exploration": 1.5}})", "controller.exploration");
  expect_refusal(R"({"controller": {"decay_steps": 0}})", "controller.decay_steps");
  expect_refusal(R"({"training": {"epochs": 0}})", "training.epochs");
  expect_refusal(R"({"training": {"learning_rate": 0}})", "training.learning_rate");
  expect_refusal(R"({"training": {"gpu": -2}})", "training.gpu");
  expect_refusal(R"({"training": {"recipe": "magic"}})", "plain, batch_norm");
  expect_refusal(R"({"out": ""})", "out");
  expect_refusal("[]", "object");
  expect_refusal("", "not valid JSON");
}

// The keys and values of the released iNAS settings files.
TEST(OriginalSettings, TheReleasedDefaultFileIsRead) {
  const Settings settings = parse(R"({
    "CUDA_SETTINGS": {"GPUID": "0"},
    "PLATFORM_SETTINGS": {"MCU_TYPE": "MSP430", "CCAP": 0.005, "REHM": 1000.0, "VON": 2.99,
      "VOFF": 2.8, "VSUP": 3.0, "EAV_SAFE_MARGIN": 1.0, "VM_CAPACITY": 3696, "NVM_CAPACITY": 1000000,
      "DATA_SZ": 2, "CPU_CLOCK": 16000000, "LAT_E2E_REQ": 10000, "POW_TYPE": "INT"},
    "NAS_SETTINGS": {"CONV_NUM_FILTERS": [4, 8, 16, 24], "CONV_KERNEL_SIZES": [3, 5, 7, 11],
      "NUM_LAYERS": 5, "NUM_CLASS": 10, "EPOCH": 30, "TRIALS": 250, "CHILD_BATCHSIZE": 256,
      "EXPLORATION": 0.1, "REGULARIZATION": 1e-3, "CONTROLLER_CELLS": 32, "EMBEDDING_DIM": 20,
      "ACCURACY_BETA": 0.8, "CLIP_REWARDS": 0.0, "RESTORE_CONTROLLER": false, "DATASET": "CIFAR10",
      "IMG_CHANNEL": 3, "IMG_SIZE": 32, "MODEL_FN_TYPE": "MODEL_FN_CONV2D"},
    "DUMPER_SETTINGS": {"DUMP_DIR": ""},
    "LOG_SETTINGS": {"TRIAL_LOG_DIR": "trial_log/", "TRIAL_LOG_FNAME": "d.csv", "LOG_LEVEL": 1}})");
  EXPECT_EQ(settings.training.gpu, 0);
  EXPECT_EQ(settings.power.ehm_resistance_ohm, 1000);
  EXPECT_EQ(settings.power.margin, 1.0);
  EXPECT_EQ(settings.platform.vm_bytes, 3696);
  EXPECT_EQ(settings.search.latency_requirement_s, 10000);
  EXPECT_EQ(settings.space.kernels, (std::vector<std::int64_t>{3, 5, 7, 11}));
  EXPECT_EQ(settings.training.epochs, 30);
  EXPECT_EQ(settings.search.trials, 250);
  EXPECT_EQ(settings.data.name, "cifar10");
}

TEST(OriginalSettings, AbsentKeysKeepTheDefaultsOfTheOriginalCode) {
  const Settings settings = parse(R"({"PLATFORM_SETTINGS": {"POW_TYPE": "CONT"},
    "NAS_SETTINGS": {"CONV_NUM_FILTERS": [48, 64, 96, 128], "CONV_KERNEL_SIZES": [], "NUM_LAYERS": 4,
      "NUM_CLASS": 12, "DATASET": "KWS", "IMG_CHANNEL": 1, "IMG_SIZE": 250,
      "MODEL_FN_TYPE": "MODEL_FN_FC"}})");
  EXPECT_EQ(settings.power.kind, PowerKind::continuous);
  EXPECT_EQ(settings.power.ehm_resistance_ohm, 300);
  EXPECT_EQ(settings.power.margin, 0.55);
  EXPECT_EQ(settings.space.family, NetworkFamily::fully_connected);
  EXPECT_EQ(settings.space.input, (Shape{1, 250, 1}));
  EXPECT_EQ(settings.training.epochs, 25);
  EXPECT_EQ(settings.search.trials, 100);
  EXPECT_EQ(settings.training.gpu, -1) << "a GPU is used only if the file asks for one";

  const Settings har = parse(R"({"NAS_SETTINGS": {"NUM_LAYERS": 3, "NUM_CLASS": 6, "DATASET": "HAR",
      "IMG_CHANNEL": 9, "IMG_SIZE": 128, "MODEL_FN_TYPE": "MODEL_FN_CONV1D"}})");
  EXPECT_EQ(har.space.input, (Shape{9, 128, 1}));
  EXPECT_EQ(har.power.ehm_resistance_ohm, 300);

  const Settings empty = parse(R"({"GLOBAL_SETTINGS": {"EXP_SUFFIX": "_a"}})");
  EXPECT_EQ(empty.suffix, "_a");
  EXPECT_EQ(empty.space.input, (Shape{3, 32, 32}));
  EXPECT_EQ(empty.power.ehm_resistance_ohm, 300);
}

TEST(OriginalSettings, WhatItCannotMeanIsRefused) {
  expect_refusal(R"({"PLATFORM_SETTINGS": {"MCU_TYPE": "MSP432"}})", "MSP430");
  expect_refusal(R"({"PLATFORM_SETTINGS": {"CCPA": 1}})", "did you mean CCAP?");
  expect_refusal(R"({"NAS_SETTINGS": {"RESTORE_CONTROLLER": true}})", "RESTORE_CONTROLLER");
  expect_refusal(R"({"CUDA_SETTINGS": {"GPUID": "first"}})", "CUDA_SETTINGS.GPUID");
  expect_refusal(R"({"CUDA_SETTINGS": {"GPUID": ""}})", "CUDA_SETTINGS.GPUID");
  expect_refusal(R"({"CUDA_SETTINGS": {"GPUID": "1 "}})", "CUDA_SETTINGS.GPUID");
  expect_refusal(R"({"CUDA_SETTINGS": {"GPUIDS": "1"}})", "did you mean GPUID?");
  expect_refusal(R"({"NAS_SETTINGS": {"DATASET": "IMAGENET"}})", "NAS_SETTINGS.DATASET");
  expect_refusal(R"({"NAS_SETTINGS": {"MODEL_FN_TYPE": "RNN"}})", "MODEL_FN_CONV1D");
  expect_refusal(R"({"PLATFORM_SETTINGS": {"POW_TYPE": "SUN"}})", "INT, CONT");
  expect_refusal(R"({"LOG_SETTINGS": {"LOG_LEVEL": "high"}})", "LOG_SETTINGS.LOG_LEVEL");
  expect_refusal(R"({"DUMPER_SETTINGS": {"DUMP_DIR": 1}})", "DUMPER_SETTINGS.DUMP_DIR");
}

TEST(OriginalSettings, SectionsOfBothFormsInOneFileAreRefused) {
  for (const char* own :
       {"data", "space", "platform", "power", "explorer", "search", "controller", "training"}) {
    expect_refusal("{\"NAS_SETTINGS\": {}, \"" + std::string(own) + "\": {}}",
                   std::string(own) + ": found a section of this project's form");
  }
  expect_refusal(R"({"out": "a", "LOG_SETTINGS": {}})", "out: found");
}

TEST(OriginalSettings, TheDeviceIsANumberOrItsText) {
  EXPECT_EQ(parse(R"({"CUDA_SETTINGS": {"GPUID": "3"}})").training.gpu, 3);
  EXPECT_EQ(parse(R"({"CUDA_SETTINGS": {"GPUID": 3}})").training.gpu, 3);
  EXPECT_EQ(parse(R"({"CUDA_SETTINGS": {"GPUID": "-1"}})").training.gpu, -1);
  EXPECT_EQ(parse(R"({"CUDA_SETTINGS": {}})").training.gpu, -1);
}

TEST(OriginalSettings, ADumpFolderBecomesOutUnlessItIsEmpty) {
  EXPECT_EQ(parse(R"({"DUMPER_SETTINGS": {"DUMP_DIR": "there"}})").out, "there");
  EXPECT_EQ(parse(R"({"DUMPER_SETTINGS": {"DUMP_DIR": ""}})").out, Settings{}.out);
}

TEST(OriginalSettings, EveryDefaultIsTheOriginalsOwn) {
  const Settings spelt_out = parse(R"({
    "GLOBAL_SETTINGS": {"EXP_SUFFIX": ""},
    "PLATFORM_SETTINGS": {"MCU_TYPE": "MSP430", "CCAP": 0.005, "REHM": 300.0, "VON": 2.99,
      "VOFF": 2.8, "VSUP": 3.0, "EAV_SAFE_MARGIN": 0.55, "VM_CAPACITY": 2048,
      "NVM_CAPACITY": 1000000, "DATA_SZ": 2, "CPU_CLOCK": 16000000, "LAT_E2E_REQ": 100000,
      "POW_TYPE": "INT"},
    "NAS_SETTINGS": {"SEED": 1, "DETERMINISTIC_FLOW": false, "CONV_NUM_FILTERS": [4, 8, 16, 24],
      "CONV_KERNEL_SIZES": [1, 3, 5, 7], "NUM_LAYERS": 5, "NUM_CLASS": 10, "EPOCH": 25,
      "TRIALS": 100, "CHILD_BATCHSIZE": 256, "EXPLORATION": 0.1, "REGULARIZATION": 1e-3,
      "CONTROLLER_CELLS": 32, "EMBEDDING_DIM": 20, "ACCURACY_BETA": 0.8, "CLIP_REWARDS": 0.0,
      "RESTORE_CONTROLLER": false, "DATASET": "CIFAR10", "IMG_CHANNEL": 3, "IMG_SIZE": 32,
      "MODEL_FN_TYPE": "MODEL_FN_CONV2D"},
    "DUMPER_SETTINGS": {"DUMP_DIR": ""},
    "LOG_SETTINGS": {"TRIAL_LOG_DIR": "trial_log", "TRIAL_LOG_FNAME": "trial_info.csv",
      "LOG_LEVEL": 1}})");
  for (const char* absent :
       {R"({"NAS_SETTINGS": {}})", R"({"PLATFORM_SETTINGS": {}})", R"({"LOG_SETTINGS": {}})",
        R"({"CUDA_SETTINGS": {}})", R"({"GLOBAL_SETTINGS": {}})", R"({"DUMPER_SETTINGS": {}})"}) {
    EXPECT_EQ(parse(absent), spelt_out) << absent;
  }
  EXPECT_EQ(spelt_out.data.train_images, 0);
  // The original's own designs, odd sizes included; not what only this project's runtime executes.
  EXPECT_EQ(spelt_out.explorer, published_space(Divisors::all));
  EXPECT_EQ(spelt_out.platform.profile, "msp430fr5994-paper");
}

TEST(LoadSettings, ErrorsNameTheFile) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "mine.json";
  test::expect_error([&] { (void)load_settings(path); }, "mine.json");
  write_file(path, R"({"search": {"trials": 7}})");
  EXPECT_EQ(load_settings(path).search.trials, 7);
  write_file(path, R"({"search": {"trials": 0}})");
  test::expect_error([&] { (void)load_settings(path); }, "mine.json: search.trials");
}

TEST(LoopOrders, TextRoundTripsInAnySequence) {
  EXPECT_EQ(to_string(parse_loop_orders("OWI")), "IWO");
  EXPECT_EQ(to_string(parse_loop_orders("W")), "W");
  for (const char* text : {"", "II", "X", "I,W", "i", "IWOI"}) {
    test::expect_error([&] { (void)parse_loop_orders(text); }, "allowed: some of I, W, O");
  }
}

TEST(Settings, BatchNormalisationNeedsBiasesAndBatches) {
  expect_refusal(R"({"training": {"recipe": "batch_norm"}})",
                 "training.recipe: found \"batch_norm\", allowed: \"plain\", because network.bias");
  expect_refusal(
      R"({"network": {"bias": true}, "training": {"recipe": "batch_norm", "batch_size": 1}})",
      "training.batch_size: found 1, allowed: 2");
  const Settings settings =
      parse(R"({"network": {"bias": true}, "training": {"recipe": "batch_norm"}})");
  EXPECT_EQ(settings.training.recipe, TrainingRecipe::batch_norm);
  EXPECT_EQ(parse("{}").training.recipe, TrainingRecipe::plain);
}

}  // namespace
}  // namespace inas
