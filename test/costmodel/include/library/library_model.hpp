#pragma once

#include <oracle/model.hpp>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/device.hpp>

/// The library's answers to the oracle's questions.
namespace library {

[[nodiscard]] inas::Layer layer_of(const oracle::Layer& layer);
[[nodiscard]] inas::Design design_of(const oracle::Design& design);
[[nodiscard]] oracle::Design design_of(const inas::Design& design);
[[nodiscard]] inas::PowerSupply supply_of(const oracle::Supply& supply);

/// The built-in profile with these rules, or one of the built-in profiles with its faults switched.
[[nodiscard]] inas::costmodel::Profile profile_of(const oracle::Rules& rules);

/// A device of that profile and supply. Its NVM is as large as the platform allows, because the
/// oracle does not bound it.
[[nodiscard]] inas::costmodel::Device device_of(const oracle::Supply& supply,
                                                const oracle::Rules& rules);

class LibraryModel final : public oracle::Model {
 public:
  std::optional<double> constant(const std::string& name) const override;
  std::optional<double> law(const std::string& name, oracle::Int n) const override;
  double budget(const oracle::Supply& supply) const override;
  double recharge(const oracle::Supply& supply, const oracle::Rules& rules,
                  double E) const override;
  oracle::Intermittent intermittent(const oracle::Layer& layer, const oracle::Design& design,
                                    const oracle::Supply& supply, const oracle::Rules& rules,
                                    oracle::PoolTile pool) const override;
  oracle::Intermittent query(const oracle::Layer& layer, const oracle::Design& design,
                             const oracle::Supply& supply,
                             const oracle::Rules& rules) const override;
  oracle::Traffic traffic(const oracle::Layer& layer, const oracle::Design& design,
                          const oracle::Rules& rules) const override;
  oracle::Traffic single_cycle_traffic(const oracle::Layer& layer, const oracle::Design& design,
                                       const oracle::Rules& rules) const override;
  oracle::Continuous continuous(const oracle::Layer& layer, const oracle::Design& design,
                                const oracle::Supply& supply,
                                const oracle::Rules& rules) const override;
  oracle::Int input_rows(const oracle::Layer& layer, const oracle::Design& design,
                         oracle::PoolTile pool) const override;
  oracle::Int input_columns(const oracle::Layer& layer, const oracle::Design& design,
                            oracle::PoolTile pool) const override;
};

}  // namespace library
