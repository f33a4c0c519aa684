#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
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
  /// The content of the file, without write_file's flush to the disk, which is slow in a loop.
  void put(const std::string& content) {
    std::ofstream(path_, std::ios::binary).write(content.data(), std::ssize(content));
  }

  /// A file with `header` and `data` behind its length.
  void write(const std::string& header, const std::string& data) {
    std::uint64_t length = header.size();
    std::string content(sizeof length, '\0');
    std::memcpy(content.data(), &length, sizeof length);
    put(content + header + data);
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
    put(content.substr(0, length));
    expect_refusal("w.safetensors");
  }
  put(content + "x");
  expect_refusal("belong to no tensor");
}

TEST_F(Safetensors, EveryChangedByteIsRefusedOrStillReads) {
  write_safetensors(path_, {{"a", {2, 2}, {1, 2, 3, 4}}});
  const std::string content = read_file(path_);
  for (std::size_t at = 0; at < content.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string changed = content;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      put(changed);
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

TEST_F(Safetensors, BytesAreThoseOfTheFormat) {
  write_safetensors(path_, {{"a", {2}, {1.0f, -2.0f}}});
  // A length of 8 bytes, little-endian; a header filled up with spaces to 8 bytes; IEEE floats.
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  ASSERT_NE(header.size() % 8, 0u) << "nothing to fill up";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  const std::string length{static_cast<char>(padded.size()), 0, 0, 0, 0, 0, 0, 0};
  const std::string data("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8);
  EXPECT_EQ(read_file(path_), length + padded + data);
}

TEST_F(Safetensors, EveryBitOfAFloatSurvives) {
  std::mt19937 random(21);
  Tensor tensor{"a", {4096}, {}};
  for (int index = 0; index < 4096; ++index) {
    tensor.values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
  }
  write_safetensors(path_, {tensor});
  const std::vector<Tensor> read = read_safetensors(path_);
  ASSERT_EQ(read.size(), 1u);
  ASSERT_EQ(read[0].values.size(), tensor.values.size());
  EXPECT_EQ(std::memcmp(read[0].values.data(), tensor.values.data(), 4 * 4096), 0)
      << "the seed is 21";
}

TEST_F(Safetensors, AHeaderBeyondItsLimitIsRefusedBeforeItIsParsed) {
  for (const std::uint64_t length : {std::uint64_t{100'000'001}, ~std::uint64_t{0}}) {
    std::string content(sizeof length, '\0');
    std::memcpy(content.data(), &length, sizeof length);
    put(content + "{}");
    expect_refusal("the header claims");
  }
}

TEST_F(Safetensors, DataThatOverlapOrLeaveAGapAreRefused) {
  const std::string eight(8, '\0');
  const auto two = [](const std::string& first, const std::string& second) {
    return R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + first +
           R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + second + "}}";
  };
  write(two("[4,8]", "[0,4]"), eight);
  EXPECT_EQ(read_safetensors(path_).size(), 2u) << "the order in the header is free";
  write(two("[0,4]", "[2,6]"), eight);
  expect_refusal("tensor b");
  write(two("[0,4]", "[8,12]"), eight + eight);
  expect_refusal("tensor b");
  write(two("[0,4]", "[4,18446744073709551615]"), eight);
  expect_refusal("tensor b");
}

TEST_F(Safetensors, HeadersOfOtherTypesAreRefusedWithTheTensor) {
  for (const char* entry : {R"(1)", R"([])", R"({})", R"({"dtype":"F32","shape":[1]})",
                            R"({"dtype":32,"shape":[1],"data_offsets":[0,4]})",
                            R"({"dtype":"F32","shape":1,"data_offsets":[0,4]})",
                            R"({"dtype":"F32","shape":["1"],"data_offsets":[0,4]})",
                            R"({"dtype":"F32","shape":[1.5],"data_offsets":[0,4]})",
                            R"({"dtype":"F32","shape":[1],"data_offsets":[0,4,8]})",
                            R"({"dtype":"F32","shape":[1],"data_offsets":[-4,0]})",
                            R"({"dtype":"BF16","shape":[2],"data_offsets":[0,4]})"}) {
    SCOPED_TRACE(entry);
    write(std::string(R"({"tensor_x":)") + entry + "}", std::string(4, '\0'));
    expect_refusal("tensor_x");
  }
}

TEST_F(Safetensors, TensorsThatContradictThemselvesAreNotWritten) {
  test::expect_error([&] { write_safetensors(path_, {{"a", {2}, {1}}}); }, "shape");
  test::expect_error(
      [&] {
        write_safetensors(path_, {{"a", {1}, {1}}, {"a", {1}, {1}}});
      },
      "twice");
  test::expect_error([&] { write_safetensors(path_, {{"\xff", {1}, {1}}}); }, "UTF-8");
  test::expect_error([&] { write_safetensors(path_, {{"", {1}, {1}}}); }, "reserved");
  test::expect_error([&] { write_safetensors(path_, {{"a", {-1, -1}, {1}}}); }, "shape");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace inas
