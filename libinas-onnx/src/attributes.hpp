#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph.hpp"
#include "problems.hpp"

namespace inas::onnx {

/// The attributes of a node. One of another kind than asked for is a problem, and counts as absent.
class Attributes {
 public:
  Attributes(const Node& node, Problems& problems) : node_(node), problems_(problems) {}

  [[nodiscard]] bool has(const char* name) const { return node_.attributes.contains(name); }
  [[nodiscard]] std::optional<std::int64_t> integer(const char* name) const;
  [[nodiscard]] std::int64_t integer(const char* name, std::int64_t otherwise) const;
  [[nodiscard]] float number(const char* name, float otherwise) const;
  [[nodiscard]] std::string text(const char* name, const char* otherwise) const;
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(const char* name) const;

 private:
  [[nodiscard]] const Attribute* find(const char* name, Attribute::Kind kind,
                                      const char* allowed) const;

  const Node& node_;
  Problems& problems_;
};

}  // namespace inas::onnx
