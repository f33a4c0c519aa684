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
  const bool max = l.kind == Kind::max;
  Meter meter(rules);
  // What is left of the map at a tile's place: the last tile may be smaller.
  const auto rows = [&](const Step& at) {
    return std::min(d.Tr, (pool ? l.H : l.R) - at.r * d.Tr);
  };
  const auto columns = [&](const Step& at) {
    return std::min(d.Tc, (pool ? l.W : l.C) - at.c * d.Tc);
  };

  const auto fetch_input = [&](const Step& at) {
    const Int channels = pool || max ? d.Tm : d.Tn;
    const Int input_rows = pool ? rows(at) : (rows(at) - 1) * l.s + l.Kh;
    const Int input_columns = pool ? columns(at) : (columns(at) - 1) * l.s + l.Kw;
    for (const Int n : transfers(input_rows, input_columns, channels, l.W, l.N, wide.coalesced)) {
      meter.spend([&](const Constants& k) { return k.rd(n) + k.fI; });
    }
  };
  const auto fetch_weights = [&] {
    const Int vectors = l.Kh * l.Kw * d.Tm;
    for (Int t = 0; t < (wide.coalesced ? 1 : vectors); ++t) {
      const Int n = wide.coalesced ? vectors * d.Tn : d.Tn;
      meter.spend([&](const Constants& k) { return k.rd(n) + k.fW; });
    }
  };
  const auto fetch_output = [&](const Step& at) {
    for (const Int n : transfers(rows(at), columns(at), d.Tm, l.C, l.M, wide.coalesced)) {
      meter.spend([&](const Constants& k) {
        return k.rd(n) + (d.order == 'I' ? k.fO_I : d.order == 'W' ? k.fO_W : k.fO_O);
      });
    }
  };
  const auto back_up = [&](const Step& at, Int channels) {
    for (const Int n : transfers(rows(at), columns(at), channels, l.C, l.M, wide.coalesced)) {
      meter.spend([&](const Constants& k) {
        return k.wr(n) + (d.order == 'I' ? k.bO_I : d.order == 'W' ? k.bO_W : k.bO_O);
      });
    }
  };
  const auto compute = [&](const Step& at) {
    const Int values = rows(at) * columns(at) * d.Tm;
    if (pool || max) {
      for (Int v = 0; v < (max ? values * l.Kh * l.Kw : values); ++v) {
        meter.spend([](const Constants& k) { return k.max + k.maxaddr; });
      }
      return;
    }
    // The vectors that one output value needs: taps, kernel rows, or the whole of a 1-D kernel.
    std::vector<Int> vectors;
    if (!wide.row) vectors.assign(static_cast<std::size_t>(l.Kh * l.Kw), d.Tn);
    if (wide.row && l.W > 1) vectors.assign(static_cast<std::size_t>(l.Kh), l.Kw * d.Tn);
    if (wide.row && l.W == 1) vectors.assign(1, l.Kh * d.Tn);
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
      meter.spend([](const Constants& k) { return k.boot + k.rd(4); });
      in_vm = none;
    }
    const Step& first = all[at];
    const Operand operand = pool             ? Operand{first.m, 0, 0}
                            : d.order == 'I' ? Operand{first.r, first.c, first.n}
                            : d.order == 'W' ? Operand{first.m, first.n, 0}
                                             : Operand{first.r, first.c, first.m};
    if (operand != in_vm) {
      if (pool) {
        meter.spend([&](const Constants& k) { return k.rd(d.Tm) + k.fO_O; });
      } else if (d.order == 'I') {
        fetch_input(first);
      } else if (d.order == 'W') {
        if (!max) fetch_weights();
      } else if (first.n > 0) {
        fetch_output(first);
      }
      in_vm = operand;
    }
    for (Int tile = 0; tile < d.S; ++tile) {
      const Step& step = all[at + static_cast<std::size_t>(tile)];
      if (pool || d.order != 'I') fetch_input(step);
      if (!pool && d.order != 'W') fetch_weights();
      if (!pool && d.order != 'O' && step.n > 0) fetch_output(step);
      compute(step);
      if (!pool && d.order == 'W') back_up(step, d.Tm);
    }
    if (pool) {
      meter.spend([&](const Constants& k) { return k.wr(d.Tm) + k.bO_O; });
    } else if (d.order == 'I') {
      back_up(first, d.S * d.Tm);
    } else if (d.order == 'O') {
      back_up(first, d.Tm);
    }
    meter.spend([](const Constants& k) { return k.wr(4); });
  }
  cycles.push_back(meter.take());
  return cycles;
}

}  // namespace oracle
