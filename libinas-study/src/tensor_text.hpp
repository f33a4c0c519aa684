#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <inas/core/weights.hpp>

namespace inas::study {

/// A safetensors file in hexadecimal digits: text is what both databases take alike.
[[nodiscard]] std::string to_text(const std::vector<Tensor>& tensors, const std::string& source);
/// The inverse. Throws Error, naming `source`.
[[nodiscard]] std::vector<Tensor> tensors_of_text(std::string_view text, const std::string& source);

}  // namespace inas::study
