#pragma once

#include <cstdint>
#include <vector>

#include <inas_firmware/model.h>

#include <inas/dump/dump.hpp>

namespace inas::dump {

/// The runtime's tables of a model; the C sources print them, the host device uses them. The shifts
/// and biases are those of the model, which must outlive the tables.
std::vector<inas_layer> layer_tables(const Model& model);

/// Whether the LEA is to multiply the layer's vectors.
bool multiplied_by_the_lea(const QuantizedLayer& layer);

/// The table that names them.
inas_model model_table(const Model& model, const std::vector<inas_layer>& layers);

}  // namespace inas::dump
