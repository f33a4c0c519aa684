#include "oracle/random_cases.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace oracle {
namespace {

double random_real(Generator& generator, double low, double high) {
  return low + (high - low) * static_cast<double>(generator() >> 11) * 0x1p-53;
}

/// From low to high, each order of magnitude alike.
double random_magnitude(Generator& generator, double low, double high) {
  return std::exp(random_real(generator, std::log(low), std::log(high)));
}

Int random_extent(Generator& generator, Int extent) {
  static constexpr std::array<Int, 24> kExtents{1,  1,  2,  3,  4,  5,  6,  7,  8,  9,  11, 12,
                                                13, 16, 17, 18, 20, 23, 24, 29, 30, 31, 36, 37};
  while (true) {
    const Int value = kExtents[static_cast<std::size_t>(random_from(generator, 0, 23))];
    if (value <= extent) return value;
  }
}

}  // namespace

Int random_from(Generator& generator, Int low, Int high) {
  return low + static_cast<Int>(generator() % static_cast<std::uint64_t>(high - low + 1));
}

Layer random_layer(Generator& generator, Int extent) {
  Layer l;
  const Int kind = random_from(generator, 0, 6);
  const bool one_dimensional = random_from(generator, 0, 2) == 0;
  l.N = random_extent(generator, extent);
  l.M = random_extent(generator, extent);
  if (kind <= 2) {
    l.kind = Kind::conv;
    l.R = random_extent(generator, extent);
    l.C = one_dimensional                     ? 1
          : random_from(generator, 0, 2) == 0 ? random_extent(generator, extent)
                                              : l.R;
    l.Kh = random_from(generator, 1, 7);
    l.Kw = one_dimensional ? 1 : random_from(generator, 1, 7);
    l.H = l.R + l.Kh - 1;
    l.W = l.C + l.Kw - 1;
    l.bias = random_from(generator, 0, 1) == 0;
    return l;
  }
  if (kind == 3) {
    l.kind = Kind::max;
    l.M = l.N;
    l.s = random_from(generator, 1, 3);
    l.R = random_extent(generator, extent);
    l.C = one_dimensional ? 1 : random_extent(generator, extent);
    l.Kh = random_from(generator, 1, 4);
    l.Kw = one_dimensional ? 1 : random_from(generator, 1, 4);
    // Up to a whole stride of rows and columns belongs to no window.
    l.H = (l.R - 1) * l.s + l.Kh + random_from(generator, 0, l.s - 1);
    l.W = one_dimensional ? 1 : (l.C - 1) * l.s + l.Kw + random_from(generator, 0, l.s - 1);
    return l;
  }
  l.H = random_extent(generator, extent);
  l.W = one_dimensional ? 1 : random_extent(generator, extent);
  l.Kh = l.H;
  l.Kw = l.W;
  l.kind = kind <= 5 ? Kind::fc : Kind::pool;
  if (l.kind == Kind::pool) l.M = l.N;
  l.bias = l.kind == Kind::fc && random_from(generator, 0, 1) == 0;
  return l;
}

Design random_design(Generator& generator, const Layer& layer, bool continuous, Lists lists) {
  const std::vector<Design> all = designs(layer, continuous, lists);
  return all[static_cast<std::size_t>(random_from(generator, 0, static_cast<Int>(all.size()) - 1))];
}

Supply random_supply(Generator& generator, const Layer& layer, Lists lists) {
  Supply s;
  s.continuous = random_from(generator, 0, 3) == 0;
  s.V_sup = random_real(generator, 2.5, 3.6);
  s.V_on = s.V_sup - random_magnitude(generator, 0.003, 0.8);
  s.V_off = s.V_on - random_magnitude(generator, 0.01, 1.2);
  s.R_ehm = random_magnitude(generator, 0.5, 2000);
  s.sigma = random_from(generator, 0, 3) == 0 ? 1.0 : random_real(generator, 0.2, 1.0);
  s.C_cap = random_magnitude(generator, 1e-4, 2e-2);
  s.D = std::array<Int, 3>{1, 2, 4}[static_cast<std::size_t>(random_from(generator, 0, 2))];
  s.vm_capacity = random_from(generator, 64, 8192);
  const Design design = random_design(generator, layer, s.continuous, lists);
  if (!s.continuous && random_from(generator, 0, 1) == 0) {
    const double needed = intermittent(layer, design, s, kPublished).E_max;
    s.C_cap *= needed / budget(s) * random_real(generator, 0.98, 1.05);
  }
  if (random_from(generator, 0, 2) == 0) {
    const Int addressable = 32'767 * s.D;
    s.vm_capacity = std::clamp<Int>(vm_bytes(layer, design, s.D) - random_from(generator, -1, 3), 1,
                                    addressable);
  }
  if (random_from(generator, 0, 2) == 0) {
    s.constant_power = true;
    s.P = random_magnitude(generator, 1e-5, 0.1);
    s.eta = random_from(generator, 0, 1) == 0 ? 1.0 : random_real(generator, 0.3, 1.0);
    // From nothing to nearly all that arrives at V_on.
    const double all = s.eta * s.P / s.V_on;
    const Int leak = random_from(generator, 0, 3);
    if (leak == 1) s.I = all * random_magnitude(generator, 1e-8, 0.1);
    if (leak == 2) s.I = all * random_real(generator, 0.0, 0.9);
    if (leak == 3) s.I = all * (1 - random_magnitude(generator, 1e-6, 0.1));
  }
  return s;
}

Rules random_rules(Generator& generator) {
  const Int choice = random_from(generator, 0, 3);
  if (choice <= 1) return choice == 0 ? kPublished : kCorrected;
  const auto coin = [&] { return random_from(generator, 0, 1) == 0; };
  Rules rules;
  rules.fault1 = coin();
  rules.fault5 = coin();
  rules.fault7 = coin();
  rules.fault8 = coin();
  return rules;
}

}  // namespace oracle
