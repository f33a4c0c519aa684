#include <gtest/gtest.h>
#include <oracle/golden.hpp>

// The oracle must earn its name: it reproduces every record of the reference.

namespace {

namespace golden = oracle::golden;

const oracle::OracleModel model;
const oracle::OracleSearcher searcher;

TEST(OracleGolden, ReproducesTheProfile) { EXPECT_TRUE(golden::profile(model)); }
TEST(OracleGolden, ReproducesRechargeTimes) { EXPECT_TRUE(golden::recharge(model)); }
TEST(OracleGolden, ReproducesIntermittentDesigns) {
  EXPECT_TRUE(golden::designs_intermittent(model));
}
TEST(OracleGolden, ReproducesContinuousDesigns) { EXPECT_TRUE(golden::designs_continuous(model)); }
TEST(OracleGolden, ReproducesQueriesOfNamedDesigns) { EXPECT_TRUE(golden::fixed(model)); }
TEST(OracleGolden, ReproducesNetworks) { EXPECT_TRUE(golden::networks(model, searcher)); }
TEST(OracleGolden, ReproducesPublishedSolutions) {
  EXPECT_TRUE(golden::published_solutions(model, searcher));
}

}  // namespace
