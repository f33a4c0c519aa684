#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <inas/core/settings.hpp>
#include <inas/nas/strategy.hpp>

namespace inas::nas {

/// May a proposal start with these choices? It is asked for beginnings of every length, the whole
/// proposal included. Whoever answers yes to a beginning should answer yes to one of its
/// continuations; where none is left, the controller starts the proposal anew.
using ProposalFilter = std::function<bool(std::span<const std::int64_t> beginning)>;

/// The paper's controller: an LSTM policy over the decisions of the space, trained by REINFORCE.
///
/// Policy: one LSTM (settings.cells) runs over the decisions in order. Its input is the embedding
/// of the previous choice (one table per kind of decision, settings.embedding wide; a learned start
/// vector in front of the first); a linear classifier per decision turns its output into softmax
/// probabilities, from which the choice is drawn. With probability settings.exploration the whole
/// proposal is drawn uniformly.
///
/// Update, one step per trial, with reward r and the proposal's choices a_t:
///   loss = r·Σ_t −log p(a_t | a_<t) + settings.regularization·Σ w²,
/// minimised by RMSProp, whose learning rate is learning_rate·decay_rate^⌊step/decay_steps⌋.
///
/// With a filter, choices that it refuses have probability 0 and the softmax is over the others,
/// when drawing and when learning; uniform proposals draw each choice among the others, too.
/// Decisions behind a beginning without any continuation are not filtered.
///
/// Unlike the released code, choices are sampled instead of taking the arg-max, and labels are
/// one-hot, not scaled by their index.
class Controller {
 public:
  /// No filter: every architecture of the space may be proposed.
  Controller(const SearchSpace& space, const ControllerSettings& settings, std::uint64_t seed,
             ProposalFilter filter = {});
  ~Controller();

  /// Throws NoFeasibleNetwork if the filter leaves none of 10,000 proposals.
  [[nodiscard]] Architecture propose();
  /// Throws InvalidArgument if the space or the filter does not have `proposal`.
  void learn(const Architecture& proposal, double reward);

  /// p(choice | the choices of `architecture` before it), for each decision; rows sum to 1.
  [[nodiscard]] std::vector<std::vector<double>> probabilities(
      const Architecture& architecture) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inas::nas
