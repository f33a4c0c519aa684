#pragma once

#include <array>
#include <string_view>

#include <inas/core/power_supply.hpp>

namespace inas::apps {

/// The options that describe one kind of harvester, with their keys.
struct HarvesterOption {
  std::string_view name;
  std::string_view key;
  Harvester of;
};
inline constexpr std::array kHarvesterOptions{
    HarvesterOption{"rehm", "power.ehm_resistance_ohm", Harvester::resistance},
    HarvesterOption{"rehms", "power.ehm_resistance_ohm", Harvester::resistance},
    HarvesterOption{"harvest", "power.harvest_w", Harvester::constant_power},
    HarvesterOption{"efficiency", "power.harvest_efficiency", Harvester::constant_power},
    HarvesterOption{"leakage", "power.leakage_a", Harvester::constant_power}};

}  // namespace inas::apps
