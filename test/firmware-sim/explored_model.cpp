#include <fmt/format.h>
#include <support/sample_solution.hpp>
#include <support/tool.hpp>

#include <inas/core/files.hpp>
#include <inas/dump/dump.hpp>
#include <inas/dump/executor.hpp>
#include <inas/execution/layer_facts.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>

#include "firmware/test_model.hpp"

/// The best designs of a network of the default space, with random weights, as a model to measure:
/// what inas-dump writes, and an input with its output.
namespace inas {
namespace {

constexpr std::int64_t kCalibrationSamples = 8;

std::string bytes_of(const std::vector<std::int16_t>& map) {
  std::string bytes;
  for (const std::int16_t value : map) {
    bytes += static_cast<char>(value & 0xFF);
    bytes += static_cast<char>(static_cast<std::uint16_t>(value) >> 8);
  }
  return bytes;
}

void write_explored_model(const std::string& choices, const std::filesystem::path& folder,
                          const char* settings_file, const char* profile) {
  Settings settings = settings_file == nullptr ? Settings{} : load_settings(settings_file);
  if (profile != nullptr) settings.platform.profile = profile;
  const Architecture architecture = parse_architecture(choices);
  settings.space.layers = static_cast<std::int64_t>(architecture.size()) / 2;
  validate(settings.space, architecture);
  const Network network = build_network(settings.space, architecture);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  Solution solution =
      explorer::make_solution(settings, architecture, network, explorer.explore(network));
  // The emulator has no LEA.
  for (LayerSolution& of : solution.layers) {
    if (execution::facts_of(of.layer).work == execution::Work::vectors) of.design.unit = Unit::cpu;
  }
  firmware::Generator generator(1);
  const std::int64_t values = solution.layers.front().layer.ifm.values();
  std::vector<float> samples;
  for (std::int64_t i = 0; i < kCalibrationSamples * values; ++i) {
    samples.push_back(static_cast<float>(firmware::random_from(generator, -2000, 2000)) / 1000);
  }
  const dump::Model model =
      dump::make_model(solution, test::sample_weights(solution, 1), {samples, kCalibrationSamples});
  dump::write_model(folder, model);
  const std::vector<std::int16_t> input = dump::quantize_input(
      model.network, std::span(samples).first(static_cast<std::size_t>(values)));
  write_file(folder / "input.bin", bytes_of(input));
  write_file(folder / "output.bin", bytes_of(dump::run_network(model.network, input)));
  for (const LayerSolution& of : solution.layers) {
    fmt::print("{:<10} {}\n", of.layer.name, to_string(of.design));
  }
}

}  // namespace
}  // namespace inas

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-explored-model",
      .arguments = "CHOICES FOLDER [SETTINGS [PROFILE]]",
      .description =
          "Writes a model to measure into FOLDER, as inas-dump does, with input.bin and its\n"
          "output.bin: the network of CHOICES (as 5,8,5,8) in the space of the file SETTINGS\n"
          "(default: the default one), with its best designs for PROFILE (default: the\n"
          "settings') on the multiplier, and random weights. Prints the designs.\n"
          "Exit code: 0 done, 2 bad input.",
      .least_words = 2,
      .most_words = 4};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    const auto word = [&](std::size_t at) {
      return at < given.words.size() ? given.words[at].c_str() : nullptr;
    };
    inas::write_explored_model(given.words[0], given.words[1], word(2), word(3));
    return 0;
  });
}
