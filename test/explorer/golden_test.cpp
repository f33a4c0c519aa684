#include <map>
#include <string>

#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <library/library_searcher.hpp>
#include <library/paper_spaces.hpp>
#include <oracle/comparison.hpp>
#include <oracle/golden.hpp>

#include <inas/core/error.hpp>
#include <inas/costmodel/device.hpp>

// Every record of the reference files that need an explorer, bit for bit, and what the library does
// where the published explorer refuses, crashes or accepts though it should not.

namespace {

namespace golden = oracle::golden;
using nlohmann::json;
using oracle::kPublished;
using oracle::Lists;

const library::LibraryModel model;
const library::LibrarySearcher searcher;

inas::Shape shape_of(const json& shape) { return {shape.at(0), shape.at(1), shape.at(2)}; }

/// The record's layer as it stands there, valid or not. Throws for a type that inas does not have.
inas::Layer layer_of(const json& layer) {
  const inas::LayerType type = inas::parse_layer_type(layer.at("type").get<std::string>());
  const inas::Shape ifm = shape_of(layer.at("ifm"));
  const bool pool = type == inas::LayerType::global_average_pool;
  return {.name = layer.at("name"),
          .type = type,
          .ifm = ifm,
          .ofm = shape_of(layer.at("ofm")),
          .kernel_height = pool ? ifm.height : layer.at("K").at(2).get<std::int64_t>(),
          .kernel_width = pool ? ifm.width : layer.at("K").at(3).get<std::int64_t>(),
          .stride = layer.at("stride")};
}

/// What the records say of a layer: not what becomes of its outputs.
inas::Layer without_activation(inas::Layer layer) {
  layer.activation = inas::Activation::none;
  return layer;
}

inas::Architecture architecture_of(const json& choices) {
  return choices.get<inas::Architecture>();
}

TEST(ExplorerGolden, ReproducesNetworks) { EXPECT_TRUE(golden::networks(model, searcher)); }

TEST(ExplorerGolden, ReproducesPublishedSolutions) {
  EXPECT_TRUE(golden::published_solutions(model, searcher));
}

TEST(ExplorerGolden, SearchSpacesBuildTheReferenceNetworks) {
  std::size_t number = 0;
  for (const json& record : golden::records("networks.jsonl")) {
    SCOPED_TRACE("record " + std::to_string(++number));
    const inas::Network network = inas::build_network(library::paper_space(record.at("space")),
                                                      architecture_of(record.at("choices")));
    // Records end with the first infeasible layer.
    const json& layers = record.at("layers");
    ASSERT_LE(layers.size(), network.layers.size());
    if (record.at("feasible").get<bool>()) {
      ASSERT_EQ(layers.size(), network.layers.size());
    }
    for (std::size_t index = 0; index < layers.size(); ++index) {
      EXPECT_EQ(without_activation(network.layers[index]), layer_of(layers[index].at("layer")))
          << index;
    }
  }
  EXPECT_EQ(number, 202u);
}

TEST(ExplorerGolden, SearchSpacesBuildThePublishedNetworks) {
  for (const json& record : golden::records("published-solutions.jsonl")) {
    SCOPED_TRACE(record.at("array").get<std::string>());
    const inas::Network network = inas::build_network(library::paper_space(record.at("dataset")),
                                                      architecture_of(record.at("action")));
    ASSERT_EQ(network.layers.size(), record.at("layers").size());
    for (std::size_t index = 0; index < network.layers.size(); ++index) {
      const json& layer = record.at("layers").at(index);
      EXPECT_EQ(without_activation(network.layers[index]), layer_of(layer)) << index;
      EXPECT_EQ(inas::mac_count(network.layers[index]), layer.at("macs").get<std::int64_t>());
      EXPECT_EQ(2 * inas::weight_count(network.layers[index]),
                layer.at("weight_bytes").get<std::int64_t>());
    }
    EXPECT_EQ(inas::mac_count(network), record.at("total_macs").get<std::int64_t>());
    EXPECT_EQ(2 * inas::weight_count(network), record.at("total_weight_bytes").get<std::int64_t>());
  }
}

TEST(ExplorerGolden, WherePublishedContinuousSweepsCrashTheRightAnswerComesOut) {
  std::size_t crashed = 0;
  for (const json& record : golden::records("networks.jsonl")) {
    if (record.at("exception").is_null()) continue;
    ++crashed;
    const oracle::Supply supply = golden::supply_of(record.at("supply"), record.at("mode"));
    const inas::Network network = inas::build_network(library::paper_space(record.at("space")),
                                                      architecture_of(record.at("choices")));
    oracle::Comparison compare(record.at("choices").dump());
    std::vector<oracle::Layer> layers;
    for (const inas::Layer& l : network.layers) {
      json layer = record.at("layers").at(0).at("layer");
      layer["type"] = std::string(inas::to_string(l.type));
      layer["ifm"] = {l.ifm.channels, l.ifm.height, l.ifm.width};
      layer["ofm"] = {l.ofm.channels, l.ofm.height, l.ofm.width};
      layer["K"] = {l.ofm.channels, l.ifm.channels, l.kernel_height, l.kernel_width};
      layers.push_back(golden::layer_of(layer));
    }
    const oracle::NetworkChoice expected =
        oracle::OracleSearcher().network(layers, supply, kPublished, Lists::published);
    const oracle::NetworkChoice found =
        searcher.network(layers, supply, kPublished, Lists::published);
    compare.same("layers", static_cast<oracle::Int>(found.layers.size()),
                 static_cast<oracle::Int>(expected.layers.size()));
    compare.same("latency", found.latency, expected.latency);
    for (std::size_t index = 0; index < found.layers.size(); ++index) {
      compare.begin(index, "layer");
      compare.same(found.layers[index], expected.layers.at(index));
    }
    EXPECT_TRUE(compare.verdict());
  }
  EXPECT_EQ(crashed, 5u);
}

// odd-input.jsonl

enum class Outcome {
  published,  ///< the published answer, which is right
  corrected,  ///< the right answer, that of the oracle, where the published code refuses or crashes
  refused,    ///< InvalidArgument
  c1,         ///< infeasible, C1, as published, but with the reason
};

struct Expectation {
  Outcome intermittent;
  Outcome continuous;
  const char* reason;
};

const std::map<std::string, Expectation>& expectations() {
  using enum Outcome;
  static const std::map<std::string, Expectation> table{
      {"plain convolution", {published, published, "nothing odd"}},
      {"kernel as large as the input",
       {corrected, corrected, "fault 14: 1×1 feature maps are legal"}},
      {"1-D kernel as large as the input",
       {corrected, corrected, "fault 14: 1×1 feature maps are legal"}},
      {"not square", {corrected, corrected, "nothing in the model needs a square map"}},
      {"stride 2", {corrected, corrected, "the published code has no strides"}},
      {"channels do not match",
       {corrected, corrected,
        "a layer has no second number of input channels, so that the odd one cannot be said"}},
      {"output size not checked against kernel",
       {refused, refused, "H − K + 1 must hold; the published code prices a layer that is none"}},
      {"global pooling of 1x1", {corrected, corrected, "fault 14: 1×1 maps are legal"}},
      {"global pooling of 2x2", {published, published, "nothing odd"}},
      {"max pooling", {refused, refused, "fault 15: not supported, now under both supplies"}},
      {"FC_END over a column", {corrected, corrected, "names of layers mean nothing"}},
      {"FC over a column", {published, published, "nothing odd"}},
      {"unknown type", {refused, refused, "there is no such layer"}},
      {"V_on equals V_sup", {refused, published, "the capacitor is never full; CONT has no V_on"}},
      {"V_on above V_sup", {refused, published, "the capacitor is never full; CONT has no V_on"}},
      {"V_off equals V_on", {refused, published, "there is no energy to use; CONT has none"}},
      {"V_off above V_on", {refused, published, "published: −1 after a sweep for nothing"}},
      {"margin above 1", {refused, published, "more energy than there is; CONT has no margin"}},
      {"margin far above 1", {refused, published, "more energy than there is; CONT has no margin"}},
      {"margin 0", {refused, published, "there is no energy to use; CONT has no margin"}},
      {"no capacitance", {refused, published, "there is no energy to use; CONT has no capacitor"}},
      {"no resistance", {published, published, "an ideal source recharges in no time"}},
      {"no memory",
       {refused, refused, "a platform has at least a byte; published: −1 and a crash"}},
      {"budget below the reboot cost", {c1, published, "infeasible, with the nearest design"}}};
  return table;
}

inas::costmodel::Device device_of(const json& record) {
  const oracle::Supply supply = golden::supply_of(record.at("supply"), record.at("mode"));
  const inas::costmodel::Device unchecked = library::device_of(supply, kPublished);
  return inas::costmodel::make_device(unchecked.platform, unchecked.supply);
}

void expect_published_answer(const json& record, const inas::explorer::LayerResult& found) {
  ASSERT_TRUE(found.best.has_value());
  const json& best = record.at("best");
  EXPECT_EQ(inas::to_string(found.best->design), best.at("params").get<std::string>());
  EXPECT_EQ(found.best->latency_s, best.at("le2e").get<double>());
  EXPECT_EQ(found.best->energy_max_j, best.at("epc").at(0).get<double>());
  EXPECT_EQ(found.best->energy_min_j, best.at("epc").at(1).get<double>());
  EXPECT_EQ(found.best->vm_bytes, best.at("vm").get<std::int64_t>());
}

TEST(ExplorerGolden, OddInputGetsTheRightAnswerOrAReason) {
  std::size_t number = 0;
  for (const json& record : golden::records("odd-input.jsonl")) {
    const std::string name = record.at("case");
    const bool continuous = record.at("mode") == "CONT";
    ASSERT_TRUE(expectations().contains(name)) << name;
    const Expectation& expectation = expectations().at(name);
    SCOPED_TRACE("record " + std::to_string(++number) + ": " + name + ", " +
                 record.at("mode").get<std::string>() + ": " + expectation.reason);
    const oracle::Supply supply = golden::supply_of(record.at("supply"), record.at("mode"));
    const oracle::Layer oracle_layer = golden::layer_of(record.at("layer"));
    const auto explore = [&] {
      inas::explorer::Explorer explorer(device_of(record), inas::published_space());
      return explorer.explore(layer_of(record.at("layer")));
    };

    switch (continuous ? expectation.continuous : expectation.intermittent) {
      case Outcome::refused:
        EXPECT_THROW((void)explore(), inas::InvalidArgument);
        break;
      case Outcome::published: {
        ASSERT_TRUE(record.at("exception").is_null());
        expect_published_answer(record, explore());
        const oracle::Exploration sweep =
            searcher.sweep(oracle_layer, supply, kPublished, Lists::published);
        EXPECT_EQ(sweep.visited, record.at("n_designs").get<oracle::Int>());
        EXPECT_EQ(sweep.fail_c0, record.at("n_fail_c0").get<oracle::Int>());
        EXPECT_EQ(sweep.fail_c1, record.at("n_fail_c1").get<oracle::Int>());
        break;
      }
      case Outcome::corrected:
      case Outcome::c1: {
        oracle::Comparison compare(name);
        compare.same(
            library::choice_of(device_of(record), layer_of(record.at("layer")), explore()),
            oracle::OracleSearcher().choice(oracle_layer, supply, kPublished, Lists::published));
        EXPECT_TRUE(compare.verdict());
        const inas::explorer::LayerResult found = explore();
        if (found.best) {
          EXPECT_FALSE(record.at("exception").is_null()) << "published code has an answer, too";
        } else {
          EXPECT_EQ(found.why->constraint, inas::explorer::Constraint::atomicity);
          EXPECT_EQ(record.at("n_fail_c1"), record.at("n_designs"));
        }
        break;
      }
    }
  }
  EXPECT_EQ(number, 48u);
}

}  // namespace
