#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/costmodel/profile.hpp>

#include "bench_run.hpp"
#include "laws/laws.hpp"
#include "laws/micro_models.hpp"

namespace inas::firmware {
namespace {

using costmodel::Origin;
using costmodel::Profile;

const std::filesystem::path kPrograms = INAS_SIMULATED_PROGRAMS;
const std::string kEval = std::string(INAS_TEST_BIN) + "/inas-eval";

/// A profile as a user gets it: the micro-benchmarks' lines, fitted by inas-eval.
struct Fitted {
  explicit Fitted(const std::string& program) {
    const std::filesystem::path csv = folder.path() / "bench.csv";
    write_file(csv, run_bench(emulator::read_elf(kPrograms / program)).csv);
    const std::filesystem::path json = folder.path() / "profile.json";
    result =
        test::run_command(fmt::format("{} fit {} --output {}", kEval, csv.string(), json.string()));
    if (result.code == 0) profile = costmodel::load_profile(json.string());
  }

  test::TemporaryFolder folder;
  test::CommandResult result;
  Profile profile;
};

Eigen::VectorXd laws_of(const Profile& profile) {
  const std::vector<double> cycles = costmodel::law_cycles(profile);
  return Eigen::Map<const Eigen::VectorXd>(cycles.data(), static_cast<Eigen::Index>(cycles.size()));
}

/// 100 random networks, all that they are charged.
std::vector<Eigen::VectorXd> network_counts(Units units) {
  std::vector<Eigen::VectorXd> counts;
  Generator generator(laws::kOtherSeed);
  while (counts.size() < 100) {
    const std::vector<TestLayer> layers = laws::random_network_model(generator, units);
    if (layers.front().design.batches_per_cycle == 0) {
      counts.push_back(laws::host_counts(TestModel(layers, generator(), 0, Placement::shared)));
    } else {
      counts.push_back(laws::priced_counts(layers));
    }
  }
  return counts;
}

/// Neither the shipped laws, which are fitted to whole layers and networks, nor the
/// micro-benchmarks can change without the other.
void expect_same_predictions(const std::string& program, const std::string& profile, Units units) {
  const Fitted fitted(program);
  ASSERT_EQ(fitted.result.code, 0) << fitted.result.err;
  Eigen::VectorXd measured = laws_of(fitted.profile);
  const Eigen::VectorXd shipped = laws_of(costmodel::load_profile(profile));
  // The shipped law of the LEA's vector is DSPLib's on the part; what is measured here is the
  // emulator's.
  for (std::size_t i = 0; i < costmodel::law_names().size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    if (costmodel::law_names()[i].starts_with("vector_mac.")) measured[at] = shipped[at];
  }
  double measured_sum = 0;
  double shipped_sum = 0;
  double worst = 0;
  for (const Eigen::VectorXd& counts : network_counts(units)) {
    const double ratio = measured.dot(counts) / shipped.dot(counts);
    EXPECT_NEAR(ratio, 1, 0.03);
    worst = std::max(worst, std::abs(ratio - 1));
    measured_sum += measured.dot(counts);
    shipped_sum += shipped.dot(counts);
  }
  EXPECT_NEAR(measured_sum / shipped_sum, 1, 0.01);
  testing::Test::RecordProperty("worst", std::to_string(worst));
  testing::Test::RecordProperty("sum", std::to_string(measured_sum / shipped_sum));
}

TEST(BenchFit, TheShippedProfileAndTheMicroBenchmarksPredictTheSameCycles) {
  expect_same_predictions("fr5994-bench.elf", "msp430fr5994", laws::kCpuOnly);
}

TEST(BenchFit, TheyDoSoWithTheLea) {
  expect_same_predictions("fr5994-bench-lea.elf", "msp430fr5994", laws::kLeaToo);
}

TEST(BenchFit, TransfersOfTheSerialMemoryTakeWhatTheShippedProfileSays) {
  const Fitted fitted("fr5994-bench-serial.elf");
  ASSERT_EQ(fitted.result.code, 0) << fitted.result.err;
  EXPECT_EQ(fitted.profile.name, "msp430fr5994-serial-measured");
  const Profile shipped = costmodel::load_profile("msp430fr5994-serial");
  for (const auto law : {&Profile::nvm_read, &Profile::nvm_write}) {
    const costmodel::LinearLaw& cycles = (fitted.profile.*law).latency_s;
    const costmodel::LinearLaw& of = (shipped.*law).latency_s;
    EXPECT_NEAR(cycles.slope / of.slope, 1, 0.03);
    EXPECT_NEAR(cycles.intercept / of.intercept, 1, 0.05);
  }
}

TEST(BenchFit, TheProfileOfTheEmulatedDeviceIsMeasuredAndNamesItsOrigin) {
  const Fitted fitted("fr5994-bench.elf");
  ASSERT_EQ(fitted.result.code, 0) << fitted.result.err;
  EXPECT_EQ(fitted.profile.name, "msp430fr5994-measured");
  for (const char* law : {"nvm_read", "nvm_write", "cpu_mac", "runtime"}) {
    EXPECT_EQ(fitted.profile.origins.at(law), Origin::measured) << law;
  }
  EXPECT_NE(fitted.result.out.find("energies: not measured"), std::string::npos);
  for (const char* part : {"nvm_read.slope", "max_pool.value", "+- 95 %", "R2", "points"}) {
    EXPECT_NE(fitted.result.out.find(part), std::string::npos) << part;
  }
}

TEST(BenchFit, BadInputIsOneSentence) {
  const test::TemporaryFolder folder;
  const std::string csv = (folder.path() / "bench.csv").string();
  const std::string profile = (folder.path() / "profile.json").string();
  write_file(csv, "# inas-bench 1\n");
  const std::pair<std::string, std::string> cases[] = {
      {"fit", "FILE: found none"},
      {"fit " + folder.path().string(), "directory"},
      {"fit " + csv + ".none", "No such file"},
      {"fit /dev/null", "is empty"},
      {"fit " + csv + " --output " + profile, "line 1: found \"the end of the file\""},
      {"fit " + csv + " --output " + profile + " --base none", "line 1"},
      {"fit " + csv + " --output " + folder.path().string(), "directory"},
      {"fit " + csv + " --out " + profile, "--out"}};
  for (const auto& [arguments, part] : cases) {
    SCOPED_TRACE(arguments);
    test::expect_refused(test::run_command(kEval + " " + arguments), part);
    EXPECT_FALSE(std::filesystem::exists(profile));
  }
}

}  // namespace
}  // namespace inas::firmware
