#include "bus.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint32_t kRegistersEnd = 0x1000;

}  // namespace

void Peripheral::write20(std::uint16_t address, std::uint32_t value) {
  write(address, static_cast<std::uint16_t>(value), Width::word);
  write(static_cast<std::uint16_t>(address + 2), static_cast<std::uint16_t>(value >> 16),
        Width::word);
}

bool FramCache::hit(std::uint32_t address) {
  const std::uint32_t line = address / 8;
  Set& set = lines_[line % 2];
  if (set.recent == line) return true;
  const bool there = set.other == line;
  set.other = set.recent;
  set.recent = line;
  return there;
}

Bus::Bus(const Board& board) {
  std::int64_t end = kRegistersEnd;
  for (const BoardMemory& memory : board.memories) {
    if (memory.kind == MemoryKind::ram || memory.kind == MemoryKind::fram) {
      end = std::max(end, memory.end());
    }
  }
  bytes_.resize(static_cast<std::size_t>(end));
  kinds_.resize(static_cast<std::size_t>((end + kBlock - 1) / kBlock), Kind::none);
  std::fill_n(kinds_.begin(), kRegistersEnd / kBlock, Kind::registers);
  for (const BoardMemory& memory : board.memories) {
    if (memory.kind != MemoryKind::ram && memory.kind != MemoryKind::fram) continue;
    const Kind kind = memory.kind == MemoryKind::ram ? Kind::ram : Kind::fram;
    const auto first = static_cast<std::ptrdiff_t>(memory.address / kBlock);
    const auto last = static_cast<std::ptrdiff_t>((memory.end() - 1) / kBlock);
    std::fill(kinds_.begin() + first, kinds_.begin() + last + 1, kind);
  }
}

void Bus::attach(std::uint16_t first, std::uint16_t last, Peripheral& peripheral) {
  attached_.push_back({first, last, &peripheral});
}

Peripheral& Bus::peripheral_at(std::uint32_t address) {
  for (const Attached& of : attached_) {
    if (address >= of.first && address <= of.last) return *of.peripheral;
  }
  throw Fault(fmt::format("register {:#06x} is not modelled", address));
}

void Bus::require_even(std::uint32_t address, Width width) const {
  if (width == Width::word && address % 2 != 0) {
    throw Fault(fmt::format("a word at the odd address {:#07x}", address));
  }
}

void Bus::wait(std::uint32_t address, bool writing) {
  const bool cached = cache_.hit(address);
  if (cached && !writing) return;
  waits += wait_states_;
  clock.pass(wait_states_);
}

std::uint16_t Bus::read(std::uint32_t address, Width width) {
  require_even(address, width);
  const Kind kind = kind_of(address);
  if (kind == Kind::registers) {
    return peripheral_at(address).read(static_cast<std::uint16_t>(address), width);
  }
  if (kind == Kind::none) throw Fault(fmt::format("a read at {:#07x}, where nothing is", address));
  if (kind == Kind::fram) wait(address, false);
  if (width == Width::byte) return bytes_[address];
  return static_cast<std::uint16_t>(bytes_[address] | bytes_[address + 1] << 8);
}

void Bus::write(std::uint32_t address, std::uint16_t value, Width width) {
  require_even(address, width);
  const Kind kind = kind_of(address);
  if (kind == Kind::registers) {
    peripheral_at(address).write(static_cast<std::uint16_t>(address), value, width);
    return;
  }
  if (kind == Kind::none) throw Fault(fmt::format("a write at {:#07x}, where nothing is", address));
  if (kind == Kind::fram) wait(address, true);
  bytes_[address] = static_cast<std::uint8_t>(value);
  if (width == Width::word) bytes_[address + 1] = static_cast<std::uint8_t>(value >> 8);
}

std::uint32_t Bus::read20(std::uint32_t address) {
  const std::uint32_t low = read(address, Width::word);
  return low | (read(address + 2, Width::word) & 0xFU) << 16;
}

void Bus::write20(std::uint32_t address, std::uint32_t value) {
  if (kind_of(address) == Kind::registers) {
    require_even(address, Width::word);
    peripheral_at(address).write20(static_cast<std::uint16_t>(address), value);
    return;
  }
  write(address, static_cast<std::uint16_t>(value), Width::word);
  write(address + 2, static_cast<std::uint16_t>(value >> 16), Width::word);
}

std::uint8_t& Bus::byte(std::uint32_t address) {
  const Kind kind = kind_of(address);
  if (kind != Kind::ram && kind != Kind::fram) {
    throw Fault(fmt::format("no memory at {:#07x}", address));
  }
  return bytes_[address];
}

void Bus::lose_ram(const std::vector<std::uint8_t>& rubbish) {
  auto next = rubbish.begin();
  for (std::size_t block = 0; block < kinds_.size(); ++block) {
    if (kinds_[block] != Kind::ram) continue;
    for (std::size_t address = block * kBlock; address < (block + 1) * kBlock; ++address) {
      bytes_[address] = *next;
      if (++next == rubbish.end()) next = rubbish.begin();
    }
  }
  cache_.clear();
}

}  // namespace inas::emulator
