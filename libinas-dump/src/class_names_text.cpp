#include "class_names_text.hpp"

#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace inas::dump {
namespace {

/// A literal of C that is this text in any source encoding. Escapes have three digits, so that a
/// digit may follow one.
std::string c_literal(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '?';  // no trigraphs
    literal += plain ? std::string(1, c) : fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  }
  return literal + '"';
}

}  // namespace

std::string class_names_header(const Model& model) {
  if (model.class_names.empty()) return {};
  std::vector<std::string> literals;
  for (const std::string& name : model.class_names) literals.push_back(c_literal(name));
  return fmt::format(
      "/* Their names: static const char *const names[] = INAS_MODEL_CLASS_NAMES; */\n"
      "#define INAS_MODEL_CLASS_NAMES {{{}}}\n",
      fmt::join(literals, ", "));
}

}  // namespace inas::dump
