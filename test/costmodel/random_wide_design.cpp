#include <library/random_wide_design.hpp>

namespace library {
namespace {

template <class T>
const T& any_of(oracle::Generator& generator, const std::vector<T>& values) {
  return values[generator() % values.size()];
}

}  // namespace

WideCase random_wide_case(oracle::Generator& generator, bool ragged) {
  WideCase random;
  oracle::WideDesign& wide = random.wide;
  random.layer = oracle::random_layer(generator, 12);
  wide.design = oracle::random_design(generator, random.layer, false, oracle::Lists::all);
  wide.row = generator() % 2 == 0 && random.layer.kind <= oracle::Kind::fc;
  wide.coalesced = generator() % 2 == 0;
  if (generator() % 4 == 0) wide.longest_vector = 1 + static_cast<oracle::Int>(generator() % 9);

  random.of_library = library::layer_of(random.layer);
  const auto groups_of = [&random] {
    return inas::execution::batch_groups(random.of_library, random.counts(), random.design.order);
  };
  random.design = library::design_of(wide.design);
  if (ragged) {
    const bool pool = random.layer.kind == oracle::Kind::pool;
    inas::Tile& tile = random.design.tile;
    tile.rows =
        any_of(generator, inas::execution::ragged_sizes(pool ? random.layer.H : random.layer.R));
    tile.columns =
        any_of(generator, inas::execution::ragged_sizes(pool ? random.layer.W : random.layer.C));
    std::vector<std::int64_t> batches;
    const inas::execution::BatchGroups groups = groups_of();
    for (std::int64_t S = 1; S <= groups.extent; ++S) {
      if (inas::execution::legal_batch(groups, S)) batches.push_back(S);
    }
    random.design.batch = any_of(generator, batches);
    wide.design = library::design_of(random.design);
  }
  random.design.mac = wide.row ? inas::MacGranularity::row : inas::MacGranularity::tap;
  random.design.dma =
      wide.coalesced ? inas::DmaGranularity::coalesced : inas::DmaGranularity::pixel;
  wide.K =
      any_of(generator, inas::execution::legal_batches_per_cycle(groups_of(), random.design.batch));
  random.design.batches_per_cycle = wide.K;
  return random;
}

std::string describe(const WideCase& of) {
  return oracle::describe(of.layer) + " " + to_string(of.design) + " longest " +
         std::to_string(of.wide.longest_vector);
}

}  // namespace library
