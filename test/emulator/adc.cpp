#include "adc.hpp"

#include <algorithm>
#include <array>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kOn = 0x0001, kReady = 0x1000, kTwoVolts = 0x0010;
constexpr std::uint64_t kSettles = 75;  // µs
constexpr std::uint16_t kControl0 = 0x0800, kControl1 = 0x0802, kControl2 = 0x0804,
                        kControl3 = 0x0806, kFlags = 0x080C, kMemoryControl = 0x0820,
                        kMemory = 0x0860;
constexpr std::uint16_t kStart = 0x0001, kEnable = 0x0002, kAdcOn = 0x0010;
constexpr std::uint64_t kOscillatorHz = 4'800'000, kConversion = 14;
constexpr int kTwiceReferenceMv = 4000, kSteps = 4096;

}  // namespace

std::uint16_t Reference::read(std::uint16_t address, Width width) {
  const bool ready = (word(kBase) & kOn) != 0 && clock_.cycles >= settles_;
  word(kBase) = static_cast<std::uint16_t>((word(kBase) & ~kReady) | (ready ? kReady : 0));
  return Registers::read(address, width);
}

void Reference::written(std::uint16_t /*address*/, std::uint16_t before) {
  if ((word(kBase) & kOn) != 0 && (before & kOn) == 0) {
    settles_ = clock_.cycles + kSettles * clock_.hz / 1'000'000;
  }
}

bool Reference::gives_two_volts() {
  return (read(kBase, Width::word) & (kOn | kReady | 0x0030)) == (kOn | kReady | kTwoVolts);
}

void Adc::reset() {
  Registers::reset();
  done_ = kNever;
}

std::uint16_t Adc::read(std::uint16_t address, Width width) {
  if (clock_.cycles >= done_) {
    done_ = kNever;
    word(kMemory) =
        static_cast<std::uint16_t>(std::min(supply_mv() * kSteps / kTwiceReferenceMv, kSteps - 1));
    word(kFlags) |= 1;
    word(kControl0) &= static_cast<std::uint16_t>(~kStart);
  }
  return Registers::read(address, width);
}

void Adc::written(std::uint16_t address, std::uint16_t /*before*/) {
  constexpr std::uint16_t kRunning = kStart | kEnable | kAdcOn;
  constexpr std::array<std::uint64_t, 11> kSampling{4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512};
  const std::uint16_t control = word(kControl0);
  if (address != kControl0 || (control & kRunning) != kRunning) return;
  const std::size_t sampling = control >> 8 & 0xF;
  if (word(kControl1) != 0x0200 || word(kControl2) != 0x0020 || word(kControl3) != 0x0040 ||
      word(kMemoryControl) != 0x011F || sampling >= kSampling.size()) {
    throw Fault("the ADC converts something else than half the supply");
  }
  if (!reference_.gives_two_volts()) throw Fault("the ADC has no settled reference of 2 V");
  done_ = clock_.cycles + (kSampling.at(sampling) + kConversion) * clock_.hz / kOscillatorHz;
}

}  // namespace inas::emulator
