#include <cstdio>

#include <inas/onnx/import.hpp>

int main() {
  try {
    (void)inas::onnx::parse_model("no model", "a text");
  } catch (const inas::Error& error) {
    std::puts(error.what());
  }
}
