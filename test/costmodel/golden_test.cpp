#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <oracle/golden.hpp>

// Every record of the reference files that need no explorer, bit for bit.

namespace {

namespace golden = oracle::golden;

const library::LibraryModel model;

TEST(CostModelGolden, PublishedProfileHasTheReleasedConstants) {
  EXPECT_TRUE(golden::profile(model));
}
TEST(CostModelGolden, ReproducesRechargeTimes) { EXPECT_TRUE(golden::recharge(model)); }
TEST(CostModelGolden, ReproducesIntermittentDesigns) {
  EXPECT_TRUE(golden::designs_intermittent(model));
}
TEST(CostModelGolden, ReproducesContinuousDesigns) {
  EXPECT_TRUE(golden::designs_continuous(model));
}
TEST(CostModelGolden, ReproducesQueriesOfNamedDesigns) { EXPECT_TRUE(golden::fixed(model)); }

}  // namespace
