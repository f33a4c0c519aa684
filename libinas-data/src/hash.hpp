#pragma once

#include <string>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fmt/format.h>

namespace inas::data {

/// XXH3 of 128 bits, of one text after another.
class Hash {
 public:
  Hash() { XXH3_128bits_reset(&state_); }

  void add(const void* bytes, std::size_t size) {
    if (size > 0) XXH3_128bits_update(&state_, bytes, size);
  }
  /// 32 hexadecimal digits.
  [[nodiscard]] std::string text() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  XXH3_state_t state_;
};

}  // namespace inas::data
