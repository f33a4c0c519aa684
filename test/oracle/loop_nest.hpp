#pragma once

#include <vector>

#include "oracle/walk.hpp"

/// What the walks of the published firmware and of the runtime share: the loop nest and the runs of
/// addresses.
namespace oracle {

/// Indices of a tile.
struct Step {
  Int r = 0, c = 0, m = 0, n = 0;
};

/// The loop nest, from its first step to its last.
inline std::vector<Step> steps(const Layer& l, const Design& d) {
  const bool pool = l.kind == Kind::pool;
  const Int rho = ((pool ? l.H : l.R) + d.Tr - 1) / d.Tr;
  const Int gamma = ((pool ? l.W : l.C) + d.Tc - 1) / d.Tc;
  const Int mu = l.M / d.Tm;
  const bool own = pool || l.kind == Kind::max;
  const Int nu = own ? 1 : l.N / d.Tn;
  std::vector<Step> all;
  const auto nest = [&](Int a, Int b, Int c, Int e, auto make) {
    for (Int i = 0; i < a; ++i)
      for (Int j = 0; j < b; ++j)
        for (Int k = 0; k < c; ++k)
          for (Int q = 0; q < e; ++q) all.push_back(make(i, j, k, q));
  };
  if (own) {
    nest(mu, rho, gamma, 1, [](Int m, Int r, Int c, Int) { return Step{r, c, m, 0}; });
  } else if (d.order == 'I') {
    nest(rho, gamma, nu, mu, [](Int r, Int c, Int n, Int m) { return Step{r, c, m, n}; });
  } else if (d.order == 'W') {
    nest(mu, nu, rho, gamma, [](Int m, Int n, Int r, Int c) { return Step{r, c, m, n}; });
  } else {
    nest(rho, gamma, mu, nu, [](Int r, Int c, Int m, Int n) { return Step{r, c, m, n}; });
  }
  return all;
}

/// Lengths of the transfers of a block of a map that lies in NVM row by row, pixel by pixel,
/// channels innermost. pixel: one per pixel; coalesced: one per run of consecutive addresses, if
/// the block has all channels.
inline std::vector<Int> transfers(Int rows, Int columns, Int channels, Int map_columns,
                                  Int map_channels, bool coalesced) {
  std::vector<Int> lengths;
  Int previous = -2;
  for (Int r = 0; r < rows; ++r) {
    for (Int c = 0; c < columns; ++c) {
      const Int begin = (r * map_columns + c) * map_channels;
      if (coalesced && previous + 1 == begin && channels == map_channels) {
        lengths.back() += channels;
      } else {
        lengths.push_back(channels);
      }
      previous = begin + channels - 1;
    }
  }
  return lengths;
}

}  // namespace oracle
