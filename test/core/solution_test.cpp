#include <limits>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>

namespace inas {
namespace {

class SolutionFolder : public testing::Test {
 protected:
  void change(const std::string& from, const std::string& to) {
    std::string text = read_file(json_);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file(json_, text.replace(at, from.size(), to));
  }

  test::TemporaryFolder folder_;
  std::filesystem::path json_ = folder_.path() / "solution.json";
  Solution solution_ = test::sample_solution();
  std::vector<Tensor> weights_ = test::sample_weights(solution_, 1);
};

TEST_F(SolutionFolder, RoundTrip) {
  solution_.latency_s = 0.1 + 0.2;
  solution_.settings.search.seed = std::numeric_limits<std::uint64_t>::max();
  solution_.accuracy.test.reset();
  write_solution(folder_.path() / "new" / "folder", solution_, weights_);
  const Solution read = read_solution(folder_.path() / "new" / "folder");
  EXPECT_EQ(read, solution_);
  EXPECT_EQ(read_solution_weights(folder_.path() / "new" / "folder", read), weights_);
}

TEST_F(SolutionFolder, EveryTruncationIsRefused) {
  write_solution(folder_.path(), solution_, weights_);
  const std::string text = read_file(json_);
  for (std::size_t length = 0; length + 2 < text.size(); length += 3) {
    SCOPED_TRACE(length);
    write_file(json_, text.substr(0, length));
    test::expect_error([&] { (void)read_solution(folder_.path()); }, "solution.json");
  }
}

TEST_F(SolutionFolder, ErrorsNameTheFileAndTheKey) {
  write_solution(folder_.path(), solution_, weights_);
  const std::string good = read_file(json_);
  const auto refused = [&](const std::string& from, const std::string& to,
                           const std::string& word) {
    write_file(json_, good);
    change(from, to);
    test::expect_error([&] { (void)read_solution(folder_.path()); }, word);
    test::expect_error([&] { (void)read_solution(folder_.path()); }, "solution.json");
  };
  refused("\"format\": 1", "\"format\": 2", "format: found 2, allowed: 1");
  refused("\"trial\": 12", "\"trail\": 12", "trial: missing");
  refused("\"trial\": 12", "\"trial\": 12, \"extra\": 0", "extra: unknown key");
  refused("reuse_W", "reuse_X", "reuse_X");
  refused("\"CONV_1\"", "\"CONV_1\", \"nmae\": 1", "layers[1].nmae");
  refused("\"test\": 0.7", "\"test\": 1.7", "accuracy.test");
  refused("\"CONV\"", "\"CONVO\"", "CONVO");
  refused("\"vm_bytes\": 1024", "\"vm_bytes\": -1", "layers[0].vm_bytes");
}

TEST_F(SolutionFolder, WeightsMustBeThoseOfTheLayers) {
  std::vector<Tensor> missing = weights_;
  missing.pop_back();
  test::expect_error([&] { validate(solution_, missing); }, "FC_END");
  std::vector<Tensor> renamed = weights_;
  renamed[0].name = "other";
  test::expect_error([&] { validate(solution_, renamed); }, "CONV_0");
  std::vector<Tensor> reshaped = weights_;
  std::swap(reshaped[1].shape[0], reshaped[1].shape[1]);
  test::expect_error([&] { validate(solution_, reshaped); }, "CONV_1");
  std::vector<Tensor> infinite = weights_;
  infinite[1].values[3] = std::numeric_limits<float>::infinity();
  test::expect_error([&] { validate(solution_, infinite); }, "CONV_1");
  std::vector<Tensor> surplus = weights_;
  surplus.push_back({"more", {1}, {0}});
  test::expect_error([&] { validate(solution_, surplus); }, "more");
}

}  // namespace
}  // namespace inas
