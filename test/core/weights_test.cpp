#include <cstring>
#include <random>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/weights.hpp>

namespace inas {
namespace {

class Safetensors : public testing::Test {
 protected:
  /// A file with `header` and `data` behind its length.
  void write(const std::string& header, const std::string& data) {
    std::uint64_t length = header.size();
    std::string content(sizeof length, '\0');
    std::memcpy(content.data(), &length, sizeof length);
    write_file(path_, content + header + data);
  }

  void expect_refusal(const std::string& word) {
    test::expect_error([&] { (void)read_safetensors(path_); }, word);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "w.safetensors";
};

TEST_F(Safetensors, RoundTrip) {
  std::mt19937 random(3);
  std::vector<Tensor> tensors{{"a", {2, 3, 1, 1}, {}},
                              {"empty", {0, 5}, {}},
                              {"scalar", {}, {1.5f}},
                              {"b \"quoted\"", {7}, {}}};
  for (Tensor& tensor : tensors) {
    if (tensor.name == "a") tensor.values.resize(6);
    if (tensor.name[0] == 'b') tensor.values.resize(7);
    for (float& value : tensor.values) value = static_cast<float>(random()) / 1e6f - 2000;
  }
  write_safetensors(path_, tensors);
  std::vector<Tensor> read = read_safetensors(path_);
  ASSERT_EQ(read.size(), tensors.size());
  for (const Tensor& tensor : tensors) {
    EXPECT_NE(std::find(read.begin(), read.end(), tensor), read.end()) << tensor.name;
  }
}

TEST_F(Safetensors, EveryTruncationIsRefused) {
  write_safetensors(path_, {{"a", {2, 2}, {1, 2, 3, 4}}, {"b", {1}, {5}}});
  const std::string content = read_file(path_);
  for (std::size_t length = 0; length < content.size(); ++length) {
    SCOPED_TRACE(length);
    write_file(path_, content.substr(0, length));
    expect_refusal("w.safetensors");
  }
  write_file(path_, content + "x");
  expect_refusal("belong to no tensor");
}

TEST_F(Safetensors, EveryChangedByteIsRefusedOrStillReads) {
  write_safetensors(path_, {{"a", {2, 2}, {1, 2, 3, 4}}});
  const std::string content = read_file(path_);
  for (std::size_t at = 0; at < content.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string changed = content;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      write_file(path_, changed);
      try {
        for (const Tensor& tensor : read_safetensors(path_)) EXPECT_LE(tensor.values.size(), 4u);
      } catch (const Error&) {
        // refused, as it may be
      }
    }
  }
}

TEST_F(Safetensors, HeadersThatLieAreRefused) {
  const std::string four(4, '\0');
  write(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", four);
  EXPECT_EQ(read_safetensors(path_).size(), 1u);
  write(R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", four);
  EXPECT_EQ(read_safetensors(path_).size(), 1u);
  write(R"({"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}})", four);
  expect_refusal("F16");
  write(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", four);
  expect_refusal("shape");
  write(R"({"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}})", four);
  expect_refusal("a");
  write(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}})", four);
  expect_refusal("shape");
  write(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", four);
  expect_refusal("a");
  write(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", four);
  expect_refusal("data_offsets");
  write(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
      four);
  expect_refusal("bytes");
  write(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}})", four);
  expect_refusal("more");
  write("[]", "");
  expect_refusal("object");
}

TEST_F(Safetensors, TensorsThatContradictThemselvesAreNotWritten) {
  test::expect_error([&] { write_safetensors(path_, {{"a", {2}, {1}}}); }, "shape");
  test::expect_error(
      [&] {
        write_safetensors(path_, {{"a", {1}, {1}}, {"a", {1}, {1}}});
      },
      "twice");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace inas
