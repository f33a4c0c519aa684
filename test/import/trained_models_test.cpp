#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <inas/data/numpy.hpp>
#include <inas/onnx/import.hpp>

#include "evaluate.hpp"

namespace inas::test {
namespace {

using onnx::import_model;
using onnx::ImportedNetwork;
using onnx::ImportError;

std::string model_path(const std::string& name) {
  return fmt::format("{}/{}.onnx", INAS_TEST_MODELS, name);
}

/// "CONV relu", … of each layer.
std::vector<std::string> kinds_of(const Network& network) {
  std::vector<std::string> kinds;
  for (const Layer& layer : network.layers) {
    kinds.push_back(fmt::format("{} {}", to_string(layer.type), to_string(layer.activation)));
  }
  return kinds;
}

class TrainedModel : public testing::TestWithParam<const char*> {};

TEST_P(TrainedModel, ComputesWhatItsRuntimeComputed) {
  const ImportedNetwork imported = import_model(model_path(GetParam()));
  const auto arrays = data::read_numpy(fmt::format("{}/{}.npz", INAS_TEST_MODELS, GetParam()));
  const data::NumpyArray* const input = data::find_array(arrays, "input");
  const data::NumpyArray* const output = data::find_array(arrays, "output");
  ASSERT_NE(input, nullptr);
  ASSERT_NE(output, nullptr);
  ASSERT_EQ(input->shape, (std::vector<std::int64_t>{16, 1, 28, 28}));
  ASSERT_EQ(output->shape, (std::vector<std::int64_t>{16, 10}));
  for (std::size_t s = 0; s < 16; ++s) {
    std::vector<float> found = evaluate(imported, std::span(input->values).subspan(s * 784, 784));
    if (imported.has_softmax) found = softmax(found);
    ASSERT_EQ(found.size(), 10U);
    for (std::size_t i = 0; i < 10; ++i) {
      EXPECT_NEAR(found[i], output->values[s * 10 + i], 1e-4) << "sample " << s << ", output " << i;
    }
  }
}

TEST_P(TrainedModel, HasNamesThatASolutionTakes) {
  const ImportedNetwork imported = import_model(model_path(GetParam()));
  EXPECT_NO_THROW(validate(imported.network));
  std::vector<std::string> expected;
  for (const Layer& layer : imported.network.layers) {
    for (const Tensor& tensor : tensors_of(layer)) expected.push_back(tensor.name);
  }
  std::vector<std::string> found;
  for (const Tensor& tensor : imported.tensors) found.push_back(tensor.name);
  EXPECT_EQ(found, expected);
}

INSTANTIATE_TEST_SUITE_P(OfFourKinds, TrainedModel,
                         testing::Values("plain", "batch_norm", "depthwise", "residual"),
                         [](const auto& info) { return std::string(info.param); });

TEST(TrainedModels, BecomeTheLayersThatTheyHave) {
  EXPECT_EQ(kinds_of(import_model(model_path("plain")).network),
            (std::vector<std::string>{"CONV relu", "MAXPOOL none", "CONV relu", "MAXPOOL none",
                                      "FC relu", "FC none"}));
  EXPECT_EQ(kinds_of(import_model(model_path("batch_norm")).network),
            (std::vector<std::string>{"CONV relu", "CONV relu", "AVGPOOL none", "CONV relu",
                                      "GAVGPOOL none", "FC none"}));
  EXPECT_EQ(kinds_of(import_model(model_path("depthwise")).network),
            (std::vector<std::string>{"CONV relu6", "DWCONV relu6", "CONV relu6", "DWCONV relu6",
                                      "CONV relu6", "DWCONV relu6", "CONV relu6", "GAVGPOOL none",
                                      "FC none"}));
  EXPECT_EQ(
      kinds_of(import_model(model_path("residual")).network),
      (std::vector<std::string>{"CONV relu", "CONV relu", "CONV none", "ADD relu", "CONV relu",
                                "CONV none", "CONV none", "ADD relu", "GAVGPOOL none", "FC none"}));
}

TEST(TrainedModels, TellWhatWasFoldedAndDropped) {
  const ImportedNetwork plain = import_model(model_path("plain"));
  EXPECT_TRUE(plain.has_softmax);
  const std::vector<std::string> notes{
      "the activation of the layer before: /1/Relu (Relu), /4/Relu (Relu), /8/Relu (Relu)",
      "dropped, because they only flatten: /6/Flatten (Flatten)",
      "left out; the largest output is the same without: /11/Softmax (Softmax)"};
  EXPECT_EQ(plain.notes, notes);
  const ImportedNetwork norm = import_model(model_path("batch_norm"));
  EXPECT_FALSE(norm.has_softmax);
  EXPECT_EQ(norm.notes.front(),
            "folded into the layer before: /1/BatchNormalization (BatchNormalization), "
            "/4/BatchNormalization (BatchNormalization), /8/BatchNormalization "
            "(BatchNormalization)");
}

TEST(RefusedModels, AreRefusedWithOneSentenceForEachProblem) {
  const std::string maps =
      "[batch, channels, height, width], [batch, channels, length] or [batch, values] of numbers "
      "but for the batch";
  const std::map<std::string, std::vector<std::string>> expected{
      {"broadcast",
       {"add (Add): constants row: found the shape [1, 1, 1, 4] beside a map of [1, 4, 4, 4], "
        "allowed: one value for each of 4 channels, or a map of the same shape"}},
      {"concatenated",
       {"concat (Concat): found an operator that is not supported, allowed: Add of maps of one "
        "shape"}},
      {"cycle", {"found a cycle of 2 nodes: relu_b (Relu), add_a (Add), allowed: a graph without"}},
      {"dilated", {"conv (Conv): dilations: found [2, 2], allowed: 1 in each direction"}},
      {"external_data",
       {"conv (Conv): weights w: found values in another file, absent.bin, allowed: a model with "
        "all its weights"}},
      {"grouped",
       {"conv (Conv): group: found 2 with 4 filters of 2 channels, allowed: 1, or as many as "
        "channels and filters"}},
      {"height_unknown",
       {"input input: found the dynamic shape [1, 2, height, 6], allowed: " + maps}},
      {"kernel_too_large", {"conv (Conv): the kernel is 9×9, allowed: at most the input's 6×6"}},
      {"opset_6", {"opset: found 6, allowed: 7 to 17"}},
      {"opset_18", {"opset: found 18, allowed: 7 to 17"}},
      {"recurrent",
       {"lstm (LSTM): found an operator that is not supported, allowed: a feed-forward network"}},
      {"shapes_differ",
       {"add (Add): found maps of [1, 4, 4, 4] and [1, 4, 2, 2], allowed: two of one shape"}},
      {"sigmoid",
       {"gate (Sigmoid): found an operator that is not supported, allowed: Relu or Clip(0, 6)"}},
      {"softmax_inside",
       {"softmax (Softmax): found it inside the model, allowed: at its end, where it is left out"}},
      {"transposed",
       {"up (ConvTranspose): found an operator that is not supported, allowed: layers that keep a "
        "map's extents or make them smaller"}},
      {"two_problems",
       {"conv (Conv): dilations: found [2, 2], allowed: 1 in each direction",
        "tanh (Tanh): found an operator that is not supported, allowed: Relu or Clip(0, 6)"}},
      {"weights_absent",
       {"conv (Conv): found the input w, which no node, initialiser or input of the model gives, "
        "allowed: a model with all its weights"}},
      {"weights_computed",
       {"conv (Conv): weights input: found values that the model computes, allowed: constants"}}};
  std::size_t count = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(std::filesystem::path(INAS_TEST_MODELS) / "refused")) {
    ++count;
    const std::string name = file.path().stem().string();
    ASSERT_TRUE(expected.contains(name)) << name;
    std::vector<std::string> sentences;
    for (const std::string& what : expected.at(name)) {
      sentences.push_back(fmt::format("{}: {}", file.path().string(), what));
    }
    try {
      static_cast<void>(import_model(file.path()));
      ADD_FAILURE() << name << " was not refused";
    } catch (const ImportError& error) {
      EXPECT_EQ(error.problems(), sentences);
      EXPECT_EQ(error.what(), fmt::format("{}", fmt::join(sentences, "; ")));
    }
  }
  EXPECT_EQ(count, expected.size());
}

}  // namespace
}  // namespace inas::test
