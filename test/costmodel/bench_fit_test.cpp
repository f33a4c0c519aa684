#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/bench_fit.hpp>
#include <inas/costmodel/laws.hpp>

namespace inas::costmodel {
namespace {

constexpr const char* kHead =
    "# inas-bench 1\n# firmware 0.1.0\n# board msp430fr5994\n# clock_hz 16000000\n"
    "# memory on-chip\n# lea none\n# optimization -Os\n";
constexpr const char* kColumns = "benchmark,shape,design,repetitions,cycles\n";

std::string design_text(int Tr, int Tc, int Tm, int Tn, const std::string& order, int S, int flags,
                        int K, bool cpu) {
  return fmt::format("{}_{}_{}_{}_reuse_{}_S{}{}{}{}", Tr, Tc, Tm, Tn, order, S,
                     flags == 2 ? "_coalesced" : "", K == 1 ? "" : fmt::format("_K{}", K),
                     cpu ? "_cpu" : "");
}

const char* biased(const std::string& bias) { return bias == "bias" ? "_bias" : ""; }

// The layers that the firmware runs, in its words.
#define CONVOLUTION(order, flags, bias, c, h, w, m, kh, kw, tr, tc, tm, tn, s, k) \
  fmt::format("CONV_{}x{}x{}_{}_{}x{}_1{},{}", c, h, w, m, kh, kw, biased(#bias), \
              design_text(tr, tc, tm, tn, #order, s, flags, k, true))
#define AVERAGE_POOL(flags, c, h, w, tr, tc, tm, s, k)             \
  fmt::format("GAVGPOOL_{}x{}x{}_{}_{}x{}_1,{}", c, h, w, c, h, w, \
              design_text(tr, tc, tm, 1, "O", s, flags, k, false))
#define MAX_POOL(flags, c, h, w, kh, kw, stride, tr, tc, tm, s, k)           \
  fmt::format("MAXPOOL_{}x{}x{}_{}_{}x{}_{},{}", c, h, w, c, kh, kw, stride, \
              design_text(tr, tc, tm, 1, "W", s, flags, k, false))
#define ONCE(layer) things.push_back("layer," + (layer));
#define TWICE(layer) things.push_back("two_layers," + (layer));

/// Benchmark, shape and design of what the firmware measures, and like it.
std::vector<std::string> measured_things() {
  std::vector<std::string> things;
  for (const char* benchmark : {"read", "write"}) {
    for (const int values : {1, 2, 4, 8, 16, 32, 64, 128}) {
      things.push_back(fmt::format("{},1x8x{},", benchmark, values));
      things.push_back(fmt::format("{},4x2x{},", benchmark, values));
      things.push_back(fmt::format("{},1x1x{},", benchmark, values));
    }
  }
  for (const int length : {1, 2, 4, 8, 16, 32, 64, 128, 256}) {
    things.push_back(fmt::format("products,1x1x2_2x{},cpu", length));
    things.push_back(fmt::format("products,3x2x4_1x{},cpu", length));
    things.push_back(fmt::format("products,2x5x1_3x{},cpu", length));
  }
  for (int i = 0; i < 3; ++i) things.push_back("start,,");
#include "../../firmware/bench/layers.def"
  return things;
}

/// A line of the file and what it says.
struct Measured {
  std::string thing;
  double cycles = 0;
  double energy_j = 0;
};

constexpr int kRepetitions = 1000;

std::string csv_of(const std::vector<Measured>& measured, bool energy = false) {
  std::string csv = kHead;
  csv += energy ? "benchmark,shape,design,repetitions,cycles,energy_j\n" : kColumns;
  for (const Measured& of : measured) {
    csv += fmt::format("{},{},{:.0f}", of.thing, kRepetitions, kRepetitions * of.cycles);
    csv += energy ? fmt::format(",{}\n", kRepetitions * of.energy_j) : "\n";
  }
  return csv + fmt::format("# end {}\n", measured.size());
}

/// The shipped laws, and what a repetition takes besides.
std::vector<double> true_values() {
  std::vector<double> values = law_cycles(load_profile("msp430fr5994"));
  while (values.size() < bench_columns().size()) values.push_back(300);
  return values;
}

/// What the device would measure if it kept to these laws.
std::vector<Measured> exact(const std::vector<std::string>& things) {
  std::vector<Measured> measured;
  for (const std::string& thing : things) measured.push_back({thing, 1, 0});
  const BenchFile file = parse_bench_file(csv_of(measured), "things");
  const std::vector<double> values = true_values();
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const std::vector<double>& counts = file.points[i].counts;
    measured[i].cycles = std::inner_product(counts.begin(), counts.end(), values.begin(), 0.0);
  }
  return measured;
}

std::size_t column_of(std::string_view name) {
  const std::vector<std::string>& names = bench_columns();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

TEST(BenchFit, ExactMeasurementsGiveTheLaws) {
  const BenchFit fit = fit_bench(parse_bench_file(csv_of(exact(measured_things())), "exact"));
  ASSERT_GT(fit.cycles.laws.size(), 25U);
  for (const FittedLaw& law : fit.cycles.laws) {
    const double value = true_values()[column_of(law.name)];
    EXPECT_NEAR(law.value, value, 0.02 + 1e-3 * value) << law.name;
    EXPECT_GE(law.points, 3) << law.name;
    EXPECT_GT(law.r_squared, 0.99) << law.name;
  }
  EXPECT_EQ(fit.cycles.believed, static_cast<std::int64_t>(fit.cycles.points.size()));
  EXPECT_LT(fit.cycles.worst_residual, 1e-3);
  EXPECT_TRUE(fit.energy.laws.empty());
}

/// Noise of 0.5 %, and every 20th measurement far off.
TEST(BenchFit, LawsLieWithinTheirIntervalsAndOutliersAreNamed) {
  constexpr int kSeeds = 20;
  const std::vector<Measured> things = exact(measured_things());
  const std::vector<double> values = true_values();
  int laws = 0;
  int within = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> noise(0, 0.005);
    std::vector<Measured> measured = things;
    std::set<std::size_t> planted;
    for (std::size_t i = 0; i < measured.size(); ++i) {
      measured[i].cycles *= 1 + noise(generator);
      if (generator() % 20 != 0 || measured[i].thing == "start,,") continue;
      planted.insert(i);
      measured[i].cycles *= generator() % 2 == 0 ? 0.6 : 1.5;
    }
    const BenchFit fit = fit_bench(parse_bench_file(csv_of(measured), "noisy"));
    std::set<std::size_t> named;
    for (std::size_t i = 0; i < measured.size(); ++i) {
      const FittedPoint& point = fit.cycles.points[i];
      if (!point.believed) named.insert(i);
      if (point.believed) continue;
      EXPECT_NEAR(point.measured, measured[i].cycles, 1) << point.what;
      EXPECT_EQ(point.line, 9 + i) << point.what;
    }
    EXPECT_EQ(named, planted);
    for (const FittedLaw& law : fit.cycles.laws) {
      const double value = values[column_of(law.name)];
      ++laws;
      within += std::abs(law.value - value) <= law.half_width ? 1 : 0;
      EXPECT_LE(std::abs(law.value - value), 2.5 * law.half_width) << law.name;
    }
  }
  // 95 % of them, and their own deviation: there are 680, not all independent.
  EXPECT_GE(within, laws * 92 / 100) << "of " << laws;
  EXPECT_LE(within, laws * 98 / 100) << "of " << laws;
}

TEST(BenchFit, EnergiesOfTransfersVectorsAndCyclesAreFittedWhereTheyWereMeasured) {
  std::vector<Measured> measured = exact(measured_things());
  const BenchFile counts = parse_bench_file(csv_of(measured), "counts");
  const std::vector<double> values = true_values();
  std::mt19937_64 generator(1);
  std::normal_distribution<double> noise(0, 0.01);
  const auto energy_of = [&](const std::string& name) {
    if (name == "nvm_read.slope") return 9e-10;
    if (name == "nvm_write.intercept") return 5e-8;
    return values[column_of(name)] * 4e-10;
  };
  for (std::size_t i = 0; i < measured.size(); ++i) {
    for (std::size_t law = 0; law < values.size(); ++law) {
      measured[i].energy_j += counts.points[i].counts[law] * energy_of(bench_columns()[law]);
    }
    measured[i].energy_j *= 1 + noise(generator);
  }
  const BenchFile file = parse_bench_file(csv_of(measured, true), "energies");
  const BenchFit fit = fit_bench(file);
  ASSERT_EQ(fit.energy.laws.size(), 7U);
  for (const FittedLaw& law : fit.energy.laws) {
    const double value = law.name == "energy_per_cycle" ? 4e-10 : energy_of(law.name);
    EXPECT_NEAR(law.value / value, 1, 2.5 * law.half_width / value) << law.name;
    EXPECT_LT(law.half_width / value, 0.2) << law.name;
  }
  const Profile profile = with_bench_fit(load_profile("msp430fr5994"), file, fit);
  EXPECT_NEAR(profile.runtime.energy_per_cycle_j / 4e-10, 1, 0.01);
  EXPECT_NEAR(profile.nvm_read.energy_j.slope / 9e-10, 1, 0.05);
  EXPECT_NEAR(profile.nvm_write.energy_j.intercept / 5e-8, 1, 0.05);
}

TEST(BenchFit, TheProfileLoadsAndEveryLawOfTheFileIsMeasured) {
  const Profile base = load_profile("msp430fr5994");
  const BenchFile file = parse_bench_file(csv_of(exact(measured_things())), "exact");
  const Profile profile = with_bench_fit(base, file, fit_bench(file));
  EXPECT_EQ(parse_profile(to_json(profile, "measured"), "it"), profile);
  for (const char* law : {"nvm_read", "nvm_write", "cpu_mac", "runtime"}) {
    EXPECT_EQ(profile.origins.at(law), Origin::measured) << law;
  }
  EXPECT_EQ(profile.origins.count("max_pool"), 0U) << "the runtime's";
  EXPECT_EQ(profile.origins.at("convolution_lea"), base.origins.at("runtime")) << "of the base";
  EXPECT_EQ(profile.origins.at("vector_mac"), base.origins.at("vector_mac"));
  EXPECT_EQ(profile.origins.at("reboot"), base.origins.at("reboot"));
  EXPECT_EQ(profile.vector_mac, base.vector_mac);
  EXPECT_EQ(profile.reboot, base.reboot);
  // Without measured energies as much per cycle as before.
  EXPECT_NEAR(profile.cpu_mac->energy_j.slope / profile.cpu_mac->latency_s.slope,
              base.cpu_mac->energy_j.slope / base.cpu_mac->latency_s.slope, 1e-15);
  const std::vector<double> before = law_cycles(base);
  const std::vector<double> after = law_cycles(profile);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(after[i], before[i], 0.02 + 1e-3 * before[i]) << law_names()[i];
  }
}

TEST(BenchFit, LawsThatTheFileLacksAreTheBases) {
  std::vector<std::string> things;
  for (const std::string& thing : measured_things()) {
    if (thing.find("GAVGPOOL") == std::string::npos) things.push_back(thing);
  }
  Profile base = load_profile("msp430fr5994");
  std::vector<double> doubled = law_cycles(base);
  for (double& cycles : doubled) cycles *= 2;
  base = with_law_cycles(base, doubled, 3e-10);
  const BenchFile file = parse_bench_file(csv_of(exact(things)), "no average pooling");
  const Profile profile = with_bench_fit(base, file, fit_bench(file));
  const auto cycles_of = [](const Profile& of, std::string_view name) {
    return law_cycles(of)[column_of(name)];
  };
  EXPECT_EQ(cycles_of(profile, "global_average_pool.tile"),
            cycles_of(base, "global_average_pool.tile"));
  EXPECT_NEAR(2 * cycles_of(profile, "max_pool.tile"), cycles_of(base, "max_pool.tile"), 1);
  EXPECT_EQ(profile.origins.at("runtime"), Origin::measured);
  EXPECT_EQ(profile.origins.at("global_average_pool"), base.origins.at("runtime"));
  EXPECT_EQ(profile.origins.at("nvm_read"), Origin::measured);
}

void expect_refused(const std::string& csv, const std::string& part) {
  SCOPED_TRACE(part);
  try {
    (void)fit_bench(parse_bench_file(csv, "bench.csv"));
    ADD_FAILURE() << "accepted";
  } catch (const InvalidArgument& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("bench.csv: ")) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(BenchFit, FilesThatAreNoMeasurementsAreRefused) {
  const std::string csv = csv_of(exact(measured_things()));
  expect_refused("", "is empty");
  expect_refused("layers,cycles\n", "line 1: found \"layers,cycles\"");
  expect_refused(std::string("\x7F"
                             "ELF\0\xFF",
                             6),
                 "line 1: found ");
  expect_refused(replaced(csv, "# inas-bench 1", "# inas-bench 2"), "format 1, the one that");
  expect_refused(replaced(csv, "# lea none\n", ""), "no \"# lea\"");
  expect_refused(replaced(csv, "# lea none\n", "# lea none\n# lea none\n"),
                 "line 7: found \"# lea");
  expect_refused(replaced(csv, "on-chip", "flash"),
                 "line 5: found \"flash\", allowed: on-chip, serial");
  expect_refused(replaced(csv, "16000000", "16 MHz"), "line 4: found \"16 MHz\"");
  expect_refused(replaced(csv, kColumns, "benchmark,cycles\n"),
                 "line 8: found \"benchmark,cycles\"");
  expect_refused(replaced(csv, kColumns, ""), "line 8: found \"read,1x8x1,,");
  expect_refused(replaced(csv, "read,", "fetch,"), "line 9: found \"fetch\", allowed: start, read");
  expect_refused(replaced(csv, "1x8x1,,", "1x8,,"), "line 9: found \"1x8\"");
  expect_refused(replaced(csv, "1x8x1,,", "1x8x0,,"), "line 9: found \"1x8x0\"");
  expect_refused(replaced(csv, "1x8x1,,", "1x8x1,cpu,"), "line 9: found \"cpu\", allowed: nothing");
  expect_refused(replaced(csv, ",,1000,", ",,0,"),
                 "line 9: found \"0\", allowed: a whole number from 1");
  expect_refused(replaced(csv, ",,1000,", ",,1000,-"), "line 9: found \"-");
  expect_refused(replaced(csv, ",,1000,", ",,1000,1,"), "line 9: found ");
  expect_refused(replaced(csv, "_reuse_", "_reuze_"), "reuze");
  expect_refused(replaced(csv, "layer,CONV", "layer,CONVO"), "found \"CONVO\", allowed: CONV, ");
  expect_refused(replaced(csv, "1x1x2_2x1,cpu", "65535x65535x65535_65535x65535,lea"),
                 "at most 10000000 products");
  expect_refused(replaced(csv, "products,1x1x2_2x1,cpu",
                          "layer,CONV_1x3000x3000_1_1x1_1,1_1_1_1_reuse_O_S1_cpu"),
                 "at most 100000 tiles");
  expect_refused(csv.substr(0, csv.size() / 2), "cut off");
  expect_refused(csv.substr(0, csv.rfind("# end")), "it is cut off");
  expect_refused(replaced(csv, "# end ", "# end 1"), "some are missing");
  expect_refused(csv + csv, "nothing after \"# end\"");
  expect_refused(std::string(kHead) + kColumns + "# end 0\n", "no measurements");
}

TEST(BenchFit, LinesMayEndAsOnOtherSystems) {
  std::string windows;
  for (const char c : csv_of(exact(measured_things())))
    windows += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_GT(fit_bench(parse_bench_file(windows, "windows")).cycles.believed, 100);
}

TEST(BenchFit, TooFewOrContradictoryPointsAreRefused) {
  const std::vector<Measured> all = exact(measured_things());
  const auto only = [&](auto&& keep) {
    std::vector<Measured> kept;
    for (const Measured& of : all) {
      if (keep(of.thing)) kept.push_back(of);
    }
    return kept;
  };
  const auto starts = [](const std::string& what) {
    return [what](const std::string& thing) { return thing.starts_with(what); };
  };
  expect_refused(csv_of(only(starts("read,1x8x1,"))), "found 1 points, allowed: at least 3");
  // All of one length.
  expect_refused(csv_of(exact({"read,1x1x16,", "read,1x2x16,", "read,3x3x16,", "read,2x5x16,"})),
                 "none of which tells it from nvm_read");

  std::vector<Measured> twice = all;
  twice.push_back(all.front());
  twice.back().cycles *= 1.01;
  EXPECT_NO_THROW((void)fit_bench(parse_bench_file(csv_of(twice), "noise")));
  twice.back().cycles *= 1.1;
  expect_refused(csv_of(twice), fmt::format("lines 9 and {}: found ", 8 + twice.size()));
  // Two of three agree: the third is not believed.
  twice.push_back(all.front());
  const BenchFit fit = fit_bench(parse_bench_file(csv_of(twice), "two of three"));
  EXPECT_EQ(fit.cycles.believed + 1, static_cast<std::int64_t>(twice.size()));
  EXPECT_FALSE(fit.cycles.points[twice.size() - 2].believed);
}

TEST(BenchFit, ContradictoryEnergiesAreRefused) {
  std::vector<Measured> twice = exact(measured_things());
  for (Measured& of : twice) of.energy_j = 4e-10 * of.cycles;
  twice.push_back(twice.front());
  twice.back().energy_j *= 1.05;
  EXPECT_NO_THROW((void)fit_bench(parse_bench_file(csv_of(twice, true), "a noisy meter")));
  twice.back().energy_j *= 1.2;
  expect_refused(csv_of(twice, true), fmt::format("lines 9 and {}: found ", 8 + twice.size()));
  expect_refused(csv_of(twice, true),
                 "found 4.092e-07 J and 5.156e-07 J for read,1x8x1, allowed: ");
  // Two of three agree: the third is not believed.
  twice.push_back(twice.front());
  const BenchFit fit = fit_bench(parse_bench_file(csv_of(twice, true), "two of three"));
  EXPECT_EQ(fit.energy.believed + 1, static_cast<std::int64_t>(twice.size()));
  EXPECT_FALSE(fit.energy.points[twice.size() - 2].believed);
  EXPECT_TRUE(fit.cycles.points[twice.size() - 2].believed);
}

TEST(BenchFit, AFileOfWhichMuchIsNotBelievedIsRefused) {
  std::vector<Measured> measured = exact(measured_things());
  for (std::size_t i = 0; i < measured.size(); ++i) {
    if (i % 3 == 0) measured[i].cycles *= 2;
  }
  expect_refused(csv_of(measured), "to believe, allowed: at least");
}

TEST(BenchFit, EnergiesBeyondAnyMeterAreRefused) {
  std::vector<Measured> measured = exact(measured_things());
  for (Measured& of : measured) of.energy_j = 1e-6;
  const std::string csv = csv_of(measured, true);
  EXPECT_NO_THROW((void)parse_bench_file(csv, "energies"));
  const std::size_t at = csv.find('\n', csv.find("energy_j") + 9);
  const std::size_t begin = csv.rfind(',', at) + 1;
  for (const std::string found : {"1e300", "1e-300", "5e-324", "inf", "nan", "-1", "0"}) {
    std::string changed = csv;
    changed.replace(begin, at - begin, found);
    expect_refused(changed, "found \"" + found + "\", allowed: 1e-12 to 1e6 joules");
  }
}

TEST(BenchFit, LawsThatExplainNothingAreRefused) {
  std::vector<Measured> measured = exact(measured_things());
  std::mt19937_64 generator(1);
  for (Measured& of : measured) {
    if (of.thing.starts_with("write,")) of.cycles = static_cast<double>(1000 + generator() % 4000);
  }
  expect_refused(csv_of(measured), "points to believe, allowed: at least 3");
  std::vector<Measured> writes;
  for (const Measured& of : measured) {
    if (of.thing.starts_with("write,")) writes.push_back(of);
  }
  expect_refused(csv_of(writes), "cycles of nvm_write");
  expect_refused(csv_of(writes), "R²");
}

TEST(BenchFit, TheBaseIsARuntimesProfileOfTheSameClock) {
  const std::string csv = csv_of(exact(measured_things()));
  const BenchFile slower = parse_bench_file(replaced(csv, "16000000", "8000000"), "bench.csv");
  const BenchFit fit = fit_bench(slower);
  try {
    (void)with_bench_fit(load_profile("msp430fr5994"), slower, fit);
    ADD_FAILURE();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(),
                 "bench.csv: clock_hz: found 8000000, allowed: 16000000, that of the profile "
                 "msp430fr5994");
  }
  EXPECT_THROW((void)with_bench_fit(load_profile("msp430fr5994-paper"), slower, fit),
               InvalidArgument);
}

}  // namespace
}  // namespace inas::costmodel
