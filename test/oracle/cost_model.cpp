#include "oracle/cost_model.hpp"

#include <cmath>
#include <cstdio>

namespace oracle {
namespace {

Int ceil_div(Int a, Int b) { return (a + b - 1) / b; }

double real(Int n) { return static_cast<double>(n); }

/// ρ, γ, μ, ν
struct Counts {
  Int rho, gamma, mu, nu;
};

Counts counts(const Layer& l, const Design& d) {
  if (l.kind == Kind::pool) {
    return {ceil_div(l.H, d.Tr), ceil_div(l.W, d.Tc), ceil_div(l.M, d.Tm), 1};
  }
  if (l.kind == Kind::max) {
    return {ceil_div(l.R, d.Tr), ceil_div(l.C, d.Tc), ceil_div(l.M, d.Tm), 1};
  }
  return {ceil_div(l.R, d.Tr), ceil_div(l.C, d.Tc), ceil_div(l.M, d.Tm), ceil_div(l.N, d.Tn)};
}

double fO(const Constants& k, char order) {
  return order == 'I' ? k.fO_I : order == 'W' ? k.fO_W : k.fO_O;
}

double bO(const Constants& k, char order) {
  return order == 'I' ? k.bO_I : order == 'W' ? k.bO_W : k.bO_O;
}

/// The three fetches of a tile: nI·(rd(Tn)+fI), nW·(rd(Tn)+fW), nO·(rd(Tm)+fO); pooling reads Tm
/// channels and has no weights, and no partial sums but those of the average.
struct TileFetch {
  double i, w, o;
};

TileFetch tile_fetch(const Constants& k, const Layer& l, const Design& d, PoolTile pool) {
  const Int nI = tile_input_rows(l, d, pool) * tile_input_columns(l, d, pool);
  const Int nW = l.Kh * l.Kw * d.Tm;
  const Int nO = d.Tr * d.Tc;
  if (l.kind == Kind::pool || l.kind == Kind::max) return {real(nI) * (k.rd(d.Tm) + k.fI), 0, 0};
  return {real(nI) * (k.rd(d.Tn) + k.fI), real(nW) * (k.rd(d.Tn) + k.fW),
          real(nO) * (k.rd(d.Tm) + fO(k, d.order))};
}

double compute(const Constants& k, const Layer& l, const Design& d, Int S) {
  if (l.kind == Kind::pool) return real(S * d.Tr * d.Tc * d.Tm) * (k.max + k.maxaddr);
  if (l.kind == Kind::max) {
    return real(S * d.Tr * d.Tc * d.Tm * l.Kh * l.Kw) * (k.max + k.maxaddr);
  }
  return real(S * l.Kh * l.Kw * d.Tr * d.Tc * d.Tm) * ((k.vm(d.Tn) + k.add) + (k.psum + k.acum));
}

double backup(const Constants& k, const Layer& l, const Design& d, Int S) {
  if (l.kind == Kind::pool) return k.wr(d.Tm) + k.bO_O;
  if (d.order == 'I') return real(d.Tr * d.Tc) * (k.wr(S * d.Tm) + k.bO_I);
  if (d.order == 'W') return real(S * d.Tr * d.Tc) * (k.wr(d.Tm) + k.bO_W);
  return real(d.Tr * d.Tc) * (k.wr(d.Tm) + bO(k, 'O'));
}

double fetch(const Constants& k, const Layer& l, const Design& d, bool later, PoolTile pool) {
  const double S = real(d.S);
  const auto [i, w, o] = tile_fetch(k, l, d, pool);
  if (l.kind == Kind::pool) return S * i + (k.rd(d.Tm) + k.fO_O);
  if (d.order == 'I') return later ? S * (w + o) + i : S * w + i;
  if (d.order == 'W') return later ? S * (i + o) + w : S * i + w;
  return later ? S * (i + w) + o : S * (i + w);
}

PowerCycle power_cycle(const Constants& k, const Layer& l, const Design& d, bool later,
                       PoolTile pool) {
  PowerCycle cycle;
  cycle.boot = k.boot;
  cycle.fetch = fetch(k, l, d, later, pool);
  cycle.index_fetch = k.rd(4);
  cycle.compute = compute(k, l, d, d.S);
  cycle.backup = backup(k, l, d, d.S);
  cycle.index_backup = k.wr(4);
  return cycle;
}

/// Power cycles: all, those with n = 0, the rest. S divides its loop, so the quotients are whole.
struct Cycles {
  Int npc, n0, later;
};

Cycles cycles(const Layer& l, const Design& d) {
  const auto [rho, gamma, mu, nu] = counts(l, d);
  const Int npc = rho * gamma * mu * nu / d.S;
  if (l.kind == Kind::pool) return {npc, npc, 0};
  const Int n0 = d.order == 'O' ? rho * gamma * mu : rho * gamma * mu / d.S;
  return {npc, n0, npc - n0};
}

PoolTile queried(const Rules& rules) {
  return rules.fault5 ? PoolTile::convolution : PoolTile::own;
}

}  // namespace

std::string params(const Design& d) {
  const auto text = [](Int n) { return std::to_string(n); };
  return text(d.Tr) + "_" + text(d.Tc) + "_" + text(d.Tm) + "_" + text(d.Tn) + "_reuse_" + d.order +
         "_S" + text(d.S);
}

std::string describe(const Layer& l) {
  static constexpr const char* kNames[]{"CONV",   "FC",      "GAVGPOOL", "MAXPOOL",
                                        "DWCONV", "AVGPOOL", "ADD"};
  char text[240];
  std::snprintf(text, sizeof text,
                "%s %ldx%ldx%ld -> %ldx%ldx%ld, kernel %ldx%ld, stride %ld, padding %ld %ld %ld "
                "%ld%s%s",
                kNames[static_cast<int>(l.kind)], l.N, l.H, l.W, l.M, l.R, l.C, l.Kh, l.Kw, l.s,
                l.top, l.left, l.bottom, l.right, l.bias ? ", bias" : "", l.capped ? ", cap" : "");
  return text;
}

std::string describe(const Supply& s) {
  char harvester[120];
  if (s.constant_power) {
    std::snprintf(harvester, sizeof harvester, "P %.17g eta %.17g I %.17g", s.P, s.eta, s.I);
  } else {
    std::snprintf(harvester, sizeof harvester, "R %.17g V_sup %.17g", s.R_ehm, s.V_sup);
  }
  char text[300];
  std::snprintf(text, sizeof text, "%s C %.17g %s V_on %.17g V_off %.17g margin %.17g VM %ld D %ld",
                s.continuous ? "CONT" : "INT", s.C_cap, harvester, s.V_on, s.V_off, s.sigma,
                s.vm_capacity, s.D);
  return text;
}

Constants energy_constants() {
  Constants k;
  k.boot = 7.788e-05;
  k.rd = {2.7e-08, 2.0e-07, 1};
  k.wr = {2.6815e-08, 1.9336e-07, 1};
  k.vm = {5.27308646249e-10, 2.04412689725e-07, 1};
  const double a = 3.935538461538471e-09;
  const double x = 1.9253346153846146e-08;
  k.add = a;
  k.multiply = x;
  k.max = 4.228153846153846e-09;
  k.fI = a * 7 + x * 5;
  k.fW = a * 8 + x * 9;
  k.fO_I = a * 7 + x * 5;
  k.fO_W = a * 7 + x * 4;
  k.fO_O = a * 7 + x * 4;
  k.bO_I = a * 9 + x * 8;
  k.bO_W = a * 11 + x * 9;
  k.bO_O = a * 7 + x * 5;
  k.psum = a * 7 + x * 5;
  k.acum = a * 3 + x * 3;
  k.maxaddr = a * 2 + x * 1;
  return k;
}

Constants latency_constants(const Rules& rules) {
  const double clock = 16'000'000;
  Constants k;
  k.boot = 0.07;
  k.rd = {64.00000000000001, 423.99999999999994, clock};
  k.wr = {64.00082974729904, 422.22773129921234, clock};
  k.vm = {1.4999999999999978, 616.0000000000002, clock};
  const double a = 12 / clock;
  const double x = 44 / clock;
  k.add = a;
  k.multiply = x;
  k.max = 14 / clock;
  k.fI = a * 7 + x * 5;
  k.fW = a * 8 + x * 10;
  k.psum = a * 7 + x * 10;
  k.acum = a * 3 + x * 3;
  k.maxaddr = a * 2 + x * 1;
  if (rules.fault1) {
    const Constants energy = energy_constants();
    k.fO_I = energy.fO_I;
    k.fO_W = energy.fO_W;
    k.fO_O = energy.fO_O;
    k.bO_I = energy.bO_I;
    k.bO_W = energy.bO_W;
    k.bO_O = energy.bO_O;
  } else {
    k.fO_I = a * 7 + x * 5;
    k.fO_W = a * 7 + x * 4;
    k.fO_O = a * 7 + x * 4;
    k.bO_I = a * 9 + x * 8;
    k.bO_W = a * 11 + x * 9;
    k.bO_O = a * 7 + x * 5;
  }
  return k;
}

Int tile_input_rows(const Layer& l, const Design& d, PoolTile pool) {
  return l.kind == Kind::pool && pool == PoolTile::own ? d.Tr : (d.Tr - 1) * l.s + l.Kh;
}

Int tile_input_columns(const Layer& l, const Design& d, PoolTile pool) {
  return l.kind == Kind::pool && pool == PoolTile::own ? d.Tc : (d.Tc - 1) * l.s + l.Kw;
}

Int vm_bytes(const Layer& l, const Design& d, Int D) {
  if (l.kind == Kind::pool) return D * (d.Tr * d.Tc * d.Tm + d.Tm * d.S);
  const bool convolves = l.kind == Kind::conv || l.kind == Kind::fc;
  const Int block = ((d.Tr - 1) * l.s + l.Kh) * ((d.Tc - 1) * l.s + l.Kw);
  const Int in = block * (convolves ? d.Tn : d.Tm) * (l.kind == Kind::add ? 2 : 1);
  const Int weights = convolves            ? l.Kh * l.Kw * d.Tm * d.Tn
                      : l.kind == Kind::dw ? l.Kh * l.Kw * d.Tm
                                           : 0;
  const Int out = d.Tr * d.Tc * d.Tm * (d.order == 'O' ? 1 : d.S);
  return D * (in + weights + out);
}

double budget(const Supply& s) {
  return 0.5 * s.C_cap * (s.V_on * s.V_on - s.V_off * s.V_off) * s.sigma;
}

double recharge(const Supply& s, const Rules& rules, double E) {
  if (s.constant_power) {
    const double whole = 0.5 * s.C_cap * (s.V_on * s.V_on - s.V_off * s.V_off);
    const double refill = rules.fault7 ? E + (whole - budget(s)) : E;
    const double P_net = s.eta * s.P - s.I * s.V_on;
    if (s.I == 0) return refill / P_net;
    const double tau = s.C_cap * s.V_on / (2 * s.I);
    return tau * std::log1p(refill / (tau * P_net));
  }
  const double v2 = rules.fault7 ? ((2 * (budget(s) - E)) / s.C_cap) + s.V_off * s.V_off
                                 : s.V_on * s.V_on - (2 * E) / s.C_cap;
  const double v_end = std::sqrt(v2);
  return (-s.R_ehm * s.C_cap) * std::log((s.V_on - s.V_sup) / (v_end - s.V_sup));
}

double first_charge(const Supply& s) {
  // Charge, not energy: what flows in at V less what leaks at V, in the voltage's own terms.
  if (!s.constant_power) return -s.R_ehm * s.C_cap * std::log1p(-s.V_on / s.V_sup);
  const double share_that_leaks = s.I * s.V_on / (s.eta * s.P);
  if (share_that_leaks == 0) return s.C_cap * s.V_on * s.V_on / 2 / (s.eta * s.P);
  return -s.C_cap * s.V_on / s.I / 2 * std::log1p(-share_that_leaks);
}

Intermittent intermittent(const Layer& l, const Design& d, const Supply& s, const Rules& rules,
                          PoolTile pool) {
  const Constants energy = energy_constants();
  const Constants latency = latency_constants(rules);
  Intermittent r;
  r.vm = vm_bytes(l, d, s.D);
  r.c0 = r.vm <= s.vm_capacity;
  r.E_av = budget(s);
  r.e_n0 = power_cycle(energy, l, d, false, pool);
  r.e_later = power_cycle(energy, l, d, true, pool);
  r.l_n0 = power_cycle(latency, l, d, false, pool);
  r.l_later = power_cycle(latency, l, d, true, pool);
  const Cycles n = cycles(l, d);
  r.npc = n.npc;
  r.n0 = n.n0;
  r.later = n.later;
  r.E_min = r.e_n0.total();
  r.L_min = r.l_n0.total();
  r.E_max = n.later > 0 ? r.e_later.total() : r.E_min;
  r.L_max = n.later > 0 ? r.l_later.total() : r.L_min;
  r.c1 = r.E_max <= r.E_av;
  r.Eu = r.E_max / r.E_av * 100;
  if (r.c1) {
    r.t_min = recharge(s, rules, r.E_min);
    r.t_max = recharge(s, rules, r.E_max);
    r.L_e2e = real(r.n0) * (r.L_min + *r.t_min) + real(r.later) * (r.L_max + *r.t_max);
  }
  return r;
}

Intermittent query(const Layer& l, const Design& d, const Supply& s, const Rules& rules) {
  return intermittent(l, d, s, rules, queried(rules));
}

Traffic traffic(const Layer& l, const Design& d, const Rules& rules) {
  const Cycles n = cycles(l, d);
  const auto read = [&](const Constants& k) {
    const PowerCycle n0 = power_cycle(k, l, d, false, queried(rules));
    const PowerCycle later = power_cycle(k, l, d, true, queried(rules));
    if (l.kind == Kind::pool || l.kind == Kind::max)
      return real(n.npc) * (n0.fetch + n0.index_fetch);
    return real(n.later) * later.fetch + real(n.n0) * n0.fetch + real(n.npc) * n0.index_fetch;
  };
  const auto write = [&](const Constants& k) {
    const PowerCycle cycle = power_cycle(k, l, d, false, queried(rules));
    return real(n.npc) * (cycle.backup + cycle.index_backup);
  };
  const Constants energy = energy_constants();
  const Constants latency = latency_constants(rules);
  return {read(energy), read(latency), write(energy), write(latency)};
}

Traffic single_cycle_traffic(const Layer& l, const Design& d, const Rules& rules) {
  const auto read = [&](const Constants& k) {
    const PowerCycle n0 = power_cycle(k, l, d, false, queried(rules));
    const PowerCycle later = power_cycle(k, l, d, true, queried(rules));
    if (l.kind == Kind::pool || l.kind == Kind::max) return n0.fetch + n0.index_fetch;
    return later.fetch + n0.fetch + n0.index_fetch;
  };
  const auto write = [&](const Constants& k) {
    const PowerCycle cycle = power_cycle(k, l, d, false, queried(rules));
    return cycle.backup + cycle.index_backup;
  };
  const Constants energy = energy_constants();
  const Constants latency = latency_constants(rules);
  return {read(energy), read(latency), write(energy), write(latency)};
}

Continuous continuous(const Layer& l, const Design& d, const Supply& s, const Rules& rules) {
  const auto [rho, gamma, mu, nu] = counts(l, d);
  Continuous r;
  r.vm = vm_bytes(l, d, s.D);
  r.c0 = r.vm <= s.vm_capacity;
  r.tiles = rho * gamma * mu * nu;
  r.n0 = rho * gamma * mu;
  r.later = r.tiles - r.n0;
  const double T = real(r.tiles);
  const double later = real(r.later);

  const auto fetched = [&, rho = rho, gamma = gamma, mu = mu, nu = nu](const Constants& k) {
    const auto [i, w, o] = tile_fetch(k, l, d, queried(rules));
    if (l.kind == Kind::pool) return T * (i + (k.rd(d.Tm) + k.fO_O));
    if (d.order == 'I') return real(rho * gamma * nu) * i + T * w + later * o;
    if (d.order == 'W') return T * i + real(mu * nu) * w + later * o;
    return T * i + T * w;
  };
  const bool once_per_output = d.order == 'O' && l.kind != Kind::pool && !rules.fault8;
  const double backups = real(once_per_output ? r.n0 : r.tiles);

  const Constants energy = energy_constants();
  const Constants latency = latency_constants(rules);
  r.e_fetch = fetched(energy);
  r.l_fetch = fetched(latency);
  r.e_compute = T * compute(energy, l, d, 1);
  r.l_compute = T * compute(latency, l, d, 1);
  r.e_backup = backups * backup(energy, l, d, 1);
  r.l_backup = backups * backup(latency, l, d, 1);
  r.E = r.e_fetch + r.e_compute + r.e_backup;
  r.L = r.l_fetch + r.l_compute + r.l_backup;
  return r;
}

}  // namespace oracle
