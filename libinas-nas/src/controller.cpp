#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <torch/types.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/nas/controller.hpp>

namespace inas::nas {
namespace {

using torch::Tensor;

std::size_t index_of(const Decision& decision, std::int64_t choice) {
  const auto found = std::find(decision.values.begin(), decision.values.end(), choice);
  if (found == decision.values.end()) {
    throw InvalidArgument("architecture: found the choice " + std::to_string(choice) +
                          ", allowed: " + inas::to_string(decision.values));
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
  ProposalFilter filter;  ///< may be empty
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

  State(const SearchSpace& space, const ControllerSettings& controller, std::uint64_t seed,
        ProposalFilter only)
      : decisions(inas::decisions(space)),
        settings(controller),
        filter(std::move(only)),
        random(seed) {
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

  /// The choices that may follow `beginning`, by their index; all of them without a filter.
  [[nodiscard]] std::vector<std::size_t> allowed_after(const Architecture& beginning) const {
    const std::vector<std::int64_t>& values = decisions[beginning.size()].values;
    Architecture longer = beginning;
    longer.push_back(0);
    std::vector<std::size_t> allowed;
    for (std::size_t choice = 0; choice < values.size(); ++choice) {
      longer.back() = values[choice];
      if (!filter || filter(longer)) allowed.push_back(choice);
    }
    return allowed;
  }

  /// log p of every choice of decision `index`, given the memory; −∞ for those that are not
  /// allowed. If none is allowed, none is left out.
  [[nodiscard]] Tensor log_probabilities(const Memory& memory, std::size_t index,
                                         const std::vector<std::size_t>& allowed) const {
    Tensor logits = memory.hidden.matmul(classifiers[index]) + biases[index];
    if (!allowed.empty() && allowed.size() < decisions[index].values.size()) {
      // Adding a constant −∞ keeps the gradients of the others, and makes those of the refused 0.
      Tensor refused = torch::full_like(logits, -std::numeric_limits<float>::infinity());
      for (const std::size_t choice : allowed) refused[0][static_cast<std::int64_t>(choice)] = 0;
      logits = logits + refused;
    }
    return torch::log_softmax(logits, 1);
  }

  [[nodiscard]] Tensor embedding_of(std::size_t index, std::size_t choice) const {
    return embeddings.at(decisions[index].name).narrow(0, static_cast<std::int64_t>(choice), 1);
  }

  /// Runs over the decisions of an architecture, calling visit(index, log p of all choices, choice
  /// taken). `choose(index, log p)` names the choice. Ends early, returning false, if
  /// `must_continue` and no choice is allowed.
  template <class Choose, class Visit>
  bool run(bool must_continue, Choose&& choose, Visit&& visit) const {
    Memory memory = blank_memory();
    Tensor input = start;
    Architecture beginning;
    for (std::size_t index = 0; index < decisions.size(); ++index) {
      advance(memory, input);
      const std::vector<std::size_t> allowed = allowed_after(beginning);
      if (must_continue && allowed.empty()) return false;
      const Tensor log_p = log_probabilities(memory, index, allowed);
      const std::size_t choice = choose(index, log_p);
      visit(index, log_p, choice);
      input = embedding_of(index, choice);
      beginning.push_back(decisions[index].values[choice]);
    }
    return true;
  }

  /// A proposal from the policy, or nothing if the filter left no choice.
  [[nodiscard]] std::optional<Architecture> draw() {
    Architecture architecture;
    const bool whole = run(
        true, [&](std::size_t, const Tensor& log_p) { return sample(log_p); },
        [&](std::size_t index, const Tensor&, std::size_t choice) {
          architecture.push_back(decisions[index].values[choice]);
        });
    if (!whole) return std::nullopt;
    return architecture;
  }

  /// The same with each allowed choice equally likely.
  [[nodiscard]] std::optional<Architecture> draw_uniformly() {
    Architecture architecture;
    for (const Decision& decision : decisions) {
      const std::vector<std::size_t> allowed = allowed_after(architecture);
      if (allowed.empty()) return std::nullopt;
      architecture.push_back(decision.values[allowed[draw_below(random, allowed.size())]]);
    }
    return architecture;
  }

  /// Draws a choice from the softmax.
  std::size_t sample(const Tensor& log_p) {
    const Tensor p = log_p.exp().contiguous();
    const float* values = p.data_ptr<float>();
    const auto choices = static_cast<std::size_t>(p.numel());
    double rest = draw_unit(random);
    std::size_t last = 0;  // takes what rounding leaves
    for (std::size_t choice = 0; choice < choices; ++choice) {
      if (values[choice] == 0) continue;
      last = choice;
      rest -= static_cast<double>(values[choice]);
      if (rest < 0) break;
    }
    return last;
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
                       std::uint64_t seed, ProposalFilter filter)
    : state_(std::make_unique<State>(space, settings, seed, std::move(filter))) {}

Controller::~Controller() = default;

Architecture Controller::propose() {
  const torch::NoGradGuard no_grad;
  constexpr int kMaxProposals = 10'000;
  State& state = *state_;
  const bool explore = draw_unit(state.random) < state.settings.exploration;
  for (int proposal = 0; proposal < kMaxProposals; ++proposal) {
    std::optional<Architecture> architecture = explore ? state.draw_uniformly() : state.draw();
    if (architecture) return *std::move(architecture);
    if (state.allowed_after({}).empty()) break;
  }
  throw NoFeasibleNetwork(
      "no network that satisfies every constraint can be proposed; a longer "
      "search.latency_requirement_s, a larger power.capacitance_f or platform.vm_bytes may help");
}

void Controller::learn(const Architecture& proposal, double reward) {
  State& state = *state_;
  if (state.filter && !state.filter(proposal)) {
    throw InvalidArgument("architecture: found " + inas::to_string(proposal) +
                          ", allowed: networks that the filter of proposals accepts");
  }
  Tensor cross_entropy = torch::zeros({});
  state.run(
      false,
      [&](std::size_t index, const Tensor&) {
        return index_of(state.decisions[index], proposal.at(index));
      },
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
  state.run(
      false,
      [&](std::size_t index, const Tensor&) {
        return index_of(state.decisions[index], architecture.at(index));
      },
      [&](std::size_t, const Tensor& log_p, std::size_t) {
        const Tensor p = log_p.exp().to(torch::kFloat64).contiguous();
        rows.emplace_back(p.data_ptr<double>(), p.data_ptr<double>() + p.numel());
      });
  return rows;
}

}  // namespace inas::nas
