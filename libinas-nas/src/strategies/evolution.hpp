#pragma once

#include <cstdint>
#include <deque>
#include <random>

#include <inas/core/search_space.hpp>

namespace inas::nas {

/// The youngest networks: whoever joins a full population takes the place of the oldest, however
/// good that one is. Source: Real et al., Regularized Evolution for Image Classifier Architecture
/// Search, AAAI 2019.
class AgeingPopulation {
 public:
  struct Member {
    Architecture architecture;
    double accuracy = 0;

    bool operator==(const Member&) const = default;
  };

  explicit AgeingPopulation(std::int64_t size) : size_(size) {}

  void add(Member member);
  /// The most accurate of `sample` members, drawn with replacement; the first drawn of equals. The
  /// population must not be empty.
  [[nodiscard]] const Member& best_of(std::int64_t sample, std::mt19937_64& random) const;
  /// The oldest first.
  [[nodiscard]] const std::deque<Member>& members() const { return members_; }

 private:
  std::int64_t size_;
  std::deque<Member> members_;
};

}  // namespace inas::nas
