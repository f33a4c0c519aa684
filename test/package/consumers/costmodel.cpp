#include <cstdio>

#include <inas/costmodel/device.hpp>
#include <inas/costmodel/recharge.hpp>

int main() {
  const inas::costmodel::Device device = inas::costmodel::make_device({}, {});
  std::printf("%.4f mJ\n", 1e3 * inas::costmodel::energy_budget_j(device.supply));
}
