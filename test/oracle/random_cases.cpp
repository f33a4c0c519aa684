#include "oracle/random_cases.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "oracle/legal.hpp"

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
    if (random_from(generator, 0, 2) == 0) l.s = random_from(generator, 2, 3);
    // Up to a whole stride of rows and columns belongs to no place of the kernel.
    l.H = (l.R - 1) * l.s + l.Kh + random_from(generator, 0, l.s - 1);
    l.W = one_dimensional ? 1 : (l.C - 1) * l.s + l.Kw + random_from(generator, 0, l.s - 1);
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

namespace {

/// Of one direction: kernel, padding before and behind, and how many places of the kernel there are
/// on `extent`. The padding is narrower than the kernel and the kernel fits the padded map.
void place_kernel(Generator& generator, Int extent, Int stride, bool padded, Int& kernel,
                  Int& before, Int& behind, Int& places) {
  kernel = random_from(generator, 1, std::min<Int>(4, padded ? extent + 2 : extent));
  before = behind = 0;
  if (padded) {
    before = random_from(generator, 0, kernel - 1);
    behind = random_from(generator, 0, kernel - 1);
    if (random_from(generator, 0, 1) == 0) behind = before = kernel / 2;
  }
  while (kernel > extent + before + behind) --kernel;
  before = std::min(before, kernel - 1);
  behind = std::min(behind, kernel - 1);
  places = (extent + before + behind - kernel) / stride + 1;
}

}  // namespace

Layer random_any_layer(Generator& generator, Int extent, Int channels) {
  static constexpr std::array<Kind, 10> kKinds{Kind::conv, Kind::conv, Kind::conv,    Kind::fc,
                                               Kind::pool, Kind::max,  Kind::average, Kind::dw,
                                               Kind::dw,   Kind::add};
  Layer l;
  l.kind = kKinds[static_cast<std::size_t>(random_from(generator, 0, 9))];
  const bool one_dimensional = random_from(generator, 0, 3) == 0;
  l.H = random_from(generator, 1, extent);
  l.W = one_dimensional ? 1 : random_from(generator, 1, extent);
  l.N = random_from(generator, 1, channels);
  const bool convolves = l.kind == Kind::conv || l.kind == Kind::fc;
  l.M = convolves ? random_from(generator, 1, channels) : l.N;
  l.bias = (convolves || l.kind == Kind::dw) && random_from(generator, 0, 1) == 0;
  l.capped = random_from(generator, 0, 2) == 0;
  if (l.kind == Kind::fc || l.kind == Kind::pool) {
    l.Kh = l.H;
    l.Kw = l.W;
  } else if (l.kind == Kind::add) {
    l.R = l.H;
    l.C = l.W;
  } else {
    l.s = std::max<Int>(1, random_from(generator, 0, 3));
    const bool padded = random_from(generator, 0, 1) == 0;
    place_kernel(generator, l.H, l.s, padded, l.Kh, l.top, l.bottom, l.R);
    // Of some one-dimensional maps the kernel reaches beyond the one column.
    place_kernel(generator, l.W, l.s, padded && random_from(generator, 0, 3) != 0, l.Kw, l.left,
                 l.right, l.C);
  }
  return l;
}

Design random_design(Generator& generator, const Layer& layer, bool continuous, Lists lists) {
  const std::vector<Design> all = designs(layer, continuous, lists);
  return all[static_cast<std::size_t>(random_from(generator, 0, static_cast<Int>(all.size()) - 1))];
}

WideDesign random_wide_design(Generator& generator, const Layer& layer) {
  const auto any_of = [&generator](const auto& list) {
    return list[static_cast<std::size_t>(
        random_from(generator, 0, static_cast<Int>(list.size()) - 1))];
  };
  const bool own = layer.kind != Kind::conv && layer.kind != Kind::fc;
  WideDesign wide;
  Design& d = wide.design;
  d.Tr = any_of(legal_rows(layer));
  d.Tc = any_of(legal_columns(layer));
  d.Tm = any_of(divisors(layer.M, Lists::all));
  d.Tn = own ? 1 : any_of(divisors(layer.N, Lists::all));
  d.order = own ? (layer.kind == Kind::pool ? 'O' : 'W') : any_of(std::string("IWO"));
  d.S = any_of(legal_batches(layer, d));
  wide.K = any_of(legal_batches_per_cycle(layer, d));
  wide.coalesced = random_from(generator, 0, 1) == 0;
  if (own) return wide;
  wide.row = random_from(generator, 0, 1) == 0;
  wide.cpu = random_from(generator, 0, 1) == 0;
  if (random_from(generator, 0, 3) == 0) wide.longest_vector = 2 * random_from(generator, 1, 4);
  return wide;
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
