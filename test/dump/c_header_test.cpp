#include <sstream>

#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/dump/dump.hpp>

namespace inas::dump {
namespace {

constexpr const char* kCompile = INAS_TEST_CC " -std=c99 -Wall -Wextra -Wpedantic -Werror ";

class CHeader : public testing::Test {
 protected:
  CHeader() { write_model(folder_.path(), model_); }

  [[nodiscard]] std::string file(const char* name) const {
    return (folder_.path() / name).string();
  }

  test::TemporaryFolder folder_;
  Solution solution_ = test::sample_solution();
  Model model_ = make_model(solution_, test::sample_weights(solution_, 1));
};

TEST_F(CHeader, CompilesAlone) {
  const test::CommandResult result =
      test::run_command(kCompile + std::string("-x c -c -o /dev/null ") + file("model.h"));
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(CHeader, AProgramThatIncludesItReadsWhatWasDumped) {
  write_file(file("main.c"), R"(#include "model.h"
#include <stdio.h>
int main(void) {
  for (uint16_t i = 0; i < INAS_MODEL_LAYERS; ++i) {
    const inas_layer *l = inas_model_layer(i);
    printf("%u %u %u %u %u %u %u %lu %lu", l->ofm.channels, l->ofm.height, l->tile_rows,
           l->tile_columns, l->tile_out_channels, l->tile_in_channels, l->preservation_batch,
           (unsigned long)l->ifm_address, (unsigned long)l->ofm_address);
    if (l->weights_address != INAS_NO_ADDRESS) {
      for (uint32_t w = 0; w < l->weights_count; ++w) printf(" %d", inas_model_layer_weights(l)[w]);
    }
    printf("\n");
  }
  return 0;
}
)");
  const test::CommandResult compiled =
      test::run_command(kCompile + std::string("-o ") + file("main ") + file("main.c"));
  ASSERT_EQ(compiled.code, 0) << compiled.err;
  const test::CommandResult printed = test::run_command(file("main"));

  std::ostringstream expected;
  for (std::size_t index = 0; index < solution_.layers.size(); ++index) {
    const Layer& layer = solution_.layers[index].layer;
    const Design& design = solution_.layers[index].design;
    expected << layer.ofm.channels << ' ' << layer.ofm.height << ' ' << design.tile.rows << ' '
             << design.tile.columns << ' ' << design.tile.out_channels << ' '
             << design.tile.in_channels << ' ' << design.batch << ' '
             << model_.layout.layers[index].ifm << ' ' << model_.layout.layers[index].ofm;
    for (const std::int16_t value : model_.weights[index].values) expected << ' ' << value;
    expected << '\n';
  }
  EXPECT_EQ(printed.out, expected.str());
}

TEST_F(CHeader, TheImageHoldsTheWeightsAtTheirAddresses) {
  const std::string image = read_file(file("weights.bin"));
  ASSERT_EQ(static_cast<std::int64_t>(image.size()),
            model_.layout.total_bytes - model_.layout.weights_begin);
  for (std::size_t index = 0; index < model_.weights.size(); ++index) {
    for (std::size_t at = 0; at < model_.weights[index].values.size(); ++at) {
      const auto byte = static_cast<std::size_t>(model_.layout.layers[index].weights -
                                                 model_.layout.weights_begin) +
                        2 * at;
      const auto low = static_cast<unsigned char>(image[byte]);
      const auto high = static_cast<unsigned char>(image[byte + 1]);
      EXPECT_EQ(static_cast<std::int16_t>(low | high << 8), model_.weights[index].values[at]);
    }
  }
}

TEST_F(CHeader, ADesignThatTheDeviceCannotExecuteIsRefused) {
  const std::vector<Tensor> weights = test::sample_weights(solution_, 1);
  Solution wide = solution_;
  wide.layers[0].design.mac = MacGranularity::row;
  EXPECT_THROW((void)make_model(wide, weights), InvalidArgument);
  wide = solution_;
  wide.layers[1].design.batches_per_cycle = 2;
  EXPECT_THROW((void)make_model(wide, weights), InvalidArgument);
}

TEST_F(CHeader, ATileLargerThanVolatileMemoryIsRefused) {
  solution_.settings.platform.vm_bytes = 1023;
  EXPECT_THROW((void)make_model(solution_, test::sample_weights(solution_, 1)), InvalidArgument);
}

}  // namespace
}  // namespace inas::dump
