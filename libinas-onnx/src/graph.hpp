#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What an ONNX file says, in plain structs.
namespace inas::onnx {

/// Values that the model has, or that follow from those it has. Of 32-bit floats or whole numbers;
/// others, and those that are not in the file, have a reason why they are of no use.
struct Constant {
  std::vector<std::int64_t> shape = {};
  std::vector<float> floats = {};
  std::vector<std::int64_t> integers = {};
  bool is_float = true;
  std::string unusable = {};  ///< "found …, allowed: …"; empty: they can be used
  bool is_unknown = false;    ///< it follows from a node that has a problem

  [[nodiscard]] std::size_t size() const { return is_float ? floats.size() : integers.size(); }
};

/// An attribute has one of these.
struct Attribute {
  enum class Kind : std::uint8_t { integer, number, text, integers, numbers, constant, other };
  Kind kind = Kind::other;
  std::int64_t integer = 0;
  float number = 0;
  std::string text;
  std::vector<std::int64_t> integers;
  std::vector<float> numbers;
  Constant constant;
};

struct Node {
  std::string name;
  std::string op;
  std::string domain;
  std::vector<std::string> inputs;   ///< an empty name: left out
  std::vector<std::string> outputs;  ///< likewise
  std::map<std::string, Attribute> attributes;
};

/// What stands for an extent that is not a number.
inline constexpr std::int64_t kSymbolic = -1;

struct GraphInput {
  std::string name;
  std::string unusable;               ///< "found …, allowed: …"; empty: floats of `extents`
  std::vector<std::int64_t> extents;  ///< kSymbolic or from 1
};

struct Graph {
  std::int64_t opset = 0;
  std::vector<GraphInput> inputs;  ///< those without an initialiser
  std::vector<std::string> outputs;
  std::map<std::string, Constant> constants;
  std::vector<Node> nodes;
};

/// The names of the operators of ONNX itself.
inline bool is_standard_domain(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx";
}

}  // namespace inas::onnx
