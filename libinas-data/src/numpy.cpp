#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/text.hpp>
#include <inas/data/numpy.hpp>

#include "zip_archive.hpp"

namespace inas::data {
namespace {

static_assert(std::endian::native == std::endian::little, "values are read as they lie");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::string_view kEnding = ".npy";
constexpr std::int64_t kMostValues = std::int64_t{1} << 30;

[[noreturn]] void refuse(const std::string& source, std::string_view what) {
  throw Error(fmt::format("{}: {}", source, what));
}

/// A text of the file, to be shown.
std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  return shown_text(text, kLongest);
}

/// What the header says: a Python dictionary with three keys, as numpy writes it.
struct Header {
  std::string type;
  bool is_fortran = false;
  std::vector<std::int64_t> shape;
};

/// Reads the literals of that dictionary, and nothing more of Python.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  [[nodiscard]] Header read() {
    Header header;
    std::set<std::string> keys;
    require('{');
    while (!accept('}')) {
      const std::string key = word();
      require(':');
      if (!keys.insert(key).second) fail();
      if (key == "descr") {
        header.type = type();
      } else if (key == "fortran_order") {
        header.is_fortran = truth();
      } else if (key == "shape") {
        header.shape = tuple();
      } else {
        fail();
      }
      if (!accept(',') && !next_is('}')) fail();
    }
    skip_blanks();
    if (keys.size() != 3 || at_ != text_.size()) fail();
    return header;
  }

 private:
  [[noreturn]] void fail() const {
    refuse(source_, fmt::format("found the header {}, allowed: one with descr, fortran_order and "
                                "shape, as numpy.save writes it",
                                shown(text_)));
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  [[nodiscard]] bool next_is(char sign) {
    skip_blanks();
    return at_ < text_.size() && text_[at_] == sign;
  }
  bool accept(char sign) {
    if (!next_is(sign)) return false;
    ++at_;
    return true;
  }
  void require(char sign) {
    if (!accept(sign)) fail();
  }
  [[nodiscard]] std::string word() {
    skip_blanks();
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) fail();
    const char quote = text_[at_++];
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) fail();
    const std::string result(text_.substr(at_, end - at_));
    at_ = end + 1;
    return result;
  }
  [[nodiscard]] std::string type() {
    if (next_is('[')) refuse(source_, "found an array of records, allowed: one of numbers");
    return word();
  }
  [[nodiscard]] bool truth() {
    skip_blanks();
    for (const auto& [name, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      if (!text_.substr(at_).starts_with(name)) continue;
      at_ += std::strlen(name);
      return value;
    }
    fail();
  }
  [[nodiscard]] std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> numbers;
    require('(');
    while (!accept(')')) {
      skip_blanks();
      std::int64_t value = 0;
      const char* const end = text_.data() + text_.size();
      const auto [stop, error] = std::from_chars(text_.data() + at_, end, value);
      if (error != std::errc() || value < 0) fail();
      numbers.push_back(value);
      at_ = static_cast<std::size_t>(stop - text_.data());
      accept('L');  // of Python 2
      if (!accept(',') && !next_is(')')) fail();
    }
    return numbers;
  }

  std::string_view text_;
  const std::string& source_;
  std::size_t at_ = 0;
};

template <class Stored>
std::vector<float> converted(std::string_view bytes) {
  std::vector<Stored> stored(bytes.size() / sizeof(Stored));
  if (!bytes.empty()) std::memcpy(stored.data(), bytes.data(), bytes.size());
  std::vector<float> values(stored.size());
  std::transform(stored.begin(), stored.end(), values.begin(),
                 [](Stored value) { return static_cast<float>(value); });
  return values;
}

/// Floats of 16 bits: a sign, 5 bits of exponent, 10 of fraction. Source: IEEE 754, binary16.
float of_half(std::uint16_t bits) {
  constexpr int kFractionBits = 10;
  constexpr int kLargestExponent = 31;
  const int exponent = bits >> kFractionBits & kLargestExponent;
  const int fraction = bits & ((1 << kFractionBits) - 1);
  float value = 0;
  if (exponent == kLargestExponent) {
    value = fraction == 0 ? std::numeric_limits<float>::infinity()
                          : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    value = std::ldexp(static_cast<float>(fraction | 1 << kFractionBits), exponent - 25);
  }
  return bits >> 15 != 0 ? -value : value;
}

std::vector<float> converted_halves(std::string_view bytes) {
  std::vector<std::uint16_t> stored(bytes.size() / 2);
  if (!bytes.empty()) std::memcpy(stored.data(), bytes.data(), bytes.size());
  std::vector<float> values(stored.size());
  std::transform(stored.begin(), stored.end(), values.begin(), of_half);
  return values;
}

/// Values of `size` bytes each, whose bytes are in the other order.
std::string swapped(std::string_view bytes, std::size_t size) {
  std::string result(bytes);
  for (auto at = result.begin(); at != result.end(); at += static_cast<std::ptrdiff_t>(size)) {
    std::reverse(at, at + static_cast<std::ptrdiff_t>(size));
  }
  return result;
}

/// Values of Fortran's order, whose first index is the fastest, with the last one as the fastest.
std::vector<float> row_major(const std::vector<float>& values,
                             const std::vector<std::int64_t>& shape) {
  std::vector<std::size_t> strides;
  std::size_t stride = 1;
  for (const std::int64_t extent : shape) {
    strides.push_back(stride);
    stride *= static_cast<std::size_t>(extent);
  }
  std::vector<std::int64_t> index(shape.size(), 0);
  std::vector<float> result;
  result.reserve(values.size());
  std::size_t at = 0;
  while (result.size() < values.size()) {
    result.push_back(values[at]);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * static_cast<std::size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
  return result;
}

struct Type {
  std::string_view name;  ///< without the mark of the order of bytes
  std::size_t bytes;
  std::vector<float> (*convert)(std::string_view bytes);
};

constexpr std::array kTypes{
    Type{"f2", 2, converted_halves},         Type{"b1", 1, converted<std::uint8_t>},
    Type{"f4", 4, converted<float>},         Type{"f8", 8, converted<double>},
    Type{"i1", 1, converted<std::int8_t>},   Type{"i2", 2, converted<std::int16_t>},
    Type{"i4", 4, converted<std::int32_t>},  Type{"i8", 8, converted<std::int64_t>},
    Type{"u1", 1, converted<std::uint8_t>},  Type{"u2", 2, converted<std::uint16_t>},
    Type{"u4", 4, converted<std::uint32_t>}, Type{"u8", 8, converted<std::uint64_t>}};

const Type& type_of(const Header& header, const std::string& source) {
  const std::string_view text = header.type;
  const char order = text.empty() ? '?' : text[0];
  const auto* const type = std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& candidate) {
    return std::string_view("<>|=").find(order) != std::string_view::npos &&
           candidate.name == text.substr(1);
  });
  if (type == kTypes.end()) {
    refuse(source, fmt::format("found values of type {}, allowed: floats of 16, 32 or 64 bits, "
                               "whole numbers or truth values",
                               shown(text)));
  }
  return *type;
}

std::int64_t count_of(const Header& header, const std::string& source) {
  std::int64_t count = 1;
  for (const std::int64_t extent : header.shape) {
    if (extent > 0 && count > kMostValues / extent) {
      refuse(source, fmt::format("found the shape ({}), allowed: at most {} values",
                                 fmt::join(header.shape, ", "), kMostValues));
    }
    count *= extent;
  }
  return count;
}

/// One array in the .npy format: the magic, a version, the length of the header, the header, the
/// values. Source: numpy.lib.format.
NumpyArray parse_array(std::string_view content, const std::string& source) {
  const std::size_t version = content.size() > 6 ? static_cast<unsigned char>(content[6]) : 0;
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t header_at = 8 + length_bytes;
  if (!content.starts_with(kMagic) || content.size() < header_at) {
    refuse(source,
           "found a file of another format, or one that is cut short, allowed: .npy or .npz");
  }
  if (version < 1 || version > 3) {
    refuse(source, fmt::format("found version {} of the format, allowed: 1 to 3", version));
  }
  std::size_t header_bytes = 0;
  for (std::size_t i = length_bytes; i-- > 0;) {
    header_bytes = header_bytes << 8U | static_cast<unsigned char>(content[8 + i]);
  }
  if (header_bytes > content.size() - header_at) {
    refuse(source, "found an array that is cut short, allowed: a whole one");
  }
  const Header header = HeaderReader(content.substr(header_at, header_bytes), source).read();
  const Type& type = type_of(header, source);
  const std::int64_t count = count_of(header, source);
  const std::string_view bytes = content.substr(header_at + header_bytes);
  if (bytes.size() != static_cast<std::size_t>(count) * type.bytes) {
    refuse(source, fmt::format("found {} bytes of values, allowed: {}, as the shape ({}) has",
                               bytes.size(), static_cast<std::size_t>(count) * type.bytes,
                               fmt::join(header.shape, ", ")));
  }
  const bool is_big_endian = header.type[0] == '>';
  NumpyArray array{
      .name = {},
      .shape = header.shape,
      .values = type.convert(is_big_endian ? std::string_view(swapped(bytes, type.bytes)) : bytes),
      .is_bytes = type.name == "u1"};
  if (header.is_fortran) array.values = row_major(array.values, array.shape);
  const auto found = std::find_if(array.values.begin(), array.values.end(),
                                  [](float value) { return !std::isfinite(value); });
  if (found != array.values.end()) {
    refuse(source, fmt::format("found {} as value {}, allowed: finite 32-bit numbers", *found,
                               found - array.values.begin()));
  }
  return array;
}

}  // namespace

std::vector<NumpyArray> parse_numpy(std::string_view content, const std::string& source) {
  if (!is_zip(content)) return {parse_array(content, source)};
  std::vector<NumpyArray> arrays;
  std::set<std::string> names;
  for (const ZipMember& member : read_zip(content, source)) {
    const std::string label = fmt::format("{}: {}", source, shown(member.name));
    NumpyArray array = parse_array(member.content, label);
    array.name = member.name;
    if (array.name.ends_with(kEnding)) array.name.resize(array.name.size() - kEnding.size());
    if (!names.insert(array.name).second) refuse(label, "found it twice, allowed: once");
    arrays.push_back(std::move(array));
  }
  return arrays;
}

std::vector<NumpyArray> read_numpy(const std::filesystem::path& path) {
  return parse_numpy(read_file(path), path.string());
}

const NumpyArray* find_array(const std::vector<NumpyArray>& arrays, std::string_view name) {
  for (const NumpyArray& array : arrays) {
    if (array.name == name || (array.name.empty() && arrays.size() == 1)) return &array;
  }
  return nullptr;
}

}  // namespace inas::data
