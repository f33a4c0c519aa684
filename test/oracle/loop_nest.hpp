#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "oracle/walk.hpp"

/// What the walks of the published firmware and of the runtime share: the loop nest, the places of
/// tiles on their map, and the blocks of a map that are moved, value by value.
namespace oracle {

/// Do a tile's outputs have the channels of its inputs?
inline bool own_channels(const Layer& l) { return l.kind != Kind::conv && l.kind != Kind::fc; }

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
  const bool own = own_channels(l);
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

/// Names the operand that the loop order keeps in VM at a step; steps with the same one are a
/// group.
inline std::array<Int, 3> kept_operand(const Layer& l, const Design& d, const Step& at) {
  if (own_channels(l)) return {at.m, 0, 0};
  if (d.order == 'I') return {at.r, at.c, at.n};
  if (d.order == 'W') return {at.m, at.n, 0};
  return {at.r, at.c, at.m};
}

/// Does anything stay in VM? Of windows and additions nothing does, their groups are those of one
/// m.
inline bool keeps_operand(const Layer& l) {
  return l.kind != Kind::max && l.kind != Kind::average && l.kind != Kind::add;
}

/// Rows, or columns, that a tile takes of the map that is split, and reads of the input map, where
/// they may begin before its first one and end behind its last.
struct Stretch {
  Int size = 0;
  Int first = 0, count = 0;  ///< of the input map
};

inline Stretch rows_of(const Layer& l, const Design& d, Int r) {
  if (l.kind == Kind::pool) {
    const Int size = std::min(d.Tr, l.H - r * d.Tr);
    return {size, r * d.Tr, size};
  }
  const Int size = std::min(d.Tr, l.R - r * d.Tr);
  return {size, r * d.Tr * l.s - l.top, (size - 1) * l.s + l.Kh};
}

inline Stretch columns_of(const Layer& l, const Design& d, Int c) {
  if (l.kind == Kind::pool) {
    const Int size = std::min(d.Tc, l.W - c * d.Tc);
    return {size, c * d.Tc, size};
  }
  const Int size = std::min(d.Tc, l.C - c * d.Tc);
  return {size, c * d.Tc * l.s - l.left, (size - 1) * l.s + l.Kw};
}

/// A block of a map and its place there.
struct Block {
  Int row = 0, column = 0;
  Int height = 1, width = 1, channels = 1;
};

/// A map in NVM: row by row, pixel by pixel, channels innermost.
struct Map {
  Int height = 1, width = 1, channels = 1;
};

/// What moving a block takes. VM holds all of it, row by row, pixel by pixel; what lies outside the
/// map is filled.
struct Moved {
  std::vector<Int> lengths;  ///< of the transfers
  Int rows = 0;              ///< of the map that begin a transfer
  Int filled = 0;            ///< values
  Int fill_runs = 0;
};

/// Transfers: pixel: one per pixel of the map; coalesced: one per run of addresses that follow one
/// another in NVM and in VM, if the block has all channels. Where something beside the map is
/// filled, the runs of fills are what lies before each row of the map and behind the last one, be
/// it nothing; elsewhere what lies above the map and what lies below it, if there is any.
inline Moved move(const Block& b, const Map& map, bool coalesced) {
  Moved moved;
  Int next_nvm = -1, next_vm = -1;  // where the last pixel ended
  Int rows_inside = 0;
  bool beside = false;
  bool filling = false;
  Int runs = 0;
  for (Int r = 0; r < b.height; ++r) {
    bool fetched = false;
    bool filled = false;
    bool begins = false;
    for (Int c = 0; c < b.width; ++c) {
      const Int row = b.row + r;
      const Int column = b.column + c;
      const Int vm = (r * b.width + c) * b.channels;
      if (row < 0 || row >= map.height || column < 0 || column >= map.width) {
        moved.filled += b.channels;
        if (!filling) ++runs;
        filling = filled = true;
        continue;
      }
      filling = false;
      const Int nvm = (row * map.width + column) * map.channels;
      if (coalesced && b.channels == map.channels && nvm == next_nvm && vm == next_vm) {
        moved.lengths.back() += b.channels;
      } else {
        moved.lengths.push_back(b.channels);
        begins = begins || !fetched;
      }
      fetched = true;
      next_nvm = nvm + b.channels;
      next_vm = vm + b.channels;
    }
    rows_inside += fetched ? 1 : 0;
    moved.rows += begins ? 1 : 0;
    beside = beside || (fetched && filled);
  }
  moved.fill_runs = beside ? rows_inside + 1 : runs;
  return moved;
}

/// What a tile reads of the input map; an addition twice.
inline Moved move_input(const Layer& l, const Design& d, const Step& at, bool coalesced) {
  const Stretch rows = rows_of(l, d, at.r);
  const Stretch columns = columns_of(l, d, at.c);
  const Int channels = own_channels(l) ? d.Tm : d.Tn;
  return move({rows.first, columns.first, rows.count, columns.count, channels}, {l.H, l.W, l.N},
              coalesced);
}

/// `channels` of a tile's place in the output map.
inline Moved move_output(const Layer& l, const Design& d, const Step& at, Int channels,
                         bool coalesced) {
  const Int rows = rows_of(l, d, at.r).size;
  const Int columns = columns_of(l, d, at.c).size;
  return move({at.r * d.Tr, at.c * d.Tc, rows, columns, channels}, {l.R, l.C, l.M}, coalesced);
}

/// Lengths of the transfers that fetch the weights of a tile: pixel: one per kernel tap, of a
/// convolution's for each output channel; coalesced: one.
inline std::vector<Int> weight_transfers(const Layer& l, const Design& d, bool coalesced) {
  const Int taps = l.Kh * l.Kw;
  std::vector<Int> lengths(static_cast<std::size_t>(l.kind == Kind::dw ? taps : taps * d.Tm),
                           l.kind == Kind::dw ? d.Tm : d.Tn);
  if (coalesced) {
    Int all = 0;
    for (const Int length : lengths) all += length;
    lengths = {all};
  }
  return lengths;
}

/// Is the kernel one column wide, as its map, so that in VM all of it lies side by side?
inline bool one_dimensional(const Layer& l) { return l.W == 1 && l.Kw == 1; }

}  // namespace oracle
