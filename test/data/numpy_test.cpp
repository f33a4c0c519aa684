#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/files.hpp>
#include <inas/data/numpy.hpp>

namespace inas::test {
namespace {

using data::find_array;
using data::NumpyArray;
using data::parse_numpy;

/// An .npy file of this header and these values.
template <class T>
std::string npy(const std::string& header, const std::vector<T>& values, char version = 1) {
  std::string text("\x93NUMPY", 6);
  text += version;
  text += '\0';
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    text += static_cast<char>(header.size() >> (8 * i) & 0xFFU);
  }
  text += header;
  text.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  return text;
}

std::string header(const std::string& type, const std::string& shape,
                   const std::string& fortran = "False") {
  return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}   \n", type, fortran,
                     shape);
}

NumpyArray array_of(const std::string& content) {
  const std::vector<NumpyArray> arrays = parse_numpy(content, "a.npy");
  EXPECT_EQ(arrays.size(), 1U);
  return arrays.at(0);
}

TEST(Numpy, ReadsFloatsAndWholeNumbersOfEachVersion) {
  const NumpyArray expected{.name = "", .shape = {2, 3}, .values = {0, 1, -2, 3, 4, 5}};
  EXPECT_EQ(array_of(npy<float>(header("<f4", "(2, 3)"), {0, 1, -2, 3, 4, 5})), expected);
  EXPECT_EQ(array_of(npy<double>(header("<f8", "(2, 3)"), {0, 1, -2, 3, 4, 5}, 2)), expected);
  EXPECT_EQ(array_of(npy<std::int64_t>(header("<i8", "(2, 3)"), {0, 1, -2, 3, 4, 5}, 3)), expected);
  EXPECT_EQ(array_of(npy<std::int8_t>(header("|i1", "(2L, 3L)"), {0, 1, -2, 3, 4, 5})), expected);
  EXPECT_EQ(array_of(npy<std::uint16_t>(header("<u2", "(1,)"), {65535})),
            (NumpyArray{.name = "", .shape = {1}, .values = {65535}}));
  EXPECT_EQ(array_of(npy<float>(header("<f4", "()"), {7})),
            (NumpyArray{.name = "", .shape = {}, .values = {7}}));
}

// The bits are those of IEEE 754: the largest number, the smallest one, the smallest normal one.
TEST(Numpy, ReadsFloatsOf16Bits) {
  EXPECT_EQ(array_of(npy<std::uint16_t>(header("<f2", "(7,)"),
                                        {0x3C00, 0xC000, 0x7BFF, 0x0001, 0x0400, 0x3555, 0x8000}))
                .values,
            (std::vector<float>{1, -2, 65504, 0x1p-24F, 0x1p-14F, 0x1.554p-2F, -0.0F}));
}

TEST(Numpy, ReadsTruthValues) {
  const NumpyArray array = array_of(npy<std::uint8_t>(header("|b1", "(3,)"), {1, 0, 1}));
  EXPECT_EQ(array.values, (std::vector<float>{1, 0, 1}));
  EXPECT_FALSE(array.is_bytes) << "1 is no dark pixel";
}

TEST(Numpy, ReadsEitherOrderOfBytes) {
  EXPECT_EQ(array_of(npy<std::uint32_t>(header(">f4", "(2,)"), {0x0000803F, 0x000000C0})).values,
            (std::vector<float>{1, -2}));
  EXPECT_EQ(array_of(npy<std::uint16_t>(header(">i2", "(2,)"), {0x0100, 0xFEFF})).values,
            (std::vector<float>{1, -2}));
}

TEST(Numpy, ReadsFortransOrder) {
  const NumpyArray matrix =
      array_of(npy<float>(header("<f4", "(2, 3)", "True"), {0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(matrix.values, (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(matrix.shape, (std::vector<std::int64_t>{2, 3}));
  // Value 100·i + 10·j + k at (i, j, k).
  std::vector<float> stored;
  std::vector<float> expected;
  for (int k = 0; k < 4; ++k) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 2; ++i) stored.push_back(static_cast<float>(100 * i + 10 * j + k));
    }
  }
  expected = stored;
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(array_of(npy<float>(header("<f4", "(2, 3, 4)", "True"), stored)).values, expected);
  EXPECT_EQ(array_of(npy<float>(header("<f4", "()", "True"), {7})).values, std::vector<float>{7});
  EXPECT_TRUE(array_of(npy<float>(header("<f4", "(0, 3)", "True"), {})).values.empty());
}

TEST(Numpy, RefusesWhatIsNoArrayOfNumbersInOneSentence) {
  const auto refuse = [](const std::string& content, const std::string& sentence) {
    expect_error([&] { static_cast<void>(parse_numpy(content, "a.npy")); }, sentence);
  };
  refuse("",
         "a.npy: found a file of another format, or one that is cut short, allowed: .npy or "
         ".npz");
  refuse("1 2 3",
         "a.npy: found a file of another format, or one that is cut short, allowed: .npy "
         "or .npz");
  refuse(npy<float>(header("<f4", "(2, 3)"), {0, 1}),
         "a.npy: found 8 bytes of values, allowed: 24, as the shape (2, 3) has");
  for (const std::string type : {"|O", "<c8", "<f16", "!f4"}) {
    refuse(npy<float>(header(type, "(1,)"), {0}),
           "a.npy: found values of type " + type +
               ", allowed: floats of 16, 32 or 64 bits, whole numbers or truth values");
  }
  refuse(npy<std::uint16_t>(header("<f2", "(2,)"), {0x7BFF, 0xFC00}),
         "a.npy: found -inf as value 1, allowed: finite 32-bit numbers");
  refuse(npy<float>(header("<f4", "(1,)"), {0}, 4),
         "a.npy: found version 4 of the format, allowed: 1 to 3");
  refuse(npy<double>(header("<f8", "(2,)"), {0, 1e300}),
         "a.npy: found inf as value 1, allowed: finite 32-bit numbers");
  refuse(npy<float>("{'descr': '<f4'}", {}),
         "a.npy: found the header {'descr': '<f4'}, allowed: one with descr, fortran_order and "
         "shape, as numpy.save writes it");
  refuse(npy<float>(header("<f4", "(99999, 99999)"), {0}),
         "a.npy: found the shape (99999, 99999), allowed: at most 1073741824 values");
}

TEST(Numpy, ReadsTheArraysOfAnArchive) {
  const auto arrays = data::read_numpy(fmt::format("{}/plain.npz", INAS_TEST_MODELS));
  ASSERT_EQ(arrays.size(), 2U);
  EXPECT_EQ(arrays[0].name, "input");
  EXPECT_EQ(arrays[0].shape, (std::vector<std::int64_t>{16, 1, 28, 28}));
  EXPECT_EQ(arrays[1].name, "output");
  EXPECT_EQ(arrays[1].shape, (std::vector<std::int64_t>{16, 10}));
  EXPECT_EQ(find_array(arrays, "output"), &arrays[1]);
  EXPECT_EQ(find_array(arrays, "labels"), nullptr);
}

TEST(Numpy, TheArrayOfAFileOfOneHasAnyName) {
  const auto arrays = parse_numpy(npy<float>(header("<f4", "(1,)"), {0}), "a.npy");
  EXPECT_EQ(find_array(arrays, "input"), &arrays[0]);
}

TEST(Numpy, RefusesDamagedArchives) {
  const std::string whole = read_file(fmt::format("{}/plain.npz", INAS_TEST_MODELS));
  // Cut short anywhere there is no directory of members; every changed byte of the data is found by
  // their checksums, and what is not looked at does no harm.
  for (std::size_t size = 4; size < whole.size(); size += 97) {
    EXPECT_THROW(static_cast<void>(parse_numpy(whole.substr(0, size), "a.npz")), Error) << size;
  }
  const auto arrays = parse_numpy(whole, "a.npz");
  for (std::size_t at = 0; at < whole.size(); at += 53) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    try {
      const auto found = parse_numpy(damaged, "a.npz");
      ASSERT_EQ(found.size(), arrays.size());
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].values, arrays[i].values);
    } catch (const Error&) {
      // one sentence
    }
  }
}

}  // namespace
}  // namespace inas::test
