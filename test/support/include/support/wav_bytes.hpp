#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inas::test {

/// A WAV file of 16-bit PCM, byte for byte, written without any library. `samples` are those of all
/// channels in turn. `data_bytes` is what the header promises, if not what there is.
[[nodiscard]] inline std::string wav_bytes(const std::vector<std::int16_t>& samples,
                                           std::uint32_t rate = 16'000, std::uint16_t channels = 1,
                                           std::int64_t data_bytes = -1) {
  std::string bytes;
  const auto number = [&bytes](std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xffU);
  };
  const auto size = data_bytes < 0 ? static_cast<std::uint32_t>(2 * samples.size())
                                   : static_cast<std::uint32_t>(data_bytes);
  bytes += "RIFF";
  number(36 + size, 4);
  bytes += "WAVEfmt ";
  number(16, 4);
  number(1, 2);  // PCM
  number(channels, 2);
  number(rate, 4);
  number(rate * channels * 2, 4);
  number(channels * 2U, 2);
  number(16, 2);
  bytes += "data";
  number(size, 4);
  for (const std::int16_t sample : samples) number(static_cast<std::uint16_t>(sample), 2);
  return bytes;
}

}  // namespace inas::test
