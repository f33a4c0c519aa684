// Which capacitor do I need? Tries the standard capacitances (E6 series, 100 µF to 68 mF) for a
// network and a latency requirement. Trying them all is necessary: a larger capacitor carries
// larger tiles, but recharges more slowly for the same energy, so the latency goes up and down.
//
//   which-capacitor 3,8,3,16,3,16,3,24,3,24 200 [settings.json]
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/explorer.hpp>

int main(int argc, char** argv) try {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: which-capacitor CHOICES SECONDS [SETTINGS.json]\n");
    return 2;
  }
  const inas::Settings settings = argc == 4 ? inas::load_settings(argv[3]) : inas::Settings{};
  const inas::Architecture choices = inas::parse_architecture(argv[1]);
  char* end = nullptr;
  const double required_s = std::strtod(argv[2], &end);
  if (*end != '\0' || !(required_s > 0)) {
    std::fprintf(stderr, "which-capacitor: found \"%s\", allowed: seconds above 0\n", argv[2]);
    return 2;
  }

  std::optional<double> smallest_f;
  std::printf("%12s %12s\n", "capacitor F", "latency s");
  for (const double unit_f : {1e5, 1e4, 1e3}) {  // divided by, so that 22/1e5 is exactly 0.00022
    for (const int value : {10, 15, 22, 33, 47, 68}) {
      inas::PowerSupply supply = settings.power;
      supply.capacitance_f = value / unit_f;
      inas::explorer::Explorer explorer(inas::costmodel::make_device(settings.platform, supply),
                                        settings.explorer);
      const auto result = explorer.explore(settings.space, choices, required_s);
      const bool runs =
          result.feasible() || result.why->constraint == inas::explorer::Constraint::responsiveness;
      std::printf("%12g ", supply.capacitance_f);
      if (runs) {
        std::printf("%12.6g%s\n", result.latency_s, result.feasible() ? "  meets it" : "");
      } else {
        std::printf("%12s  %s\n", "-", inas::explorer::describe(*result.why).c_str());
      }
      if (result.feasible() && !smallest_f) smallest_f = supply.capacitance_f;
    }
  }
  if (!smallest_f) return std::printf("no standard capacitor meets %g s\n", required_s), 1;
  std::printf("smallest capacitor that meets %g s: %g F\n", required_s, *smallest_f);
} catch (const std::exception& error) {
  std::fprintf(stderr, "which-capacitor: %s\n", error.what());
  return 2;
}
