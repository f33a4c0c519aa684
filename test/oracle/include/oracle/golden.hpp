#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <oracle/model.hpp>

/// The reference vectors (INAS_REFERENCE_DIR, described in its README.md), and the checks of
/// whoever answers against every record of a file. Values must be the same bit for bit.
namespace oracle::golden {

/// All records of a JSON Lines file. Throws std::runtime_error if there is none.
std::vector<nlohmann::json> records(const std::string& file);

Layer layer_of(const nlohmann::json& layer);
/// A supply; CONT if `mode` says so.
Supply supply_of(const nlohmann::json& supply, const std::string& mode = "INT");
Design design_of(const std::string& params);

::testing::AssertionResult profile(const Model& model);
::testing::AssertionResult recharge(const Model& model);
::testing::AssertionResult designs_intermittent(const Model& model);
::testing::AssertionResult designs_continuous(const Model& model);
::testing::AssertionResult fixed(const Model& model);
/// Sweep statistics, choices, totals and NVM access costs of whole networks.
::testing::AssertionResult networks(const Model& model, const Searcher& searcher);
/// The designs that the authors deployed, and the figures that were computed for them.
::testing::AssertionResult published_solutions(const Model& model, const Searcher& searcher);

}  // namespace oracle::golden
