#include "fr5994_hardware.h"

#include <array>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <inas_firmware/products.h>

extern "C" {
#include "board.h"
}

namespace inas::firmware {
namespace {

// Written down a second time, not taken from the board's registers.h, to find slips there.
constexpr std::uint16_t kP3Out = 0x222, kP5In = 0x240, kP5Ie = 0x25A, kP6Out = 0x243;
constexpr std::uint16_t kP6Dir = 0x245, kP6Sel0 = 0x24B, kP6Sel1 = 0x24D, kPm5Ctl0 = 0x130;
constexpr std::uint16_t kDmaCtl1 = 0x502, kDmaCtl2 = 0x504;
constexpr std::uint16_t kCtlW0 = 0x620, kTxBuf = 0x62E, kRxBuf = 0x62C, kIfg = 0x63C;
constexpr std::uint16_t kPmmCtl0 = 0x120, kRefCtl0 = 0x1B0, kTa0Ctl = 0x340, kTa0Cctl0 = 0x342;
constexpr std::uint16_t kTa0Ccr0 = 0x352, kAdcCtl0 = 0x800, kAdcCtl1 = 0x802, kAdcCtl2 = 0x804;
constexpr std::uint16_t kAdcCtl3 = 0x806, kAdcIfg0 = 0x80C, kAdcMctl0 = 0x820, kAdcMem0 = 0x860;
constexpr std::uint16_t kNothingToSend = 0xFFFF;
constexpr std::uint8_t kChipSelect = 0x08;

constexpr std::uint16_t dma_control(int channel) {
  return static_cast<std::uint16_t>(0x510 + 0x10 * channel);
}

/// The serial FRAM.
struct Serial {
  bool selected = false;
  bool write_enabled = false;
  std::vector<std::uint8_t> received;
};

struct State {
  alignas(2) std::array<std::uint8_t, 0x1000> registers{};
  std::array<const void*, 8> objects{};
  std::size_t object_count = 0;
  Serial serial;
  bool was_transmit_flag = false;
  std::uint64_t accesses_without_effect = 0;
  std::uint16_t last_signal = 0;
  Fr5994 outside;
};
State state;

std::uint16_t& word(std::uint16_t address) {
  return *reinterpret_cast<std::uint16_t*>(&state.registers.at(address));
}

void require(bool right, const char* what) {
  if (!right) state.outside.wrong.emplace_back(what);
}

/// The byte at a DMA address: an object of the program, or the FRAM above 64 KB.
std::uint8_t* memory(std::uint32_t address) {
  if (address >= 0x10000) {
    if (address - 0x10000 < state.outside.high_fram.size()) {
      return &state.outside.high_fram[address - 0x10000];
    }
  } else if (address >= 0x2000 && address < 0xA000) {
    return static_cast<std::uint8_t*>(
               const_cast<void*>(state.objects[(address - 0x2000) / 0x1000])) +
           address % 0x1000;
  }
  require(false, "the DMA left the memories");
  static std::uint8_t nowhere;
  return &nowhere;
}

/// One byte each way while the FRAM is selected.
std::uint8_t exchange(std::uint8_t sent) {
  Serial& serial = state.serial;
  require((word(kPm5Ctl0) & 1) == 0, "pins are still locked");
  require(word(kCtlW0) == 0xA980,
          "not an SPI master in mode 0, most significant bit first, on SMCLK");
  require((state.registers[kP6Sel0] & 7) == 7 && (state.registers[kP6Sel1] & 7) == 0,
          "the SPI pins are not the eUSCI's");
  require((state.registers[kP6Dir] & kChipSelect) != 0, "chip select is no output");
  require(serial.selected, "a byte was sent while the FRAM is not selected");
  if (state.outside.fram_bytes == 0) return state.outside.silence;
  --state.outside.fram_bytes;
  serial.received.push_back(sent);
  const std::vector<std::uint8_t>& r = serial.received;
  require(r[0] == 0x03 || r[0] == 0x02 || r[0] == 0x06 || r[0] == 0x9F, "unknown command");
  if (r[0] == 0x9F) {
    constexpr std::uint8_t kIdentity[] = {0x04, 0x7F, 0x49, 0x03};
    return r.size() > 1 && r.size() < 6 ? kIdentity[r.size() - 2] : 0;
  }
  if (r.size() <= 4 || r[0] == 0x06) {
    require(r[0] != 0x06 || r.size() == 1, "write enable is one byte");
    return 0xFF;
  }
  const std::size_t address =
      (std::size_t{r[1]} << 16 | std::size_t{r[2]} << 8 | r[3]) + r.size() - 5;
  if (address >= state.outside.external_fram.size()) {
    require(false, "beyond the external FRAM");
    return 0xFF;
  }
  if (r[0] == 0x03) return state.outside.external_fram[address];
  require(serial.write_enabled, "a write without write enable before it");
  if (serial.write_enabled) state.outside.external_fram[address] = sent;
  return 0xFF;
}

void follow_chip_select() {
  Serial& serial = state.serial;
  const bool selected =
      (state.registers[kP6Dir] & kChipSelect) != 0 && (state.registers[kP6Out] & kChipSelect) == 0;
  if (selected == serial.selected) return;
  serial.selected = selected;
  if (!selected && state.outside.fram_bytes == 0 && state.outside.silent_commands-- == 0) {
    state.outside.fram_bytes = UINT64_MAX;
  }
  if (!selected && !serial.received.empty()) {
    serial.write_enabled = serial.received[0] == 0x06;
  }
  serial.received.clear();
}

/// Channels 3 (receiving) and 4 (sending) from the edge of the transmit flag on.
void run_serial_transfer() {
  const bool flag = (word(kIfg) & 2) != 0;
  const bool edge = flag && !state.was_transmit_flag;
  state.was_transmit_flag = flag;
  std::uint16_t& send = word(dma_control(4));
  std::uint16_t& receive = word(dma_control(3));
  if (!edge || (send & 0x10) == 0) return;
  require((word(kDmaCtl2) & 0x1F) == 17, "channel 4 is not triggered by UCA3TXIFG");
  require((send & ~0x0310) == 0x00C0, "channel 4 does not move single bytes to one place");
  require(word(dma_control(4) + 6) == kTxBuf, "channel 4 does not write UCA3TXBUF");
  const bool receiving = (receive & 0x10) != 0;
  if (receiving) {
    require((word(kDmaCtl1) >> 8 & 0x1F) == 16, "channel 3 is not triggered by UCA3RXIFG");
    require((receive & ~0x10) == 0x0CC0,
            "channel 3 does not move single bytes to rising addresses");
    require(word(dma_control(3) + 2) == kRxBuf, "channel 3 does not read UCA3RXBUF");
    require(word(dma_control(3) + 0xA) == word(dma_control(4) + 0xA), "sent and received differ");
  }
  for (std::uint16_t i = 0; i < word(dma_control(4) + 0xA); ++i) {
    const std::uint32_t from = word(dma_control(4) + 2) + ((send & 0x0300) == 0x0300 ? i : 0U);
    const std::uint8_t answer = exchange(*memory(from));
    if (receiving) *memory(word(dma_control(3) + 6) + std::uint32_t{i}) = answer;
  }
  send = static_cast<std::uint16_t>(send & ~0x10);
  receive = static_cast<std::uint16_t>(receive & ~0x10);
}

void convert() {
  if ((word(kRefCtl0) & 1) != 0) word(kRefCtl0) |= 0x1000;
  std::uint16_t& control = word(kAdcCtl0);
  if ((control & 0x0013) != 0x0013) return;
  require(word(kRefCtl0) == 0x1011, "the reference is not 2 V, on and settled");
  require(word(kAdcCtl1) == 0x0200 && word(kAdcCtl2) == 0x0020 && word(kAdcCtl3) == 0x0040 &&
              word(kAdcMctl0) == 0x011F && (control & 0x0F00) >= 0x0200,
          "no conversion of 12 bits of half the supply against the reference");
  word(kAdcMem0) = static_cast<std::uint16_t>(state.outside.supply_mv * 4096 / 4000);
  word(kAdcIfg0) |= 1;
  control = static_cast<std::uint16_t>(control & ~1);
}

void act() {
  if (word(kPmmCtl0) == 0xA504) throw PartReset{};
  convert();
  if (word(kTxBuf) != kNothingToSend) {
    word(kRxBuf) = exchange(static_cast<std::uint8_t>(word(kTxBuf)));
    word(kTxBuf) = kNothingToSend;
  }
  follow_chip_select();
  run_serial_transfer();
}

/// What waits for a register that never changes would wait for ever.
void watch_for_hanging() {
  const std::uint16_t now = word(kP3Out);
  if (now != state.last_signal) {
    state.accesses_without_effect = 0;
    state.outside.signals.push_back(static_cast<std::uint8_t>(now));
  }
  state.last_signal = now;
  if (++state.accesses_without_effect > 100'000'000) {
    fmt::print(stderr, "the board waits for what never comes\n");
    std::abort();
  }
}

}  // namespace

Fr5994& reset_fr5994() {
  state = State{};
  word(kPm5Ctl0) = 1;
  word(kTxBuf) = kNothingToSend;
  word(kIfg) = 2;
  state.was_transmit_flag = true;
  state.registers[kP5In] = 0xFF;
  state.outside.high_fram.resize(0x34000);
  state.outside.external_fram.resize(std::size_t{1} << 20);
  return state.outside;
}

}  // namespace inas::firmware

using namespace inas::firmware;

extern "C" {

volatile std::uint16_t* fr5994_word(std::uint16_t address) {
  act();
  watch_for_hanging();
  return &word(address);
}

volatile std::uint8_t* fr5994_byte(std::uint16_t address) {
  act();
  watch_for_hanging();
  return &state.registers.at(address);
}

std::uint16_t fr5994_address(const void* pointer) {
  const std::size_t slot = state.object_count++ % state.objects.size();
  state.objects[slot] = pointer;
  return static_cast<std::uint16_t>(0x2000 + 0x1000 * slot);
}

// instructions.S, whose registers the emulator checks
void inas_on_chip_read(std::uint32_t address, void* vm, std::uint16_t bytes) {
  act();
  for (std::uint32_t i = 0; i < bytes; ++i) {
    static_cast<std::uint8_t*>(vm)[i] = *memory(0x10000 + address + i);
  }
}

void inas_on_chip_write(std::uint32_t address, const void* vm, std::uint16_t bytes) {
  act();
  for (std::uint32_t i = 0; i < bytes; ++i) {
    *memory(0x10000 + address + i) = static_cast<const std::uint8_t*>(vm)[i];
  }
}

void inas_wait(std::uint16_t rounds) {
  act();
  state.outside.waited_cycles += 3U * rounds;
}

void inas_sleep() {
  act();
  state.outside.asleep_signals.push_back(state.registers[kP3Out]);
  state.outside.asleep_enabled.push_back(state.registers[kP5Ie]);
  state.registers[kP5In] = static_cast<std::uint8_t>(state.registers[kP5In] & ~state.outside.wakes);
}

void inas_doze() {
  act();
  require((word(kTa0Ctl) & ~4) == 0x0110, "the timer does not count up on ACLK");
  require(word(kTa0Cctl0) == 0x0010, "the timer does not interrupt");
  require(word(kAdcCtl0) == 0 && (word(kRefCtl0) & 1) == 0, "the ADC is on while the part sleeps");
  state.outside.dozes.push_back(word(kTa0Ccr0));
  state.outside.supply_mv += state.outside.supply_rise_mv;
}

// multiplier_convolve.S and multiplier_depthwise.c, by products.c
std::int32_t inas_cpu_mac(const std::int16_t* a, const std::int16_t* b, std::uint16_t length) {
  std::int32_t sum = 0;
  for (std::uint16_t i = 0; i < length; ++i) sum += std::int32_t{a[i]} * b[i];
  return 2 * sum;
}

std::int32_t inas_lea_mac(const std::int16_t*, const std::int16_t*, std::uint16_t) {
  require(false, "the LEA is not the unit of this firmware");
  return 0;
}

void inas_multiplier_convolve(const inas_products* products) { inas_convolve_by_vectors(products); }
void inas_hal_depthwise(const inas_products* products) { inas_depthwise_by_values(products); }
}
