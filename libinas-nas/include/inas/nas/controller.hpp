#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <inas/core/settings.hpp>
#include <inas/nas/strategy.hpp>

namespace inas::nas {

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
/// Unlike the released code, choices are sampled instead of taking the arg-max, and labels are
/// one-hot, not scaled by their index.
class Controller final : public Strategy {
 public:
  Controller(const SearchSpace& space, const ControllerSettings& settings, std::uint64_t seed);
  ~Controller() override;

  [[nodiscard]] Architecture propose() override;
  void learn(const Architecture& proposal, double reward) override;

  /// p(choice | the choices of `architecture` before it), for each decision; rows sum to 1.
  [[nodiscard]] std::vector<std::vector<double>> probabilities(
      const Architecture& architecture) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inas::nas
