#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <random>
#include <string>

#include <ATen/ATen.h>
#include <torch/types.h>

#include <inas/core/error.hpp>
#include <inas/nas/controller.hpp>

#include "random_draw.hpp"

namespace inas::nas {
namespace {

using torch::Tensor;

std::size_t index_of(const Decision& decision, std::int64_t choice) {
  const auto found = std::find(decision.values.begin(), decision.values.end(), choice);
  if (found == decision.values.end()) {
    throw InvalidArgument("architecture: choice " + std::to_string(choice) +
                          " is not in the space");
  }
  return static_cast<std::size_t>(found - decision.values.begin());
}

/// The LSTM's state between two decisions.
struct Memory {
  Tensor hidden;
  Tensor cell;
};

}  // namespace

struct Controller::State {
  std::vector<Decision> decisions;
  ControllerSettings settings;
  std::mt19937_64 random;
  std::int64_t step = 0;

  // Weights. Gates in the order input, forget, cell, output.
  Tensor start;                              ///< input in front of the first decision
  std::map<std::string, Tensor> embeddings;  ///< one table per kind of decision, a row per choice
  Tensor input_to_gates;
  Tensor hidden_to_gates;
  Tensor gate_bias;
  std::vector<Tensor> classifiers;  ///< one per decision: cells × choices
  std::vector<Tensor> biases;       ///< one per decision

  std::vector<Tensor> parameters;    ///< all of the above
  std::vector<Tensor> mean_squares;  ///< RMSProp's running means, one per parameter

  State(const SearchSpace& space, const ControllerSettings& controller, std::uint64_t seed)
      : decisions(inas::decisions(space)), settings(controller), random(seed) {
    const std::int64_t cells = settings.cells;
    start = uniform({1, settings.embedding}, 1);
    for (const Decision& decision : decisions) {
      const auto choices = static_cast<std::int64_t>(decision.values.size());
      if (embeddings.count(decision.name) == 0) {
        embeddings[decision.name] = uniform({choices, settings.embedding}, 1);
      }
      classifiers.push_back(glorot(cells, choices));
      biases.push_back(zeros(choices));
    }
    input_to_gates = glorot(settings.embedding, 4 * cells);
    hidden_to_gates = glorot(cells, 4 * cells);
    gate_bias = zeros(4 * cells);

    parameters = {start, input_to_gates, hidden_to_gates, gate_bias};
    for (const auto& [name, table] : embeddings) parameters.push_back(table);
    parameters.insert(parameters.end(), classifiers.begin(), classifiers.end());
    parameters.insert(parameters.end(), biases.begin(), biases.end());
    for (const Tensor& parameter : parameters) mean_squares.push_back(torch::ones_like(parameter));
  }

  /// Uniform in ±bound, from the controller's own generator: torch's global one is everybody's.
  Tensor uniform(std::vector<std::int64_t> shape, double bound) {
    Tensor tensor = torch::empty(shape, torch::kFloat32);
    float* values = tensor.data_ptr<float>();
    for (std::int64_t index = 0; index < tensor.numel(); ++index) {
      values[index] = static_cast<float>((2 * draw_unit(random) - 1) * bound);
    }
    return tensor.requires_grad_(true);
  }

  Tensor glorot(std::int64_t inputs, std::int64_t outputs) {
    return uniform({inputs, outputs}, std::sqrt(6.0 / static_cast<double>(inputs + outputs)));
  }

  static Tensor zeros(std::int64_t count) {
    return torch::zeros({count}, torch::kFloat32).requires_grad_(true);
  }

  [[nodiscard]] Memory blank_memory() const {
    return {torch::zeros({1, settings.cells}), torch::zeros({1, settings.cells})};
  }

  /// One step of the LSTM.
  void advance(Memory& memory, const Tensor& input) const {
    const Tensor gates =
        input.matmul(input_to_gates) + memory.hidden.matmul(hidden_to_gates) + gate_bias;
    const std::vector<Tensor> parts = gates.chunk(4, 1);
    memory.cell =
        torch::sigmoid(parts[1]) * memory.cell + torch::sigmoid(parts[0]) * torch::tanh(parts[2]);
    memory.hidden = torch::sigmoid(parts[3]) * torch::tanh(memory.cell);
  }

  /// log p of every choice of decision `index`, given the memory.
  [[nodiscard]] Tensor log_probabilities(const Memory& memory, std::size_t index) const {
    return torch::log_softmax(memory.hidden.matmul(classifiers[index]) + biases[index], 1);
  }

  [[nodiscard]] Tensor embedding_of(std::size_t index, std::size_t choice) const {
    return embeddings.at(decisions[index].name).narrow(0, static_cast<std::int64_t>(choice), 1);
  }

  /// Runs over the decisions of an architecture, calling visit(index, log p of all choices, choice
  /// taken). `choose(index, log p)` names the choice.
  template <class Choose, class Visit>
  void run(Choose&& choose, Visit&& visit) const {
    Memory memory = blank_memory();
    Tensor input = start;
    for (std::size_t index = 0; index < decisions.size(); ++index) {
      advance(memory, input);
      const Tensor log_p = log_probabilities(memory, index);
      const std::size_t choice = choose(index, log_p);
      visit(index, log_p, choice);
      input = embedding_of(index, choice);
    }
  }

  /// Draws a choice from the softmax.
  std::size_t sample(const Tensor& log_p) {
    const Tensor p = log_p.exp().contiguous();
    const float* values = p.data_ptr<float>();
    const auto choices = static_cast<std::size_t>(p.numel());
    double rest = draw_unit(random);
    for (std::size_t choice = 0; choice + 1 < choices; ++choice) {
      rest -= static_cast<double>(values[choice]);
      if (rest < 0) return choice;
    }
    return choices - 1;
  }

  [[nodiscard]] double learning_rate() const {
    return settings.learning_rate *
           std::pow(settings.decay_rate, static_cast<double>(step / settings.decay_steps));
  }

  /// One step of RMSProp on the gradients, which it clears.
  ///
  /// The running means start at one, as in the optimiser of the released code: with torch's own,
  /// which starts them at zero, the first step would move every weight by learning_rate/√0.1
  /// whatever its gradient, and saturate the policy at once.
  void descend() {
    constexpr double kDecay = 0.9;
    constexpr double kEpsilon = 1e-10;
    const torch::NoGradGuard no_grad;
    const double rate = learning_rate();
    for (std::size_t index = 0; index < parameters.size(); ++index) {
      Tensor& parameter = parameters[index];
      const Tensor gradient = parameter.grad();
      if (!gradient.defined()) continue;
      assert(torch::isfinite(gradient).all().item<bool>());
      mean_squares[index].mul_(kDecay).add_(gradient * gradient, 1 - kDecay);
      parameter.sub_(rate * gradient / (mean_squares[index] + kEpsilon).sqrt());
      parameter.mutable_grad().reset();
    }
    ++step;
  }
};

Controller::Controller(const SearchSpace& space, const ControllerSettings& settings,
                       std::uint64_t seed)
    : state_(std::make_unique<State>(space, settings, seed)) {}

Controller::~Controller() = default;

Architecture Controller::propose() {
  const torch::NoGradGuard no_grad;
  State& state = *state_;
  Architecture architecture;
  if (draw_unit(state.random) < state.settings.exploration) {
    for (const Decision& decision : state.decisions) {
      architecture.push_back(decision.values[draw_below(state.random, decision.values.size())]);
    }
    return architecture;
  }
  state.run([&](std::size_t, const Tensor& log_p) { return state.sample(log_p); },
            [&](std::size_t index, const Tensor&, std::size_t choice) {
              architecture.push_back(state.decisions[index].values[choice]);
            });
  return architecture;
}

void Controller::learn(const Architecture& proposal, double reward) {
  State& state = *state_;
  Tensor cross_entropy = torch::zeros({});
  state.run([&](std::size_t index,
                const Tensor&) { return index_of(state.decisions[index], proposal.at(index)); },
            [&](std::size_t, const Tensor& log_p, std::size_t choice) {
              cross_entropy = cross_entropy - log_p[0][static_cast<std::int64_t>(choice)];
            });
  Tensor squares = torch::zeros({});
  for (const Tensor& parameter : state.parameters) squares = squares + parameter.square().sum();
  (reward * cross_entropy + state.settings.regularization * squares).backward();
  state.descend();
}

std::vector<std::vector<double>> Controller::probabilities(const Architecture& architecture) const {
  const torch::NoGradGuard no_grad;
  const State& state = *state_;
  std::vector<std::vector<double>> rows;
  state.run([&](std::size_t index,
                const Tensor&) { return index_of(state.decisions[index], architecture.at(index)); },
            [&](std::size_t, const Tensor& log_p, std::size_t) {
              const Tensor p = log_p.exp().to(torch::kFloat64).contiguous();
              rows.emplace_back(p.data_ptr<double>(), p.data_ptr<double>() + p.numel());
            });
  return rows;
}

}  // namespace inas::nas
