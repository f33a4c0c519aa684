#include <cstdio>

#include <inas/core/error.hpp>
#include <inas/nas/dataset.hpp>

int main() {
  try {
    (void)inas::nas::load_data({.name = "fashion-mnist", .path = "no/such/folder"}, 10, 1);
  } catch (const inas::Error& error) {
    std::puts(error.what());
  }
}
