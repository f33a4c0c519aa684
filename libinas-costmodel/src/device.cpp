#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/device.hpp>

namespace inas::costmodel {

Platform with_memory(Platform platform, Memory memory, const Board& board) {
  std::int64_t on_chip = 0;
  for (const std::string& name : board.nvm) {
    const BoardMemory& of = *board.memory(name);
    if (of.kind != MemoryKind::serial) on_chip += of.bytes;
  }
  const std::int64_t all = nvm_bytes(board);
  const bool has_serial = all > on_chip;
  if (memory == Memory::serial && !has_serial) {
    throw InvalidArgument(fmt::format(
        "memory: found serial, allowed: on-chip, because the board {} has no serial NVM",
        board.name));
  }
  if (memory == Memory::on_chip && on_chip == 0) {
    throw InvalidArgument(
        fmt::format("memory: found on-chip, allowed: serial, because the board {} has no other NVM",
                    board.name));
  }
  platform.profile = board.name + (memory == Memory::serial ? "-serial" : "");
  platform.nvm_bytes = memory == Memory::serial ? all : on_chip;
  return platform;
}

Device make_device(const Platform& platform, const PowerSupply& supply) {
  validate(platform);
  validate(supply);
  Device device{load_profile(platform.profile), platform, supply};
  if (is_builtin_profile(platform.profile)) validate(supply, platform_board());
  if (const auto& range = device.profile.supply) {
    validate(supply, *range, fmt::format("the platform of profile {}", device.profile.name));
  }
  if (platform.clock_hz != device.profile.clock_hz) {
    throw InvalidArgument(fmt::format(
        "platform.clock_hz: found {}, allowed: {}, the clock at which profile {} was measured",
        platform.clock_hz, device.profile.clock_hz, device.profile.name));
  }
  device.profile.longest_vector = platform.longest_vector;
  return device;
}

}  // namespace inas::costmodel
