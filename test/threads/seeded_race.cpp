#include <barrier>
#include <cstdio>
#include <string>

#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/core/worker_threads.hpp>
#include <inas/nas/search.hpp>

#include "parallel.hpp"

namespace inas {
namespace {

std::int64_t counter = 0;

/// Two threads get here, and none goes on before the other has come.
void race() {
  static std::barrier both(2);
  both.arrive_and_wait();
  ++counter;
}

void race_in_the_explorers_loops() {
  explorer::parallel_for(2, 2, [](std::size_t) { race(); });
}

void race_in_the_executors_loops() {
  on_threads(2, 2, [] { return [](std::int64_t) { race(); }; });
}

class TwoNetworks final : public nas::Strategy {
 public:
  nas::Proposal propose() override { return {{1, 4, kernel_ += 2, 4}, {}}; }

 private:
  std::int64_t kernel_ = -1;
};

void race_in_the_searchs_trainings() {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3}, {4}};
  settings.search.trials = settings.search.workers = settings.search.parallelism = 2;
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              published_space());
  TwoNetworks strategy;
  const nas::TrainChild train = [](const nas::ChildTraining&, const Stop&) {
    race();
    return nas::TrainedNetwork{};
  };
  (void)nas::run_search(settings, explorer, strategy, train, {}, {});
}

}  // namespace
}  // namespace inas

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-seeded-race",
      .arguments = "explorer|search|executor",
      .description =
          "Runs a data race in code that runs on the threads of one of them; the thread\n"
          "sanitizer must say so.\n"
          "Exit code: the sanitizer's; 2 bad input.",
      .least_words = 1,
      .most_words = 1};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    const std::string& where = given.words[0];
    if (where == "explorer") {
      inas::race_in_the_explorers_loops();
    } else if (where == "search") {
      inas::race_in_the_searchs_trainings();
    } else if (where == "executor") {
      inas::race_in_the_executors_loops();
    } else {
      throw inas::Error("found \"" + where + "\", allowed: explorer, search, executor");
    }
    std::printf("%s: counted to %d\n", where.c_str(), static_cast<int>(inas::counter));
    return 0;
  });
}
