#pragma once

#include <string>

#include <library/library_model.hpp>
#include <oracle/random_cases.hpp>
#include <oracle/walk.hpp>

#include <inas/execution/batches.hpp>

namespace library {

/// A random design of the wider space in both forms.
struct WideCase {
  oracle::Layer layer;
  oracle::WideDesign wide;
  inas::Layer of_library;
  inas::Design design;

  [[nodiscard]] inas::execution::TileCounts counts() const {
    return inas::execution::tile_counts(of_library, design.tile);
  }
};

[[nodiscard]] WideCase random_wide_case(oracle::Generator& generator, bool ragged);

[[nodiscard]] std::string describe(const WideCase& of);

}  // namespace library
