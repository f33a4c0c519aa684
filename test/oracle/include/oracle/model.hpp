#pragma once

#include <optional>
#include <string>
#include <vector>

#include <oracle/explore.hpp>

/// The questions of the cost-model page, in the oracle's words. The oracle answers them, and so
/// does the library through an adapter; every check of golden data is written once, for whoever
/// answers.
namespace oracle {

class Model {
 public:
  virtual ~Model() = default;

  /// A constant by its released name (E_FD_I_OVHD); nothing if the model never uses it.
  virtual std::optional<double> constant(const std::string& name) const = 0;
  /// A linear law by its released name (L_DMA_NVM_TO_VM) at n.
  virtual std::optional<double> law(const std::string& name, Int n) const = 0;

  virtual double budget(const Supply& supply) const = 0;
  virtual double recharge(const Supply& supply, const Rules& rules, double E) const = 0;
  virtual Intermittent intermittent(const Layer& layer, const Design& design, const Supply& supply,
                                    const Rules& rules, PoolTile pool) const = 0;
  virtual Intermittent query(const Layer& layer, const Design& design, const Supply& supply,
                             const Rules& rules) const = 0;
  virtual Traffic traffic(const Layer& layer, const Design& design, const Rules& rules) const = 0;
  virtual Traffic single_cycle_traffic(const Layer& layer, const Design& design,
                                       const Rules& rules) const = 0;
  virtual Continuous continuous(const Layer& layer, const Design& design, const Supply& supply,
                                const Rules& rules) const = 0;
  /// Tri, Tci
  virtual Int input_rows(const Layer& layer, const Design& design, PoolTile pool) const = 0;
  virtual Int input_columns(const Layer& layer, const Design& design, PoolTile pool) const = 0;
};

/// The chosen design of a layer, or why there is none.
struct Choice {
  std::optional<Candidate> best;
  std::optional<Shortfall> why;
};

/// The choices of a network's layers up to the first infeasible one.
struct NetworkChoice {
  std::vector<Choice> layers;
  double latency = 0;
};

class Searcher {
 public:
  virtual ~Searcher() = default;

  /// What visiting every design tells.
  virtual Exploration sweep(const Layer& layer, const Supply& supply, const Rules& rules,
                            Lists lists) const = 0;
  /// The explorer's answer for a layer.
  virtual Choice choice(const Layer& layer, const Supply& supply, const Rules& rules,
                        Lists lists) const = 0;
  virtual NetworkChoice network(const std::vector<Layer>& layers, const Supply& supply,
                                const Rules& rules, Lists lists) const = 0;
};

class OracleModel final : public Model {
 public:
  std::optional<double> constant(const std::string& name) const override;
  std::optional<double> law(const std::string& name, Int n) const override;

  double budget(const Supply& supply) const override { return oracle::budget(supply); }
  double recharge(const Supply& supply, const Rules& rules, double E) const override {
    return oracle::recharge(supply, rules, E);
  }
  Intermittent intermittent(const Layer& layer, const Design& design, const Supply& supply,
                            const Rules& rules, PoolTile pool) const override {
    return oracle::intermittent(layer, design, supply, rules, pool);
  }
  Intermittent query(const Layer& layer, const Design& design, const Supply& supply,
                     const Rules& rules) const override {
    return oracle::query(layer, design, supply, rules);
  }
  Traffic traffic(const Layer& layer, const Design& design, const Rules& rules) const override {
    return oracle::traffic(layer, design, rules);
  }
  Traffic single_cycle_traffic(const Layer& layer, const Design& design,
                               const Rules& rules) const override {
    return oracle::single_cycle_traffic(layer, design, rules);
  }
  Continuous continuous(const Layer& layer, const Design& design, const Supply& supply,
                        const Rules& rules) const override {
    return oracle::continuous(layer, design, supply, rules);
  }
  Int input_rows(const Layer& layer, const Design& design, PoolTile pool) const override {
    return tile_input_rows(layer, design, pool);
  }
  Int input_columns(const Layer& layer, const Design& design, PoolTile pool) const override {
    return tile_input_columns(layer, design, pool);
  }
};

class OracleSearcher final : public Searcher {
 public:
  Exploration sweep(const Layer& layer, const Supply& supply, const Rules& rules,
                    Lists lists) const override {
    return explore(layer, supply, rules, lists);
  }
  Choice choice(const Layer& layer, const Supply& supply, const Rules& rules,
                Lists lists) const override {
    const Exploration all = explore(layer, supply, rules, lists);
    return {all.best, all.why};
  }
  NetworkChoice network(const std::vector<Layer>& layers, const Supply& supply, const Rules& rules,
                        Lists lists) const override {
    const NetworkExploration all = explore_network(layers, supply, rules, lists);
    NetworkChoice result;
    for (const Exploration& layer : all.layers) result.layers.push_back({layer.best, layer.why});
    result.latency = all.latency;
    return result;
  }
};

}  // namespace oracle
