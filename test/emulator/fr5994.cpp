#include "fr5994.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace inas::emulator {
namespace {

// Written down a second time, not taken from the board's registers.h, to find slips there.
constexpr std::uint16_t kPmmCtl0 = 0x120, kPm5Ctl0 = 0x130, kFrCtl0 = 0x140, kWdtCtl = 0x15C;
constexpr std::uint16_t kCsCtl0 = 0x160, kCsCtl1 = 0x162, kCsCtl2 = 0x164, kCsCtl3 = 0x166;
constexpr std::uint16_t kP1Out = 0x202, kP1Dir = 0x204, kP2Sel0 = 0x20B, kP2Sel1 = 0x20D;
constexpr std::uint8_t kUartPin = 0x01;
constexpr std::uint16_t kP3Out = 0x222, kP3Dir = 0x224, kP5In = 0x240, kP5Ies = 0x258;
constexpr std::uint16_t kP5Ie = 0x25A, kP5Ifg = 0x25C;
constexpr std::uint16_t kP6Out = 0x243, kP6Dir = 0x245, kP6Sel0 = 0x24B, kP6Sel1 = 0x24D;
constexpr std::uint8_t kSpiPins = 0x07, kSelectPin = 0x08;
constexpr std::uint16_t kTa1Ctl = 0x380, kTb0Ctl = 0x3C0;
constexpr std::uint16_t kTa0Ctl = 0x340, kTa0Cctl0 = 0x342, kTa0Ccr0 = 0x352;
constexpr std::uint16_t kMultiplier = 0x4C0;
constexpr std::uint32_t kLeaRam = 0x2C00, kLeaRamEnd = 0x3C00;
constexpr std::uint32_t kPort5Vector = 0xFFC6, kTimerVector = 0xFFEA;
constexpr std::uint64_t kVloHz = 9400;
/// The watchdog's interval after a reset, in cycles of SMCLK.
constexpr std::uint64_t kWatchdogCycles = 32768;

std::size_t serial_bytes(const Board& board) {
  for (const BoardMemory& memory : board.memories) {
    if (memory.kind == MemoryKind::serial) return static_cast<std::size_t>(memory.bytes);
  }
  return 0;
}

}  // namespace

/// 0x120 to 0x167: PMM, FRAM controller, watchdog, clock system.
class Fr5994::System : public Registers {
 public:
  explicit System(Bus& bus) : Registers(0x120, 0x48), bus_(bus) { reset(); }

  void reset() override {
    Registers::reset();
    word(kPm5Ctl0) = 1;
    word(kCsCtl1) = 0x000C;  // DCOFSEL 6: 8 MHz
    word(kCsCtl2) = 0x0033;  // MCLK and SMCLK from the DCO
    word(kCsCtl3) = 0x0033;  // all divided by 8
    set_clocks();
    wait_states_ = 0;
    unlocked_ = held_ = reset_ = false;
    booted_ = bus_.clock.cycles;
    bus_.set_wait_states(0);
  }

  [[nodiscard]] bool pins_locked() { return (word(kPm5Ctl0) & 1) != 0; }
  [[nodiscard]] bool reset_requested() const { return reset_; }

  void watch() const {
    if (!held_ && bus_.clock.cycles - booted_ > kWatchdogCycles) {
      throw Fault("the watchdog was not stopped in time");
    }
  }

  /// Called after PM5CTL0 was written.
  std::function<void()> on_lock;

 private:
  void set_clocks() {
    // By DCORSEL and DCOFSEL; 0: reserved.
    constexpr std::array<std::uint64_t, 16> kKilohertz{1000,  2667,  3333,  4000, 5333, 6667,
                                                       8000,  0,     1000,  5333, 6667, 8000,
                                                       16000, 21000, 24000, 0};
    const std::uint16_t control = word(kCsCtl1);
    const std::size_t range = (control & 0x40) != 0 ? 8 : 0;
    const std::uint64_t hz = 1000 * kKilohertz[range + (control >> 1 & 7)];
    bus_.clock.hz = hz >> (word(kCsCtl3) & 7);
    bus_.clock.peripheral_hz = hz >> (word(kCsCtl3) >> 4 & 7);
    if ((word(kCsCtl2) & 0x0077) != 0x0033) {
      throw Fault("MCLK and SMCLK of another source than the DCO are not modelled");
    }
    if (bus_.clock.hz > 8'000'000 * (1 + wait_states_)) {
      throw Fault(fmt::format("{} wait states do not suffice for FRAM at {} Hz", wait_states_,
                              bus_.clock.hz));
    }
  }

  void written(std::uint16_t address, std::uint16_t before) override {
    const std::uint16_t value = word(address);
    switch (address) {
      case kPmmCtl0:
        require_password(value, 0xA5, "PMMCTL0");
        reset_ = (value & 0x000C) != 0;
        break;
      case kPm5Ctl0:
        if (on_lock) on_lock();
        break;
      case kFrCtl0:
        require_password(value, 0xA5, "FRCTL0");
        wait_states_ = value >> 4 & 7;
        bus_.set_wait_states(wait_states_);
        break;
      case kWdtCtl:
        require_password(value, 0x5A, "WDTCTL");
        held_ = (value & 0x80) != 0;
        break;
      case kCsCtl0:
        unlocked_ = value >> 8 == 0xA5;
        break;
      default:
        if (address < kCsCtl0) {
          throw Fault(fmt::format("register {:#06x} is not modelled", address));
        }
        if (!unlocked_) word(address) = before;
        set_clocks();
    }
  }

  static void require_password(std::uint16_t value, unsigned password, const char* name) {
    if (value >> 8 != password) {
      throw Fault(fmt::format("{} was written without its password: a reset", name));
    }
  }

  Bus& bus_;
  std::uint64_t wait_states_ = 0;
  std::uint64_t booted_ = 0;
  bool unlocked_ = false;
  bool held_ = false;
  bool reset_ = false;
};

/// 0x200 to 0x33F: all ports.
class Fr5994::Ports : public Registers {
 public:
  Ports() : Registers(0x200, 0x140) {}

  /// The pins are the world's and stay.
  void reset() override {
    const std::uint8_t pins = byte(kP5In);
    Registers::reset();
    word(kP5In) = pins;
    shown_ = 0;
    changed_ = true;
  }

  void set_port5(std::uint8_t mask, bool high) {
    const std::uint8_t before = byte(kP5In);
    const auto after = static_cast<std::uint8_t>(high ? before | mask : before & ~mask);
    const std::uint8_t falling = byte(kP5Ies);
    const auto edges =
        static_cast<std::uint8_t>((before & ~after & falling) | (~before & after & ~falling));
    word(kP5In) = static_cast<std::uint16_t>((word(kP5In) & 0xFF00) | after);
    word(kP5Ifg) = static_cast<std::uint16_t>(word(kP5Ifg) | edges);
  }

  [[nodiscard]] std::uint8_t port1() { return byte(kP1Out) & byte(kP1Dir); }
  [[nodiscard]] std::uint8_t port3() { return byte(kP3Out) & byte(kP3Dir); }
  [[nodiscard]] bool interrupts() { return (byte(kP5Ifg) & byte(kP5Ie)) != 0; }

  /// Does port 3 show something that it did not when this was last asked?
  [[nodiscard]] bool shows_new() {
    if (!changed_) return false;
    changed_ = false;
    const std::uint8_t before = shown_;
    shown_ = port3();
    return shown_ != before;
  }

  [[nodiscard]] bool selects_serial_fram() {
    return (byte(kP6Dir) & ~byte(kP6Out) & kSelectPin) != 0;
  }
  [[nodiscard]] bool gives_spi_its_pins() {
    return (byte(kP6Sel0) & ~byte(kP6Sel1) & kSpiPins) == kSpiPins;
  }

  [[nodiscard]] bool gives_uart_its_pin() {
    return (byte(kP2Sel1) & ~byte(kP2Sel0) & kUartPin) != 0;
  }

  /// Called after anything was written.
  std::function<void()> on_change;

 private:
  void written(std::uint16_t /*address*/, std::uint16_t /*before*/) override {
    changed_ = true;
    if (on_change) on_change();
  }

  std::uint8_t shown_ = 0;
  bool changed_ = true;  ///< since shows_new was asked
};

/// Timer A0 counting up on ACLK, for sleeping.
class Fr5994::SleepTimer : public Registers {
 public:
  SleepTimer() : Registers(kTa0Ctl, 0x20) {}

  [[nodiscard]] bool interrupts() {
    return word(kTa0Ctl) == 0x0114 && word(kTa0Cctl0) == 0x0010 && word(kTa0Ccr0) > 0;
  }
  [[nodiscard]] std::uint64_t cycles(std::uint64_t clock_hz) {
    return word(kTa0Ccr0) * clock_hz / kVloHz;
  }
};

Fr5994::Fr5994(const Board& board, const Elf& program)
    : bus_(board),
      cpu_(bus_),
      dma_(bus_),
      multiplier_(kMultiplier),
      lea_(bus_, kLeaRam, kLeaRamEnd),
      serial_fram_(serial_bytes(board)),
      spi_(bus_, dma_, serial_fram_),
      uart_(bus_.clock),
      timer_a1_(kTa1Ctl, bus_.clock),
      timer_b0_(kTb0Ctl, bus_.clock),
      reference_(bus_.clock),
      adc_(bus_.clock, reference_),
      system_(std::make_unique<System>(bus_)),
      ports_(std::make_unique<Ports>()),
      sleep_timer_(std::make_unique<SleepTimer>()) {
  bus_.attach(0x120, 0x167, *system_);
  bus_.attach(0x200, 0x33F, *ports_);
  bus_.attach(kTa0Ctl, kTa0Ctl + 0x1F, *sleep_timer_);
  bus_.attach(kMultiplier, kMultiplier + Multiplier::kBytes - 1, multiplier_);
  bus_.attach(Dma::kBase, Dma::kBase + Dma::kBytes - 1, dma_);
  bus_.attach(kTa1Ctl, kTa1Ctl + Timer::kBytes - 1, timer_a1_);
  bus_.attach(kTb0Ctl, kTb0Ctl + Timer::kBytes - 1, timer_b0_);
  bus_.attach(Uart::kBase, Uart::kBase + Uart::kBytes - 1, uart_);
  bus_.attach(Spi::kBase, Spi::kBase + Spi::kBytes - 1, spi_);
  bus_.attach(Reference::kBase, Reference::kBase + Reference::kBytes - 1, reference_);
  bus_.attach(Lea::kBase, Lea::kBase + Lea::kBytes - 1, lea_);
  bus_.attach(Adc::kBase, Adc::kBase + Adc::kBytes - 1, adc_);
  spi_.has_pins = [this] { return !system_->pins_locked() && ports_->gives_spi_its_pins(); };
  uart_.has_pin = [this] { return !system_->pins_locked() && ports_->gives_uart_its_pin(); };
  ports_->on_change = system_->on_lock = [this] { follow_pins(); };
  set_port5(0xFF, true);
  flash(program);
}

Fr5994::~Fr5994() = default;

void Fr5994::flash(const Elf& program) {
  for (const Elf::Segment& segment : program.segments) {
    for (std::size_t i = 0; i < segment.bytes.size(); ++i) {
      bus_.byte(segment.address + static_cast<std::uint32_t>(i)) = segment.bytes[i];
    }
  }
}

void Fr5994::boot(const std::vector<std::uint8_t>& rubbish) {
  bus_.lose_ram(rubbish);
  serial_fram_.lose_power();
  reset();
}

void Fr5994::reset() {
  for (Peripheral* peripheral : std::initializer_list<Peripheral*>{
           system_.get(), ports_.get(), sleep_timer_.get(), &multiplier_, &lea_, &dma_, &spi_,
           &uart_, &timer_a1_, &timer_b0_, &reference_, &adc_}) {
    peripheral->reset();
  }
  follow_pins();
  cpu_.reset();
}

void Fr5994::follow_pins() {
  spi_.advance();
  serial_fram_.select(!system_->pins_locked() && ports_->selects_serial_fram());
  const std::uint8_t before = port1_;
  port1_ = system_->pins_locked() ? 0 : ports_->port1();
  if (port1_ != before && on_port1) on_port1(port1_);
}

std::uint32_t Fr5994::pending_vector() {
  if (ports_->interrupts()) return kPort5Vector;
  if (cpu_.asleep() && sleep_timer_->interrupts()) return kTimerVector;
  return 0;
}

Fr5994::Stopped Fr5994::run(std::uint64_t most) {
  const std::uint64_t end = bus_.clock.cycles + most;
  try {
    while (bus_.clock.cycles < end) {
      if (cpu_.interruptible() || cpu_.asleep()) {
        const std::uint32_t vector = pending_vector();
        if (cpu_.asleep() && vector == 0) return Stopped::asleep;
        if (cpu_.asleep() && !cpu_.interruptible()) throw Fault("asleep for ever");
        if (vector == kTimerVector) dozed_ += sleep_timer_->cycles(bus_.clock.hz);
        if (vector != 0) cpu_.interrupt(vector);
      }
      const std::uint32_t at = cpu_.r[0];
      const std::uint64_t cycles = bus_.clock.cycles;
      const std::uint64_t waits = bus_.waits;
      cpu_.step();
      if (spi_.due()) spi_.advance();
      while (dma_.pending()) dma_.serve();
      if (on_step) on_step(at, bus_.clock.cycles - cycles, bus_.waits - waits);
      system_->watch();
      if (system_->reset_requested()) reset();
      if (!system_->pins_locked() && ports_->shows_new()) return Stopped::signal;
    }
  } catch (const PowerGone&) {
    return Stopped::power_gone;
  }
  throw Fault(fmt::format("at {:#07x}: nothing happened for {} cycles", cpu_.r[0], most));
}

void Fr5994::set_port5(std::uint8_t mask, bool high) { ports_->set_port5(mask, high); }

std::uint8_t Fr5994::port3() const { return system_->pins_locked() ? 0 : ports_->port3(); }

}  // namespace inas::emulator
