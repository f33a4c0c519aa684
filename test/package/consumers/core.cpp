#include <cstdio>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>

int main() {
  const inas::Settings settings = inas::parse_settings(inas::to_json({}), "the defaults");
  const inas::Network network =
      inas::build_network(settings.space, inas::parse_architecture("3,8,3,16,3,16,3,24,3,24"));
  std::printf("%lld weights\n", static_cast<long long>(inas::weight_count(network)));
}
