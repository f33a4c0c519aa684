#include "split.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/core/shape_text.hpp>

namespace inas::data {
namespace {

/// One sample in so many is a test sample, of sets that have no test part.
constexpr std::int64_t kTestShare = 5;
/// Of the order that the test part is taken from: of no other seed, so that searches with several
/// seeds are tested on the same samples.
constexpr std::uint64_t kTestSeed = 20'210'901;

std::int64_t count_of(const RawPart& part) { return static_cast<std::int64_t>(part.labels.size()); }

std::vector<std::int64_t> all_of(const RawPart& part) {
  std::vector<std::int64_t> samples(part.labels.size());
  std::iota(samples.begin(), samples.end(), std::int64_t{0});
  return samples;
}

std::vector<std::int64_t> in_random_order(std::span<const std::int64_t> samples,
                                          std::mt19937_64& generator) {
  std::vector<std::int64_t> order =
      random_order(static_cast<std::int64_t>(samples.size()), generator);
  for (std::int64_t& at : order) at = samples[static_cast<std::size_t>(at)];
  return order;
}

struct Divided {
  std::vector<std::int64_t> kept;
  std::vector<std::int64_t> taken;
};

/// Whole groups from the end of a random order of the groups until they have `count` samples; both
/// sides in the order of `samples`.
Divided take_groups(const RawPart& part, std::span<const std::int64_t> samples, std::int64_t count,
                    std::mt19937_64& generator) {
  std::map<std::int64_t, std::int64_t> sizes;
  for (const std::int64_t sample : samples) ++sizes[part.groups[static_cast<std::size_t>(sample)]];
  std::vector<std::int64_t> groups;
  for (const auto& [group, size] : sizes) groups.push_back(group);
  groups = in_random_order(groups, generator);
  std::set<std::int64_t> taken;
  for (std::int64_t have = 0; have < count && !groups.empty(); groups.pop_back()) {
    have += sizes[groups.back()];
    taken.insert(groups.back());
  }
  Divided divided;
  for (const std::int64_t sample : samples) {
    const bool takes = taken.contains(part.groups[static_cast<std::size_t>(sample)]);
    (takes ? divided.taken : divided.kept).push_back(sample);
  }
  return divided;
}

/// A fifth of each class.
Divided take_of_classes(const RawPart& part, std::mt19937_64& generator) {
  std::map<std::int64_t, std::vector<std::int64_t>> classes;
  for (const std::int64_t sample : all_of(part)) {
    classes[part.labels[static_cast<std::size_t>(sample)]].push_back(sample);
  }
  Divided divided;
  for (const auto& [label, samples] : classes) {
    const std::vector<std::int64_t> order = in_random_order(samples, generator);
    const auto count = static_cast<std::int64_t>(order.size());
    const auto end = order.begin() + std::max<std::int64_t>(count / kTestShare, 1);
    divided.taken.insert(divided.taken.end(), order.begin(), end);
    divided.kept.insert(divided.kept.end(), end, order.end());
  }
  std::sort(divided.taken.begin(), divided.taken.end());
  std::sort(divided.kept.begin(), divided.kept.end());
  return divided;
}

Divided take_test(const RawPart& part) {
  std::mt19937_64 generator(kTestSeed);
  if (part.groups.empty()) return take_of_classes(part, generator);
  Divided divided = take_groups(part, all_of(part), count_of(part) / kTestShare, generator);
  if (divided.kept.empty() || divided.taken.empty()) {
    throw Error(
        fmt::format("{}: has samples of one group alone, allowed: two groups or more, or a test "
                    "part of its own",
                    part.source));
  }
  return divided;
}

Divided take_validation(const RawPart& part, std::span<const std::int64_t> samples,
                        std::int64_t validation_samples, std::mt19937_64& generator) {
  const auto count = static_cast<std::int64_t>(samples.size());
  if (count < 2) {
    throw Error(
        fmt::format("{}: leaves {} samples for training and validation, allowed: 2 or more; a set "
                    "without a test part gives up one sample of each class, or more, for the test",
                    part.source, count));
  }
  if (validation_samples < 1 || validation_samples >= count) {
    throw InvalidArgument(
        fmt::format("data.validation_images: found {}, allowed: 1 to {}; the training files hold "
                    "{} samples, and "
                    "data.train_images must fit into what is left of them, or be 0 for all of it",
                    validation_samples, count - 1, count));
  }
  if (part.groups.empty()) {
    std::vector<std::int64_t> order = in_random_order(samples, generator);
    const auto end = order.end() - validation_samples;
    return {.kept = {order.begin(), end}, .taken = {end, order.end()}};
  }
  Divided divided = take_groups(part, samples, validation_samples, generator);
  if (divided.kept.empty()) {
    throw InvalidArgument(fmt::format(
        "data.validation_images: found {}, which takes all groups of the {} training samples for "
        "validation, allowed: fewer, which leave a group; groups are kept whole",
        validation_samples, count));
  }
  divided.kept = in_random_order(divided.kept, generator);
  return divided;
}

void check_part(const RawPart& part, std::int64_t classes) {
  if (part.labels.empty())
    throw Error(fmt::format("{}: holds no sample, allowed: at least one", part.source));
  check_labels<std::int64_t>(part.source, "sample", part.labels, classes);
  const auto* const values = std::get_if<FloatValues>(&part.values);
  if (values == nullptr) return;
  const auto found = std::find_if(values->begin(), values->end(),
                                  [](float value) { return !std::isfinite(value); });
  if (found == values->end()) return;
  throw Error(fmt::format("{}: sample {} has the value {}, allowed: finite numbers", part.source,
                          (found - values->begin()) / part.shape.values(), *found));
}

void check_alike(const RawPart& train, const RawPart& other) {
  if (other.shape != train.shape) {
    throw Error(fmt::format("{}: samples are {} (channels × height × width), allowed: {}, as in {}",
                            other.source, shape_text(other.shape, "×"),
                            shape_text(train.shape, "×"), train.source));
  }
  if (other.values.index() != train.values.index()) {
    throw Error(fmt::format(
        "{} and {}: one holds pixels of 8 bits and the other numbers, allowed: the same in both",
        train.source, other.source));
  }
}

void check_groups(const RawSet& set) {
  std::map<std::int64_t, const RawPart*> where;
  for (const RawPart* part :
       {&set.train, set.validation ? &*set.validation : nullptr, set.test ? &*set.test : nullptr}) {
    if (part == nullptr) continue;
    for (const std::int64_t group : part->groups) {
      const RawPart* const first = where.try_emplace(group, part).first->second;
      if (first == part) continue;
      throw Error(fmt::format("group \"{}\": has samples in {} and in {}, allowed: in one",
                              set.group_names.at(static_cast<std::size_t>(group)), first->source,
                              part->source));
    }
  }
}

}  // namespace

void check_parts(const RawSet& set, std::int64_t classes) {
  check_part(set.train, classes);
  for (const std::optional<RawPart>* part : {&set.validation, &set.test}) {
    if (!*part) continue;
    check_part(**part, classes);
    check_alike(set.train, **part);
  }
  check_groups(set);
}

Selections split(const RawSet& set, std::int64_t validation_samples, std::uint64_t seed) {
  Divided test;
  if (set.test) {
    test = {.kept = all_of(set.train), .taken = all_of(*set.test)};
  } else {
    test = take_test(set.train);
  }
  std::mt19937_64 generator(seed);
  Divided validation;
  if (set.validation) {
    validation = {.kept = in_random_order(test.kept, generator), .taken = all_of(*set.validation)};
  } else {
    validation = take_validation(set.train, test.kept, validation_samples, generator);
  }
  return {
      .train = {&set.train, std::move(validation.kept)},
      .validation = {set.validation ? &*set.validation : &set.train, std::move(validation.taken)},
      .test = {set.test ? &*set.test : &set.train, std::move(test.taken)}};
}

}  // namespace inas::data
