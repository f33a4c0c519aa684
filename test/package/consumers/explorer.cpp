#include <cstdio>

#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>

int main() {
  const inas::Settings settings;
  inas::explorer::Explorer explorer(inas::costmodel::make_device({}, {}), {});
  const auto result =
      explorer.explore(settings.space, inas::parse_architecture("3,8,3,16,3,16,3,24,3,24"));
  std::printf("feasible: %s\n", result.feasible() ? "yes" : "no");
}
