#include "device_tables.hpp"

#include <inas/execution/layer_facts.hpp>
#include <inas/execution/tiles.hpp>

#include "arithmetic.hpp"

namespace inas::dump {
namespace {

/// make_model has checked that the numbers fit.
std::uint8_t u8(std::int64_t value) { return static_cast<std::uint8_t>(value); }
std::uint16_t u16(std::int64_t value) { return static_cast<std::uint16_t>(value); }
std::uint32_t u32(std::int64_t value) { return static_cast<std::uint32_t>(value); }

std::uint8_t order_of(const Design& design) {
  switch (design.order) {
    case LoopOrder::reuse_I:
      return INAS_REUSE_I;
    case LoopOrder::reuse_W:
      return INAS_REUSE_W;
    case LoopOrder::reuse_O:
      return INAS_REUSE_O;
  }
  return INAS_REUSE_O;
}

/// Nothing ends power cycles then.
bool is_continuous(const Solution& solution) {
  return solution.settings.power.kind == PowerKind::continuous;
}

}  // namespace

bool multiplied_by_the_lea(const QuantizedLayer& layer) {
  return execution::facts_of(layer.layer).work == execution::Work::vectors &&
         layer.design.unit == Unit::lea;
}

std::vector<inas_layer> layer_tables(const Model& model) {
  const bool continuous = is_continuous(model.solution);
  std::vector<inas_layer> tables;
  for (std::size_t l = 0; l < model.network.layers.size(); ++l) {
    const QuantizedLayer& of = model.network.layers[l];
    const execution::LayerRegions& regions = model.layout.layers[l];
    const Design& design = of.design;
    inas_layer table{};
    table.type = arithmetic_of(of.layer.type).device_type;
    table.order = order_of(design);
    if (design.mac == MacGranularity::row) table.flags |= INAS_ROW_VECTORS;
    if (design.dma == DmaGranularity::coalesced) table.flags |= INAS_COALESCED;
    if (of.layer.activation != Activation::none) table.flags |= INAS_RELU;
    if (multiplied_by_the_lea(of)) table.flags |= INAS_LEA;
    table.pad_top = u8(of.layer.padding.top);
    table.pad_left = u8(of.layer.padding.left);
    table.in_rows = u16(of.layer.ifm.height);
    table.in_columns = u16(of.layer.ifm.width);
    table.in_channels = u16(of.layer.ifm.channels);
    table.out_rows = u16(of.layer.ofm.height);
    table.out_columns = u16(of.layer.ofm.width);
    table.out_channels = u16(of.layer.ofm.channels);
    table.kernel_rows = u16(of.layer.kernel_height);
    table.kernel_columns = u16(of.layer.kernel_width);
    table.stride = u16(of.layer.stride);
    table.most = most_output(of);
    table.tile_rows = u16(design.tile.rows);
    table.tile_columns = u16(design.tile.columns);
    table.tile_out_channels = u16(design.tile.out_channels);
    table.tile_in_channels = u16(design.tile.in_channels);
    table.batch = u16(design.batch);
    table.batches = u32(execution::tile_counts(of.layer, design.tile).all() / design.batch);
    table.batches_per_cycle = continuous ? 0 : u32(design.batches_per_cycle);
    const LedgerUnits& units = model.solution.layers[l].units;
    table.entry_units = u16(units.entry);
    table.fetched_units = u16(units.fetched);
    table.kept_units = u16(units.kept);
    table.input = u32(regions.input.address);
    table.second_input = u32(regions.second_input.address);
    table.output[0] = u32(regions.outputs[0].address);
    table.output[1] = u32(regions.outputs[1].address);
    table.weights = u32(regions.weights.address);
    table.shifts = of.shifts.empty() ? nullptr : of.shifts.data();
    table.bias = of.bias.empty() ? nullptr : of.bias.data();
    tables.push_back(table);
  }
  return tables;
}

inas_model model_table(const Model& model, const std::vector<inas_layer>& layers) {
  inas_model table{};
  table.layers = layers.data();
  table.layer_count = u8(static_cast<std::int64_t>(layers.size()));
  table.vm_bytes = u16(model.vm_bytes);
  table.longest_vector = u16(model.solution.settings.platform.longest_vector);
  table.ledger_budget = is_continuous(model.solution) ? 0 : u16(model.solution.ledger.budget);
  table.nvm_bytes = u32(model.layout.total_bytes);
  table.progress = u32(model.layout.progress.address);
  table.output = u32(model.layout.output().address);
  return table;
}

}  // namespace inas::dump
