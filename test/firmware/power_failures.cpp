#include "firmware/power_failures.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <inas_firmware/runtime.h>

namespace inas::firmware {
namespace {

/// Where power is cut, counted from the boot before it.
struct Cut {
  bool at_call = false;  ///< before call `position` of the HAL, else after NVM byte `position`
  std::uint64_t position = 0;

  void set(inas_host_board& board) const {
    (at_call ? board.calls_until_failure : board.bytes_until_failure) = position;
  }
};

constexpr Cut kNever{false, INAS_HOST_NEVER};

std::string words(const Cut& cut) {
  if (cut.position == INAS_HOST_NEVER) return "after the end";
  return fmt::format("{} {}", cut.at_call ? "before HAL call" : "after NVM byte", cut.position);
}

std::uint64_t calls_of(const inas_host_counts& c) {
  return c.reads + c.writes + c.progress_reads + c.progress_writes + c.macs + c.ended_cycles;
}

/// One model, one finished inference in NVM, and the next input waiting to be started.
class Subject {
 public:
  Subject(const TestModel& model, std::uint64_t seed) : model_(model), device_(model) {
    const std::vector<std::int16_t> first = model.random_input(seed);
    const std::vector<std::int16_t> second = model.random_input(seed + 1);
    first_output_ = model.expected_output(first);
    second_output_ = model.expected_output(second);
    model.write_input(device_.nvm, first);
    right_ = start() == INAS_HOST_DONE && finish() == INAS_HOST_DONE &&
             model.read_output(device_.nvm) == first_output_;
    model.write_input(device_.nvm, second);
    prepared_ = device_.nvm;

    inas_host_reset(&device_.board);
    device_.board.bytes_until_failure = kPlenty;
    right_ = right_ && start() == INAS_HOST_DONE && finish() == INAS_HOST_DONE &&
             model.read_output(device_.nvm) == second_output_;
    right_ = right_ && !wrong_power_cycle_;
    bytes_ = kPlenty - device_.board.bytes_until_failure;
    calls_ = calls_of(device_.board.counts);
  }

  [[nodiscard]] bool right_without_failures() const { return right_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

  /// Runs the second inference with power cut at `first` and, if given, at `second` after the next
  /// boot. Says what went wrong, if anything.
  std::optional<std::string> cut(const Cut& first, const std::optional<Cut>& second = {}) {
    restore();
    return run(first, second);
  }

  /// Transfers to the progress area that were complete before the last `first` of `cut`.
  [[nodiscard]] std::uint64_t progress_writes() const { return progress_writes_; }

  /// Gives the second inference up at `first`, or after its end, and starts it again, with power
  /// cut at `second` if given. The input is not written again.
  std::optional<std::string> restart(const Cut& first, const std::optional<Cut>& second) {
    restore();
    first.set(device_.board);
    if (start() == INAS_HOST_DONE) boot_until_cut();
    never_again();
    if (auto wrong = run(second.value_or(kNever), {})) {
      return fmt::format("given up {}, then {}", words(first), *wrong);
    }
    return std::nullopt;
  }

  /// Runs the second inference under bouncing power: bursts of power-ups of a few bytes or calls,
  /// then a long one. A few times the inference is started again.
  std::optional<std::string> bounce(Generator& generator) {
    restore();
    if (start() != INAS_HOST_DONE) return "the inference cannot be started";
    inas_host_outcome outcome = INAS_HOST_POWER_FAILED;
    int starts = 3;
    const auto goes_on = [&] {
      return outcome == INAS_HOST_POWER_FAILED || outcome == INAS_HOST_CYCLE_ENDED;
    };
    while (goes_on()) {
      const std::int64_t burst = random_from(generator, 0, generator() % 8 == 0 ? 100 : 4);
      for (std::int64_t i = 0; i < burst && goes_on(); ++i) {
        Cut{generator() % 2 == 0, generator() % 16}.set(device_.board);
        const bool again = starts > 0 && generator() % 32 == 0;
        starts -= again ? 1 : 0;
        outcome = again ? start_or_cut() : boot();
        never_again();
      }
      if (goes_on()) outcome = boot();
    }
    if (auto wrong = judged(outcome, {}, {})) return "bouncing power: " + *wrong;
    return std::nullopt;
  }

  /// Runs the second inference with a cut every `every` bytes.
  std::optional<std::string> cut_every(std::uint64_t every, bool& stuck) {
    restore();
    if (start() != INAS_HOST_DONE) return "the inference cannot be started";
    inas_host_reset(&device_.board);
    const inas_host_outcome outcome = finish(every);
    never_again();
    stuck = outcome == INAS_HOST_STUCK;
    if (!stuck) {
      if (auto wrong = judged(outcome, {}, {}))
        return fmt::format("a cut every {} bytes: {}", every, *wrong);
      return std::nullopt;
    }
    // Every batch finished takes one power cycle; the last one is tried INAS_FRUITLESS_CYCLES
    // times.
    const std::uint64_t boots = device_.board.counts.boots;
    if (boots > device_.board.counts.progress_writes + INAS_FRUITLESS_CYCLES + 1) {
      return fmt::format("a cut every {} bytes: stuck only after {} boots", every, boots);
    }
    // With power it goes on, or the same inference can be started again.
    if (every % 2 == 0 && start() != INAS_HOST_DONE) return "a stuck one cannot be started again";
    if (auto wrong = judged(finish(), {}, {})) {
      return fmt::format("stuck by a cut every {} bytes: {}", every, *wrong);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint64_t kPlenty = std::uint64_t{1} << 60;

  void restore() {
    std::copy(prepared_.begin(), prepared_.end(), device_.nvm.begin());
    inas_host_reset(&device_.board);
    wrong_power_cycle_.reset();
  }
  void never_again() {
    device_.board.bytes_until_failure = INAS_HOST_NEVER;
    device_.board.calls_until_failure = INAS_HOST_NEVER;
  }
  inas_host_outcome start() { return inas_host_start(&device_.board, &model_.tables()); }
  /// A power cycle, which must end where model.h says, or before that if power fails.
  inas_host_outcome boot() {
    const std::optional<Position> begin = progress_in(device_.nvm, model_.tables());
    const inas_host_outcome outcome = inas_host_boot(&device_.board, &model_.tables());
    if (begin && begin->layer < model_.tables().layer_count) check_power_cycle(*begin, outcome);
    return outcome;
  }
  void check_power_cycle(Position begin, inas_host_outcome outcome) {
    const Position found = progress_in(device_.nvm, model_.tables()).value_or(Position{-1, 0});
    const Position end = end_of_power_cycle(model_, begin);
    const bool failed = outcome == INAS_HOST_POWER_FAILED;
    if (wrong_power_cycle_ || (failed ? found >= begin && found <= end : found == end)) return;
    wrong_power_cycle_ = fmt::format(
        "a power cycle from batch {} of layer {} ends before batch {} of layer {}, not before "
        "batch {} of layer {}",
        begin.batch, begin.layer, found.batch, found.layer, end.batch, end.layer);
  }
  /// A start is not the end of an inference.
  inas_host_outcome start_or_cut() {
    return start() == INAS_HOST_DONE ? INAS_HOST_CYCLE_ENDED : INAS_HOST_POWER_FAILED;
  }
  /// As inas_host_finish does.
  inas_host_outcome finish(std::uint64_t failure_every = 0) {
    for (;;) {
      if (failure_every > 0) device_.board.bytes_until_failure = failure_every;
      const inas_host_outcome outcome = boot();
      if (outcome != INAS_HOST_POWER_FAILED && outcome != INAS_HOST_CYCLE_ENDED) return outcome;
      if (device_.board.stuck) return INAS_HOST_STUCK;
    }
  }
  /// Boots until done or cut, over power cycles that the runtime ends.
  inas_host_outcome boot_until_cut() {
    inas_host_outcome outcome = INAS_HOST_CYCLE_ENDED;
    while (outcome == INAS_HOST_CYCLE_ENDED) outcome = boot();
    return outcome;
  }

  /// Starts the second inference and runs it with power cut at `first` and `second`.
  std::optional<std::string> run(const Cut& first, const std::optional<Cut>& second) {
    first.set(device_.board);
    inas_host_outcome outcome = start();
    const bool started = outcome == INAS_HOST_DONE;
    if (started) outcome = boot_until_cut();
    progress_writes_ = device_.board.counts.progress_writes;
    if (outcome == INAS_HOST_POWER_FAILED) {
      never_again();
      if (second) second->set(device_.board);
      outcome = boot_until_cut();
      never_again();
      if (outcome == INAS_HOST_POWER_FAILED) outcome = finish();
    }
    never_again();
    if (!started && outcome == INAS_HOST_DONE && model_.read_output(device_.nvm) == first_output_ &&
        first_output_ != second_output_) {
      // The start was not committed, and the result before it is still there. The device's program
      // asks again.
      if (start() != INAS_HOST_DONE) return "the inference cannot be started again";
      outcome = finish();
    }
    return judged(outcome, first, second);
  }

  std::optional<std::string> judged(inas_host_outcome outcome, const Cut& first,
                                    const std::optional<Cut>& second) {
    std::string where = words(first);
    if (second) where += ", then " + words(*second);
    if (outcome != INAS_HOST_DONE) {
      return fmt::format("{}: outcome {} instead of done", where, static_cast<int>(outcome));
    }
    if (model_.read_output(device_.nvm) != second_output_) {
      return fmt::format("{}: another output", where);
    }
    if (wrong_power_cycle_) return fmt::format("{}: {}", where, *wrong_power_cycle_);
    return std::nullopt;
  }

  const TestModel& model_;
  TestBoard device_;
  std::vector<std::uint8_t> prepared_;
  std::vector<std::int16_t> first_output_;
  std::vector<std::int16_t> second_output_;
  bool right_ = false;
  std::optional<std::string> wrong_power_cycle_;  ///< the first since the last `restore`
  std::uint64_t bytes_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t progress_writes_ = 0;
};

}  // namespace

CampaignCounts& CampaignCounts::operator+=(const CampaignCounts& other) {
  bytes += other.bytes;
  calls += other.calls;
  pairs += other.pairs;
  restarts += other.restarts;
  bouncing += other.bouncing;
  periodic += other.periodic;
  stuck += other.stuck;
  return *this;
}

CampaignResult run_campaign(const TestModel& model, std::uint64_t seed, std::uint64_t pairs) {
  Subject subject(model, seed);
  CampaignResult result;
  result.right_without_failures = subject.right_without_failures();
  if (!result.right_without_failures) return result;

  for (std::uint64_t byte = 0; byte < subject.bytes() && !result.wrong; ++byte) {
    result.wrong = subject.cut({false, byte});
    ++result.counts.bytes;
  }
  std::vector<Cut> give_up;
  std::uint64_t progress_writes = 0;
  for (std::uint64_t call = 0; call < subject.calls() && !result.wrong; ++call) {
    result.wrong = subject.cut({true, call});
    ++result.counts.calls;
    if (subject.progress_writes() > progress_writes) give_up.push_back({true, call});
    progress_writes = subject.progress_writes();
  }
  Generator generator(seed);
  const auto random_cut = [&] {
    const bool at_call = generator() % 2 == 0;
    return Cut{at_call, generator() % (at_call ? subject.calls() : subject.bytes())};
  };
  for (std::uint64_t pair = 0; pair < pairs && !result.wrong; ++pair) {
    const Cut first = random_cut();
    result.wrong = subject.cut(first, random_cut());
    ++result.counts.pairs;
  }
  give_up.push_back(kNever);
  for (std::uint64_t i = 0; i < pairs; ++i) give_up.push_back(random_cut());
  for (const Cut& first : give_up) {
    if (result.wrong) break;
    std::optional<Cut> second;
    if (generator() % 2 == 0) second = random_cut();
    result.wrong = subject.restart(first, second);
    ++result.counts.restarts;
  }
  for (std::uint64_t i = 0; i < pairs / 20 && !result.wrong; ++i) {
    result.wrong = subject.bounce(generator);
    ++result.counts.bouncing;
  }
  // From a k that finishes at once down to 2, what counting a fruitless power cycle writes: a
  // device with less cannot report anything.
  for (std::uint64_t every = subject.bytes(); every >= 2 && !result.wrong; --every) {
    bool stuck = false;
    result.wrong = subject.cut_every(every, stuck);
    ++result.counts.periodic;
    result.counts.stuck += stuck ? 1 : 0;
  }
  return result;
}

std::string description(const TestModel& model) {
  std::string text;
  const std::int64_t budget = model.tables().ledger_budget;
  if (budget > 0) text = fmt::format("ledger of {} units", budget);
  for (const TestLayer& of : model.layers()) {
    const Layer& l = of.layer;
    if (!text.empty()) text += "; ";
    text +=
        fmt::format("{} {}x{}x{} -> {}x{}x{} {}", to_string(l.type), l.ifm.channels, l.ifm.height,
                    l.ifm.width, l.ofm.channels, l.ofm.height, l.ofm.width, to_string(of.design));
    text += fmt::format(" kernel {}x{} stride {} padding {},{},{},{} {}{}", l.kernel_height,
                        l.kernel_width, l.stride, l.padding.top, l.padding.left, l.padding.bottom,
                        l.padding.right, to_string(l.activation), l.bias ? " bias" : "");
    if (!l.inputs.empty()) text += fmt::format(" of {}", fmt::join(l.inputs, " and "));
    if (budget > 0) {
      text += fmt::format(" units {}, {}, {}", of.units.entry, of.units.fetched, of.units.kept);
    }
  }
  return text;
}

}  // namespace inas::firmware
