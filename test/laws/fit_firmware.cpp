#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "emulated_cycles.hpp"
#include "laws.hpp"
#include "micro_models.hpp"

/// Fits the laws of the runtime's code to the emulated cycles of random layers, and predicts
/// networks by them.
namespace inas::laws {
namespace {

Observation observe(const FirmwareOfAny& any, const std::vector<firmware::TestLayer>& layers,
                    std::uint64_t seed) {
  const firmware::TestModel model(layers, seed, 0, firmware::Placement::shared);
  return {counts_of(layers), static_cast<double>(emulated_cycles(any, model))};
}

std::string text_of(const std::vector<firmware::TestLayer>& layers) {
  std::string text;
  for (const firmware::TestLayer& of : layers) {
    const Layer& l = of.layer;
    text += fmt::format(" {} {}x{}x{}->{}x{}x{} k{}x{} {}", l.name, l.ifm.channels, l.ifm.height,
                        l.ifm.width, l.ofm.channels, l.ofm.height, l.ofm.width, l.kernel_height,
                        l.kernel_width, to_string(of.design));
  }
  return text;
}

void report(const char* what, const Fit& fit, const std::vector<Observation>& observations,
            const std::vector<std::string>& texts) {
  double worst = 0;
  double squares = 0;
  double predicted = 0;
  double cycles = 0;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const double error = relative_error(fit.laws, observations[i]);
    worst = std::max(worst, std::abs(error));
    squares += error * error;
    predicted += fit.laws.dot(observations[i].counts);
    cycles += observations[i].cycles;
    order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(relative_error(fit.laws, observations[a])) >
           std::abs(relative_error(fit.laws, observations[b]));
  });
  fmt::print("{}: {} models, worst {:.2f} %, RMS {:.2f} %, summed {:+.3f} %\n", what,
             observations.size(), 100 * worst,
             100 * std::sqrt(squares / static_cast<double>(observations.size())),
             100 * (predicted / cycles - 1));
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 8); ++i) {
    const Observation& of = observations[order[i]];
    fmt::print("  {:+.2f} % of {:.0f}:{}\n", 100 * relative_error(fit.laws, of), of.cycles,
               texts[order[i]]);
  }
}

int fit_firmware(int layer_models, int network_models) {
  const FirmwareOfAny any;
  std::vector<Observation> fitted;
  std::vector<std::string> fitted_texts;
  firmware::Generator generator(1);
  for (int i = 0; i < layer_models; ++i) {
    const auto layers = random_layer_model(generator);
    fitted.push_back(observe(any, layers, generator()));
    fitted_texts.push_back(text_of(layers));
  }
  const Fit fit = fit_laws(fitted);
  const std::vector<std::string> keys = law_keys();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    fmt::print("{:<36} {:>10.2f} ± {:.2f}\n", keys[i], fit.laws[at], fit.errors[at]);
  }
  report("fitted", fit, fitted, fitted_texts);
  std::vector<Observation> networks;
  std::vector<std::string> texts;
  firmware::Generator others(1000);
  for (int i = 0; i < network_models; ++i) {
    const auto layers = random_network_model(others);
    networks.push_back(observe(any, layers, others()));
    texts.push_back(text_of(layers));
  }
  if (!networks.empty()) report("networks", fit, networks, texts);
  return 0;
}

}  // namespace
}  // namespace inas::laws

int main(int argc, char** argv) {
  const int layers = argc > 1 ? std::atoi(argv[1]) : 300;
  const int networks = argc > 2 ? std::atoi(argv[2]) : 30;
  try {
    return inas::laws::fit_firmware(layers, networks);
  } catch (const std::exception& error) {
    fmt::print(stderr, "inas-fit-firmware: {}\n", error.what());
    return 2;
  }
}
