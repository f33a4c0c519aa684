#include "library/library_model.hpp"

#include <limits>
#include <map>

#include <inas/core/network.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/execution/tiles.hpp>

namespace library {
namespace {

using inas::costmodel::Cost;
using inas::costmodel::CycleCost;
using inas::costmodel::IntermittentCost;
using inas::costmodel::LinearCost;
using inas::costmodel::NvmTraffic;
using inas::costmodel::Profile;
using inas::execution::InputExtent;

oracle::PowerCycle energy_of(const CycleCost& cycle) {
  return {cycle.boot.energy_j,    cycle.fetch.energy_j,  cycle.index_fetch.energy_j,
          cycle.compute.energy_j, cycle.backup.energy_j, cycle.index_backup.energy_j};
}

oracle::PowerCycle latency_of(const CycleCost& cycle) {
  return {cycle.boot.latency_s,    cycle.fetch.latency_s,  cycle.index_fetch.latency_s,
          cycle.compute.latency_s, cycle.backup.latency_s, cycle.index_backup.latency_s};
}

oracle::Traffic traffic_of(const NvmTraffic& traffic) {
  return {traffic.read.energy_j, traffic.read.latency_s, traffic.write.energy_j,
          traffic.write.latency_s};
}

InputExtent extent_of(oracle::PoolTile pool) {
  return pool == oracle::PoolTile::own ? InputExtent::own : InputExtent::convolution;
}

inas::execution::Block input_block_of(const oracle::Layer& layer, const oracle::Design& design,
                                      oracle::PoolTile pool) {
  return inas::execution::input_block(layer_of(layer), design_of(design).tile, extent_of(pool));
}

const Profile& published() {
  static const Profile profile = inas::costmodel::load_profile("msp430fr5994-published");
  return profile;
}

}  // namespace

inas::Layer layer_of(const oracle::Layer& layer) {
  using inas::LayerType;
  static constexpr LayerType kTypes[]{
      LayerType::convolution, LayerType::fully_connected,       LayerType::global_average_pool,
      LayerType::max_pool,    LayerType::depthwise_convolution, LayerType::average_pool,
      LayerType::add};
  inas::Layer of_library{
      .name = "LAYER",
      .type = kTypes[static_cast<std::size_t>(layer.kind)],
      .ifm = {layer.N, layer.H, layer.W},
      .ofm = {layer.M, layer.R, layer.C},
      .kernel_height = layer.Kh,
      .kernel_width = layer.Kw,
      .stride = layer.s,
      .bias = layer.bias,
      .padding = {layer.top, layer.left, layer.bottom, layer.right},
      .activation = layer.capped ? inas::Activation::relu6 : inas::Activation::none};
  if (layer.kind == oracle::Kind::add) {
    of_library.inputs = {std::string(inas::kNetworkInputName),
                         std::string(inas::kNetworkInputName)};
  }
  return of_library;
}

inas::Design design_of(const oracle::Design& design) {
  const auto order = design.order == 'I'   ? inas::LoopOrder::reuse_I
                     : design.order == 'W' ? inas::LoopOrder::reuse_W
                                           : inas::LoopOrder::reuse_O;
  return {.tile = {design.Tr, design.Tc, design.Tm, design.Tn}, .order = order, .batch = design.S};
}

oracle::Design design_of(const inas::Design& design) {
  return {design.tile.rows,
          design.tile.columns,
          design.tile.out_channels,
          design.tile.in_channels,
          inas::letter(design.order).front(),
          design.batch};
}

inas::PowerSupply supply_of(const oracle::Supply& supply) {
  return inas::with_harvester(
      {.kind = supply.continuous ? inas::PowerKind::continuous : inas::PowerKind::intermittent,
       .capacitance_f = supply.C_cap,
       .ehm_resistance_ohm = supply.R_ehm,
       .von_v = supply.V_on,
       .voff_v = supply.V_off,
       .vsup_v = supply.V_sup,
       .margin = supply.sigma,
       .harvest_w = supply.P,
       .harvest_efficiency = supply.eta,
       .leakage_a = supply.I},
      supply.constant_power ? inas::Harvester::constant_power : inas::Harvester::resistance);
}

Profile profile_of(const oracle::Rules& rules) {
  static const Profile corrected = inas::costmodel::load_profile("msp430fr5994-paper");
  Profile profile = rules.fault1 ? published() : corrected;
  // The built-in profiles must bring their own faults.
  if (rules != oracle::kPublished && rules != oracle::kCorrected) {
    profile.faults = {.pool_fetches_convolution_tile = rules.fault5,
                      .recharge_from_margin = rules.fault7,
                      .continuous_backup_per_tile = rules.fault8,
                      .pool_fetches_first_sums = true};
  }
  return profile;
}

inas::costmodel::Device device_of(const oracle::Supply& supply, const oracle::Rules& rules) {
  inas::costmodel::Device device;
  device.profile = profile_of(rules);
  device.platform.profile = device.profile.name;
  device.platform.vm_bytes = supply.vm_capacity;
  device.platform.nvm_bytes = std::numeric_limits<std::int32_t>::max();
  device.platform.data_bytes = supply.D;
  device.supply = supply_of(supply);
  return device;
}

std::optional<double> LibraryModel::constant(const std::string& name) const {
  using inas::LoopOrder;
  const Profile& p = published();
  const std::map<std::string, Cost> costs{
      {"RB", p.reboot},
      {"ADD", p.add},
      {"MUL", p.multiply},
      {"FD_I_OVHD", p.fetch_input},
      {"FD_W_OVHD", p.fetch_weights},
      {"FD_O_RUI_OVHD", p.fetch_output_for(LoopOrder::reuse_I)},
      {"FD_O_RUW_OVHD", p.fetch_output_for(LoopOrder::reuse_W)},
      {"FD_O_RUO_OVHD", p.fetch_output_for(LoopOrder::reuse_O)},
      {"BD_O_RUI_OVHD", p.backup_output_for(LoopOrder::reuse_I)},
      {"BD_O_RUW_OVHD", p.backup_output_for(LoopOrder::reuse_W)},
      {"BD_O_RUO_OVHD", p.backup_output_for(LoopOrder::reuse_O)},
      {"OP_PSUM_OVHD", p.partial_sum},
      {"OP_ACUM_OVHD", p.accumulate},
      {"OP_MAXCOMPARE", p.max_compare},
      {"OP_MAX_OVHD", p.max_address},
      {"SUB", p.subtract},
      {"DIV", p.divide},
      {"MOD", p.modulo}};
  const auto found = costs.find(name.substr(2));
  if (found == costs.end()) return std::nullopt;
  return name.front() == 'E' ? found->second.energy_j : found->second.latency_s;
}

std::optional<double> LibraryModel::law(const std::string& name, oracle::Int n) const {
  const std::map<std::string, LinearCost> laws{{"DMA_NVM_TO_VM", published().nvm_read},
                                               {"DMA_VM_TO_NVM", published().nvm_write},
                                               {"OP_VECMAC", published().vector_mac}};
  const auto found = laws.find(name.substr(2));
  if (found == laws.end()) return std::nullopt;
  return name.front() == 'E' ? found->second(n).energy_j : found->second(n).latency_s;
}

double LibraryModel::budget(const oracle::Supply& supply) const {
  return inas::costmodel::energy_budget_j(supply_of(supply));
}

double LibraryModel::recharge(const oracle::Supply& supply, const oracle::Rules& rules,
                              double E) const {
  return inas::costmodel::recharge_time_s(profile_of(rules).faults, supply_of(supply), E);
}

oracle::Intermittent LibraryModel::intermittent(const oracle::Layer& layer,
                                                const oracle::Design& design,
                                                const oracle::Supply& supply,
                                                const oracle::Rules& rules,
                                                oracle::PoolTile pool) const {
  const IntermittentCost cost = inas::costmodel::intermittent_cost(
      device_of(supply, rules), layer_of(layer), design_of(design), extent_of(pool));
  oracle::Intermittent r;
  r.vm = cost.vm_bytes;
  r.c0 = cost.vm_bytes <= supply.vm_capacity;
  r.E_av = cost.budget_j;
  r.c1 = cost.atomic();
  r.e_n0 = energy_of(cost.first);
  r.e_later = energy_of(cost.later);
  r.l_n0 = latency_of(cost.first);
  r.l_later = latency_of(cost.later);
  r.E_max = cost.max().energy_j;
  r.E_min = cost.min().energy_j;
  r.L_max = cost.max().latency_s;
  r.L_min = cost.min().latency_s;
  r.npc = cost.cycles.all();
  r.n0 = cost.cycles.first;
  r.later = cost.cycles.later;
  r.Eu = cost.budget_share() * 100;
  if (cost.atomic()) {
    r.t_min = cost.recharge_min_s;
    r.t_max = cost.recharge_max_s;
    r.L_e2e = cost.latency_s;
  }
  return r;
}

oracle::Intermittent LibraryModel::query(const oracle::Layer& layer, const oracle::Design& design,
                                         const oracle::Supply& supply,
                                         const oracle::Rules& rules) const {
  return intermittent(layer, design, supply, rules,
                      profile_of(rules).faults.pool_fetches_convolution_tile
                          ? oracle::PoolTile::convolution
                          : oracle::PoolTile::own);
}

oracle::Traffic LibraryModel::traffic(const oracle::Layer& layer, const oracle::Design& design,
                                      const oracle::Rules& rules) const {
  return traffic_of(
      inas::costmodel::nvm_traffic(profile_of(rules), layer_of(layer), design_of(design)));
}

oracle::Traffic LibraryModel::single_cycle_traffic(const oracle::Layer& layer,
                                                   const oracle::Design& design,
                                                   const oracle::Rules& rules) const {
  return traffic_of(inas::costmodel::published_single_cycle_traffic(
      profile_of(rules), layer_of(layer), design_of(design)));
}

oracle::Continuous LibraryModel::continuous(const oracle::Layer& layer,
                                            const oracle::Design& design,
                                            const oracle::Supply& supply,
                                            const oracle::Rules& rules) const {
  const inas::Layer of_library = layer_of(layer);
  const inas::costmodel::ContinuousCost cost =
      inas::costmodel::continuous_cost(profile_of(rules), of_library, design_of(design));
  const auto counts = inas::execution::tile_counts(of_library, design_of(design).tile);
  oracle::Continuous r;
  r.vm = inas::execution::vm_bytes(of_library, design_of(design), supply.D);
  r.c0 = r.vm <= supply.vm_capacity;
  r.tiles = counts.all();
  r.n0 = counts.per_input_step();
  r.later = r.tiles - r.n0;
  r.e_fetch = cost.fetch.energy_j;
  r.e_compute = cost.compute.energy_j;
  r.e_backup = cost.backup.energy_j;
  r.l_fetch = cost.fetch.latency_s;
  r.l_compute = cost.compute.latency_s;
  r.l_backup = cost.backup.latency_s;
  r.E = cost.total().energy_j;
  r.L = cost.total().latency_s;
  return r;
}

oracle::Int LibraryModel::input_rows(const oracle::Layer& layer, const oracle::Design& design,
                                     oracle::PoolTile pool) const {
  return input_block_of(layer, design, pool).rows;
}

oracle::Int LibraryModel::input_columns(const oracle::Layer& layer, const oracle::Design& design,
                                        oracle::PoolTile pool) const {
  return input_block_of(layer, design, pool).columns;
}

}  // namespace library
