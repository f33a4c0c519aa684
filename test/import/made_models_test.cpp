#include "made_models.hpp"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <inas/onnx/import.hpp>

#include "evaluate.hpp"

namespace inas::test {
namespace {

using onnx::ImportedNetwork;
using onnx::ImportError;

constexpr std::int64_t kBatch = -1;  // a symbolic one

ImportedNetwork imported(const ModelMaker& model) {
  return onnx::parse_model(model.bytes(), "m.onnx");
}

std::vector<float> random_sample(const ImportedNetwork& network) {
  std::mt19937 generator(1);
  std::vector<float> sample;
  for (std::int64_t i = 0; i < network.network.layers.front().ifm.values(); ++i) {
    sample.push_back(static_cast<float>(generator() % 2000U) / 500.0F - 2.0F);
  }
  return sample;
}

/// Both models compute the same.
void expect_same(const ModelMaker& first, const ModelMaker& second, double tolerance = 1e-5) {
  const ImportedNetwork a = imported(first);
  const ImportedNetwork b = imported(second);
  const std::vector<float> sample = random_sample(a);
  const std::vector<float> outputs = evaluate(a, sample);
  const std::vector<float> expected = evaluate(b, sample);
  ASSERT_EQ(outputs.size(), expected.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    EXPECT_NEAR(outputs[i], expected[i], tolerance) << "value " << i;
  }
}

void expect_problems(const ModelMaker& model, const std::vector<std::string>& expected) {
  try {
    static_cast<void>(imported(model));
    ADD_FAILURE() << "not refused; expected: " << expected.front();
  } catch (const ImportError& error) {
    std::vector<std::string> found;
    for (const std::string& problem : error.problems()) {
      found.push_back(problem.substr(std::string("m.onnx: ").size()));
    }
    EXPECT_EQ(found, expected);
  }
}

/// A convolution of 3×3 on 2×6×6, with more attributes.
ModelMaker convolution(const AttributeValues& attributes,
                       const Extents& shape = {kBatch, 2, 6, 6}) {
  ModelMaker model(shape);
  model.weights("w", {4, 2, 3, 3}).node("Conv", {"x", "w"}, {"y"}, attributes).output("y");
  return model;
}

Padding padding_of(const ModelMaker& model) { return imported(model).network.layers.at(0).padding; }

TEST(Import, AutomaticPaddingKeepsTheExtentsOverTheStride) {
  // 6 rows at stride 2 are 3 windows over 7, one more than there are; at stride 1 two more.
  EXPECT_EQ(padding_of(convolution({{"auto_pad", "SAME_UPPER"}, {"strides", Extents{2, 2}}})),
            (Padding{.bottom = 1, .right = 1}));
  EXPECT_EQ(padding_of(convolution({{"auto_pad", "SAME_LOWER"}, {"strides", Extents{2, 2}}})),
            (Padding{.top = 1, .left = 1}));
  EXPECT_EQ(padding_of(convolution({{"auto_pad", "SAME_UPPER"}})), (Padding{1, 1, 1, 1}));
  EXPECT_EQ(padding_of(convolution({{"auto_pad", "VALID"}, {"pads", Extents{1, 1, 1, 1}}})),
            Padding{});
}

TEST(Import, PaddingIsTopLeftBottomRight) {
  EXPECT_EQ(padding_of(convolution({{"pads", Extents{0, 1, 2, 0}}})),
            (Padding{.top = 0, .left = 1, .bottom = 2, .right = 0}));
}

TEST(Import, ZerosOfAPadBecomePaddingOfTheConvolution) {
  ModelMaker by_input({1, 2, 6, 6});
  by_input.integers("pads", {0, 0, 1, 0, 0, 0, 1, 2})
      .weights("w", {4, 2, 3, 3})
      .node("Pad", {"x", "pads"}, {"padded"})
      .node("Conv", {"padded", "w"}, {"y"}, {{"pads", Extents{0, 1, 0, 0}}})
      .output("y");
  EXPECT_EQ(padding_of(by_input), (Padding{.top = 1, .left = 1, .bottom = 1, .right = 2}));
  ModelMaker by_attribute({1, 2, 6, 6}, 10);
  by_attribute.weights("w", {4, 2, 3, 3})
      .node("Pad", {"x"}, {"padded"}, {{"pads", Extents{0, 0, 1, 0, 0, 0, 1, 2}}})
      .node("Conv", {"padded", "w"}, {"y"}, {{"pads", Extents{0, 1, 0, 0}}})
      .output("y");
  expect_same(by_input, by_attribute);
}

TEST(Import, ZerosBeforeAMaxPoolNeedAMapWithoutNegativeValues) {
  const auto model = [](bool relu) {
    ModelMaker made({1, 2, 6, 6});
    made.weights("w", {4, 2, 3, 3}).integers("pads", {0, 0, 1, 1, 0, 0, 0, 0});
    made.node("Conv", {"x", "w"}, {"c"});
    if (relu) made.node("Relu", {"c"}, {"r"});
    made.node("Pad", {relu ? "r" : "c", "pads"}, {"p"})
        .node("MaxPool", {"p"}, {"y"}, {{"kernel_shape", Extents{2, 2}}})
        .output("y");
    return made;
  };
  EXPECT_EQ(imported(model(true)).network.layers.at(1).padding, (Padding{.top = 1, .left = 1}));
  expect_problems(model(false), {"y (MaxPool): found a map with the zeros of p (Pad), allowed: "
                                 "behind Relu, or padding by the pool itself"});
}

TEST(Import, ZerosThatNoLayerTakesInAreRefused) {
  ModelMaker model({1, 2, 6, 6});
  model.weights("w", {4, 2, 3, 3})
      .integers("pads", {0, 0, 1, 1, 0, 0, 1, 1})
      .node("Conv", {"x", "w"}, {"c"})
      .node("Pad", {"c", "pads"}, {"p"})
      .node("AveragePool", {"p"}, {"a"}, {{"kernel_shape", Extents{2, 2}}})
      .node("Pad", {"c", "pads"}, {"y"})
      .node("Add", {"a", "y"}, {"z"})
      .output("z");
  const std::string allowed = ", allowed: zeros before Conv, or before MaxPool behind Relu";
  expect_problems(model, {"a (AveragePool): found a map with the zeros of p (Pad)" + allowed,
                          "z (Add): found a map with the zeros of y (Pad)" + allowed});
}

TEST(Import, MatMulAndAddAreAGemm) {
  ModelMaker apart({kBatch, 2, 3, 3});
  apart.weights("w", {18, 5}).weights("b", {5});
  apart.node("Flatten", {"x"}, {"f"}).node("MatMul", {"f", "w"}, {"m"});
  apart.node("Add", {"b", "m"}, {"y"}).output("y");
  ModelMaker together({kBatch, 2, 3, 3});
  together.weights("w", {18, 5}).weights("b", {5});
  together.node("Flatten", {"x"}, {"f"}).node("Gemm", {"f", "w", "b"}, {"y"}).output("y");
  expect_same(apart, together);
  EXPECT_EQ(imported(apart).network.layers.size(), 1U);
}

TEST(Import, GemmTransposesAndScales) {
  ModelMaker scaled({1, 6});
  scaled.floats("w", {2, 6}, {1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6}).floats("b", {1}, {3});
  scaled
      .node("Gemm", {"x", "w", "b"}, {"y"},
            {{"alpha", 0.5F}, {"beta", 2.0F}, {"transB", std::int64_t{1}}})
      .output("y");
  const std::vector<float> outputs =
      evaluate(imported(scaled), std::vector<float>{1, 0, 0, 0, 0, 2});
  EXPECT_EQ(outputs, (std::vector<float>{6.5F + 6, -6.5F + 6}));
}

TEST(Import, WeightsAfterAFlattenAreThoseOfTheMap) {
  ModelMaker model({1, 2, 2, 2});
  model.floats("w", {8, 1}, {1, 10, 100, 1000, 2, 20, 200, 2000});
  model.node("Flatten", {"x"}, {"f"}).node("MatMul", {"f", "w"}, {"y"}).output("y");
  const ImportedNetwork network = imported(model);
  EXPECT_EQ(network.network.layers.at(0).ifm, (Shape{2, 2, 2}));
  EXPECT_EQ(evaluate(network, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}).at(0), 4321 + 17530);
}

TEST(Import, AShapeThatTheModelComputesIsEvaluated) {
  ModelMaker model({kBatch, 2, 3, 3});
  model.weights("w", {4, 2, 3, 3}).weights("v", {3, 4});
  model.floats("unused", {1}, {1}).integers("zero", {0}).integers("minus", {-1});
  model.node("Conv", {"x", "w"}, {"c"})
      .node("Shape", {"c"}, {"s"})
      .node("Gather", {"s", "zero"}, {"n"}, {{"axis", std::int64_t{0}}})
      .node("Concat", {"n", "minus"}, {"shape"}, {{"axis", std::int64_t{0}}})
      .node("Reshape", {"c", "shape"}, {"f"})
      .node("Transpose", {"v"}, {"t"})
      .node("MatMul", {"f", "t"}, {"y"})
      .output("y");
  ModelMaker plain({kBatch, 2, 3, 3});
  plain.weights("w", {4, 2, 3, 3}).weights("v", {3, 4});
  plain.node("Conv", {"x", "w"}, {"c"}).node("Flatten", {"c"}, {"f"});
  plain.node("Gemm", {"f", "v"}, {"y"}, {{"transB", std::int64_t{1}}}).output("y");
  expect_same(model, plain);
}

/// x.view(x.size(0), -1) as PyTorch exports it, with a scalar index, and weights that are reshaped.
TEST(Import, AShapeOfScalarsAndWeightsOfAnotherShapeAreEvaluated) {
  ModelMaker model({kBatch, 2, 3, 3}, 11);
  model.weights("w", {2, 3, 3, 5}).integers("zero", {0}).integers("minus", {-1});
  model.model.mutable_graph()->mutable_initializer(1)->clear_dims();
  model.integers("two", {18, -1});
  model.node("Shape", {"x"}, {"s"})
      .node("Gather", {"s", "zero"}, {"n"}, {{"axis", std::int64_t{0}}})
      .node("Unsqueeze", {"n"}, {"u"}, {{"axes", Extents{0}}})
      .node("Concat", {"u", "minus"}, {"shape"}, {{"axis", std::int64_t{0}}})
      .node("Reshape", {"x", "shape"}, {"f"})
      .node("Reshape", {"w", "two"}, {"m"})
      .node("MatMul", {"f", "m"}, {"y"})
      .output("y");
  ModelMaker plain({kBatch, 2, 3, 3});
  plain.weights("w", {18, 5}).node("Flatten", {"x"}, {"f"}).node("Gemm", {"f", "w"}, {"y"});
  plain.output("y");
  expect_same(model, plain);
}

TEST(Import, AReshapeThatDoesNotFlattenIsRefused) {
  ModelMaker model({1, 2, 6, 6});
  model.integers("shape", {1, 6, 2, 6}).weights("w", {4, 6, 1, 1});
  model.node("Reshape", {"x", "shape"}, {"r"}).node("Conv", {"r", "w"}, {"y"}).output("y");
  expect_problems(model,
                  {"r (Reshape): found [1, 2, 6, 6] becoming [1, 6, 2, 6], allowed: [1, 72], "
                   "which flattens"});
}

TEST(Import, OneDimensionalMapsHaveWidthOne) {
  ModelMaker model({kBatch, 2, 9});
  model.weights("w", {4, 2, 3}).weights("v", {4, 1, 3});
  model.node("Conv", {"x", "w"}, {"c"}, {{"strides", Extents{2}}, {"pads", Extents{1, 0}}})
      .node("Conv", {"c", "v"}, {"d"}, {{"group", std::int64_t{4}}, {"pads", Extents{1, 1}}})
      .node("MaxPool", {"d"}, {"p"}, {{"kernel_shape", Extents{2}}, {"strides", Extents{2}}})
      .node("GlobalAveragePool", {"p"}, {"g"})
      .integers("axes", {2})
      .node("Squeeze", {"g", "axes"}, {"y"})
      .output("y");
  const std::vector<Layer> layers = imported(model).network.layers;
  ASSERT_EQ(layers.size(), 4U);
  EXPECT_EQ(layers[0], [] {
    Layer layer = make_convolution("c", {2, 9, 1}, 4, 3, 1, 2, {.top = 1});
    return layer;
  }());
  EXPECT_EQ(layers[1],
            make_depthwise_convolution("d", {4, 4, 1}, 3, 1, 1, {.top = 1, .bottom = 1}));
  EXPECT_EQ(layers[2], make_max_pooling("p", {4, 4, 1}, 2, 1, 2));
  EXPECT_EQ(layers[3], make_global_average_pool("g", {4, 2, 1}));
}

TEST(Import, StridesMayDifferWhereThereIsOneWindow) {
  ModelMaker row({1, 2, 8, 3});
  row.weights("w", {4, 2, 3, 3});
  row.node("Conv", {"x", "w"}, {"y"}, {{"strides", Extents{2, 1}}}).output("y");
  EXPECT_EQ(imported(row).network.layers.at(0).stride, 2);
  expect_problems(convolution({{"strides", Extents{2, 1}}}),
                  {"y (Conv): strides: found [2, 1], allowed: one for both directions"});
}

TEST(Import, NormalisationThatCannotBeFoldedIsADepthwiseConvolution) {
  ModelMaker model({1, 2, 4, 4});
  model.floats("scale", {2}, {2, 3}).floats("shift", {2}, {1, -1});
  model.floats("mean", {2}, {0.5, -0.5}).floats("variance", {2}, {4, 0.25});
  model
      .node("BatchNormalization", {"x", "scale", "shift", "mean", "variance"}, {"n"},
            {{"epsilon", 0.0F}})
      .node("Relu", {"n"}, {"y"})
      .output("y");
  const ImportedNetwork network = imported(model);
  ASSERT_EQ(network.network.layers.size(), 1U);
  EXPECT_EQ(network.network.layers[0].type, LayerType::depthwise_convolution);
  std::vector<float> sample(32, 2.5F);
  const std::vector<float> outputs = evaluate(network, sample);
  EXPECT_FLOAT_EQ(outputs[0], 2 * (2.5F - 0.5F) / 2 + 1);
  EXPECT_FLOAT_EQ(outputs[16], 3 * (2.5F + 0.5F) / 0.5F - 1);
  EXPECT_EQ(network.notes.front(),
            "a depthwise convolution of 1×1, because the layer before cannot take it in: n "
            "(BatchNormalization)");
}

TEST(Import, AnActivationThatOthersWouldMissIsRefused) {
  ModelMaker model({1, 2, 6, 6});
  model.weights("w", {2, 2, 3, 3});
  model.node("Conv", {"x", "w"}, {"c"}, {{"pads", Extents{1, 1, 1, 1}}})
      .node("Relu", {"c"}, {"r"})
      .node("Add", {"r", "c"}, {"y"})
      .output("y");
  expect_problems(model, {"r (Relu): found other readers of what it reads, the output of c (Conv), "
                          "allowed: it alone"});
  ModelMaker of_input({1, 2, 6, 6});
  of_input.node("Relu", {"x"}, {"y"}).output("y");
  expect_problems(of_input, {"y (Relu): found the model's input, allowed: the output of a layer"});
}

TEST(Import, ReadersBehindAFlattenCountAsWell) {
  ModelMaker model({1, 2, 3, 3});
  model.weights("w", {2, 2, 3, 3});
  model.node("Conv", {"x", "w"}, {"c"})
      .node("Flatten", {"c"}, {"f"})
      .node("Relu", {"f"}, {"r"})
      .node("Flatten", {"c"}, {"g"})
      .node("Add", {"r", "g"}, {"y"})
      .output("y");
  expect_problems(model, {"r (Relu): found other readers of what it reads, the output of c (Conv), "
                          "allowed: it alone"});
}

TEST(Import, ClipIsReluOrRelu6) {
  const auto activation = [](std::int64_t opset, float least, float most) {
    ModelMaker model({1, 2, 6, 6}, opset);
    model.weights("w", {2, 2, 3, 3}).node("Conv", {"x", "w"}, {"c"});
    if (opset < 11) {
      model.node("Clip", {"c"}, {"y"}, {{"min", least}, {"max", most}});
    } else {
      model.floats("least", {}, {least}).floats("most", {}, {most});
      model.node("Clip", {"c", "least", "most"}, {"y"});
    }
    model.output("y");
    return imported(model).network.layers.at(0).activation;
  };
  EXPECT_EQ(activation(13, 0, 6), Activation::relu6);
  EXPECT_EQ(activation(9, 0, 6), Activation::relu6);
  EXPECT_EQ(activation(13, 0, INFINITY), Activation::relu);
  EXPECT_THROW(static_cast<void>(activation(13, -1, 1)), ImportError);
}

TEST(Import, ResidualConnectionsNameTheirInputs) {
  ModelMaker model({1, 2, 6, 6});
  model.weights("w", {2, 2, 3, 3});
  model.node("Conv", {"x", "w"}, {"/a/Conv"}, {{"pads", Extents{1, 1, 1, 1}}})
      .node("Add", {"x", "/a/Conv"}, {"sum"})
      .node("Add", {"sum", "/a/Conv"}, {"y"})
      .output("y");
  const std::vector<Layer> layers = imported(model).network.layers;
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_EQ(layers[0].name, "a/Conv");
  EXPECT_TRUE(layers[0].inputs.empty());
  EXPECT_EQ(layers[1].inputs, (std::vector<std::string>{"INPUT", "a/Conv"}));
  EXPECT_EQ(layers[2].inputs, (std::vector<std::string>{"sum", "a/Conv"}));
}

TEST(Import, NamesAreMadePlainAndUnique) {
  ModelMaker model({1, 2, 6, 6});
  model.weights("w", {2, 2, 1, 1});
  for (const auto& [in, out] : {std::pair{"x", "a b"}, std::pair{"a b", "a_b"},
                                std::pair{"a_b", "INPUT"}, std::pair{"INPUT", "a_b.bias"}}) {
    model.node("Conv", {in, "w"}, {out});
  }
  model.node("Conv", {"a_b.bias", "w"}, {"y"}).output("y");
  model.model.mutable_graph()->mutable_node(4)->clear_name();
  std::vector<std::string> names;
  for (const Layer& layer : imported(model).network.layers) names.push_back(layer.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a_b", "a_b_2", "INPUT_2", "a_b.bias_2", "Conv"}));
}

TEST(Import, InitialisersMayBeInputsAndNodesInAnyOrder) {
  ModelMaker model({1, 2, 6, 6}, 7);
  model.weights("w", {2, 2, 3, 3}).input("w", {2, 2, 3, 3});
  model.node("Relu", {"c"}, {"y"}).node("Conv", {"x", "w"}, {"c"}).output("y");
  EXPECT_EQ(imported(model).network.layers.at(0).activation, Activation::relu);
}

TEST(Import, WhatTheOutputDoesNotDependOnIsLeftOut) {
  ModelMaker model({1, 2, 6, 6});
  model.weights("w", {2, 2, 3, 3}).node("Conv", {"x", "w"}, {"y"}).node("Sin", {"y"}, {"z"});
  model.output("y");
  EXPECT_EQ(imported(model).notes.back(),
            "left out, because the model's output does not depend on them: z (Sin)");
}

TEST(Import, PoolsSayWhichRowsTheyDrop) {
  ModelMaker model({1, 2, 7, 6});
  model.node("MaxPool", {"x"}, {"y"},
             {{"kernel_shape", Extents{2, 2}}, {"strides", Extents{2, 2}}});
  model.output("y");
  EXPECT_EQ(imported(model).notes,
            (std::vector<std::string>{
                "y (MaxPool): 1 rows and 0 columns at the end of its map are in no window"}));
}

TEST(Import, PoolsOfOtherKindsAreRefused) {
  const auto pool = [](const std::string& op, AttributeValues attributes) {
    ModelMaker model({1, 2, 7, 7});
    attributes.emplace("kernel_shape", Extents{2, 2});
    model.node(op, {"x"}, {"y"}, attributes).output("y");
    return model;
  };
  const Extents two{2, 2};
  expect_problems(pool("MaxPool", {{"ceil_mode", std::int64_t{1}}, {"strides", two}}),
                  {"y (MaxPool): ceil_mode: found 1 where windows do not cover the map evenly, "
                   "allowed: 0"});
  expect_problems(pool("MaxPool", {{"dilations", two}}),
                  {"y (MaxPool): dilations: found [2, 2], allowed: 1 in each direction"});
  expect_problems(
      pool("AveragePool", {{"count_include_pad", std::int64_t{1}}, {"pads", Extents{1, 1, 0, 0}}}),
      {"y (AveragePool): count_include_pad: found 1 with padding, allowed: 0"});
  EXPECT_NO_THROW(static_cast<void>(imported(pool("MaxPool", {{"ceil_mode", std::int64_t{1}}}))));
  EXPECT_NO_THROW(
      static_cast<void>(imported(pool("AveragePool", {{"count_include_pad", std::int64_t{1}}}))));
}

TEST(Import, SeveralInputsAndOutputsAreRefused) {
  ModelMaker model({1, 2, 6, 6});
  model.input("x2", {1, 2, 6, 6}).node("Add", {"x", "x2"}, {"y"});
  model.output("y").output("x");
  expect_problems(model,
                  {"found 2 inputs (x, x2), allowed: 1", "found 2 outputs (y, x), allowed: 1"});
}

TEST(Import, WeightsOfOtherTypesAreRefused) {
  ModelMaker model({1, 2, 6, 6});
  model.weights("w", {4, 2, 3, 3}).node("Conv", {"x", "w"}, {"y"}).output("y");
  auto* const weights = model.model.mutable_graph()->mutable_initializer(0);
  weights->set_data_type(::onnx::TensorProto::FLOAT16);
  expect_problems(model, {"y (Conv): weights w: found values of type FLOAT16, allowed: FLOAT"});
  weights->set_data_type(::onnx::TensorProto::FLOAT);
  weights->set_float_data(3, INFINITY);
  expect_problems(model, {"y (Conv): weights w: found inf, allowed: finite numbers"});
  weights->mutable_float_data()->RemoveLast();
  expect_problems(model, {"y (Conv): weights w: found not as many values as the shape [4, 2, 3, 3] "
                          "has, allowed: 72"});
}

TEST(Import, TheBatchBecomesOne) {
  const ImportedNetwork network = imported(convolution({}, {8, 2, 6, 6}));
  EXPECT_EQ(network.network.layers.at(0).ifm, (Shape{2, 6, 6}));
  EXPECT_EQ(network.notes, (std::vector<std::string>{"the batch of 8 samples becomes 1"}));
}

TEST(Import, AllProblemsOfAModelAreSaidAtOnce) {
  ModelMaker model({1, 2, 6, 6}, 13);
  model.weights("w", {4, 2, 3, 3}).weights("v", {4, 5, 3, 3});
  model.node("Conv", {"x", "w"}, {"c"})
      .node("Sigmoid", {"c"}, {"s"})
      .node("Conv", {"s", "v"}, {"d"}, {{"auto_pad", "FULL"}})
      .node("Conv", {"s", "v"}, {"e"})
      .node("FancyOp", {"d"}, {"f"})
      .node("Add", {"e", "f"}, {"y"})
      .output("y");
  model.model.mutable_graph()->mutable_node(4)->set_domain("com.example");
  expect_problems(
      model, {"s (Sigmoid): found an operator that is not supported, allowed: Relu or Clip(0, 6)",
              "d (Conv): auto_pad: found FULL, allowed: NOTSET, VALID, SAME_UPPER, SAME_LOWER",
              "e (Conv): found a map of 4 channels, allowed: 5, as the weights have",
              "f (FancyOp): found an operator of com.example, allowed: those of ONNX itself"});
}

}  // namespace
}  // namespace inas::test
