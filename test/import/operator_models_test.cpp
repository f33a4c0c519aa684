// The operator models of ONNX: each with its inputs and what it computes of them.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <inas/core/files.hpp>
#include <inas/onnx/import.hpp>

#include "evaluate.hpp"

namespace inas::test {
namespace {

namespace fs = std::filesystem;
namespace pb = ::onnx;

std::vector<float> floats_of(const pb::TensorProto& tensor) {
  if (!tensor.has_raw_data()) return {tensor.float_data().begin(), tensor.float_data().end()};
  std::vector<float> values(tensor.raw_data().size() / sizeof(float));
  std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
  return values;
}

pb::TensorProto read_tensor(const fs::path& path) {
  pb::TensorProto tensor;
  EXPECT_TRUE(tensor.ParseFromString(read_file(path))) << path;
  return tensor;
}

/// Whether all nodes mean the same in older opsets as in the oldest that is read.
bool is_unchanged(const pb::ModelProto& model) {
  const std::set<std::string> unchanged{"AveragePool", "Conv", "GlobalAveragePool", "MaxPool"};
  return std::all_of(model.graph().node().begin(), model.graph().node().end(),
                     [&](const pb::NodeProto& node) { return unchanged.contains(node.op_type()); });
}

/// The model with all its inputs but the first as initialisers, which its operators' tests give
/// weights as.
std::string with_weights(const fs::path& folder) {
  pb::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(read_file(folder / "model.onnx"))) << folder;
  std::set<std::string> given;
  for (const pb::TensorProto& tensor : model.graph().initializer()) given.insert(tensor.name());
  int index = 0;
  for (const pb::ValueInfoProto& input : model.graph().input()) {
    if (given.contains(input.name())) continue;
    const fs::path data = folder / "test_data_set_0" / ("input_" + std::to_string(index) + ".pb");
    if (index++ == 0 || !fs::exists(data)) continue;
    pb::TensorProto tensor = read_tensor(data);
    tensor.set_name(input.name());
    *model.mutable_graph()->add_initializer() = tensor;
  }
  auto* const opset = model.mutable_opset_import(0);
  if (opset->version() < onnx::kLeastOpset && is_unchanged(model)) {
    opset->set_version(onnx::kLeastOpset);
  }
  return model.SerializeAsString();
}

/// Compares all samples of the model's first set of data.
void expect_outputs(const onnx::ImportedNetwork& imported, const fs::path& folder) {
  const std::vector<float> input = floats_of(read_tensor(folder / "test_data_set_0/input_0.pb"));
  const std::vector<float> output = floats_of(read_tensor(folder / "test_data_set_0/output_0.pb"));
  const auto size = static_cast<std::size_t>(imported.network.layers.front().ifm.values());
  ASSERT_EQ(input.size() % size, 0U) << folder;
  std::vector<float> found;
  for (std::size_t at = 0; at < input.size(); at += size) {
    std::vector<float> sample = evaluate(imported, std::span(input).subspan(at, size));
    if (imported.has_softmax) sample = softmax(sample);
    found.insert(found.end(), sample.begin(), sample.end());
  }
  ASSERT_EQ(found.size(), output.size()) << folder;
  for (std::size_t i = 0; i < output.size(); ++i) {
    ASSERT_NEAR(found[i], output[i], 1e-4 * std::max(1.0F, std::abs(output[i])))
        << folder << ", value " << i;
  }
}

TEST(OperatorModels, InScopeComputeWhatIsExpectedAndAllOthersAreRefused) {
  std::set<std::string> accepted;
  for (const char* kind : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    for (const auto& folder : fs::directory_iterator(fs::path(INAS_TEST_OPERATOR_MODELS) / kind)) {
      if (!fs::exists(folder.path() / "model.onnx")) continue;
      const std::string content = with_weights(folder.path());
      try {
        const onnx::ImportedNetwork imported = onnx::parse_model(content, "model.onnx");
        accepted.insert(folder.path().filename().string());
        expect_outputs(imported, folder.path());
      } catch (const onnx::ImportError& error) {
        EXPECT_FALSE(error.problems().empty());
      }
    }
  }
  const std::set<std::string> expected{"test_AvgPool2d",
                                       "test_AvgPool2d_stride",
                                       "test_Conv1d",
                                       "test_Conv1d_pad1",
                                       "test_Conv1d_pad1size1",
                                       "test_Conv1d_pad2",
                                       "test_Conv1d_pad2size1",
                                       "test_Conv1d_stride",
                                       "test_Conv2d",
                                       "test_Conv2d_depthwise",
                                       "test_Conv2d_depthwise_padded",
                                       "test_Conv2d_depthwise_strided",
                                       "test_Conv2d_no_bias",
                                       "test_Conv2d_padding",
                                       "test_Conv2d_strided",
                                       "test_MaxPool1d",
                                       "test_MaxPool1d_stride",
                                       "test_MaxPool2d",
                                       "test_averagepool_1d_default",
                                       "test_averagepool_2d_default",
                                       "test_averagepool_2d_pads",
                                       "test_averagepool_2d_precomputed_pads",
                                       "test_averagepool_2d_precomputed_same_upper",
                                       "test_averagepool_2d_precomputed_strides",
                                       "test_averagepool_2d_same_lower",
                                       "test_averagepool_2d_same_upper",
                                       "test_averagepool_2d_strides",
                                       "test_basic_conv_with_padding",
                                       "test_basic_conv_without_padding",
                                       "test_batchnorm_epsilon",
                                       "test_batchnorm_example",
                                       "test_conv_with_autopad_same",
                                       "test_conv_with_strides_and_asymmetric_padding",
                                       "test_conv_with_strides_no_padding",
                                       "test_conv_with_strides_padding",
                                       "test_gemm_alpha",
                                       "test_gemm_beta",
                                       "test_gemm_default_no_bias",
                                       "test_gemm_default_scalar_bias",
                                       "test_gemm_default_single_elem_vector_bias",
                                       "test_gemm_default_vector_bias",
                                       "test_gemm_default_zero_bias",
                                       "test_gemm_transposeB",
                                       "test_globalaveragepool",
                                       "test_globalaveragepool_precomputed",
                                       "test_matmul_2d",
                                       "test_maxpool_1d_default",
                                       "test_maxpool_2d_default",
                                       "test_maxpool_2d_pads",
                                       "test_maxpool_2d_precomputed_pads",
                                       "test_maxpool_2d_precomputed_same_upper",
                                       "test_maxpool_2d_precomputed_strides",
                                       "test_maxpool_2d_same_lower",
                                       "test_maxpool_2d_same_upper",
                                       "test_maxpool_2d_strides",
                                       "test_operator_conv",
                                       "test_operator_maxpool"};
  EXPECT_EQ(accepted, expected);
}

}  // namespace
}  // namespace inas::test
