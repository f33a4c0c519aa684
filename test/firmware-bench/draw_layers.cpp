#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/execution/design_check.hpp>

#include "laws/micro_models.hpp"

/// Draws the layers that the micro-benchmarks run, as those are drawn that the shipped laws are
/// fitted to, and prints firmware/bench/layers.def, or, of convolutions for the LEA,
/// lea_layers.def.
namespace inas::laws {
namespace {

constexpr std::uint64_t kSeed = 7;
/// Of firmware/bench/model.h.
constexpr std::int64_t kMapValues = 4096, kVmBytes = 3700, kMostChannels = 24;

/// How many layers of a type are run once, and twice in a power cycle.
struct Quota {
  LayerType type;
  int once;
  int twice;
};

bool fits(const firmware::TestLayer& of) {
  const Layer& layer = of.layer;
  const std::int64_t weights = firmware::has_weights(layer) ? weight_count(layer) : 0;
  return layer.ifm.values() <= kMapValues && layer.ofm.values() <= kMapValues &&
         weights <= kMapValues && layer.ofm.channels <= kMostChannels &&
         mac_count(layer) <= kMostOperations / 3 &&
         execution::vm_bytes(layer, of.design, 2) <= kVmBytes;
}

std::string entry(const firmware::TestLayer& of) {
  const Layer& l = of.layer;
  const Design& d = of.design;
  // The flags of model.h.
  const int flags = (d.dma == DmaGranularity::coalesced ? 2 : 0) +
                    (firmware::has_vectors(l) && d.unit == Unit::lea ? 8 : 0) +
                    (d.mac == MacGranularity::row ? 1 : 0);
  const std::string map = fmt::format("{}, {}, {}", l.ifm.channels, l.ifm.height, l.ifm.width);
  const std::string head = fmt::format("{}, {}", flags, map);
  const std::string tile =
      fmt::format("{}, {}, {}", d.tile.rows, d.tile.columns, d.tile.out_channels);
  const std::string end = fmt::format("{}, {}", d.batch, d.batches_per_cycle);
  switch (l.type) {
    case LayerType::global_average_pool:
      return fmt::format("AVERAGE_POOL({}, {}, {})", head, tile, end);
    case LayerType::max_pool:
      return fmt::format("MAX_POOL({}, {}, {}, {}, {}, {})", head, l.kernel_height, l.kernel_width,
                         l.stride, tile, end);
    default:
      return fmt::format("CONVOLUTION({}, {}, {}, {}, {}, {}, {}, {}, {}, {})", letter(d.order),
                         flags, l.bias ? "bias" : "0", map, l.ofm.channels, l.kernel_height,
                         l.kernel_width, tile, d.tile.in_channels, end);
  }
}

void draw(bool lea) {
  const std::vector<Quota> of_lea{{LayerType::convolution, 40, 0},
                                  {LayerType::fully_connected, 10, 0}};
  const std::vector<Quota> of_cpu{
      Quota{LayerType::convolution, 110, 16}, Quota{LayerType::fully_connected, 25, 4},
      Quota{LayerType::global_average_pool, 45, 8}, Quota{LayerType::max_pool, 60, 8}};
  fmt::print(
      "/* Drawn at random by inas-draw-bench-layers, as the layers that the shipped laws are "
      "fitted "
      "to. K = 0: the power cycle\n * does not end. The arguments are those of the macros in "
      "model.c. */\n");
  std::set<std::string> drawn;
  firmware::Generator generator(kSeed);
  for (Quota quota : lea ? of_lea : of_cpu) {
    while (quota.once + quota.twice > 0) {
      firmware::TestLayer layer = random_layer_model(generator, lea ? kLeaToo : kCpuOnly).front();
      if (lea && layer.design.unit != Unit::lea) continue;
      if (layer.layer.type != quota.type || !fits(layer)) continue;
      const bool twice = quota.once == 0;
      if (twice || firmware::random_from(generator, 0, 1) == 0) layer.design.batches_per_cycle = 0;
      const std::string text = fmt::format("{}({})", twice ? "TWICE" : "ONCE", entry(layer));
      if (!drawn.insert(text).second) continue;
      --(twice ? quota.twice : quota.once);
      fmt::print("{}\n", text);
    }
  }
}

}  // namespace
}  // namespace inas::laws

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-draw-bench-layers",
      .arguments = "[--lea]",
      .description =
          "Prints the random layers that the micro-benchmarks run, firmware/bench/layers.def;\n"
          "with --lea those of the LEA, lea_layers.def.\n"
          "Exit code: 0 done, 2 bad input.",
      .flags = {"--lea"}};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    inas::laws::draw(given.has("--lea"));
    return 0;
  });
}
