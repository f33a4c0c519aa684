#include "findings.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <inas/core/random_draw.hpp>

#include "network_picture.hpp"
#include "sample_page.hpp"

namespace inas::report {
namespace {

TrialRow trial(std::int64_t number, double accuracy, double latency_s) {
  return {.number = number, .accuracy = accuracy, .latency_s = latency_s};
}

std::vector<std::int64_t> numbers_of(const std::vector<const TrialRow*>& trials) {
  std::vector<std::int64_t> numbers;
  for (const TrialRow* of : trials) numbers.push_back(of->number);
  return numbers;
}

TEST(ParetoFront, IsOfTheTrialsThatNoOtherBeats) {
  // Few different values, so that there are ties of every kind.
  std::mt19937_64 random(5);
  for (int round = 0; round < 50; ++round) {
    std::vector<TrialRow> trials;
    for (std::int64_t number = 1; number <= 30; ++number) {
      trials.push_back(trial(number, 0.1 * static_cast<double>(draw_below(random, 8)),
                             0.1 * static_cast<double>(draw_below(random, 8))));
    }
    std::vector<std::int64_t> expected;
    for (const TrialRow& a : trials) {
      const bool beaten = std::any_of(trials.begin(), trials.end(), [&](const TrialRow& b) {
        const bool as_good = *b.accuracy >= *a.accuracy && *b.latency_s <= *a.latency_s;
        const bool equal = *b.accuracy == *a.accuracy && *b.latency_s == *a.latency_s;
        return as_good && (!equal || b.number < a.number);
      });
      if (!beaten) expected.push_back(a.number);
    }
    std::vector<std::int64_t> found = numbers_of(pareto_front(trials));
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected) << "round " << round;
  }
}

TEST(ParetoFront, LeavesOutTrialsWithoutAccuracyOrLatency) {
  std::vector<TrialRow> trials{trial(1, 0.5, 1), trial(2, 0.9, 1), trial(3, 0.9, 0.5)};
  trials[1].latency_s.reset();
  trials[2].accuracy.reset();
  EXPECT_EQ(numbers_of(pareto_front(trials)), std::vector<std::int64_t>{1});
}

TEST(Findings, TrialsThatWereTrainedShortlyAreNeitherOnTheFrontNorTheBestSoFar) {
  std::vector<TrialRow> trials{trial(1, 0.95, 0.5), trial(2, 0.90, 1), trial(3, 0.97, 0.8),
                               trial(4, 0.92, 2)};
  trials[0].shortly = trials[2].shortly = true;
  EXPECT_EQ(numbers_of(drawn_trials(trials)), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(numbers_of(short_trials(trials)), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(numbers_of(pareto_front(trials)), (std::vector<std::int64_t>{2, 4}));
  EXPECT_EQ(numbers_of(improvements(trials, {})), (std::vector<std::int64_t>{2, 4}));
}

TEST(Improvements, AreOfTrialsThatMeetTheRequirement) {
  const std::vector<TrialRow> trials{trial(1, 0.5, 1), trial(2, 0.9, 3), trial(3, 0.5, 0.1),
                                     trial(4, 0.6, 2), trial(5, 0.4, 1)};
  EXPECT_EQ(numbers_of(improvements(trials, 2.0)), (std::vector<std::int64_t>{1, 4}));
  EXPECT_EQ(numbers_of(improvements(trials, std::nullopt)), (std::vector<std::int64_t>{1, 2}));
}

TEST(RefusalCounts, AddUpToTheRefusedAndNameTheLayer) {
  std::vector<TrialRow> trials(6);
  trials[0].refusal = Refusal{.constraint = "C2"};
  for (const std::size_t at : {1U, 2U, 4U}) trials[at].refusal = Refusal{"C1", "CONV_1"};
  trials[5].refusal = Refusal{"C1", "CONV_0"};
  const std::vector<RefusalCount> counts = refusal_counts(trials);
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].constraint, "C1");
  EXPECT_EQ(counts[0].count, 4);
  EXPECT_EQ(counts[0].layer, "CONV_1");
  EXPECT_EQ(counts[0].of_layer, 3);
  EXPECT_EQ(counts[1].count, 1);
}

TEST(CycleBars, AreTheDearestOfTheirGroup) {
  const std::vector<double> energies_j{1, 5, 2, 2, 3, 4, 9};
  EXPECT_EQ(cycle_bars(energies_j, 10).energy_j, energies_j);
  const CycleBars bars = cycle_bars(energies_j, 3);
  EXPECT_EQ(bars.each, 3);
  EXPECT_EQ(bars.energy_j, (std::vector<double>{5, 4, 9}));
  EXPECT_TRUE(cycle_bars({}, 3).energy_j.empty());
}

TEST(Lanes, AreNeverSharedOverABox) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::vector<std::int64_t>> inputs;
    std::int64_t far = 0;
    for (std::int64_t layer = 0; layer < 25; ++layer) {
      inputs.push_back({layer - 1});
      if (layer == 0 || draw_unit(random) < 0.5) continue;
      const auto other =
          static_cast<std::int64_t>(draw_below(random, static_cast<std::uint64_t>(layer))) - 1;
      inputs.back().push_back(other);
      if (other < layer - 1) ++far;
    }
    const std::vector<Lane> lanes = lanes_of(inputs);
    EXPECT_EQ(static_cast<std::int64_t>(lanes.size()), far);
    for (const Lane& a : lanes) {
      for (const Lane& b : lanes) {
        const bool share = &a != &b && a.lane == b.lane && a.from < b.to && b.from < a.to;
        EXPECT_FALSE(share) << "round " << round << ": " << a.from << " to " << a.to << " and "
                            << b.from << " to " << b.to;
      }
    }
  }
}

TEST(NetworkPicture, HasALaneOfTheResidualConnectionAndABoxOfEachLayer) {
  const StudyPage page = test::sample_page(1);
  const std::string html = network_picture(page.winner->layers);
  std::size_t boxes = 0;
  for (std::size_t at = html.find("<li"); at != std::string::npos; at = html.find("<li", at + 1)) {
    ++boxes;
  }
  EXPECT_EQ(boxes, page.winner->layers.size() + 1);
  EXPECT_NE(html.find("box add reads"), std::string::npos);
  EXPECT_NE(html.find("reads CONV_1 and MAXPOOL_0"), std::string::npos);
  EXPECT_NE(html.find("depthwise convolution 3×3, padded, relu"), std::string::npos);
}

}  // namespace
}  // namespace inas::report
