#pragma once

#include <oracle/model.hpp>

#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/layer_search.hpp>

/// The explorer's answers to the oracle's questions.
namespace library {

[[nodiscard]] inas::ExplorerSettings settings_of(oracle::Lists lists);

/// Under continuous power, where the library counts no power cycles, the tiles are counted instead,
/// as in the reference.
[[nodiscard]] oracle::Candidate candidate_of(const inas::costmodel::Device& device,
                                             const inas::Layer& layer,
                                             const inas::explorer::DesignEvaluation& evaluation);
[[nodiscard]] oracle::Choice choice_of(const inas::costmodel::Device& device,
                                       const inas::Layer& layer,
                                       const inas::explorer::LayerResult& result);
[[nodiscard]] oracle::NetworkChoice choice_of(const inas::costmodel::Device& device,
                                              const inas::Network& network,
                                              const inas::explorer::NetworkResult& result);

class LibrarySearcher final : public oracle::Searcher {
 public:
  /// for_each_design and evaluate.
  oracle::Exploration sweep(const oracle::Layer& layer, const oracle::Supply& supply,
                            const oracle::Rules& rules, oracle::Lists lists) const override;
  /// best_design
  oracle::Choice choice(const oracle::Layer& layer, const oracle::Supply& supply,
                        const oracle::Rules& rules, oracle::Lists lists) const override;
  /// Explorer::explore of a network
  oracle::NetworkChoice network(const std::vector<oracle::Layer>& layers,
                                const oracle::Supply& supply, const oracle::Rules& rules,
                                oracle::Lists lists) const override;
};

}  // namespace library
