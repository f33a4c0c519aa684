#include "cache.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

#include "hash.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

// A number behind it that changes with the form. The hash of what follows it ends a file.
constexpr std::string_view kStart = "inas data cache 1\n";
constexpr std::size_t kHashBytes = 32;

std::string hash_of(std::string_view bytes) {
  Hash hash;
  hash.add(bytes.data(), bytes.size());
  return hash.text();
}

/// Writes numbers and lists of them, each after its size.
class Packer {
 public:
  void add(std::int64_t number) { append(&number, sizeof number); }
  template <class List>
  void add_list(const List& list) {
    static_assert(std::is_arithmetic_v<typename List::value_type>);
    add(static_cast<std::int64_t>(list.size()));
    append(list.data(), list.size() * sizeof(typename List::value_type));
  }
  void add_texts(const std::vector<std::string>& texts) {
    add(static_cast<std::int64_t>(texts.size()));
    for (const std::string& text : texts) add_list(text);
  }
  void add_part(const RawPart& part) {
    for (const std::int64_t extent : {part.shape.channels, part.shape.height, part.shape.width}) {
      add(extent);
    }
    add(static_cast<std::int64_t>(part.values.index()));
    std::visit([this](const auto& values) { add_list(values); }, part.values);
    add_list(part.labels);
    add_list(part.groups);
  }
  void add_part(const std::optional<RawPart>& part) {
    add(part ? 1 : 0);
    if (part) add_part(*part);
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
  }

  std::string bytes_;
};

/// Reads them; `is_whole` says whether all that was asked for was there.
class Unpacker {
 public:
  explicit Unpacker(std::string_view left) : left_(left) {}

  [[nodiscard]] std::int64_t number() {
    std::int64_t value = 0;
    if (has(1, sizeof value)) copy(&value, sizeof value);
    return value;
  }
  template <class List>
  [[nodiscard]] List list() {
    using Value = typename List::value_type;
    const std::int64_t count = number();
    if (!has(count, sizeof(Value))) return {};
    List values(static_cast<std::size_t>(count), Value{});
    copy(values.data(), values.size() * sizeof(Value));
    return values;
  }
  [[nodiscard]] std::vector<std::string> texts() {
    std::vector<std::string> texts;
    for (std::int64_t left = number(); left > 0 && is_whole_; --left) {
      texts.push_back(list<std::string>());
    }
    return texts;
  }
  [[nodiscard]] RawPart part() {
    RawPart part;
    for (std::int64_t* extent : {&part.shape.channels, &part.shape.height, &part.shape.width}) {
      *extent = number();
    }
    if (number() == 0) {
      part.values = list<ByteValues>();
    } else {
      part.values = list<FloatValues>();
    }
    part.labels = list<std::vector<std::int64_t>>();
    part.groups = list<std::vector<std::int64_t>>();
    is_whole_ = is_whole_ && fits(part);
    return part;
  }
  [[nodiscard]] std::optional<RawPart> optional_part() {
    if (number() == 0) return std::nullopt;
    return part();
  }
  [[nodiscard]] bool is_whole() const { return is_whole_ && left_.empty(); }

 private:
  /// Are there as many values as the samples have?
  [[nodiscard]] static bool fits(const RawPart& part) {
    auto left = std::visit([](const auto& values) { return std::ssize(values); }, part.values);
    for (const std::int64_t extent :
         {std::ssize(part.labels), part.shape.channels, part.shape.height, part.shape.width}) {
      if (extent < 1 || left % extent != 0) return false;
      left /= extent;
    }
    return left == 1;
  }
  [[nodiscard]] bool has(std::int64_t count, std::size_t bytes) {
    is_whole_ = is_whole_ && count >= 0 && static_cast<std::size_t>(count) <= left_.size() / bytes;
    return is_whole_;
  }
  void copy(void* to, std::size_t size) {
    if (size > 0) std::memcpy(to, left_.data(), size);
    left_.remove_prefix(size);
  }

  std::string_view left_;
  bool is_whole_ = true;
};

}  // namespace

struct CacheKey::State {
  Hash hash;
};

CacheKey::CacheKey() : state_(std::make_unique<State>()) {}
CacheKey::~CacheKey() = default;

void CacheKey::add(std::string_view bytes) {
  add(static_cast<std::int64_t>(bytes.size()));
  state_->hash.add(bytes.data(), bytes.size());
}

void CacheKey::add(std::int64_t number) { state_->hash.add(&number, sizeof number); }

std::string CacheKey::text() const { return state_->hash.text(); }

std::optional<fs::path> cache_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  if (const fs::path caches = variable("XDG_CACHE_HOME"); caches.is_absolute()) {
    return caches / "inas";
  }
  if (const fs::path home = variable("HOME"); home.is_absolute()) return home / ".cache" / "inas";
  return std::nullopt;
}

RawSet cached(const CacheKey& key, const std::function<RawSet()>& make) {
  const std::optional<fs::path> folder = cache_folder();
  if (!folder) return make();
  const fs::path path = *folder / (key.text() + ".data");
  try {
    if (std::optional<RawSet> set = unpacked(read_file(path))) return std::move(*set);
  } catch (const Error&) {
    // Not there, or closed to this user: it is made.
  }
  RawSet set = make();
  try {
    if (const std::string bytes = packed(set); bytes.size() <= kMostFileBytes) {
      create_folder(*folder);
      write_file(path, bytes);
    }
  } catch (const Error&) {
    // The set is loaded all the same, and made again the next time.
  }
  return set;
}

std::string packed(const RawSet& set) {
  Packer packer;
  packer.add_part(set.train);
  packer.add_part(set.validation);
  packer.add_part(set.test);
  packer.add_texts(set.class_names);
  packer.add_texts(set.group_names);
  std::string content = packer.take();
  const std::string hash = hash_of(content);
  content.insert(0, kStart);
  return content + hash;
}

std::optional<RawSet> unpacked(std::string_view bytes) {
  if (!bytes.starts_with(kStart) || bytes.size() < kStart.size() + kHashBytes) return std::nullopt;
  const std::string_view hash = bytes.substr(bytes.size() - kHashBytes);
  const std::string_view content =
      bytes.substr(kStart.size(), bytes.size() - kStart.size() - kHashBytes);
  if (hash_of(content) != hash) return std::nullopt;
  Unpacker unpacker(content);
  RawSet set;
  set.train = unpacker.part();
  set.validation = unpacker.optional_part();
  set.test = unpacker.optional_part();
  set.class_names = unpacker.texts();
  set.group_names = unpacker.texts();
  if (!unpacker.is_whole()) return std::nullopt;
  return set;
}

}  // namespace inas::data
