#pragma once

#include <vector>

#include <oracle/cost_model.hpp>

/// Which designs of a layer of any type can be executed, by looking at the tiles that they make.
/// Source: cost-model page, sections 3 and 8. For small layers: the runtime's number ranges are
/// left out.
namespace oracle {

/// The sizes that split the rows (columns) of the map that is split, ascending. A size is the least
/// that makes as many tiles. Of a padded map only the first row of tiles may read above it and only
/// the last one below it.
std::vector<Int> legal_rows(const Layer& layer);
std::vector<Int> legal_columns(const Layer& layer);

/// Is a tile of a design smaller than the others, or does one read something outside the map?
bool uneven(const Layer& layer, const Design& design);

/// The S that a design may have, ascending. Only its tile and order are read.
std::vector<Int> legal_batches(const Layer& layer, const Design& design);

/// The K from 1 that a design may have, ascending.
std::vector<Int> legal_batches_per_cycle(const Layer& layer, const Design& design);

/// All tiles, loop orders and S.
std::vector<Design> legal_designs(const Layer& layer);

}  // namespace oracle
