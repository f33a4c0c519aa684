#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "loader.hpp"

// Sets whose files take long to decode are kept as raw values in a folder of the user's caches.
// Whatever is there may be removed at any time.
namespace inas::data {

/// What a cached set was made from: names, sizes, contents and all that else decides its values.
class CacheKey {
 public:
  CacheKey();
  ~CacheKey();
  CacheKey(const CacheKey&) = delete;
  CacheKey& operator=(const CacheKey&) = delete;

  /// The sizes count as well as the bytes: "ab", "c" is another key than "a", "bc".
  void add(std::string_view bytes);
  void add(std::int64_t number);
  /// 32 hexadecimal digits: XXH3 of 128 bits of all that was added.
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// $XDG_CACHE_HOME/inas, or $HOME/.cache/inas; nothing if neither variable is an absolute path.
[[nodiscard]] std::optional<std::filesystem::path> cache_folder();

/// The set that `make()` gives, from the cache if it is there and whole; otherwise it is made, and
/// kept if the cache can be written. The parts' `source` is not kept, and empty if `make` was not
/// called.
[[nodiscard]] RawSet cached(const CacheKey& key, const std::function<RawSet()>& make);

/// A set as bytes, and back: nothing if they are not whole.
[[nodiscard]] std::string packed(const RawSet& set);
[[nodiscard]] std::optional<RawSet> unpacked(std::string_view bytes);

}  // namespace inas::data
