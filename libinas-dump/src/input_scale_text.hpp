#pragma once

#include <string>

#include <inas/dump/dump.hpp>

namespace inas::dump {

/// What model.h and model.c say of `input_scales`; empty if there are none.
[[nodiscard]] std::string input_scale_header(const Model& model);
[[nodiscard]] std::string input_scale_table(const Model& model);

}  // namespace inas::dump
