#include <cstdio>

#include <inas/core/error.hpp>
#include <inas/data/dataset.hpp>

int main() {
  try {
    (void)inas::data::load_data({.name = "fashion-mnist", .path = "no/such/folder"}, 10, 1);
  } catch (const inas::Error& error) {
    std::puts(error.what());
  }
}
