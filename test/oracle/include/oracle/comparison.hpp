#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <oracle/explore.hpp>
#include <oracle/model.hpp>

namespace oracle {

/// Compares found with expected values and remembers what differs. Doubles must be the same bit for
/// bit; a failure tells how many of the different ones are within 1e-12, which would point to the
/// order of operations rather than to a formula.
class Comparison {
 public:
  explicit Comparison(std::string title) : title_(std::move(title)) {}

  /// What is compared from now on: a record's number and what identifies it.
  void begin(std::size_t record, const std::string& what);
  [[nodiscard]] std::size_t records() const { return records_; }

  void same(const std::string& field, double found, double expected);
  void same(const std::string& field, Int found, Int expected);
  void same(const std::string& field, bool found, bool expected);
  void same(const std::string& field, const std::string& found, const std::string& expected);
  void same(const std::string& field, const std::optional<double>& found,
            const std::optional<double>& expected);

  void same(const std::string& field, const PowerCycle& found, const PowerCycle& expected);
  void same(const Intermittent& found, const Intermittent& expected);
  void same(const Traffic& found, const Traffic& expected);
  void same(const Continuous& found, const Continuous& expected);
  void same(const Candidate& found, const Candidate& expected);
  void same(const Choice& found, const Choice& expected);

  /// Success if nothing differs and, where `expected_records` is given, that many were begun.
  [[nodiscard]] ::testing::AssertionResult verdict(
      std::optional<std::size_t> expected_records = std::nullopt) const;

 private:
  void differs(const std::string& field, const std::string& found, const std::string& expected);

  std::string title_;
  std::string where_;
  std::size_t records_ = 0;
  std::size_t values_ = 0;
  std::size_t within_ = 0;  ///< doubles that are not the same, but within 1e-12
  std::size_t differences_ = 0;
  std::vector<std::string> messages_;  ///< the first few differences
};

}  // namespace oracle
