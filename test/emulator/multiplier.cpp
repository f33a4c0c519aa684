#include "multiplier.hpp"

namespace inas::emulator {
namespace {

constexpr std::uint16_t kMpys = 2, kMac = 4, kMacs = 6, kOp2 = 8, kResLo = 10, kResHi = 12,
                        kSumExt = 14;

}  // namespace

void Multiplier::write(std::uint16_t address, std::uint16_t value, Width width) {
  if (width == Width::byte) throw Fault("a byte for the multiplier is not modelled");
  Registers::write(address, value, width);
}

void Multiplier::written(std::uint16_t address, std::uint16_t /*before*/) {
  const auto offset = static_cast<std::uint16_t>(address - base_);
  if (offset < kOp2) {
    first_ = word(address);
    is_signed_ = offset == kMpys || offset == kMacs;
    adds_ = offset == kMac || offset == kMacs;
    return;
  }
  if (offset != kOp2) return;  // the result can be written, too
  auto& low = word(static_cast<std::uint16_t>(base_ + kResLo));
  auto& high = word(static_cast<std::uint16_t>(base_ + kResHi));
  const std::uint16_t second = word(address);
  const std::uint64_t before = adds_ ? std::uint64_t{high} << 16 | low : 0;
  std::uint64_t sum = 0;
  if (is_signed_) {
    const std::int64_t product =
        std::int64_t{static_cast<std::int16_t>(first_)} * static_cast<std::int16_t>(second);
    const std::int64_t total = static_cast<std::int32_t>(before) + product;
    sum = static_cast<std::uint64_t>(total);
  } else {
    sum = before + std::uint64_t{first_} * second;
  }
  low = static_cast<std::uint16_t>(sum);
  high = static_cast<std::uint16_t>(sum >> 16);
  // SUMEXT: the sign of what is there, or the carry of an unsigned sum.
  const bool negative = is_signed_ && (high & 0x8000) != 0;
  const bool carry = !is_signed_ && (sum >> 32) != 0;
  word(static_cast<std::uint16_t>(base_ + kSumExt)) =
      negative ? std::uint16_t{0xFFFF} : static_cast<std::uint16_t>(carry ? 1 : 0);
}

}  // namespace inas::emulator
