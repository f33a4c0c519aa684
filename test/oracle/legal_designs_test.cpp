#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <oracle/legal.hpp>

#include <inas/core/error.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/execution/tiles.hpp>
#include <inas/explorer/design_space.hpp>

#include "any_case.hpp"

/// The check, the explorer and the oracle allow the same designs of layers of all types.
namespace oracle {
namespace {

bool checked(const inas::Layer& layer, const inas::Design& design) {
  try {
    inas::execution::check_design(layer, design);
    return true;
  } catch (const inas::InvalidArgument&) {
    return false;
  }
}

bool has(const std::vector<Int>& list, Int value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string sides(const Layer& l) {
  return std::to_string(l.top) + " " + std::to_string(l.left) + " " + std::to_string(l.bottom) +
         " " + std::to_string(l.right);
}

/// Every tile of numbers up to one above the map's, every order, and of the legal ones every S and
/// K up to one above the layer's tiles.
void expect_the_same_designs(const Layer& layer, std::set<std::string>& legal) {
  const inas::Layer of_library = library::layer_of(layer);
  const bool pool = layer.kind == Kind::pool;
  const bool own = layer.kind != Kind::conv && layer.kind != Kind::fc;
  const std::vector<Int> rows = legal_rows(layer);
  const std::vector<Int> columns = legal_columns(layer);
  Design d;
  for (d.Tr = 0; d.Tr <= (pool ? layer.H : layer.R) + 1; ++d.Tr) {
    for (d.Tc = 0; d.Tc <= (pool ? layer.W : layer.C) + 1; ++d.Tc) {
      for (d.Tm = 1; d.Tm <= layer.M + 1; ++d.Tm) {
        for (d.Tn = 1; d.Tn <= (own ? 2 : layer.N + 1); ++d.Tn) {
          for (const char order : {'I', 'W', 'O'}) {
            d.order = order;
            d.S = 1;
            const bool tile = has(rows, d.Tr) && has(columns, d.Tc) && layer.M % d.Tm == 0 &&
                              (own ? d.Tn == 1 : layer.N % d.Tn == 0);
            const bool offered = !own || order == (pool ? 'O' : 'W');
            const inas::Design plain = library::design_of(d);
            ASSERT_EQ(checked(of_library, plain), tile && offered) << to_string(plain);
            if (!tile || !offered) continue;
            const std::vector<Int> batches = legal_batches(layer, d);
            for (d.S = 1; d.S <= batches.back() + 1; ++d.S) {
              inas::Design design = library::design_of(d);
              ASSERT_EQ(checked(of_library, design), has(batches, d.S)) << to_string(design);
              if (!has(batches, d.S)) continue;
              const std::vector<Int> cycles = legal_batches_per_cycle(layer, d);
              for (Int K = 0; K <= cycles.back() + 2; ++K) {
                design.batches_per_cycle = K;
                ASSERT_EQ(checked(of_library, design), K == 0 || has(cycles, K))
                    << to_string(design);
              }
              legal.insert(params(d));
            }
          }
        }
      }
    }
  }
}

TEST(LegalDesigns, AreThoseOfTheOracleOfEverySmallLayer) {
  std::set<std::string> paddings;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Generator generator(seed);
    const Layer layer = random_any_layer(generator, 7, 4);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(layer));
    std::set<std::string> legal;
    expect_the_same_designs(layer, legal);
    if (HasFatalFailure()) return;
    // The explorer offers them all, each once.
    inas::ExplorerSettings settings = inas::published_space(inas::Divisors::all);
    settings.ragged_tiles = true;
    std::vector<std::string> offered;
    inas::explorer::for_each_design(
        library::layer_of(layer), settings, inas::PowerKind::intermittent,
        [&](const inas::Design& design) { offered.push_back(params(library::design_of(design))); });
    ASSERT_EQ(std::set<std::string>(offered.begin(), offered.end()), legal);
    ASSERT_EQ(offered.size(), legal.size());
    paddings.insert(sides(layer));
  }
  EXPECT_GT(paddings.size(), 40u);
}

TEST(LegalDesigns, SizesOfPaddedMapsAreThoseWhoseInnerTilesAreWhole) {
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    Generator generator(seed);
    const Layer layer = random_any_layer(generator, 24, 1);
    const inas::Layer of_library = library::layer_of(layer);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(layer));
    ASSERT_EQ(inas::execution::tile_row_sizes(of_library), legal_rows(layer));
    ASSERT_EQ(inas::execution::tile_column_sizes(of_library), legal_columns(layer));
  }
}

/// Without ragged tiles the divisors among them, with all divisors or the published ones; the whole
/// map where none of these is legal.
TEST(LegalDesigns, OfTheNarrowerSpacesAreThoseThatDivide) {
  int without_any = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Generator generator(seed);
    const Layer layer = random_any_layer(generator, 9, 6);
    const bool own = layer.kind != Kind::conv && layer.kind != Kind::fc;
    const Int height = layer.kind == Kind::pool ? layer.H : layer.R;
    const Int width = layer.kind == Kind::pool ? layer.W : layer.C;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(layer));
    for (const Lists lists : {Lists::all, Lists::published}) {
      const auto listed = [&](Int value, bool even_only) {
        return lists == Lists::all || !even_only || value == 1 || value % 2 == 0;
      };
      const auto sizes = [&](const std::vector<Int>& legal, Int extent) {
        std::vector<Int> list;
        for (const Int size : legal) {
          if (extent % size == 0 && listed(size, own)) list.push_back(size);
        }
        without_any += list.empty() ? 1 : 0;
        return list.empty() ? std::vector<Int>{extent} : list;
      };
      const std::vector<Int> rows = sizes(legal_rows(layer), height);
      const std::vector<Int> columns = sizes(legal_columns(layer), width);
      std::vector<std::string> expected;
      for (const Design& d : legal_designs(layer)) {
        if (!has(rows, d.Tr) || !has(columns, d.Tc) || !listed(d.Tm, own)) continue;
        if (listed(d.Tn, true) && listed(d.S, true)) expected.push_back(params(d));
      }
      std::vector<std::string> found;
      inas::explorer::for_each_design(
          library::layer_of(layer),
          lists == Lists::all ? inas::Divisors::all : inas::Divisors::published,
          inas::PowerKind::intermittent,
          [&](const inas::Design& design) { found.push_back(params(library::design_of(design))); });
      ASSERT_EQ(found, expected);
    }
  }
  EXPECT_GT(without_any, 0);
}

}  // namespace
}  // namespace oracle
