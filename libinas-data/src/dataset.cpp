#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <zlib.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/data/dataset.hpp>

namespace inas::data {
namespace {

namespace fs = std::filesystem;

// Where Debian's package puts Fashion-MNIST.
constexpr std::string_view kDefaultFolder = "/usr/share/datasets/fashion-mnist";

// A header or a folder that promises more than this is damaged or hostile; the real sets have a
// fifth.
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 30;

// Images as in the files: one byte a pixel, channels × height × width.
struct RawPart {
  Shape shape;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
};

// Whether something is at `path`. Throws Error if that cannot be told, as in a folder that is
// closed to this user.
bool is_there(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::none) {
    throw Error(fmt::format("'{}' cannot be read: {}.", path.string(), error.message()));
  }
  return type != fs::file_type::not_found;
}

// Throws Error, with what is in the way, unless `folder` is one.
void check_folder(const fs::path& folder) {
  if (!is_there(folder)) {
    throw Error(
        fmt::format("The folder '{}' cannot be read: {}{}.", folder.string(), std::strerror(ENOENT),
                    folder == fs::path(kDefaultFolder)
                        ? "; the Debian package dataset-fashion-mnist provides it (apt-get install "
                          "dataset-fashion-mnist)"
                        : ""));
  }
  if (!fs::is_directory(folder)) throw Error(fmt::format("'{}' is not a folder.", folder.string()));
}

// The names of what is in `folder`, sorted.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error) {
    throw Error(
        fmt::format("The folder '{}' cannot be read: {}.", folder.string(), error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// "it holds a, b, c": what somebody who looks for a missing file in `folder` sees.
std::string contents_of(const fs::path& folder) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> names = names_in(folder);
  if (names.empty()) return "it is empty";
  const std::string more =
      names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : std::string();
  names.resize(std::min(names.size(), kShown));
  return fmt::format("it holds {}{}", fmt::join(names, ", "), more);
}

// A file read through zlib, which passes on what is not compressed as it is.
class ByteFile {
 public:
  explicit ByteFile(fs::path path) : path_(std::move(path)) {
    std::error_code ignored;
    if (!fs::is_regular_file(path_, ignored)) {
      throw Error(fmt::format("'{}' is not a file.", path_.string()));
    }
    errno = 0;  // stays 0 if zlib fails for want of memory
    file_ = gzopen(path_.c_str(), "rb");
    if (file_ == nullptr) {
      throw Error(fmt::format("'{}' cannot be opened for reading: {}.", path_.string(),
                              std::strerror(errno == 0 ? ENOMEM : errno)));
    }
    gzbuffer(file_, 1U << 17);
  }
  ~ByteFile() { gzclose(file_); }
  ByteFile(const ByteFile&) = delete;
  ByteFile& operator=(const ByteFile&) = delete;

  [[nodiscard]] std::string name() const { return path_.string(); }

  // The next `count` bytes, or fewer at the end of the file. Grows with what is there, not with
  // what a header promises.
  [[nodiscard]] std::vector<std::uint8_t> read(std::int64_t count) {
    constexpr std::int64_t kStep = std::int64_t{1} << 22;
    std::vector<std::uint8_t> bytes;
    while (static_cast<std::int64_t>(bytes.size()) < count) {
      const std::size_t old_size = bytes.size();
      const std::int64_t step = std::min(kStep, count - static_cast<std::int64_t>(old_size));
      bytes.resize(old_size + static_cast<std::size_t>(step));
      const int got = gzread(file_, bytes.data() + old_size, static_cast<unsigned>(step));
      bytes.resize(old_size + static_cast<std::size_t>(std::max(got, 0)));
      if (got < step) {
        check();
        break;
      }
    }
    return bytes;
  }

 private:
  // A compressed file that ends early or fails its checksum is an error, not an end of file.
  void check() const {
    int code = Z_OK;
    const char* message = gzerror(file_, &code);
    if (code < 0) {
      throw Error(fmt::format("'{}' is truncated or damaged: {}.", path_.string(), message));
    }
  }

  fs::path path_;
  gzFile file_ = nullptr;
};

struct IdxContent {
  std::string file;
  std::vector<std::int64_t> extents;
  std::vector<std::uint8_t> bytes;
};

std::int64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::int64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value * 256 + byte;
  return value;
}

// An IDX file of unsigned bytes: 0, 0, type 8, the number of dimensions; each extent as 32 bits,
// big-endian; the values.
IdxContent read_idx(const fs::path& path, std::int64_t dimensions) {
  ByteFile file(path);
  const std::int64_t header_size = 4 + 4 * dimensions;
  const std::vector<std::uint8_t> header = file.read(header_size);
  if (static_cast<std::int64_t>(header.size()) < header_size) {
    throw Error(fmt::format("'{}' is truncated: found {} bytes where its header needs {}.",
                            file.name(), header.size(), header_size));
  }
  const std::span<const std::uint8_t> words(header);
  const std::int64_t magic = big_endian(words.first(4));
  const std::int64_t expected_magic = 0x800 + dimensions;
  if (magic != expected_magic) {
    throw Error(
        fmt::format("'{}' starts with the IDX magic number {:#010x}, but must start with {:#010x} "
                    "(unsigned bytes, "
                    "{} dimension{}).",
                    file.name(), magic, expected_magic, dimensions, dimensions == 1 ? "" : "s"));
  }
  IdxContent content{.file = file.name(), .extents = {}, .bytes = {}};
  std::int64_t total = 1;
  for (std::int64_t i = 1; i <= dimensions; ++i) {
    const std::int64_t extent = big_endian(words.subspan(static_cast<std::size_t>(4 * i), 4));
    if (extent < 1 || extent > kMaxBytes / total) {
      throw Error(fmt::format(
          "'{}' declares extent {} in dimension {} of {}, but extents must be at least 1 and their "
          "product at most {}.",
          file.name(), extent, i, dimensions, kMaxBytes));
    }
    content.extents.push_back(extent);
    total *= extent;
  }
  content.bytes = file.read(total);
  if (static_cast<std::int64_t>(content.bytes.size()) < total) {
    throw Error(
        fmt::format("'{}' is truncated: found {} bytes after the header, which promises {}.",
                    file.name(), content.bytes.size(), total));
  }
  if (!file.read(1).empty()) {
    throw Error(
        fmt::format("'{}' has bytes after the {} that its header promises.", file.name(), total));
  }
  return content;
}

void check_labels(const std::string& file, std::span<const std::uint8_t> labels,
                  std::int64_t classes) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= classes) {
      throw Error(
          fmt::format("'{}' gives image {} the label {}, allowed: 0 to {}, for the {} classes of "
                      "space.classes.",
                      file, i, labels[i], classes - 1, classes));
    }
  }
}

// A file of `folder` by the name that it is published under, compressed or not, or with the dot
// before "idx" that some tools write; nothing if there is none.
std::optional<fs::path> find_idx(const fs::path& folder, const std::string& name) {
  std::string dotted = name;
  dotted[name.find("-idx")] = '.';
  for (const std::string& spelling : {name, dotted}) {
    for (const char* ending : {".gz", ""}) {
      const fs::path path = folder / (spelling + ending);
      if (is_there(path)) return path;
    }
  }
  return std::nullopt;
}

std::string image_name(std::string_view part) { return fmt::format("{}-images-idx3-ubyte", part); }
std::string label_name(std::string_view part) { return fmt::format("{}-labels-idx1-ubyte", part); }

// `folder`, or that below it which holds the training images, as torchvision lays its sets out.
fs::path idx_folder(const fs::path& folder) {
  check_folder(folder);
  for (const char* below : {"", "FashionMNIST/raw", "MNIST/raw", "raw"}) {
    const fs::path candidate = *below == '\0' ? folder : folder / below;
    if (find_idx(candidate, image_name("train"))) return candidate;
  }
  return folder;
}

fs::path require_idx(const fs::path& folder, const std::string& name) {
  if (const std::optional<fs::path> path = find_idx(folder, name)) return *path;
  throw Error(fmt::format("The folder '{}' has no file '{}' or '{}.gz'; {}.", folder.string(), name,
                          name, contents_of(folder)));
}

RawPart read_idx_part(const fs::path& folder, std::string_view part, std::int64_t classes) {
  const fs::path image_path = require_idx(folder, image_name(part));
  const fs::path label_path = require_idx(folder, label_name(part));
  IdxContent labels = read_idx(label_path, 1);
  check_labels(labels.file, labels.bytes, classes);
  IdxContent images = read_idx(image_path, 3);
  if (images.extents[0] != labels.extents[0]) {
    throw Error(fmt::format("'{}' holds {} images, but '{}' holds {} labels.", images.file,
                            images.extents[0], labels.file, labels.extents[0]));
  }
  return {.shape = {1, images.extents[1], images.extents[2]},
          .pixels = std::move(images.bytes),
          .labels = std::move(labels.bytes)};
}

// Appends the records of `path`, each a label and 32×32 red, green and blue values, to `part`.
void read_cifar_file(const fs::path& path, std::int64_t classes, RawPart& part) {
  const std::int64_t record = 1 + part.shape.values();
  ByteFile file(path);
  const std::int64_t room = kMaxBytes - static_cast<std::int64_t>(part.pixels.size());
  const std::vector<std::uint8_t> bytes = file.read(room + 1);
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size > room) {
    throw Error(fmt::format("'{}' makes the data set larger than the {} bytes allowed.",
                            file.name(), kMaxBytes));
  }
  if (size == 0 || size % record != 0) {
    throw Error(fmt::format("'{}' holds {} bytes, but must hold one or more records of {} bytes.",
                            file.name(), size, record));
  }
  std::vector<std::uint8_t> labels;
  part.pixels.reserve(part.pixels.size() + bytes.size());
  for (auto at = bytes.begin(); at != bytes.end(); at += record) {
    labels.push_back(*at);
    part.pixels.insert(part.pixels.end(), at + 1, at + record);
  }
  check_labels(file.name(), labels, classes);
  part.labels.insert(part.labels.end(), labels.begin(), labels.end());
}

RawPart read_cifar10(const std::vector<fs::path>& files, std::int64_t classes) {
  RawPart part{.shape = {3, 32, 32}, .pixels = {}, .labels = {}};
  for (const fs::path& file : files) read_cifar_file(file, classes, part);
  return part;
}

// data_batch_*.bin in `folder`, sorted by name.
std::vector<fs::path> cifar10_train_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const std::string& name : names_in(folder)) {
    if (name.starts_with("data_batch_") && name.ends_with(".bin")) files.push_back(folder / name);
  }
  return files;
}

using Parts = std::pair<RawPart, RawPart>;  // training and test files

Parts read_fashion_mnist(const fs::path& where, std::int64_t classes) {
  const fs::path folder = idx_folder(where);
  Parts parts{read_idx_part(folder, "train", classes), read_idx_part(folder, "t10k", classes)};
  const Shape& train = parts.first.shape;
  const Shape& test = parts.second.shape;
  if (train != test) {
    throw Error(
        fmt::format("The training images in '{}' have {}×{} pixels, but the test images "
                    "{}×{}.",
                    folder.string(), train.height, train.width, test.height, test.width));
  }
  return parts;
}

Parts read_cifar10_folder(const fs::path& where, std::int64_t classes) {
  check_folder(where);
  // The archive's own folder.
  const fs::path below = where / "cifar-10-batches-bin";
  const fs::path folder = cifar10_train_files(where).empty() && is_there(below) ? below : where;
  const std::vector<fs::path> train_files = cifar10_train_files(folder);
  if (train_files.empty()) {
    throw Error(fmt::format(
        "The folder '{}' has no file 'data_batch_*.bin' of the binary version of CIFAR-10; {}.",
        folder.string(), contents_of(folder)));
  }
  if (!is_there(folder / "test_batch.bin")) {
    throw Error(fmt::format("The folder '{}' has no file 'test_batch.bin'; {}.", folder.string(),
                            contents_of(folder)));
  }
  return {read_cifar10(train_files, classes), read_cifar10({folder / "test_batch.bin"}, classes)};
}

Parts read_files(const DataSettings& data, std::int64_t classes) {
  if (data.name == "fashion-mnist") {
    return read_fashion_mnist(data.path.empty() ? fs::path(kDefaultFolder) : fs::path(data.path),
                              classes);
  }
  if (data.name == "cifar10") {
    if (data.path.empty()) {
      throw Error(
          "data.path is empty, but must name the folder of the binary version of CIFAR-10.");
    }
    return read_cifar10_folder(data.path, classes);
  }
  throw InvalidArgument(
      fmt::format("data.name is '{}', which this version does not load; it loads 'fashion-mnist' "
                  "and 'cifar10'.",
                  data.name));
}

// Mean and standard deviation of each channel, and the standardised value of each pixel value.
struct Standard {
  std::vector<float> mean;
  std::vector<float> deviation;
  std::vector<std::array<float, 256>> values;
};

// Of the images of `raw` that `chosen` lists. A channel has only 256 different values, so their
// counts give the sums exactly.
Standard measure(const RawPart& raw, std::span<const std::int64_t> chosen) {
  const std::int64_t area = raw.shape.height * raw.shape.width;
  Standard standard;
  for (std::int64_t channel = 0; channel < raw.shape.channels; ++channel) {
    std::array<std::int64_t, 256> counts{};
    for (const std::int64_t image : chosen) {
      const std::uint8_t* pixels = raw.pixels.data() + image * raw.shape.values() + channel * area;
      for (std::int64_t i = 0; i < area; ++i) ++counts[pixels[i]];
    }
    const double count = static_cast<double>(chosen.size()) * static_cast<double>(area);
    double mean = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      mean += static_cast<double>(counts[v]) * (static_cast<double>(v) / 255) / count;
    }
    double variance = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      const double distance = static_cast<double>(v) / 255 - mean;
      variance += static_cast<double>(counts[v]) * distance * distance / count;
    }
    // A single value's mean is rounded, so its variance need not be 0; two values differ by far
    // more.
    const double deviation = variance < 1e-20 ? 1.0 : std::sqrt(variance);
    standard.mean.push_back(static_cast<float>(mean));
    standard.deviation.push_back(static_cast<float>(deviation));
    std::array<float, 256>& values = standard.values.emplace_back();
    for (std::size_t v = 0; v < 256; ++v) {
      values[v] = static_cast<float>((static_cast<double>(v) / 255 - standard.mean.back()) /
                                     standard.deviation.back());
    }
  }
  return standard;
}

// The images of `raw` that `chosen` lists, in that order.
Dataset standardise(const RawPart& raw, std::int64_t classes, std::span<const std::int64_t> chosen,
                    const Standard& standard) {
  const std::int64_t area = raw.shape.height * raw.shape.width;
  Dataset dataset{.shape = raw.shape, .classes = classes, .values = {}, .labels = {}};
  dataset.labels.reserve(chosen.size());
  dataset.values.reserve(chosen.size() * static_cast<std::size_t>(raw.shape.values()));
  for (const std::int64_t image : chosen) {
    dataset.labels.push_back(raw.labels[static_cast<std::size_t>(image)]);
    const std::uint8_t* pixel = raw.pixels.data() + image * raw.shape.values();
    for (const std::array<float, 256>& values : standard.values) {
      for (std::int64_t i = 0; i < area; ++i) dataset.values.push_back(values[*pixel++]);
    }
  }
  return dataset;
}

/// Old rows or columns that one new one covers.
struct Covered {
  std::int64_t first = 0;
  std::int64_t end = 0;
};

Covered covered(std::int64_t index, std::int64_t before, std::int64_t after) {
  return {index * before / after, ((index + 1) * before + after - 1) / after};
}

float mean_of(const float* map, std::int64_t map_columns, const Covered& rows,
              const Covered& columns) {
  float sum = 0;
  for (std::int64_t row = rows.first; row < rows.end; ++row) {
    for (std::int64_t column = columns.first; column < columns.end; ++column) {
      sum += map[row * map_columns + column];
    }
  }
  return sum / static_cast<float>((rows.end - rows.first) * (columns.end - columns.first));
}

}  // namespace

DataSplit load_data(const DataSettings& data, std::int64_t classes, std::uint64_t seed) {
  const auto [raw, raw_test] = read_files(data, classes);
  const auto count = static_cast<std::int64_t>(raw.labels.size());
  if (data.validation_images < 1 || data.validation_images >= count) {
    throw InvalidArgument(
        fmt::format("data.validation_images is {}, but must be from 1 to {}: the training files "
                    "hold {} images.",
                    data.validation_images, count - 1, count));
  }
  std::mt19937_64 generator(seed);
  const std::vector<std::int64_t> order = random_order(count, generator);
  const auto train_count = static_cast<std::size_t>(count - data.validation_images);
  const std::span<const std::int64_t> train = std::span(order).first(train_count);
  const std::span<const std::int64_t> validation = std::span(order).subspan(train_count);
  std::vector<std::int64_t> test(raw_test.labels.size());
  std::iota(test.begin(), test.end(), std::int64_t{0});

  Standard standard = measure(raw, train);
  DataSplit split{.train = standardise(raw, classes, train, standard),
                  .validation = standardise(raw, classes, validation, standard),
                  .test = standardise(raw_test, classes, test, standard),
                  .mean = {},
                  .standard_deviation = {}};
  split.mean = std::move(standard.mean);
  split.standard_deviation = std::move(standard.deviation);
  return split;
}

Dataset resampled(Dataset data, const Shape& shape) {
  const Shape from = data.shape;
  if (shape == from) return data;
  if (shape.channels != from.channels || shape.height > from.height || shape.width > from.width ||
      shape.values() < 1) {
    throw InvalidArgument(
        fmt::format("samples of {}×{}×{}: found {}×{}×{} to average them to, allowed: {} channels, "
                    "up to {} rows and {} columns",
                    from.channels, from.height, from.width, shape.channels, shape.height,
                    shape.width, from.channels, from.height, from.width));
  }
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(data.size() * shape.values()));
  const std::int64_t maps = data.size() * from.channels;
  for (std::int64_t map = 0; map < maps; ++map) {
    const float* const of_map =
        &data.values[static_cast<std::size_t>(map * from.height * from.width)];
    for (std::int64_t row = 0; row < shape.height; ++row) {
      const Covered rows = covered(row, from.height, shape.height);
      for (std::int64_t column = 0; column < shape.width; ++column) {
        const Covered columns = covered(column, from.width, shape.width);
        values.push_back(mean_of(of_map, from.width, rows, columns));
      }
    }
  }
  data.shape = shape;
  data.values = std::move(values);
  return data;
}

void check_data(const DataSplit& data, const SearchSpace& space) {
  const Shape& found = data.train.shape;
  if (found != space.input) {
    throw InvalidArgument(fmt::format(
        "The search space's input is {}×{}×{} (channels × height × width), but the data have "
        "{}×{}×{}.",
        space.input.channels, space.input.height, space.input.width, found.channels, found.height,
        found.width));
  }
  if (data.train.classes != space.classes) {
    throw InvalidArgument(
        fmt::format("The search space has {} classes, but the data were loaded for {}.",
                    space.classes, data.train.classes));
  }
}

}  // namespace inas::data
