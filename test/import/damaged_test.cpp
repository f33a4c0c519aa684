#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/onnx/import.hpp>

namespace inas::test {
namespace {

using onnx::ImportError;
using onnx::parse_model;

using namespace std::string_view_literals;

TEST(DamagedModels, OtherFormatsAreNamed) {
  const auto refuse = [](std::string_view content, const std::string& found) {
    expect_error([&] { static_cast<void>(parse_model(content, "m.onnx")); },
                 fmt::format("m.onnx: found {}, allowed: an ONNX model (.onnx)", found));
  };
  refuse("", "an empty file");
  refuse("import torch\n", "a text");
  refuse("{\"layers\": []}", "a text");
  refuse("PK\x03\x04\x14\0\0\0archive/data.pkl"sv, "a zip archive, which a .pt file of PyTorch is");
  refuse("\x80\x02}q\0."sv, "a Python pickle, which a .pt file of PyTorch is");
  refuse("\x89HDF\r\n\x1a\n\0\0"sv, "an HDF5 file, which a .h5 file of Keras is");
  refuse("\x1c\0\0\0TFL3\x14\0"sv, "a TFLite model");
  refuse("\x93NUMPY\x01\0v\0"sv, "a NumPy array");
  refuse("\xff\xfe\xfd\xfc\xfb"sv, "a file of another format, or one that is damaged or cut short");
}

TEST(DamagedModels, AFileThatIsNotThereIsSaid) {
  const TemporaryFolder folder;
  EXPECT_THROW(static_cast<void>(onnx::import_model(folder.path() / "absent.onnx")), Error);
  EXPECT_THROW(static_cast<void>(onnx::import_model(folder.path())), Error);
}

/// Whatever a damaged file holds: a network, or sentences.
void expect_no_crash(const std::string& content, std::size_t& refused) {
  try {
    const onnx::ImportedNetwork imported = parse_model(content, "m.onnx");
    EXPECT_NO_THROW(validate(imported.network));
  } catch (const ImportError& error) {
    ++refused;
    EXPECT_FALSE(error.problems().empty());
  }
}

TEST(DamagedModels, CutShortAnywhereTheyAreRefused) {
  for (const char* name : {"plain", "residual", "refused/cycle"}) {
    const std::string whole = read_file(fmt::format("{}/{}.onnx", INAS_TEST_MODELS, name));
    std::size_t cut = 0;
    std::size_t refused = 0;
    // The first bytes alone, and the graph cut at many places.
    for (std::size_t size = 0; size < whole.size(); size += size < 300 ? 1 : 211) {
      ++cut;
      expect_no_crash(whole.substr(0, size), refused);
    }
    EXPECT_EQ(refused, cut) << name;
  }
}

TEST(DamagedModels, AnyChangedByteGivesANetworkOrSentences) {
  for (const char* name : {"plain", "batch_norm", "depthwise", "residual"}) {
    const std::string whole = read_file(fmt::format("{}/{}.onnx", INAS_TEST_MODELS, name));
    std::size_t refused = 0;
    for (std::size_t at = 0; at < whole.size(); at += 13) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      expect_no_crash(damaged, refused);
    }
    EXPECT_GT(refused, 0U) << name;
  }
}

}  // namespace
}  // namespace inas::test
