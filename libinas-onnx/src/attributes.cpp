#include "attributes.hpp"

#include <fmt/format.h>

namespace inas::onnx {

const Attribute* Attributes::find(const char* name, Attribute::Kind kind,
                                  const char* allowed) const {
  const auto found = node_.attributes.find(name);
  if (found == node_.attributes.end()) return nullptr;
  if (found->second.kind == kind) return &found->second;
  problems_.add(node_,
                fmt::format("{}: found an attribute of another kind, allowed: {}", name, allowed));
  return nullptr;
}

std::optional<std::int64_t> Attributes::integer(const char* name) const {
  const Attribute* const found = find(name, Attribute::Kind::integer, "a whole number");
  return found == nullptr ? std::nullopt : std::optional(found->integer);
}

std::int64_t Attributes::integer(const char* name, std::int64_t otherwise) const {
  return integer(name).value_or(otherwise);
}

float Attributes::number(const char* name, float otherwise) const {
  const Attribute* const found = find(name, Attribute::Kind::number, "a number");
  return found == nullptr ? otherwise : found->number;
}

std::string Attributes::text(const char* name, const char* otherwise) const {
  const Attribute* const found = find(name, Attribute::Kind::text, "a text");
  return found == nullptr ? otherwise : found->text;
}

std::optional<std::vector<std::int64_t>> Attributes::integers(const char* name) const {
  const Attribute* const found = find(name, Attribute::Kind::integers, "a list of whole numbers");
  return found == nullptr ? std::nullopt : std::optional(found->integers);
}

}  // namespace inas::onnx
