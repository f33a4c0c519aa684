#include "split.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include "standardise.hpp"

namespace inas::data {
namespace {

/// Samples of one value, their number, with the label number % classes and, if `group_size` is not
/// 0, groups of so many samples from `first_group` on.
RawPart numbered(std::int64_t count, std::int64_t classes, std::int64_t group_size = 0,
                 std::int64_t first_group = 0) {
  RawPart part{.source = "somewhere", .shape = {1, 1, 1}, .values = {}, .labels = {}, .groups = {}};
  FloatValues values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(i));
    part.labels.push_back(i % classes);
    if (group_size > 0) part.groups.push_back(first_group + i / group_size);
  }
  part.values = values;
  return part;
}

RawSet set_of(RawPart train) {
  RawSet set;
  set.train = std::move(train);
  for (char name = 'a'; name <= 'z'; ++name) set.group_names.emplace_back(1, name);
  return set;
}

std::set<std::int64_t> groups_of(const Selection& selection) {
  std::set<std::int64_t> groups;
  for (const std::int64_t sample : selection.samples) {
    groups.insert(selection.part->groups[static_cast<std::size_t>(sample)]);
  }
  return groups;
}

std::vector<std::int64_t> sorted(std::vector<std::int64_t> all) {
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::int64_t> joined(const Selections& selections) {
  std::vector<std::int64_t> all;
  for (const Selection* part : {&selections.train, &selections.validation, &selections.test}) {
    all.insert(all.end(), part->samples.begin(), part->samples.end());
  }
  return sorted(all);
}

TEST(Split, EachSampleGoesToOnePart) {
  for (const std::int64_t group_size : {0, 5}) {
    const RawSet set = set_of(numbered(100, 4, group_size));
    const std::vector<std::int64_t> all = joined(split(set, 10, 3));
    ASSERT_EQ(all.size(), 100U);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<std::int64_t>(i));
  }
}

TEST(Split, ATestPartThatIsSplitOffHasAFifthOfEachClassWhateverTheSeed) {
  const RawSet set = set_of(numbered(103, 10));
  const Selections first = split(set, 10, 1);
  const Selections second = split(set, 30, 2);
  EXPECT_EQ(first.test.samples, second.test.samples);
  EXPECT_NE(first.validation.samples, second.validation.samples);
  std::vector<int> counts(10);
  for (const std::int64_t sample : first.test.samples)
    ++counts[static_cast<std::size_t>(sample % 10)];
  EXPECT_EQ(counts, std::vector<int>(10, 2));  // of 10 or 11
}

TEST(Split, AClassOfFewSamplesHasOneTestSample) {
  RawPart part = numbered(23, 2);
  part.labels.assign(23, 0);
  part.labels[4] = part.labels[9] = 1;
  const RawSet set = set_of(std::move(part));
  const Selections parts = split(set, 1, 1);
  const auto ones = std::count_if(parts.test.samples.begin(), parts.test.samples.end(),
                                  [](std::int64_t sample) { return sample == 4 || sample == 9; });
  EXPECT_EQ(ones, 1);
}

TEST(Split, GroupsStayOnOneSide) {
  const RawSet set = set_of(numbered(120, 3, 6));  // 20 groups
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const Selections parts = split(set, 13, seed);
    EXPECT_EQ(parts.test.samples.size(), 24U);
    EXPECT_EQ(parts.validation.samples.size(), 18U);  // three groups have 13 or more
    const std::size_t groups = groups_of(parts.train).size() + groups_of(parts.validation).size() +
                               groups_of(parts.test).size();
    EXPECT_EQ(groups, 20U) << "seed " << seed;
  }
}

TEST(Split, PartsOfTheSetAreKept) {
  RawSet set = set_of(numbered(20, 2));
  set.validation = numbered(5, 2);
  set.test = numbered(7, 2);
  const Selections parts = split(set, 999, 1);
  EXPECT_EQ(parts.validation.part, &*set.validation);
  EXPECT_EQ(parts.test.part, &*set.test);
  EXPECT_EQ(parts.validation.samples, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(parts.test.samples.size(), 7U);
  EXPECT_EQ(sorted(parts.train.samples).size(), 20U);
  EXPECT_FALSE(std::is_sorted(parts.train.samples.begin(), parts.train.samples.end()));
}

TEST(Split, SomethingMustBeLeftToTrainOn) {
  RawSet set = set_of(numbered(30, 2, 10));
  set.test = numbered(10, 2, 10, 3);
  EXPECT_EQ(groups_of(split(set, 20, 1).train).size(), 1U);
  test::expect_error([&] { (void)split(set, 21, 1); }, "takes all groups of the 30");
  test::expect_error([&] { (void)split(set, 30, 1); }, "allowed: 1 to 29; the");
  set.test.reset();
  set.train.groups.assign(30, 0);
  test::expect_error([&] { (void)split(set, 1, 1); }, "one group alone");
  set.train = numbered(3, 3);  // all of them are test samples
  test::expect_error([&] { (void)split(set, 1, 1); }, "leaves 0 samples for training");
}

TEST(CheckParts, EachFaultIsOneSentence) {
  const auto expect = [](const auto& damage, const std::string& word) {
    RawSet set = set_of(numbered(30, 2, 10));
    set.test = numbered(10, 2, 10, 3);
    EXPECT_NO_THROW(check_parts(set, 2));
    damage(set);
    test::expect_error([&] { check_parts(set, 2); }, word);
  };
  expect([](RawSet& set) { set.train.labels[7] = 2; }, "sample 7 has the label 2, allowed: 0 to 1");
  expect([](RawSet& set) { set.test->labels[0] = -1; }, "the label -1");
  expect([](RawSet& set) { set.test->shape.width = 2; },
         "are 1×1×2 (channels × height × width), allowed: 1×1×1");
  expect([](RawSet& set) { set.test->values = ByteValues(10); }, "8 bits");
  expect([](RawSet& set) { set.test->labels.clear(); }, "holds no sample");
  expect([](RawSet& set) { set.test->groups[2] = 1; }, "group \"b\": has samples in");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  expect([=](RawSet& set) { std::get<FloatValues>(set.train.values)[3] = nan; },
         "sample 3 has the value nan");
  expect([=](RawSet& set) { std::get<FloatValues>(set.test->values)[9] = infinity; },
         "sample 9 has the value inf");
}

TEST(Standardise, NumbersHaveTheMomentsOfTheTrainingSamplesAlone) {
  RawPart part{.source = "x",
               .shape = {2, 1, 2},
               .values = FloatValues{1, 3, 7, 7, 5, 7, 7, 7, 1000, -1000, 8, 9},
               .labels = {0, 1, 0},
               .groups = {}};
  const Standard standard = measure({&part, {1, 0}});
  EXPECT_EQ(standard.mean, (std::vector<float>{4, 7}));
  // 1, 3, 5, 7: the variance is (9 + 1 + 1 + 9)/4.
  EXPECT_FLOAT_EQ(standard.deviation[0], std::sqrt(5.0F));
  EXPECT_EQ(standard.deviation[1], 1);
  const Dataset data = standardise({&part, {2}}, 2, standard);
  EXPECT_EQ(data.labels, (std::vector<std::int64_t>{0}));
  ASSERT_EQ(data.values.size(), 4U);
  EXPECT_FLOAT_EQ(data.values[0], 996 / std::sqrt(5.0F));
  EXPECT_FLOAT_EQ(data.values[3], 2);
}

TEST(Standardise, AValueThatCannotBeStandardisedIsAnError) {
  const RawPart part{.source = "far",
                     .shape = {1, 1, 1},
                     .values = FloatValues{0, 1e-30F, 3e38F},
                     .labels = {0, 1, 0},
                     .groups = {}};
  const Standard standard = measure({&part, {0, 1}});
  test::expect_error([&] { (void)standardise({&part, {2}}, 2, standard); }, "too far");
}

}  // namespace
}  // namespace inas::data
