#include <gtest/gtest.h>

#include <inas/nas/reward.hpp>

namespace inas::nas {
namespace {

TEST(Reward, RejectedNetworksGetMinusATenth) {
  const Reward reward({});
  EXPECT_EQ(reward.infeasible(), -0.1);
  EXPECT_EQ(reward.too_slow(), -0.1);
  EXPECT_EQ(reward.moving_accuracy(), 0);
}

TEST(Reward, FollowsThePapersFormula) {
  Reward reward({});
  // The first accepted network: 0.6 − 0 + 0.05, clipped; the baseline becomes its accuracy.
  EXPECT_EQ(reward.accepted(0.6, 50, 100), 0.1);
  EXPECT_EQ(reward.moving_accuracy(), 0.6);
  // 0.62 − 0.6 + 0.025; then 0.8·0.6 + 0.2·0.62.
  EXPECT_NEAR(reward.accepted(0.62, 25, 100), 0.045, 1e-15);
  EXPECT_NEAR(reward.moving_accuracy(), 0.604, 1e-15);
  EXPECT_EQ(reward.accepted(0.1, 100, 100), -0.1);
  EXPECT_NEAR(reward.moving_accuracy(), 0.8 * 0.604 + 0.02, 1e-15);
}

TEST(Reward, WithoutTheBonusUsingUpTheLatencyAllowanceIsNotRewarded) {
  ControllerSettings settings;
  settings.latency_bonus = false;
  Reward fast(settings);
  Reward slow(settings);
  for (Reward* reward : {&fast, &slow}) (void)reward->accepted(0.5, 1, 100);
  EXPECT_EQ(fast.accepted(0.55, 1, 100), slow.accepted(0.55, 100, 100));

  Reward with_bonus({});
  (void)with_bonus.accepted(0.5, 1, 100);
  Reward with_bonus_slow({});
  (void)with_bonus_slow.accepted(0.5, 1, 100);
  EXPECT_LT(with_bonus.accepted(0.5, 1, 100), with_bonus_slow.accepted(0.5, 90, 100));
}

TEST(Reward, ClipRewardsBoundsTheSum) {
  ControllerSettings settings;
  settings.clip_rewards = 0.03;
  Reward reward(settings);
  EXPECT_EQ(reward.accepted(0.6, 50, 100), 0.03);
  EXPECT_EQ(reward.accepted(0.1, 50, 100), -0.03);
}

TEST(Reward, AWideClipLeavesTheFinalBound) {
  ControllerSettings settings;
  settings.clip_rewards = 5;
  Reward reward(settings);
  EXPECT_EQ(reward.accepted(0.9, 50, 100), 0.1);
  EXPECT_EQ(reward.accepted(0.1, 50, 100), -0.1);
}

TEST(Reward, BetaIsTheWeightOfThePast) {
  for (const double beta : {0.0, 0.5, 1.0}) {
    SCOPED_TRACE(beta);
    ControllerSettings settings;
    settings.accuracy_beta = beta;
    Reward reward(settings);
    (void)reward.accepted(0.5, 1, 100);
    EXPECT_EQ(reward.moving_accuracy(), 0.5);
    (void)reward.accepted(0.75, 1, 100);
    EXPECT_EQ(reward.moving_accuracy(), beta * 0.5 + (1 - beta) * 0.75);
  }
}

}  // namespace
}  // namespace inas::nas
