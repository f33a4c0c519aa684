#pragma once

#include <cstdint>
#include <vector>

#include <inas_firmware/model.h>

namespace inas::dump {

/// What a dumped model computes, by the formulas of model.h alone: whole maps in NVM, layer by
/// layer, without tiles, batches or power cycles but where a formula names them. `nvm` holds the
/// image and the input map; the result is the finished output map, [row][column][channel].
[[nodiscard]] std::vector<std::int16_t> execute_tables(const inas_model& model,
                                                       std::vector<std::uint8_t> nvm);

}  // namespace inas::dump
