#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/platform.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>

#include "tinas_networks.hpp"

/// The networks published with TiNAS: read, folded, priced.
namespace inas {
namespace {

using Json = nlohmann::ordered_json;

test::CommandResult tinas(const std::string& folder, const std::string& arguments = "") {
  return test::run_command(INAS_TEST_BIN "/inas-eval published --tinas --reference " + folder +
                           " " + arguments);
}

Json layer_json(const std::string& name, const std::string& alias, const std::string& type,
                std::vector<int> ifm, std::vector<int> ofm, double latency_s) {
  return {{"name", name}, {"alias", alias}, {"type", type},
          {"ifm", ifm},   {"ofm", ofm},     {"published", {{"latency_s", latency_s}}}};
}

Json windows_json(Json layer, std::vector<int> kernel, int stride, int pad) {
  layer["kernel"] = kernel;
  layer["stride"] = stride;
  layer["pad"] = pad;
  return layer;
}

/// A stem, a block with a residual connection and a classifier, of a one-dimensional map.
Json small_network() {
  const std::string block = "choice_blocks.0._layers.1.";
  Json layers = Json::array();
  layers.push_back(windows_json(layer_json("CONV_0", "stem.conv0", "CONV", {2, 8, 1}, {3, 8, 1}, 1),
                                {3, 1}, 1, 1));
  layers.push_back(layer_json("BN_1", "stem.bn0", "BN", {3, 8, 1}, {3, 8, 1}, 2));
  layers.push_back(windows_json(
      layer_json("CONV_2", block + "op.dw", "DWCONV", {3, 8, 1}, {3, 8, 1}, 4), {5, 1}, 1, 2));
  layers.push_back(layer_json("BN_3", block + "op.bn", "BN", {3, 8, 1}, {3, 8, 1}, 8));
  layers.push_back(layer_json("RELU_4", block + "op.relu", "RELU", {3, 8, 1}, {3, 8, 1}, 16));
  layers.push_back(layer_json("ADD_5", block + "shortcut", "ADD", {3, 8, 1}, {3, 8, 1}, 32));
  layers.push_back(layer_json("POOL_6", "pooling", "GAVGPOOL", {3, 8, 1}, {3, 1, 1}, 64));
  layers.push_back(layer_json("FC_END", "classifier", "FC", {3, 1, 1}, {2, 1, 1}, 128));
  return {{"name", "small"},
          {"dataset", "HAR"},
          {"published", {{"latency_s", 255}}},
          {"supply",
           {{"capacitance_f", 0.005},
            {"ehm_resistance_ohm", 2800},
            {"von_v", 4.535},
            {"voff_v", 3.29},
            {"vsup_v", 5.892},
            {"margin", 0.6}}},
          {"layers", layers}};
}

void write_networks(const test::TemporaryFolder& folder, const std::vector<Json>& networks) {
  std::string text;
  for (const Json& network : networks) text += network.dump() + "\n";
  write_file(folder.path() / "tinas-networks.jsonl", text);
}

std::string refusal(const Json& network) {
  const test::TemporaryFolder folder;
  write_networks(folder, {small_network(), network});
  try {
    (void)apps::read_tinas_networks(folder.path());
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(Tinas, NormalisationAndActivationsAreFolded) {
  const test::TemporaryFolder folder;
  write_networks(folder, {small_network()});
  const std::vector<apps::TinasNetwork> networks = apps::read_tinas_networks(folder.path());
  ASSERT_EQ(networks.size(), 1U);
  const apps::TinasNetwork& of = networks.front();
  const Shape map{3, 8, 1};
  Layer stem = make_convolution("CONV_0", {2, 8, 1}, 3, 3, 1, 1, {1, 0, 1, 0});
  stem.bias = true;
  Layer depthwise = make_depthwise_convolution("CONV_2", map, 5, 1, 1, {2, 0, 2, 0});
  depthwise.bias = true;
  depthwise.activation = Activation::relu;
  const std::vector<Layer> expected{stem, depthwise, make_add("ADD_5", map, "CONV_2", "CONV_0"),
                                    make_global_average_pool("POOL_6", map),
                                    make_fully_connected("FC_END", {3, 1, 1}, 2)};
  EXPECT_EQ(of.network.layers, expected);
  EXPECT_EQ(of.layers_published_s, (std::vector<double>{3, 28, 32, 64, 128}));
  EXPECT_EQ(of.supply.von_v, 4.535);
}

TEST(Tinas, WhatCannotBeFoldedIsRefusedByFileRecordAndLayer) {
  const auto changed = [](auto&& change) {
    Json network = small_network();
    change(network["layers"]);
    return refusal(network);
  };
  const std::vector<std::pair<std::string, std::string>> refusals{
      {changed([](Json& layers) { layers[1]["alias"] = layers[2]["alias"]; }),
       "layer BN_1: type: found BN, allowed: BN behind a convolution of its block"},
      {changed([](Json& layers) { layers[6]["type"] = "BN"; }), "layer POOL_6: type: found BN"},
      {changed([](Json& layers) { layers.erase(0); }), "layer BN_1: type: found BN"},
      {changed([](Json& layers) { layers[5]["alias"] = "shortcut"; }), "layer ADD_5: alias: found"},
      {changed([](Json& layers) { layers[2]["pad"] = 1; }),
       "layer CONV_2: ofm: found 3x8x1, allowed: 3x6x1"},
      {changed([](Json& layers) { layers[2]["pad"] = 9; }), "layer CONV_2: CONV_2: the padding"},
      {changed([](Json& layers) { layers[2]["pad"] = 9223372036854775807; }),
       "layer CONV_2: pad: found 9223372036854775807, allowed: from 0 to 1000000"},
      {changed([](Json& layers) { layers[2]["stride"] = 0; }), "layer CONV_2: CONV_2: the stride"},
      {changed([](Json& layers) {
         layers[3]["ifm"] = {3, 9, 1};
       }),
       "layer BN_3: ifm: found 3x9x1, allowed: 3x8x1"},
      {changed([](Json& layers) {
         layers[2]["ifm"] = {3, 8};
       }),
       "layer CONV_2: ifm: found 2 numbers, allowed: 3"},
      {changed([](Json& layers) { layers[4]["type"] = "GELU"; }),
       "layer RELU_4: type: found \"GELU\""},
      {changed([](Json& layers) { layers[4].erase("name"); }), "layers[4]: name: missing"},
      {changed([](Json& layers) {
         layers[7]["ifm"] = {4, 1, 1};
       }),
       "FC_END"},
      {changed([](Json& layers) { layers = Json::array(); }), "small: "}};
  for (const auto& [found, word] : refusals) {
    EXPECT_NE(found.find("tinas-networks.jsonl: line 2"), std::string::npos) << found;
    EXPECT_NE(found.find(word), std::string::npos) << found << "\n" << word;
  }
  Json supply = small_network();
  supply["supply"]["von_v"] = 9;
  EXPECT_NE(refusal(supply).find("line 2: small: power.von_v"), std::string::npos)
      << refusal(supply);
}

TEST(Tinas, InfeasibleNetworksAreNamedWithTheConstraint) {
  const test::TemporaryFolder folder;
  write_networks(folder, {small_network()});
  const std::string path = folder.path().string();
  const Json plain = Json::parse(tinas(path, "--json").out);
  const Json& row = plain.at("networks").at(0);
  EXPECT_FALSE(row.contains("infeasible"));
  EXPECT_DOUBLE_EQ(plain.at("geometric_mean"), 255 / row.at("latency_s").get<double>());

  const std::string least = std::to_string(row.at("nvm_bytes").get<int>());
  EXPECT_EQ(tinas(path, "--nvm " + least).code, 0);
  const test::CommandResult more =
      tinas(path, "--nvm " + std::to_string(row.at("nvm_bytes").get<int>() - 2));
  EXPECT_EQ(more.code, 0) << more.err;
  EXPECT_NE(more.out.find("small: the network needs " + least + " bytes of NVM and "),
            std::string::npos)
      << more.out;
  EXPECT_NE(more.out.find("priced with 1000000 bytes of NVM"), std::string::npos) << more.out;

  const test::CommandResult none = tinas(path, "--vm 12");
  EXPECT_EQ(none.code, 1) << none.err;
  EXPECT_NE(none.out.find("no design fits volatile memory"), std::string::npos) << none.out;
  EXPECT_NE(none.out.find("; not priced"), std::string::npos) << none.out;
  EXPECT_EQ(none.out.find("geometric mean"), std::string::npos) << none.out;
  EXPECT_EQ(tinas(path, "--vm 12 --layers small").code, 1);
}

TEST(Tinas, OptionsThatDoNotGoTogetherAreRefused) {
  const test::TemporaryFolder folder;
  write_networks(folder, {small_network()});
  const std::string path = folder.path().string();
  const std::string published = INAS_TEST_BIN "/inas-eval published --reference " + path;
  for (const std::string option : {"layers small", "csv x.csv", "vm 2048", "nvm 4096"}) {
    const test::CommandResult result = test::run_command(published + " --" + option);
    EXPECT_EQ(result.code, 2) << option;
    EXPECT_NE(result.err.find("found without --tinas"), std::string::npos) << result.err;
  }
  const test::CommandResult unknown = tinas(path, "--layers big");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("--layers: found \"big\", allowed: small"), std::string::npos)
      << unknown.err;
}

#ifdef INAS_REFERENCE_DIR
/// Products of an inference, from the file alone, one output value after the other.
std::int64_t counted_macs(const Json& network) {
  std::int64_t macs = 0;
  for (const Json& layer : network.at("layers")) {
    if (!layer.contains("kernel")) continue;
    const std::int64_t channels = layer.at("type") == "DWCONV" ? 1 : layer.at("ifm")[0].get<int>();
    for (int value = 0; value < layer.at("ofm")[0].get<int>() * layer.at("ofm")[1].get<int>() *
                                    layer.at("ofm")[2].get<int>();
         ++value) {
      for (int row = 0; row < layer.at("kernel")[0].get<int>(); ++row) {
        macs += channels * layer.at("kernel")[1].get<int>();
      }
    }
  }
  return macs;
}

TEST(Tinas, AllTwelveAreReadAndTheirPublishedLatenciesAddUp) {
  const std::vector<apps::TinasNetwork> networks = apps::read_tinas_networks(INAS_REFERENCE_DIR);
  ASSERT_EQ(networks.size(), 12U);
  int adds = 0;
  for (const apps::TinasNetwork& of : networks) {
    double sum_s = 0;
    for (const double latency_s : of.layers_published_s) sum_s += latency_s;
    EXPECT_NEAR(sum_s, of.published_s, 1e-9 * of.published_s) << of.name;
    EXPECT_NO_THROW(validate(of.network)) << of.name;
    for (const Layer& layer : of.network.layers) {
      const bool convolution =
          layer.type == LayerType::convolution || layer.type == LayerType::depthwise_convolution;
      EXPECT_EQ(layer.bias, convolution) << of.name << " " << layer.name;
      adds += layer.type == LayerType::add ? 1 : 0;
    }
  }
  EXPECT_EQ(adds, 35);
}

/// A choice of TiNAS' space as its networks publish it: expansion, kernel, depth, skip.
struct PublishedChoice {
  std::string dataset;
  Architecture architecture;
};

PublishedChoice published_choice(const std::string& line) {
  const Json record = Json::parse(line);
  const double multiplier = record["supernet"][0];
  Architecture architecture{record["supernet"][1], std::lround(100 * multiplier)};
  for (const Json& stage : record["blocks"]) {
    for (std::size_t number = 0; number < 3; ++number) architecture.push_back(stage[number]);
    architecture.push_back(stage[3].get<bool>() ? 1 : 0);
    architecture.push_back(2);
  }
  return {record["dataset"], architecture};
}

/// The published networks are those of the spaces in configs, layer by layer, names apart.
TEST(Tinas, ItsNetworksAreOfTheSpacesThatAreNamedAfterIt) {
  const std::vector<apps::TinasNetwork> networks = apps::read_tinas_networks(INAS_REFERENCE_DIR);
  std::istringstream lines(read_file(INAS_REFERENCE_DIR "/tinas-networks.jsonl"));
  ASSERT_EQ(networks.size(), 12U);
  for (const apps::TinasNetwork& published : networks) {
    SCOPED_TRACE(published.name);
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    const auto [dataset, architecture] = published_choice(line);
    const std::string name = dataset == "HAR" ? "tinas-har" : "tinas-cifar10";
    const Settings settings = load_settings(INAS_TEST_CONFIGS "/" + name + ".json");
    EXPECT_NO_THROW(validate(settings.space, architecture));
    std::vector<Layer> built = build_network(settings.space, architecture).layers;
    ASSERT_EQ(built.size(), published.network.layers.size());
    EXPECT_EQ(input_indices(built), input_indices(published.network.layers));
    for (std::size_t l = 0; l < built.size(); ++l) {
      Layer expected = published.network.layers[l];
      // What the record normalises has a bias of that; the classifier's it does not say.
      if (expected.type == LayerType::fully_connected) expected.bias = built[l].bias;
      expected.name = built[l].name;
      expected.inputs = built[l].inputs;
      EXPECT_EQ(built[l], expected) << built[l].name;
    }
  }
}

TEST(Tinas, ThisRuntimeIsTenTimesFasterThanPublished) {
  const test::TemporaryFolder folder;
  const std::string csv = (folder.path() / "tinas.csv").string();
  const test::CommandResult result = tinas(INAS_REFERENCE_DIR, "--json --csv " + csv);
  ASSERT_EQ(result.code, 0) << result.err;
  const Json document = Json::parse(result.out);
  EXPECT_GE(document.at("geometric_mean").get<double>(), 10);
  const std::string lines = read_file(csv);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 13);

  const std::string file = read_file(INAS_REFERENCE_DIR "/tinas-networks.jsonl");
  std::size_t begin = 0;
  double logarithms = 0;
  for (const Json& row : document.at("networks")) {
    const std::size_t end = file.find('\n', begin);
    const Json network = Json::parse(file.substr(begin, end - begin));
    begin = end + 1;
    EXPECT_EQ(row.at("network"), network.at("name"));
    EXPECT_EQ(row.at("macs"), counted_macs(network)) << row;
    EXPECT_EQ(row.contains("infeasible"), row.at("nvm_bytes") > Platform{}.nvm_bytes) << row;
    logarithms += std::log(network.at("published").at("latency_s").get<double>() /
                           row.at("latency_s").get<double>());
  }
  EXPECT_NEAR(document.at("geometric_mean").get<double>(), std::exp(logarithms / 12), 1e-9);
}

TEST(Tinas, LayersAddUpToTheNetwork) {
  const Json all = Json::parse(tinas(INAS_REFERENCE_DIR, "--json").out);
  for (const std::size_t index : {std::size_t{8}, std::size_t{10}}) {
    const Json& row = all.at("networks").at(index);
    const test::CommandResult result =
        tinas(INAS_REFERENCE_DIR, "--json --layers " + row.at("network").get<std::string>());
    ASSERT_EQ(result.code, 0) << result.err;
    const Json document = Json::parse(result.out);
    double latency_s = 0;
    double published_s = 0;
    std::int64_t macs = 0;
    for (const Json& layer : document.at("layers")) {
      latency_s += layer.at("latency_s").get<double>();
      published_s += layer.at("published_s").get<double>();
      macs += layer.at("macs").get<std::int64_t>();
    }
    EXPECT_NEAR(latency_s, row.at("latency_s").get<double>(), 1e-9 * latency_s);
    EXPECT_NEAR(published_s, row.at("published_s").get<double>(), 1e-9 * published_s);
    EXPECT_EQ(macs, row.at("macs"));
  }
}
#endif

}  // namespace
}  // namespace inas
