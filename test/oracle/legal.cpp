#include "oracle/legal.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "loop_nest.hpp"

namespace oracle {
namespace {

/// What sets a tile apart from others of its layer, in one direction.
struct Extents {
  Int size = 0, before = 0, behind = 0;  ///< of the map that is split; outside the input map
};

/// The tiles of one direction, whose input map has `map` rows or columns.
template <class StretchOf>
std::vector<Extents> tiles(Int extent, Int size, Int map, StretchOf stretch_of) {
  std::vector<Extents> all;
  for (Int index = 0; index * size < extent; ++index) {
    const Stretch stretch = stretch_of(index);
    Extents tile{stretch.size, 0, 0};
    for (Int at = stretch.first; at < stretch.first + stretch.count; ++at) {
      tile.before += at < 0 ? 1 : 0;
      tile.behind += at >= map ? 1 : 0;
    }
    all.push_back(tile);
  }
  return all;
}

std::vector<Extents> row_tiles(const Layer& l, Int Tr) {
  const Design d{.Tr = Tr};
  return tiles(l.kind == Kind::pool ? l.H : l.R, Tr, l.H,
               [&](Int index) { return rows_of(l, d, index); });
}

std::vector<Extents> column_tiles(const Layer& l, Int Tc) {
  const Design d{.Tc = Tc};
  return tiles(l.kind == Kind::pool ? l.W : l.C, Tc, l.W,
               [&](Int index) { return columns_of(l, d, index); });
}

template <class TilesOf>
std::vector<Int> legal_sizes(TilesOf tiles_of) {
  std::vector<Int> sizes;
  std::size_t fewest = 0;
  for (Int size = 1;; ++size) {
    const std::vector<Extents> all = tiles_of(size);
    const bool first_with_so_many = size == 1 || all.size() < fewest;
    fewest = all.size();
    bool legal = first_with_so_many;
    for (std::size_t at = 0; at < all.size(); ++at) {
      if (at > 0 && all[at].before > 0) legal = false;
      if (at + 1 < all.size() && all[at].behind > 0) legal = false;
    }
    if (legal) sizes.push_back(size);
    if (all.size() == 1) return sizes;
  }
}

/// Is one of them smaller than another, or is there something outside the map?
bool differ(const std::vector<Extents>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Extents& at) {
    return at.size != all.front().size || at.before > 0 || at.behind > 0;
  });
}

/// Steps of the innermost loop: those in one group.
Int group_extent(const Layer& l, const Design& d) {
  const std::vector<Step> all = steps(l, d);
  const auto first = kept_operand(l, d, all.front());
  return std::find_if(all.begin(), all.end(),
                      [&](const Step& at) { return kept_operand(l, d, at) != first; }) -
         all.begin();
}

bool over_positions(const Layer& l, const Design& d) { return own_channels(l) || d.order == 'W'; }

/// So many tiles of a group, one after the other: part of a row of tiles or whole rows?
bool keeps_to_rows(const Layer& l, const Design& d, Int count) {
  const auto row = static_cast<Int>(column_tiles(l, d.Tc).size());
  return row % count == 0 || count % row == 0;
}

}  // namespace

std::vector<Int> legal_rows(const Layer& l) {
  return legal_sizes([&](Int size) { return row_tiles(l, size); });
}

std::vector<Int> legal_columns(const Layer& l) {
  return legal_sizes([&](Int size) { return column_tiles(l, size); });
}

bool uneven(const Layer& l, const Design& d) {
  return differ(row_tiles(l, d.Tr)) || differ(column_tiles(l, d.Tc));
}

std::vector<Int> legal_batches(const Layer& l, const Design& d) {
  const Int extent = group_extent(l, d);
  const bool rows_matter = over_positions(l, d) && uneven(l, d);
  std::vector<Int> legal;
  for (Int S = 1; S <= extent; ++S) {
    if (extent % S == 0 && (!rows_matter || keeps_to_rows(l, d, S))) legal.push_back(S);
  }
  return legal;
}

std::vector<Int> legal_batches_per_cycle(const Layer& l, const Design& d) {
  const std::vector<Step> all = steps(l, d);
  const Int G = group_extent(l, d) / d.S;
  const auto groups = static_cast<Int>(all.size()) / d.S / G;
  const Int nu = own_channels(l) ? 1 : l.N / d.Tn;
  const Int levels = d.order == 'O' || own_channels(l) ? 1 : nu;  // groups of one output
  const bool of_shapes = uneven(l, d);
  // Outputs among which a power cycle may go on: all, or those at one position.
  std::set<std::pair<Int, Int>> positions;
  for (const Step& at : all) positions.insert({at.r, at.c});
  Int outputs = groups / levels;
  if (of_shapes && !over_positions(l, d)) outputs /= static_cast<Int>(positions.size());
  std::set<Int> legal;
  for (Int K = 1; K <= G; ++K) {
    if (G % K != 0) continue;
    if (of_shapes && over_positions(l, d) && !keeps_to_rows(l, d, K * d.S)) continue;
    legal.insert(K);
  }
  for (Int j = 1; j <= levels; ++j) {
    if (levels % j == 0) legal.insert(G * j);
  }
  for (Int q = 1; q <= outputs; ++q) {
    if (outputs % q == 0) legal.insert(G * levels * q);
  }
  return {legal.begin(), legal.end()};
}

std::vector<Design> legal_designs(const Layer& l) {
  const auto divide = [](Int n) {
    std::vector<Int> list;
    for (Int d = 1; d <= n; ++d) {
      if (n % d == 0) list.push_back(d);
    }
    return list;
  };
  const std::string_view orders = l.kind == Kind::pool ? "O" : own_channels(l) ? "W" : "IWO";
  std::vector<Design> all;
  for (const Int Tr : legal_rows(l)) {
    for (const Int Tc : legal_columns(l)) {
      for (const Int Tm : divide(l.M)) {
        for (const Int Tn : divide(own_channels(l) ? 1 : l.N)) {
          for (const char order : orders) {
            Design design{Tr, Tc, Tm, Tn, order, 1};
            for (const Int S : legal_batches(l, design)) {
              design.S = S;
              all.push_back(design);
            }
          }
        }
      }
    }
  }
  return all;
}

}  // namespace oracle
