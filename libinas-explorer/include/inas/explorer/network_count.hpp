#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace inas::explorer {

/// A number of networks: exact up to 2¹²⁸ − 2, and "at least 2¹²⁸ − 1" above, which is what sums
/// and products that would overflow become.
class NetworkCount {
 public:
  constexpr NetworkCount() = default;
  constexpr NetworkCount(std::uint64_t count) : value_(count) {}  // NOLINT: a number is a count

  /// The whole number nearest to `count`, which must not be negative.
  [[nodiscard]] static NetworkCount nearest(double count);

  /// False if the count stands for "at least 2¹²⁸ − 1".
  [[nodiscard]] constexpr bool exact() const { return value_ != kMost; }
  /// The nearest double; of a count that is not exact, of its least value.
  [[nodiscard]] double approximate() const { return static_cast<double>(value_); }
  /// "1048576", or "at least 340282366920938463463374607431768211455".
  [[nodiscard]] std::string text() const;

  constexpr NetworkCount& operator+=(const NetworkCount& other) {
    if (__builtin_add_overflow(value_, other.value_, &value_)) value_ = kMost;
    return *this;
  }
  constexpr NetworkCount& operator*=(const NetworkCount& other) {
    if (__builtin_mul_overflow(value_, other.value_, &value_)) value_ = kMost;
    return *this;
  }
  /// 0 if `other` is larger. "At least" minus anything stays "at least".
  constexpr NetworkCount& operator-=(const NetworkCount& other) {
    if (exact()) value_ = value_ > other.value_ ? value_ - other.value_ : 0;
    return *this;
  }
  friend constexpr NetworkCount operator+(NetworkCount a, const NetworkCount& b) { return a += b; }
  friend constexpr NetworkCount operator*(NetworkCount a, const NetworkCount& b) { return a *= b; }
  friend constexpr NetworkCount operator-(NetworkCount a, const NetworkCount& b) { return a -= b; }
  friend constexpr auto operator<=>(const NetworkCount&, const NetworkCount&) = default;

 private:
  __extension__ typedef unsigned __int128 Wide;
  static constexpr Wide kMost = ~Wide{0};
  Wide value_ = 0;
};

}  // namespace inas::explorer
