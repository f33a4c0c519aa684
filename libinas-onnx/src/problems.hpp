#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph.hpp"

namespace inas::onnx {

/// A name of the model as a sentence can have it: in quotes and escaped unless it is a plain word.
[[nodiscard]] std::string shown_name(const std::string& name);

/// "conv1 (Conv)"; a node without a name goes by its output.
[[nodiscard]] std::string label_of(const Node& node);

/// What is wrong with a model, gathered so that all of it is said at once.
class Problems {
 public:
  explicit Problems(std::string source) : source_(std::move(source)) {}

  /// "SOURCE: WHAT".
  void add(std::string_view what);
  /// "SOURCE: NODE (OPERATOR): WHAT".
  void add(const Node& node, std::string_view what);

  /// Throws ImportError if there are any.
  void throw_any() const;

 private:
  std::string source_;
  std::vector<std::string> sentences_;
  std::size_t left_out_ = 0;
};

}  // namespace inas::onnx
