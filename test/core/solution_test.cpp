#include <bit>
#include <filesystem>
#include <functional>
#include <limits>
#include <random>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_error.hpp>
#include <support/killed_at.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>

#include "solution_json.hpp"

namespace inas {
namespace {

namespace fs = std::filesystem;

class SolutionFolder : public testing::Test {
 protected:
  void change(const std::string& from, const std::string& to) {
    std::string text = read_file(json_);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file(json_, text.replace(at, from.size(), to));
  }

  test::TemporaryFolder folder_;
  std::filesystem::path json_ = folder_.path() / "solution.json";
  Solution solution_ = test::sample_solution();
  std::vector<Tensor> weights_ = test::sample_weights(solution_, 1);
};

TEST_F(SolutionFolder, RoundTrip) {
  solution_.latency_s = 0.1 + 0.2;
  solution_.settings.search.seed = std::numeric_limits<std::uint64_t>::max();
  solution_.accuracy.test.reset();
  write_solution(folder_.path() / "new" / "folder", solution_, weights_);
  const Solution read = read_solution(folder_.path() / "new" / "folder");
  solution_.weights = checksum_of(to_safetensors(weights_, "weights"));
  EXPECT_EQ(read, solution_);
  EXPECT_EQ(read_solution_weights(folder_.path() / "new" / "folder", read), weights_);
}

TEST_F(SolutionFolder, EveryTruncationIsRefused) {
  const std::string text = to_json(solution_);
  ASSERT_EQ(parse_solution(text, "s.json"), solution_);
  const std::size_t end = text.find_last_of('}');
  for (std::size_t length = 0; length <= end; ++length) {
    SCOPED_TRACE(length);
    test::expect_error([&] { (void)parse_solution(text.substr(0, length), "s.json"); }, "s.json");
  }
}

/// The same with a ledger that each batch just fits.
Solution with_ledger(Solution solution) {
  solution.ledger = {.budget = 1000, .unit_j = 2.5e-8};
  for (LayerSolution& layer : solution.layers) {
    layer.design.batches_per_cycle = 0;
    layer.units = {.entry = 100, .fetched = 900, .kept = 850};
  }
  solution.latency_s /= 2;
  solution.power_cycles = 3;
  return solution;
}

TEST_F(SolutionFolder, ALedgerIsWrittenAndReadWhereThereIsOne) {
  EXPECT_EQ(to_json(solution_).find("ledger\": {"), std::string::npos);
  const Solution with = with_ledger(solution_);
  EXPECT_EQ(parse_solution(to_json(with), "s.json"), with);
}

TEST_F(SolutionFolder, UnitsOfALedgerAreThoseOfTheRuntime) {
  solution_ = with_ledger(solution_);
  for (const auto& [from, to, word] :
       {std::tuple{"\"budget\": 1000", "\"budget\": 65536",
                   "ledger.budget: found 65536, allowed: 1 "},
        std::tuple{"\"budget\": 1000", "\"budget\": 0", "ledger.budget: found 0, allowed: 1 "},
        std::tuple{"\"fetched\": 900", "\"fetched\": -1", "ledger_units.fetched: found -1"},
        std::tuple{"\"kept\": 850", "\"kept\": 901", "kept: found 901, allowed: at most 900"},
        std::tuple{"\"unit_j\": 2.5e-08", "\"unit_j\": -1", "ledger.unit_j: found -1"}}) {
    write_solution(folder_.path(), solution_, weights_);
    change(from, to);
    test::expect_error([&] { (void)read_solution(folder_.path()); }, word);
  }
}

/// What a program wrote that knew formats up to `format`, 3 at most.
std::string earlier_json(const Solution& solution, int format) {
  nlohmann::ordered_json document = nlohmann::ordered_json::parse(to_json(solution));
  document["format"] = format;
  document.erase("by_layers_s");
  document.erase("power_cycles");
  for (nlohmann::ordered_json& layer : document["layers"]) layer.erase("activation");
  return document.dump();
}

TEST_F(SolutionFolder, UpToFormatThreeThereIsNoLedger) {
  EXPECT_EQ(parse_solution(earlier_json(solution_, 3), "s.json"), solution_);
}

/// The same folder with max pooling of 2×2 in place of the global pooling.
Solution with_max_pooling(Solution solution) {
  LayerSolution& pooling = solution.layers[2];
  pooling.layer = make_max_pooling("MAXPOOL_1", pooling.layer.ifm, 2, 2, 2);
  pooling.design = {{1, 2, 4, 1}, LoopOrder::reuse_O, 1};
  LayerSolution& end = solution.layers[3];
  end.layer = make_fully_connected("FC_END", pooling.layer.ofm, 3);
  return solution;
}

TEST_F(SolutionFolder, AStrideIsWrittenAndReadOnlyWhereItIsNotOne) {
  EXPECT_EQ(to_json(solution_).find("\"stride\""), std::string::npos);
  const Solution pooled = with_max_pooling(solution_);
  const std::string text = to_json(pooled);
  EXPECT_EQ(parse_solution(text, "s.json"), pooled);
  const std::size_t at = text.find("\"stride\": 2");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(text.find("\"stride\"", at + 1), std::string::npos);
  write_solution(folder_.path(), pooled, test::sample_weights(pooled, 1));
  change("\"stride\": 2", "\"stride\": 0");
  test::expect_error([&] { (void)read_solution(folder_.path()); }, "MAXPOOL_1: the stride is 0");
}

/// A padded, strided residual network on a 2×6×5 input.
Solution residual_solution() {
  Solution solution = test::sample_solution();
  solution.architecture.clear();
  solution.layers.clear();
  const auto add = [&](Layer layer, Activation activation, std::vector<std::string> inputs = {}) {
    layer.activation = activation;
    if (!inputs.empty()) layer.inputs = std::move(inputs);
    solution.layers.push_back({.layer = std::move(layer)});
  };
  const Padding same = same_padding(3, 3);
  add(make_convolution("CONV_0", {2, 6, 5}, 4, 3, 3, 2, same), Activation::relu6);
  add(make_depthwise_convolution("DW_0", {4, 3, 3}, 3, 3, 1, same), Activation::relu);
  add(make_convolution("CONV_1", {2, 6, 5}, 4, 1, 1, 2), Activation::none, {"INPUT"});
  add(make_add("ADD_0", {4, 3, 3}, "DW_0", "CONV_1"), Activation::relu);
  add(make_average_pooling("AVG_0", {4, 3, 3}, 2, 2, 2, {.bottom = 1}), Activation::none);
  add(make_fully_connected("FC_END", {4, 2, 1}, 3), Activation::none);
  return solution;
}

TEST_F(SolutionFolder, GraphsPaddingAndActivationsAreWrittenAndRead) {
  const Solution residual = residual_solution();
  EXPECT_EQ(parse_solution(to_json(residual), "s.json"), residual);
  const std::vector<Tensor> weights = test::sample_weights(residual, 1);
  EXPECT_EQ(weights[1].shape, (std::vector<std::int64_t>{4, 1, 3, 3}));
  write_solution(folder_.path(), residual, weights);
  Solution wrong = residual;
  wrong.layers[3].layer.inputs[1] = "CONV_7";
  write_file(json_, to_json(wrong));
  test::expect_error([&] { (void)read_solution(folder_.path()); }, "ADD_0: found the input CONV_7");
  write_solution(folder_.path(), residual, weights);
  change("\"activation\": \"relu6\"", "\"activation\": \"relu7\"");
  test::expect_error([&] { (void)read_solution(folder_.path()); }, "none, relu, relu6");
}

TEST_F(SolutionFolder, ANetworkWithoutDesignsHasNoCosts) {
  Solution network = residual_solution();
  network.explored = false;
  network.latency_s = network.by_layers_s = network.energy_budget_j = 0;
  network.power_cycles = 0;
  const std::string text = to_json(network);
  for (const char* key : {"design", "latency_s", "power_cycles", "energy_budget_j"}) {
    EXPECT_EQ(text.find(std::string("\"") + key + "\""), std::string::npos) << key;
  }
  EXPECT_EQ(parse_solution(text, "s.json"), network);
}

/// What folders of format 4 did not say.
TEST_F(SolutionFolder, UpToFormatFourAllLayersButTheLastHaveTheActivationRelu) {
  nlohmann::ordered_json document = nlohmann::ordered_json::parse(to_json(solution_));
  document["format"] = 4;
  for (nlohmann::ordered_json& layer : document["layers"]) layer.erase("activation");
  const Solution read = parse_solution(document.dump(), "s.json");
  EXPECT_EQ(read, solution_);
  EXPECT_EQ(read.layers[2].layer.activation, Activation::relu);
  EXPECT_EQ(read.layers[3].layer.activation, Activation::none);
}

TEST_F(SolutionFolder, ABiasIsWrittenAndReadWhereThereIsOne) {
  EXPECT_EQ(to_json(solution_).find("\"bias\": true"), std::string::npos);
  solution_.layers[1].layer.bias = true;
  const std::vector<Tensor> weights = test::sample_weights(solution_, 1);
  ASSERT_EQ(weights.size(), weights_.size() + 1);
  EXPECT_EQ(weights[2].name, "CONV_1.bias");
  EXPECT_EQ(weights[2].shape, std::vector<std::int64_t>{4});
  write_solution(folder_.path(), solution_, weights);
  Solution read = read_solution(folder_.path());
  EXPECT_EQ(read_solution_weights(folder_.path(), read), weights);
  read.weights.reset();
  EXPECT_EQ(read, solution_);
  // In the file they may stand in any order.
  write_safetensors(folder_.path() / "weights.safetensors", {weights.rbegin(), weights.rend()});
  EXPECT_EQ(read_solution_weights(folder_.path(), read), weights);
  change("\"bias\": true", "\"bias\": 1");
  test::expect_error([&] { (void)read_solution(folder_.path()); }, "layers[1].bias");
}

TEST_F(SolutionFolder, BiasesMustBeThoseOfTheLayers) {
  solution_.layers[1].layer.bias = true;
  test::expect_error([&] { validate(solution_, weights_); },
                     "weights of CONV_1.bias: found FC_END of shape");
  const std::vector<Tensor> weights = test::sample_weights(solution_, 1);
  EXPECT_NO_THROW(validate(solution_, weights));
  std::vector<Tensor> reshaped = weights;
  reshaped[2].shape = {4, 1};
  test::expect_error([&] { validate(solution_, reshaped); }, "CONV_1.bias");
  std::vector<Tensor> infinite = weights;
  infinite[2].values[1] = std::numeric_limits<float>::infinity();
  test::expect_error([&] { validate(solution_, infinite); }, "CONV_1.bias");
  solution_.layers[1].layer.bias = false;
  test::expect_error([&] { validate(solution_, weights); }, "CONV_1.bias");
  // Tensors are told apart by their names.
  solution_.layers[1].layer.bias = true;
  solution_.layers[3].layer.name = "CONV_1.bias";
  test::expect_error([&] { validate(solution_, weights); }, "CONV_1.bias is the name of a layer");
}

/// Solutions written before the deployed accuracy was measured have no such key.
TEST_F(SolutionFolder, TheDeployedAccuracyMayBeMissing) {
  write_solution(folder_.path(), solution_, weights_);
  std::string text = read_file(folder_.path() / "solution.json");
  const std::size_t begin = text.find(",\n", text.find("\"test\""));
  const std::size_t end = text.find('\n', text.find("\"deployed\""));
  ASSERT_LT(begin, end);
  text.erase(begin, end - begin);
  write_file(folder_.path() / "solution.json", text);
  const Solution read = read_solution(folder_.path());
  EXPECT_EQ(read.accuracy.test, solution_.accuracy.test);
  EXPECT_FALSE(read.accuracy.deployed.has_value());
}

TEST_F(SolutionFolder, EveryNumberRoundTripsExactly) {
  constexpr std::uint64_t kSeed = 5;
  std::mt19937_64 random(kSeed);
  // Any finite double that is not negative: from the bits, subnormal ones included.
  const auto real = [&] {
    const std::uint64_t largest = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::max());
    return std::bit_cast<double>(random() % (largest + 1));
  };
  const auto count = [&] { return static_cast<std::int64_t>(random() >> (1 + random() % 62)); };
  const auto share = [&]() -> std::optional<double> {
    if (random() % 3 == 0) return std::nullopt;
    return static_cast<double>(random() >> 11) * 0x1p-53;
  };
  for (int round = 0; round < 500; ++round) {
    for (LayerSolution& layer : solution_.layers) {
      layer.energy_per_cycle_max_j = real();
      layer.energy_per_cycle_min_j = real();
      layer.latency_s = real();
      layer.power_cycles = count();
      layer.vm_bytes = count();
      layer.design.batch = 1 + static_cast<std::int64_t>(random() % 2147483647);
      layer.design.batches_per_cycle = 1 + static_cast<std::int64_t>(random() % 4);
      layer.design.mac = static_cast<MacGranularity>(random() % 2);
      layer.design.dma = static_cast<DmaGranularity>(random() % 2);
    }
    solution_.latency_s = real();
    solution_.energy_budget_j = real();
    solution_.accuracy = {share(), share(), share()};
    solution_.trial = count();
    solution_.settings.search.seed = random();
    const std::string text = to_json(solution_);
    ASSERT_EQ(parse_solution(text, "s.json"), solution_)
        << "seed " << kSeed << ", round " << round << "\n"
        << text;
  }
}

TEST_F(SolutionFolder, AnyChangedByteIsRefusedOrGivesAnotherValidSolution) {
  constexpr std::uint64_t kSeed = 9;
  std::mt19937_64 random(kSeed);
  const std::string text = to_json(solution_);
  int accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string changed = text;
    const std::size_t at = random() % changed.size();
    changed[at] =
        random() % 2 ? static_cast<char>(random() % 256) : "0123456789{}[]\",:-.eE"[random() % 22];
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << ", round " << round << ", byte " << at);
    Solution solution;
    try {
      solution = parse_solution(changed, "s.json");
    } catch (const Error& error) {
      ASSERT_NE(std::string(error.what()).find("s.json"), std::string::npos) << error.what();
      continue;
    }
    ++accepted;
    ASSERT_EQ(parse_solution(to_json(solution), "s.json"), solution);
  }
  EXPECT_GT(accepted, 0) << "a changed digit should be another solution";
}

TEST_F(SolutionFolder, WhatCannotBeReadBackIsNotWritten) {
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<std::string, std::function<void(Solution&)>>> faults{
      {"latency_s", [](Solution& solution) { solution.latency_s = kNan; }},
      {"energy_budget_j", [](Solution& solution) { solution.energy_budget_j = -1; }},
      {"trial", [](Solution& solution) { solution.trial = -1; }},
      {"accuracy.validation", [](Solution& solution) { solution.accuracy.validation = kNan; }},
      {"accuracy.test", [](Solution& solution) { solution.accuracy.test = 1.5; }},
      {"CONV_0: latency_s", [](Solution& solution) { solution.layers[0].latency_s = kInfinity; }},
      {"CONV_1: energy_per_cycle_max_j",
       [](Solution& solution) { solution.layers[1].energy_per_cycle_max_j = kNan; }},
      {"CONV_1: energy_per_cycle_min_j",
       [](Solution& solution) { solution.layers[1].energy_per_cycle_min_j = -1e-9; }},
      {"FC_END: power_cycles", [](Solution& solution) { solution.layers[3].power_cycles = -1; }},
      {"FC_END: vm_bytes", [](Solution& solution) { solution.layers[3].vm_bytes = -1; }},
      {"settings.search.trials", [](Solution& solution) { solution.settings.search.trials = 0; }},
      {"UTF-8", [](Solution& solution) { solution.settings.data.path = "\xff"; }},
      {"UTF-8", [](Solution& solution) { solution.software_version = "\xc3"; }},
  };
  for (const auto& [word, fault] : faults) {
    Solution solution = test::sample_solution();
    fault(solution);
    test::expect_error([&] { write_solution(folder_.path() / "new", solution, weights_); }, word);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "new")) << word;
  }
}

TEST_F(SolutionFolder, RaggedTilesComeBackAsTheyWent) {
  solution_.settings.space.input = {1, 9, 9};
  const Network network = build_network(solution_.settings.space, solution_.architecture);
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    solution_.layers[index].layer = network.layers[index];
  }
  // Maps of 7, 5 and 5 rows and columns.
  solution_.layers[0].design = {{4, 7, 2, 1}, LoopOrder::reuse_I, 3};
  solution_.layers[1].design = {{3, 2, 4, 2}, LoopOrder::reuse_W, 6};
  solution_.layers[2].design = {{2, 3, 4, 1}, LoopOrder::reuse_O, 2};
  const std::filesystem::path folder = folder_.path() / "ragged";
  write_solution(folder, solution_, weights_);
  solution_.weights = read_solution(folder).weights;
  EXPECT_EQ(read_solution(folder), solution_);
}

/// Names stand in comments of C.
TEST_F(SolutionFolder, NamesOfLayersArePlainAndDifferent) {
  Solution solution = test::sample_solution();
  for (const char* name :
       {"", "*/ int evil; /*", "a b", "a\nb", "a,b", "a\"b", "\xc3\xa4", "a\\"}) {
    solution.layers.back().layer.name = name;
    test::expect_error([&] { validate(solution, weights_); }, "layers: found the name");
  }
  solution.layers.back().layer.name = std::string(101, 'a');
  test::expect_error([&] { validate(solution, weights_); }, "allowed: 1 to 100");
  solution.layers.back().layer.name = solution.layers.front().layer.name;
  test::expect_error([&] { validate(solution, weights_); }, "stands twice");
}

TEST_F(SolutionFolder, DesignsMustBeWellFormed) {
  const std::vector<std::pair<std::string, std::function<void(Solution&)>>> faults{
      {"Tr is -4", [](Solution& solution) { solution.layers[0].design.tile.rows = -4; }},
      {"Tm is 0", [](Solution& solution) { solution.layers[1].design.tile.out_channels = 0; }},
      {"S is 0", [](Solution& solution) { solution.layers[3].design.batch = 0; }},
      {"K is -1", [](Solution& solution) { solution.layers[3].design.batches_per_cycle = -1; }},
  };
  for (const auto& [word, fault] : faults) {
    Solution solution = test::sample_solution();
    fault(solution);
    test::expect_error([&] { validate(solution, weights_); }, word);
  }
}

TEST_F(SolutionFolder, TheOrderOfTheTensorsInTheFileDoesNotMatter) {
  write_solution(folder_.path(), solution_, weights_);
  std::vector<Tensor> reversed(weights_.rbegin(), weights_.rend());
  write_safetensors(folder_.path() / "weights.safetensors", reversed);
  EXPECT_EQ(read_solution_weights(folder_.path(), solution_), weights_);
  reversed.push_back({"more", {1}, {0}});
  write_safetensors(folder_.path() / "weights.safetensors", reversed);
  test::expect_error([&] { (void)read_solution_weights(folder_.path(), solution_); }, "more");
}

TEST_F(SolutionFolder, WeightsOfAnotherResultAreRefused) {
  write_solution(folder_.path(), solution_, weights_);
  const Solution read = read_solution(folder_.path());
  ASSERT_TRUE(read.weights.has_value());
  write_safetensors(folder_.path() / "weights.safetensors", test::sample_weights(solution_, 2));
  test::expect_error(
      [&] { (void)read_solution_weights(folder_.path(), read); },
      "weights.safetensors: found " + std::to_string(read.weights->bytes) + " bytes of CRC-32 ");
  test::expect_error(
      [&] { (void)read_solution_weights(folder_.path(), read); },
      "of CRC-32 " + crc32_text(read.weights->crc32) + ", which solution.json names");
}

/// Folders that were written before a harvester could be of another kind.
TEST_F(SolutionFolder, WithoutAHarvesterTheSupplyIsAResistance) {
  nlohmann::ordered_json document = nlohmann::ordered_json::parse(to_json(solution_));
  for (const char* key : {"harvester", "harvest_w", "harvest_efficiency", "leakage_a"}) {
    ASSERT_EQ(document.at("settings").at("power").erase(key), 1u) << key;
  }
  EXPECT_EQ(parse_solution(document.dump(), "s.json"), solution_);
}

/// Folders whose profile is called as the runtime's is now, but was the published firmware's.
TEST_F(SolutionFolder, TheFormersProfileKeepsItsMeaning) {
  const auto read = [&](int format) {
    return parse_solution(earlier_json(solution_, format), "s.json").settings.platform.profile;
  };
  EXPECT_EQ(read(3), "msp430fr5994");
  EXPECT_EQ(read(2), "msp430fr5994-paper");
  solution_.settings.platform.profile = "own.json";
  EXPECT_EQ(read(2), "own.json");
}

TEST_F(SolutionFolder, TheChecksumMayBeMissing) {
  write_solution(folder_.path(), solution_, weights_);
  write_file(json_, earlier_json(solution_, 1));
  const Solution read = read_solution(folder_.path());
  Solution expected = solution_;
  expected.settings.platform.profile = "msp430fr5994-paper";
  EXPECT_EQ(read, expected);
  EXPECT_EQ(read_solution_weights(folder_.path(), read), weights_);
}

/// Whatever is written when the process is killed, the folder reads as the former result or as the
/// new one, and the next result is whole and alone.
TEST_F(SolutionFolder, AKillLeavesTheFormerResultOrTheNewOne) {
  Solution next = solution_;
  next.trial = 13;
  const std::vector<Tensor> next_weights = test::sample_weights(next, 2);
  bool former_seen = false;
  bool next_seen = false;
  for (int change = 0;; ++change) {
    SCOPED_TRACE(change);
    const fs::path folder = folder_.path() / std::to_string(change);
    write_solution(folder, solution_, weights_);
    const bool killed =
        test::killed_at(change, [&] { write_solution(folder, next, next_weights); });
    const Solution read = read_solution(folder);
    const bool is_next = read.trial == next.trial;
    EXPECT_EQ(read_solution_weights(folder, read), is_next ? next_weights : weights_);
    (is_next ? next_seen : former_seen) = true;
    if (!killed) {
      EXPECT_TRUE(is_next);
      EXPECT_GT(change, 8);
      break;
    }
    write_solution(folder, solution_, weights_);
    EXPECT_EQ(read_solution_weights(folder, read_solution(folder)), weights_);
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename();
      EXPECT_TRUE(name == "solution.json" || name == "weights.safetensors" ||
                  name.ends_with(".tmp"))
          << name;
    }
  }
  EXPECT_TRUE(former_seen);
  EXPECT_TRUE(next_seen);
}

TEST_F(SolutionFolder, ALinkInPlaceOfTheWeightsStays) {
  write_safetensors(folder_.path() / "elsewhere", {});
  fs::create_symlink("elsewhere", folder_.path() / "weights.safetensors");
  write_solution(folder_.path(), solution_, weights_);
  EXPECT_TRUE(fs::is_symlink(folder_.path() / "weights.safetensors"));
  EXPECT_EQ(read_solution_weights(folder_.path(), read_solution(folder_.path())), weights_);
  EXPECT_EQ(read_safetensors(folder_.path() / "elsewhere"), weights_);
}

TEST_F(SolutionFolder, FilesOfOthersStay) {
  const std::string name = "weights.original.safetensors";
  write_file(folder_.path() / name, "kept");
  write_solution(folder_.path(), solution_, weights_);
  EXPECT_EQ(read_file(folder_.path() / name), "kept");
}

TEST_F(SolutionFolder, ErrorsNameTheFileAndTheKey) {
  write_solution(folder_.path(), solution_, weights_);
  const std::string good = read_file(json_);
  const auto refused = [&](const std::string& from, const std::string& to,
                           const std::string& word) {
    write_file(json_, good);
    change(from, to);
    test::expect_error([&] { (void)read_solution(folder_.path()); }, word);
    test::expect_error([&] { (void)read_solution(folder_.path()); }, "solution.json");
  };
  refused("\"format\": 5", "\"format\": 6", "format: found 6, allowed: 1 to 5");
  refused("\"crc32\": \"", "\"crc32\": \"0", "weights.crc32: found \"0");
  refused("\"bytes\": ", "\"bytes\": -", "weights.bytes: found -");
  refused("\"bytes\": ", "\"size\": ", "weights.bytes: missing");
  refused("\"trial\": 12", "\"trail\": 12", "trial: missing");
  refused("\"trial\": 12", "\"trial\": 12, \"extra\": 0", "extra: unknown key");
  refused("reuse_W", "reuse_X", "layers[1].design: found \"2_2_4_2_reuse_X_S4\"");
  refused("\"classes\": 3", "\"classes\": 1", "settings.space.classes");
  refused("\"classes\": 3", "\"clases\": 3", "settings.space.clases: unknown key");
  refused("\"CONV_1\"", "\"CONV_1\", \"nmae\": 1", "layers[1].nmae");
  refused("\"test\": 0.7", "\"test\": 1.7", "accuracy.test");
  refused("\"CONV\"", "\"CONVO\"", "layers[0].type: found \"CONVO\", allowed: CONV, FC, GAVGPOOL");
  refused("\"vm_bytes\": 1024", "\"vm_bytes\": -1", "layers[0].vm_bytes");
}

TEST_F(SolutionFolder, WeightsMustBeThoseOfTheLayers) {
  std::vector<Tensor> missing = weights_;
  missing.pop_back();
  test::expect_error([&] { validate(solution_, missing); }, "FC_END");
  std::vector<Tensor> renamed = weights_;
  renamed[0].name = "other";
  test::expect_error([&] { validate(solution_, renamed); }, "CONV_0");
  std::vector<Tensor> reshaped = weights_;
  std::swap(reshaped[1].shape[0], reshaped[1].shape[1]);
  test::expect_error([&] { validate(solution_, reshaped); }, "CONV_1");
  std::vector<Tensor> infinite = weights_;
  infinite[1].values[3] = std::numeric_limits<float>::infinity();
  test::expect_error([&] { validate(solution_, infinite); }, "CONV_1");
  std::vector<Tensor> surplus = weights_;
  surplus.push_back({"more", {1}, {0}});
  test::expect_error([&] { validate(solution_, surplus); }, "more");
}

}  // namespace
}  // namespace inas
