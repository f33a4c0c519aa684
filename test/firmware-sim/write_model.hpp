#pragma once

#include <filesystem>

#include "firmware/test_model.hpp"

namespace inas::firmware {

/// Writes `model` as inas-dump does: model.h, model.c, nvm.bin. A firmware that is compiled with
/// the header has `vm_bytes` of VM, if that is more than the model needs. The tables put all data,
/// the image's first byte too, behind the first `nvm_begin` bytes of NVM.
void write_model(const std::filesystem::path& folder, const TestModel& model,
                 std::int64_t vm_bytes = 0, std::int64_t nvm_begin = 0);

}  // namespace inas::firmware
