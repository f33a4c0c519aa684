#include "tensor_text.hpp"

#include <charconv>

#include <fmt/format.h>

#include <inas/core/error.hpp>

namespace inas::study {

std::string to_text(const std::vector<Tensor>& tensors, const std::string& source) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : to_safetensors(tensors, source)) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 0xFU]);
  }
  return text;
}

std::vector<Tensor> tensors_of_text(std::string_view text, const std::string& source) {
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned value = 0;
    const char* const end = text.data() + std::min(at + 2, text.size());
    const auto [stopped, error] = std::from_chars(text.data() + at, end, value, 16);
    if (error != std::errc() || stopped != text.data() + at + 2) {
      throw Error(fmt::format("{}: weights are damaged at digit {}, allowed: hexadecimal digits",
                              source, at));
    }
    bytes.push_back(static_cast<char>(value));
  }
  return parse_safetensors(bytes, source);
}

}  // namespace inas::study
