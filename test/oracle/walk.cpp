#include "oracle/walk.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "loop_nest.hpp"

namespace oracle {
namespace {

/// Adds costs up, both quantities at once.
class Meter {
 public:
  explicit Meter(const Rules& rules) : e_(energy_constants()), l_(latency_constants(rules)) {}

  template <class Cost>
  void spend(Cost cost) {
    cycle_.energy += cost(e_);
    cycle_.latency += cost(l_);
  }
  /// The same for what goes through NVM.
  template <class Cost>
  void move(Cost cost) {
    spend(cost);
    cycle_.moved_energy += cost(e_);
  }

  WalkedCycle take() {
    const WalkedCycle done = cycle_;
    cycle_ = {};
    return done;
  }

 private:
  Constants e_;
  Constants l_;
  WalkedCycle cycle_;
};

}  // namespace

std::vector<WalkedCycle> walk(const Layer& l, const WideDesign& wide, const Rules& rules) {
  const Design& d = wide.design;
  const bool pool = l.kind == Kind::pool;
  // Values are taken one by one where there are no vectors.
  const bool own = own_channels(l);
  Meter meter(rules);

  const auto fetch_input = [&](const Step& at) {
    for (int map = 0; map < (l.kind == Kind::add ? 2 : 1); ++map) {
      for (const Int n : move_input(l, d, at, wide.coalesced).lengths) {
        meter.move([&](const Constants& k) { return k.rd(n) + k.fI; });
      }
    }
  };
  const auto fetch_weights = [&] {
    for (const Int n : weight_transfers(l, d, wide.coalesced)) {
      meter.move([&](const Constants& k) { return k.rd(n) + k.fW; });
    }
  };
  const auto fetch_output = [&](const Step& at) {
    for (const Int n : move_output(l, d, at, d.Tm, wide.coalesced).lengths) {
      meter.move([&](const Constants& k) {
        return k.rd(n) + (d.order == 'I' ? k.fO_I : d.order == 'W' ? k.fO_W : k.fO_O);
      });
    }
  };
  const auto back_up = [&](const Step& at, Int channels) {
    for (const Int n : move_output(l, d, at, channels, wide.coalesced).lengths) {
      meter.move([&](const Constants& k) {
        return k.wr(n) + (d.order == 'I' ? k.bO_I : d.order == 'W' ? k.bO_W : k.bO_O);
      });
    }
  };
  const auto compute = [&](const Step& at) {
    const Int values = rows_of(l, d, at.r).size * columns_of(l, d, at.c).size * d.Tm;
    if (own) {
      for (Int v = 0; v < (pool ? values : values * l.Kh * l.Kw); ++v) {
        meter.spend([](const Constants& k) { return k.max + k.maxaddr; });
      }
      return;
    }
    // The vectors that one output value needs: taps, kernel rows, or the whole of a 1-D kernel.
    std::vector<Int> vectors;
    if (!wide.row) vectors.assign(static_cast<std::size_t>(l.Kh * l.Kw), d.Tn);
    if (wide.row && !one_dimensional(l))
      vectors.assign(static_cast<std::size_t>(l.Kh), l.Kw * d.Tn);
    if (wide.row && one_dimensional(l)) vectors.assign(1, l.Kh * d.Tn);
    for (Int value = 0; value < values; ++value) {
      for (Int left : vectors) {
        if (wide.row && left % 2 != 0) ++left;
        while (left > 0) {
          const Int part = wide.longest_vector > 0 ? std::min(left, wide.longest_vector) : left;
          meter.spend([&](const Constants& k) { return k.vm(part) + k.add + k.psum + k.acum; });
          left -= part;
        }
      }
    }
  };

  std::vector<WalkedCycle> cycles;
  const std::vector<Step> all = steps(l, d);
  using Operand = std::array<Int, 3>;
  const Operand none{-1, -1, -1};
  Operand in_vm = none;  // what reuse keeps; lost with the power
  Int batch = 0;
  for (std::size_t at = 0; at < all.size(); at += static_cast<std::size_t>(d.S), ++batch) {
    if (batch % wide.K == 0) {
      if (batch > 0) cycles.push_back(meter.take());
      meter.spend([](const Constants& k) { return k.boot; });
      meter.move([](const Constants& k) { return k.rd(4); });
      in_vm = none;
    }
    const Step& first = all[at];
    const Operand operand = kept_operand(l, d, first);
    if (operand != in_vm) {
      if (pool) {
        meter.move([&](const Constants& k) { return k.rd(d.Tm) + k.fO_O; });
      } else if (d.order == 'I') {
        fetch_input(first);
      } else if (d.order == 'W') {
        if (!own || l.kind == Kind::dw) fetch_weights();
      } else if (first.n > 0) {
        fetch_output(first);
      }
      in_vm = operand;
    }
    for (Int tile = 0; tile < d.S; ++tile) {
      const Step& step = all[at + static_cast<std::size_t>(tile)];
      if (pool || d.order != 'I') fetch_input(step);
      if (!own && d.order != 'W') fetch_weights();
      if (!pool && d.order != 'O' && step.n > 0) fetch_output(step);
      compute(step);
      if (!pool && d.order == 'W') back_up(step, d.Tm);
    }
    if (pool) {
      meter.move([&](const Constants& k) { return k.wr(d.Tm) + k.bO_O; });
    } else if (d.order == 'I') {
      back_up(first, d.S * d.Tm);
    } else if (d.order == 'O') {
      back_up(first, d.Tm);
    }
    meter.move([](const Constants& k) { return k.wr(4); });
  }
  cycles.push_back(meter.take());
  return cycles;
}

}  // namespace oracle
