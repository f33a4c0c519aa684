#include "oracle/comparison.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace oracle {
namespace {

constexpr std::size_t kMessages = 20;
constexpr double kTolerance = 1e-12;

std::string text(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

std::string text(const std::optional<double>& value) { return value ? text(*value) : "nothing"; }

}  // namespace

void Comparison::begin(std::size_t record, const std::string& what) {
  ++records_;
  where_ = "record " + std::to_string(record) + " (" + what + ")";
}

void Comparison::differs(const std::string& field, const std::string& found,
                         const std::string& expected) {
  ++differences_;
  if (messages_.size() < kMessages) {
    messages_.push_back(where_ + ": " + field + ": found " + found + ", expected " + expected);
  }
}

void Comparison::same(const std::string& field, double found, double expected) {
  ++values_;
  if (std::bit_cast<std::uint64_t>(found) == std::bit_cast<std::uint64_t>(expected)) return;
  if (std::fabs(found - expected) <= kTolerance * std::fabs(expected)) ++within_;
  differs(field, text(found), text(expected));
}

void Comparison::same(const std::string& field, Int found, Int expected) {
  ++values_;
  if (found != expected) differs(field, std::to_string(found), std::to_string(expected));
}

void Comparison::same(const std::string& field, bool found, bool expected) {
  ++values_;
  if (found != expected) differs(field, found ? "true" : "false", expected ? "true" : "false");
}

void Comparison::same(const std::string& field, const std::string& found,
                      const std::string& expected) {
  ++values_;
  if (found != expected) differs(field, found, expected);
}

void Comparison::same(const std::string& field, const std::optional<double>& found,
                      const std::optional<double>& expected) {
  if (found && expected) {
    same(field, *found, *expected);
    return;
  }
  ++values_;
  if (found.has_value() != expected.has_value()) differs(field, text(found), text(expected));
}

void Comparison::same(const std::string& field, const PowerCycle& found,
                      const PowerCycle& expected) {
  same(field + ".boot", found.boot, expected.boot);
  same(field + ".fetch", found.fetch, expected.fetch);
  same(field + ".index_fetch", found.index_fetch, expected.index_fetch);
  same(field + ".compute", found.compute, expected.compute);
  same(field + ".backup", found.backup, expected.backup);
  same(field + ".index_backup", found.index_backup, expected.index_backup);
}

void Comparison::same(const Intermittent& found, const Intermittent& expected) {
  same("vm", found.vm, expected.vm);
  same("c0", found.c0, expected.c0);
  same("E_av", found.E_av, expected.E_av);
  same("c1", found.c1, expected.c1);
  same("e_n0", found.e_n0, expected.e_n0);
  same("e_later", found.e_later, expected.e_later);
  same("l_n0", found.l_n0, expected.l_n0);
  same("l_later", found.l_later, expected.l_later);
  same("E_max", found.E_max, expected.E_max);
  same("E_min", found.E_min, expected.E_min);
  same("L_max", found.L_max, expected.L_max);
  same("L_min", found.L_min, expected.L_min);
  same("npc", found.npc, expected.npc);
  same("n0", found.n0, expected.n0);
  same("later", found.later, expected.later);
  same("Eu", found.Eu, expected.Eu);
  same("t_min", found.t_min, expected.t_min);
  same("t_max", found.t_max, expected.t_max);
  same("L_e2e", found.L_e2e, expected.L_e2e);
}

void Comparison::same(const Traffic& found, const Traffic& expected) {
  same("read_e", found.read_e, expected.read_e);
  same("read_l", found.read_l, expected.read_l);
  same("write_e", found.write_e, expected.write_e);
  same("write_l", found.write_l, expected.write_l);
}

void Comparison::same(const Continuous& found, const Continuous& expected) {
  same("vm", found.vm, expected.vm);
  same("c0", found.c0, expected.c0);
  same("tiles", found.tiles, expected.tiles);
  same("n0", found.n0, expected.n0);
  same("later", found.later, expected.later);
  same("e_fetch", found.e_fetch, expected.e_fetch);
  same("e_compute", found.e_compute, expected.e_compute);
  same("e_backup", found.e_backup, expected.e_backup);
  same("l_fetch", found.l_fetch, expected.l_fetch);
  same("l_compute", found.l_compute, expected.l_compute);
  same("l_backup", found.l_backup, expected.l_backup);
  same("E", found.E, expected.E);
  same("L", found.L, expected.L);
}

void Comparison::same(const Candidate& found, const Candidate& expected) {
  same("design", params(found.design), params(expected.design));
  same("vm", found.vm, expected.vm);
  same("E_max", found.E_max, expected.E_max);
  same("E_min", found.E_min, expected.E_min);
  same("L", found.L, expected.L);
  same("npc", found.npc, expected.npc);
  same("n0", found.n0, expected.n0);
  same("later", found.later, expected.later);
  same("c0", found.c0, expected.c0);
  same("c1", found.c1, expected.c1);
}

void Comparison::same(const Choice& found, const Choice& expected) {
  same("feasible", found.best.has_value(), expected.best.has_value());
  same("explained", found.why.has_value(), expected.why.has_value());
  if (found.best && expected.best) same(*found.best, *expected.best);
  if (found.why && expected.why) {
    same("why.spatial", found.why->spatial, expected.why->spatial);
    same("why.nearest", params(found.why->nearest), params(expected.why->nearest));
    same("why.needed", found.why->needed, expected.why->needed);
    same("why.available", found.why->available, expected.why->available);
  }
}

::testing::AssertionResult Comparison::verdict(std::optional<std::size_t> expected_records) const {
  const bool complete = !expected_records || *expected_records == records_;
  if (differences_ == 0 && complete) {
    return ::testing::AssertionSuccess()
           << title_ << ": " << values_ << " values of " << records_ << " records are the same";
  }
  ::testing::AssertionResult failure = ::testing::AssertionFailure();
  failure << title_ << ": " << differences_ << " of " << values_ << " values in " << records_
          << " records differ, " << within_ << " of them by no more than " << kTolerance;
  if (!complete) failure << "; expected " << *expected_records << " records";
  for (const std::string& message : messages_) failure << "\n  " << message;
  if (messages_.size() < differences_) failure << "\n  …";
  return failure;
}

}  // namespace oracle
