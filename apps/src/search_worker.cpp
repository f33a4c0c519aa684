#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/text.hpp>
#include <inas/report/number_text.hpp>
#include <inas/study/remote_work.hpp>

#include "command_line.hpp"
#include "long_work.hpp"
#include "progress.hpp"
#include "search_commands.hpp"
#include "signals.hpp"

namespace inas::apps {

namespace {

namespace po = boost::program_options;

const Usage kUsage{
    "inas-search --worker", "inas-search --worker --study URL [--data DIR] [options]",
    R"(Trains networks for a study that another inas-search coordinates, until its search has ended.
Started by anything: a shell, ssh, Slurm, mpirun; any number of them, at any time. A worker that
dies loses its training to another one; what it was told of the data must be the same data.
Exit code: 0 the search has ended, 2 bad input, no database or nobody who coordinates, 3 ended by
a signal: what was in training is given back.)"};

std::string line_of(const study::WorkerReport& report) {
  using What = study::WorkerReport::What;
  const std::string trial =
      fmt::format("trial {:>4}  {:<24}", report.claim.trial, to_string(report.claim.architecture));
  switch (report.what) {
    case What::began:
      return fmt::format("{} training, attempt {}", trial, report.claim.attempt);
    case What::ended:
      return fmt::format("{} {}  in {:.1f} s", trial, report::percent_text(report.accuracy),
                         report.seconds);
    case What::lost:
      return fmt::format("{} lost to another worker: this one did not answer for too long", trial);
    case What::given_up:
      return fmt::format("{} given back", trial);
  }
  return trial;
}

}  // namespace

int search_worker(int argc, const char* const* argv) {
  po::options_description options("options", 100);
  options.add_options()("worker", po::bool_switch(), "train for a study")(
      "study", po::value<std::string>()->value_name("URL"),
      "the study (required): postgresql://[USER@]HOST/DATABASE[#NAME]")(
      "data", po::value<std::string>()->value_name("DIR"),
      "folder of the data set on this machine (default: as the coordinator has it)");
  add_number(options, "threads", "N", 1, 256, 1,
             "networks trained at the same time, one thread each");
  add_number(options, "gpuid,g", "N", -1, 1024, -1, "CUDA device to train on, -1 for the CPU");
  add_number(options, "lease", "SECONDS", 4, 86'400, 60,
             "what this worker trains is given to another one if it has not been heard of for so "
             "long");
  add_number(options, "wait", "SECONDS", 0, 86'400, 60,
             "how long to wait for a study that has not begun, or that nobody goes on with");
  const auto values = parse_command_line(argc, argv, kUsage, options);
  if (!values) return kDone;
  if (values->count("study") == 0) {
    throw Error("--study: found none, allowed: postgresql://HOST/DATABASE[#NAME]");
  }
  study::RemoteWork work;
  work.location = study::parse_location((*values)["study"].as<std::string>());
  if (!work.location.shared()) {
    throw Error(
        "--study: found a file, allowed: a database of PostgreSQL, postgresql://HOST/DATABASE");
  }
  if (values->count("data") > 0) work.data_path = (*values)["data"].as<std::string>();
  work.threads = (*values)["threads"].as<std::int64_t>();
  work.gpu = (*values)["gpuid"].as<std::int64_t>();
  work.wait_s = static_cast<double>((*values)["wait"].as<std::int64_t>());
  work.leases.lease_s = static_cast<double>((*values)["lease"].as<std::int64_t>());
  work.leases.renew_s = work.leases.lease_s / 4;
  Progress progress;
  LongWork shown("waiting for a network to train", "", LongWork::kMoment, STDOUT_FILENO);
  std::int64_t training = 0;
  const Stop stop = stop_by_signals();
  const std::int64_t ended =
      study::work_for(work,
                      {.said = [&](const std::string& sentence) { progress.line(sentence); },
                       .report =
                           [&](const study::WorkerReport& report) {
                             training += report.what == study::WorkerReport::What::began ? 1 : -1;
                             shown.next(training == 0 ? "waiting for a network to train"
                                                      : fmt::format("{} in training", training));
                             progress.line(line_of(report));
                           }},
                      stop);
  progress.line(fmt::format("{} ended; {}", counted(ended, "training"),
                            stop ? "interrupted" : "the search has ended"));
  return stop ? kInterrupted : kDone;
}

}  // namespace inas::apps
