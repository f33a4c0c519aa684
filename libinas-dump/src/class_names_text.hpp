#pragma once

#include <string>

#include <inas/dump/dump.hpp>

namespace inas::dump {

/// What model.h has of the names of the classes; empty if they are not known.
[[nodiscard]] std::string class_names_header(const Model& model);

}  // namespace inas::dump
