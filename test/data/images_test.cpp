#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <turbojpeg.h>
#include <vector>
#include <zlib.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/as_nobody.hpp>
#include <support/expect_error.hpp>
#include <sys/stat.h>

#include "cache.hpp"
#include "data_sets.hpp"
#include "image_file.hpp"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

namespace inas::data {
namespace {

namespace fs = std::filesystem;

void append(void* context, void* data, int size) {
  static_cast<std::string*>(context)->append(static_cast<const char*>(data),
                                             static_cast<std::size_t>(size));
}

/// Pixels row after row, the channels of one beside each other.
std::string png(int height, int width, int channels, const std::vector<std::uint8_t>& pixels) {
  std::string file;
  stbi_write_png_to_func(append, &file, width, height, channels, pixels.data(), width * channels);
  return file;
}

std::string jpeg(int height, int width, std::uint8_t value) {
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(3 * height * width), value);
  std::string file;
  stbi_write_jpg_to_func(append, &file, width, height, 3, pixels.data(), 95);
  return file;
}

/// A grey PNG of one row with 16 bits a pixel, as its standard has them: a header, the rows, each
/// behind the number of its filter, compressed by zlib, and an end, each with its checksum. `gamma`
/// is a chunk of its own, 100,000 times what it says, unless it is 0.
std::string png_of_16_bits(const std::vector<std::uint16_t>& pixels, std::uint32_t gamma = 0) {
  const auto big_endian = [](std::uint32_t value, int bytes) {
    std::string text;
    for (int i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xffU);
    return text;
  };
  const auto chunk = [&](const std::string& name, const std::string& content) {
    const std::string checked = name + content;
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(checked.data()), checked.size());
    return big_endian(static_cast<std::uint32_t>(content.size()), 4) + checked +
           big_endian(static_cast<std::uint32_t>(crc), 4);
  };
  std::string row(1, '\0');
  for (const std::uint16_t pixel : pixels) row += big_endian(pixel, 2);
  std::string packed(compressBound(row.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(row.data()), row.size());
  packed.resize(size);
  const std::string header = big_endian(static_cast<std::uint32_t>(pixels.size()), 4) +
                             big_endian(1, 4) + std::string("\x10\0\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) +
         (gamma == 0 ? "" : chunk("gAMA", big_endian(gamma, 4))) + chunk("IDAT", packed) +
         chunk("IEND", "");
}

/// One colour, 2×2.
std::string plain(int value) {
  return png(2, 2, 1, std::vector<std::uint8_t>(4, static_cast<std::uint8_t>(value)));
}

TEST(ImageFiles, PixelsBecomeMapsOfChannels) {
  const std::string file = png(1, 2, 3, {1, 2, 3, 101, 102, 103});
  const Image colours = decode_image(file, "a.png", 3);
  EXPECT_EQ(colours.shape, (Shape{3, 1, 2}));
  EXPECT_EQ(colours.pixels, (std::vector<std::uint8_t>{1, 101, 2, 102, 3, 103}));
  // 0.30 · 200 + 0.59 · 100 + 0.11 · 50 = 124.5
  EXPECT_NEAR(decode_image(png(1, 1, 3, {200, 100, 50}), "a.png", 1).pixels.at(0), 124, 1);
  EXPECT_EQ(decode_image(png(1, 1, 1, {77}), "a.png", 3).pixels,
            (std::vector<std::uint8_t>{77, 77, 77}));
  EXPECT_EQ(decode_image(png(1, 1, 4, {9, 8, 7, 0}), "a.png", 3).pixels,
            (std::vector<std::uint8_t>{9, 8, 7}));
  const Image grey = decode_image(jpeg(8, 16, 90), "a.jpg", 1);
  EXPECT_EQ(grey.shape, (Shape{1, 8, 16}));
  for (const std::uint8_t pixel : grey.pixels) EXPECT_NEAR(pixel, 90, 1);
}

TEST(ImageFiles, APixelOf16BitsIsTheNearestOf8) {
  // 257 · 77 is to 65535 what 77 is to 255.
  EXPECT_EQ(decode_image(png_of_16_bits({0, 257 * 77, 257 * 77 + 128, 257 * 77 + 129, 65'535}),
                         "a.png", 1)
                .pixels,
            (std::vector<std::uint8_t>{0, 77, 77, 78, 255}));
}

TEST(ImageFiles, AGammaThatTheFileNamesIsApplied) {
  // Of linear light, for screens of 2.2: 255 · 0.5^(1/2.2) = 186.1.
  const std::string file = png_of_16_bits({0, 32'768, 65'535}, 100'000);
  EXPECT_EQ(decode_image(file, "a.png", 1).pixels, (std::vector<std::uint8_t>{0, 186, 255}));
}

TEST(ImageFiles, AJpegForPrintersIsRefusedByItsColours) {
  const std::vector<unsigned char> inks(4 * 8 * 8, 100);
  const std::unique_ptr<void, decltype(&tjDestroy)> encoder(tjInitCompress(), &tjDestroy);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  ASSERT_EQ(
      tjCompress2(encoder.get(), inks.data(), 8, 0, 8, TJPF_CMYK, &bytes, &size, TJSAMP_444, 90, 0),
      0);
  const std::string file(reinterpret_cast<const char*>(bytes), size);
  tjFree(bytes);
  test::expect_error([&] { (void)decode_image(file, "a.jpg", 3); },
                     "a.jpg: has the colours of inks (CMYK), allowed: grey, or red, green and "
                     "blue");
}

TEST(ImageFiles, EveryTruncationAndEveryFlippedBitOfAPngIsRefused) {
  const std::string whole = png(3, 3, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW((void)decode_image(whole.substr(0, size), "a.png", 1), Error) << size;
  }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_THROW((void)decode_image(damaged, "a.png", 1), Error) << bit;
  }
}

TEST(ImageFiles, EveryTruncationOfAJpegIsRefused) {
  const std::string whole = jpeg(16, 16, 100);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW((void)decode_image(whole.substr(0, size), "a.jpg", 3), Error) << size;
  }
}

TEST(ImageFiles, WhatIsNoWholeImageIsSaid) {
  const auto expect = [](const std::string& content, const std::string& word) {
    test::expect_error([&] { (void)decode_image(content, "a.png", 1); }, "a.png: " + word);
  };
  expect("", "is empty");
  expect("GIF89a", "is neither a PNG nor a JPEG");
  // A header that promises 30000×30000 pixels, with the checksum that it needs.
  std::string huge("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x75\x30\0\0\x75\x30\x08\0\0\0\0", 29);
  huge +=
      std::string("\x43\x4c\xa7\x66\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82", 28);
  expect(huge, "has 30000×30000 pixels, allowed: at most 67108864");
}

TEST(ImageFiles, SmallerImagesAreMeansOfWhatTheyCover) {
  const Image image{.shape = {1, 2, 4}, .pixels = {0, 10, 20, 30, 40, 50, 60, 71}};
  EXPECT_EQ(averaged(image, 1, 2).pixels, (std::vector<std::uint8_t>{25, 45}));
  // Of four columns for three: {0, 1}, {1, 2}, {2, 3}; halves are rounded up.
  EXPECT_EQ(averaged(image, 2, 3).pixels, (std::vector<std::uint8_t>{5, 15, 25, 45, 55, 66}));
  EXPECT_EQ(averaged(image, 2, 4).pixels, image.pixels);
}

class Images : public DataFolder {
 protected:
  Images() { setenv("XDG_CACHE_HOME", caches_.path().c_str(), 1); }
  ~Images() override { unsetenv("XDG_CACHE_HOME"); }

  /// `count` images of a class, of the values first, first + 1, …
  void write_class(const fs::path& folder, int count, int first) const {
    for (int i = 0; i < count; ++i) {
      write(folder / fmt::format("{:03}.png", i), plain(first + i));
    }
  }
  [[nodiscard]] std::vector<fs::path> cache_files() const {
    const fs::path folder = caches_.path() / "inas";
    if (!fs::exists(folder)) return {};
    return {fs::directory_iterator(folder), fs::directory_iterator()};
  }
  static int value_of(const DataSplit& split, const Dataset& part, std::int64_t sample) {
    return static_cast<int>(std::lround(255 * raw_value(split, part, sample, 0)));
  }

  test::TemporaryFolder caches_;
};

TEST_F(Images, FoldersAreClassesInTheOrderOfTheirNames) {
  write_class("train/b", 10, 100);
  write_class("train/a", 10, 0);
  write_class("test/a", 3, 50);
  write_class("test/b", 2, 150);
  write("train/a/.hidden", "x");
  write("README.txt", "whose images they are");
  const DataSplit split = load_data(settings("images", 4), 2, 1, Shape{1, 2, 2});
  EXPECT_EQ(split.manifest.class_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(split.train.size(), 16);
  EXPECT_EQ(split.manifest.test, (std::vector<std::int64_t>{3, 2}));
  std::set<int> values;
  for (const Dataset* part : {&split.train, &split.validation, &split.test}) {
    for (std::int64_t i = 0; i < part->size(); ++i) {
      const int value = value_of(split, *part, i);
      EXPECT_EQ(part->labels[static_cast<std::size_t>(i)], value >= 100) << value;
      values.insert(value);
    }
  }
  EXPECT_EQ(values.size(), 25U);
}

TEST_F(Images, WithoutPartsAFifthOfEachClassIsForTesting) {
  write_class("cat", 20, 0);
  write_class("dog", 11, 100);
  const DataSplit split = load_data(settings("images", 4), 2, 1, Shape{1, 2, 2});
  EXPECT_EQ(split.manifest.test, (std::vector<std::int64_t>{4, 2}));
  EXPECT_EQ(split.train.size() + split.validation.size(), 25);
}

TEST_F(Images, SizesAreThoseOfTheSpaceOrAllTheSame) {
  write_class("cat", 8, 0);
  write_class("dog", 8, 100);
  write("dog/photo.JPG", jpeg(12, 8, 200));
  EXPECT_EQ(load_data(settings("images", 4), 2, 1, Shape{3, 2, 2}).train.shape, (Shape{3, 2, 2}));
  expect_part(error_of(settings("images"), 2, Shape{1, 3, 2}), "allowed: at least 3×2");
  expect_part(error_of(settings("images"), 2), "photo.JPG: has 12×8 pixels, allowed: 2×2");
  expect_part(error_of(settings("images"), 2, Shape{9, 2, 2}), "space.input: found 9 channels");
  fs::remove(folder_ / "dog/photo.JPG");
  EXPECT_EQ(load_data(settings("images", 4), 2, 1).train.shape, (Shape{3, 2, 2}));
}

TEST_F(Images, EachFaultIsOneSentenceWithTheFile) {
  write_class("cat", 4, 0);
  write_class("dog", 4, 100);
  const auto expect = [&](const std::string& file, const std::string& content,
                          const std::string& word) {
    write(file, content);
    const std::string message = error_of(settings("images"), 2, Shape{1, 2, 2});
    expect_part(message, file);
    expect_part(message, word);
    fs::remove(folder_ / file);
  };
  expect("dog/notes.txt", "x", "allowed: images");
  expect("dog/x.png", "", "is empty");
  expect("dog/x.png", "BM6", "neither a PNG nor a JPEG");
  expect("dog/x.png", plain(1).substr(0, 60), "cut short or damaged");
  write("dog/below.png/y.png", plain(1));
  expect_part(error_of(settings("images"), 2), "below.png: is in the folder of a class");
  fs::remove_all(folder_ / "dog/below.png");
  expect_part(error_of(settings("images"), 3), "has 2 folders, one a class, allowed: 3");
  fs::create_directory(folder_ / "eel");
  expect_part(error_of(settings("images"), 3), "eel: has no image");
  fs::remove(folder_ / "eel");
  fs::create_symlink("loop", folder_ / "loop");
  expect_part(error_of(settings("images"), 2), "Too many levels of symbolic links");
  fs::remove(folder_ / "loop");
  fs::create_directory_symlink("..", folder_ / "cat/up.png");
  expect_part(error_of(settings("images"), 2), "up.png: is in the folder of a class");
  fs::remove(folder_ / "cat/up.png");
  for (const char* pipe : {"cat/x.png", "manifest.json"}) {
    ASSERT_EQ(mkfifo((folder_ / pipe).c_str(), 0600), 0);
    expect_part(error_of(settings("images"), 2), std::string(pipe) + ": is not a file");
    fs::remove(folder_ / pipe);
  }
  write_class("train/cat", 4, 0);
  write_class("train/dog", 4, 0);
  write_class("test/cat", 4, 0);
  expect_part(error_of(settings("images"), 2), "test/dog: cannot be read");
  write_class("test/dog", 4, 0);
  write_class("test/cow", 4, 0);
  expect_part(error_of(settings("images"), 2), "test/cow: is no class of the training part");
}

TEST_F(Images, AFolderThatIsClosedIsSaid) {
  write_class("cat", 4, 0);
  write_class("dog", 4, 100);
  for (const fs::path& open : {folder_, folder_ / "dog"}) {
    fs::permissions(open, fs::perms::all);
  }
  fs::permissions(folder_ / "cat", fs::perms::none);
  {
    const test::AsNobody nobody;
    expect_part(error_of(settings("images"), 2, Shape{1, 2, 2}), "cat");
    expect_part(error_of(settings("images"), 2, Shape{1, 2, 2}), "Permission denied");
  }
  fs::permissions(folder_ / "cat", fs::perms::owner_all);
}

TEST_F(Images, TheCacheIsUsedAndNeverBelievedWhenItIsDamaged) {
  write_class("cat", 8, 0);
  write_class("dog", 8, 100);
  const auto load = [&] { return load_data(settings("images", 4), 2, 1, Shape{1, 2, 2}).manifest; };
  const Manifest first = load();
  ASSERT_EQ(cache_files().size(), 1U);
  const fs::path file = cache_files().front();
  const auto read = [&] {
    std::ifstream stream(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  const std::string whole = read();
  EXPECT_EQ(load(), first);
  // What is in it is what is loaded: other pixels, packed as they should be.
  RawSet other = unpacked(whole).value();
  std::get<ByteValues>(other.train.values).at(5) ^= 1;
  std::ofstream(file, std::ios::binary) << packed(other);
  EXPECT_NE(load(), first);
  for (const std::string& damaged : {whole.substr(0, whole.size() / 2), std::string(), whole + "x",
                                     "x" + whole.substr(1), std::string(200, '\0')}) {
    std::ofstream(file, std::ios::binary) << damaged;
    EXPECT_EQ(load(), first);
    EXPECT_EQ(read(), whole) << "it is made again";
  }
}

TEST_F(Images, AnotherContentNameOrShapeIsAnotherCache) {
  write_class("cat", 8, 0);
  write_class("dog", 8, 100);
  const auto load = [&](const Shape& shape) {
    return load_data(settings("images", 4), 2, 1, shape).manifest;
  };
  const Manifest first = load({1, 2, 2});
  EXPECT_EQ(load({1, 1, 2}).shape, (Shape{1, 1, 2}));
  EXPECT_EQ(load({3, 2, 2}).shape, (Shape{3, 2, 2}));
  write("cat/000.png", plain(55));
  EXPECT_NE(load({1, 2, 2}).content_hash, first.content_hash);
  EXPECT_EQ(cache_files().size(), 4U);
  write("cat/000.png", plain(0));
  fs::rename(folder_ / "cat", folder_ / "ant");
  EXPECT_EQ(load({1, 2, 2}).class_names, (std::vector<std::string>{"ant", "dog"}));
  EXPECT_EQ(cache_files().size(), 5U);
}

TEST_F(Images, WithoutAPlaceForTheCacheSetsAreLoadedAllTheSame) {
  write_class("cat", 8, 0);
  write_class("dog", 8, 100);
  const auto load = [&] { return load_data(settings("images", 4), 2, 1, Shape{1, 2, 2}).manifest; };
  const Manifest first = load();
  write("file", "not a folder");
  setenv("XDG_CACHE_HOME", (folder_ / "file").c_str(), 1);
  EXPECT_EQ(load(), first);
  setenv("XDG_CACHE_HOME", "not/absolute", 1);
  const char* const home = std::getenv("HOME");
  const std::string former = home == nullptr ? "" : home;
  unsetenv("HOME");
  EXPECT_FALSE(cache_folder());
  EXPECT_EQ(load(), first);
  setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(cache_folder(), "/home/somebody/.cache/inas");
  if (home == nullptr) unsetenv("HOME");
  if (home != nullptr) setenv("HOME", former.c_str(), 1);
}

TEST(Cache, SetsOfAllKindsSurviveAndNoTruncationDoes) {
  RawSet set;
  set.train = {.source = {},
               .shape = {1, 1, 2},
               .values = FloatValues{1, 2, 3, 4},
               .labels = {1, 0},
               .groups = {0, 1}};
  set.test = set.train;
  set.class_names = {"a", ""};
  set.group_names = {"x", "y"};
  const std::string bytes = packed(set);
  const RawSet found = unpacked(bytes).value();
  EXPECT_EQ(found.train.values, set.train.values);
  EXPECT_EQ(found.train.labels, set.train.labels);
  EXPECT_EQ(found.train.groups, set.train.groups);
  EXPECT_FALSE(found.validation);
  EXPECT_EQ(found.test.value().shape, (Shape{1, 1, 2}));
  EXPECT_EQ(found.class_names, set.class_names);
  EXPECT_EQ(found.group_names, set.group_names);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(unpacked(bytes.substr(0, size))) << size;
  }
  set.train.shape.width = 3;
  EXPECT_FALSE(unpacked(packed(set))) << "values of no whole number of samples";
}

TEST(Cache, KeysTellApartWhereTextsEnd) {
  const auto key = [](const std::vector<std::string>& texts) {
    CacheKey made;
    for (const std::string& text : texts) made.add(text);
    return made.text();
  };
  EXPECT_EQ(key({"ab", "c"}), key({"ab", "c"}));
  EXPECT_NE(key({"ab", "c"}), key({"a", "bc"}));
  EXPECT_NE(key({}), key({""}));
}

}  // namespace
}  // namespace inas::data
