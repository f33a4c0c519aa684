#pragma once

#include <filesystem>

#include "firmware/test_model.hpp"

namespace inas::firmware {

/// Writes `model` as inas-dump does: model.h, model.c, nvm.bin.
void write_model(const std::filesystem::path& folder, const TestModel& model);

}  // namespace inas::firmware
