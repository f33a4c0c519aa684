#include <atomic>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/space_map.hpp>

#include "command_line.hpp"
#include "eval_commands.hpp"
#include "long_work.hpp"
#include "report.hpp"
#include "space_report.hpp"

namespace inas::apps {
namespace {

namespace po = boost::program_options;

const Usage kUsage{"inas-eval space", "inas-eval space [--settings FILE] [options]",
                   "Maps the whole search space of the settings on their device: how many networks "
                   "there are, how\n"
                   "many are feasible, which constraint rules out the rest, and how their "
                   "end-to-end latencies are\n"
                   "distributed. Exact for spaces that can be listed; larger ones are counted, and "
                   "the output says\n"
                   "to which resolution.\n"
                   "Exit code: 0 some network is feasible, 1 none is, 2 bad input."};

explorer::SpaceMap map_space(const Settings& settings, explorer::SpaceMapOptions options,
                             LongWork& shown) {
  std::atomic<bool> explored = false;  // also if a thread is late to tell of its last layer
  options.layers_done = [&](std::int64_t done, std::int64_t total) {
    if (done == total && !explored.exchange(true)) shown.next("mapping the networks");
    if (!explored) shown.count(done, total);
  };
  options.networks_done = [&](std::int64_t done, std::int64_t total) {
    shown.count(done, total, "parts of the space");
  };
  return explorer::SpaceMap(settings.space,
                            costmodel::make_device(settings.platform, settings.power),
                            settings.explorer, options);
}

/// Networks of a counted space that are scheduled: their shares are within one point.
constexpr std::int64_t kScheduledSample = 20'000;

explorer::SizeMeasure measure_from(const std::string& name) {
  if (name == "weights") return explorer::SizeMeasure::weights;
  if (name == "macs") return explorer::SizeMeasure::macs;
  throw Error(fmt::format("--by: found \"{}\", allowed: weights, macs", name));
}

}  // namespace

int eval_space(int argc, const char* const* argv) {
  po::options_description what("map of the search space", 100);
  what.add_options()("json", po::bool_switch(), "print JSON instead of text")(
      "csv", po::value<std::string>()->value_name("FILE"), "write the histogram as CSV")(
      "svg", po::value<std::string>()->value_name("FILE"), "write the histogram as SVG")(
      "by", po::value<std::string>()->value_name("WHAT")->default_value("weights"),
      "what size classes measure: weights or macs; classes are powers of two");
  add_number(what, "bins", "N", 1, 10'000, 24, "bars of the histogram");
  add_number(what, "fastest", "K", 0, 10'000, 1,
             "show the K fastest networks of each size class, 0 for none");
  add_number(what, "list-limit", "N", 0, std::int64_t{1} << 31, 1 << 22,
             "list spaces of up to N networks, as scheduled; count larger ones, by layers, and "
             "schedule 20,000 of them, drawn at random");
  add_number(what, "resolution", "N", 64, 1 << 24, 1 << 14,
             "counted spaces: steps between the least and the largest latency");
  add_threads(what);
  what.add(settings_options());
  const auto parsed = parse_command_line(argc, argv, kUsage, what);
  if (!parsed) return kDone;
  const po::variables_map& options = *parsed;
  const auto number = [&](const char* name) { return options[name].as<std::int64_t>(); };
  const explorer::SizeMeasure measure = measure_from(options["by"].as<std::string>());

  const Settings settings = settings_from(options);
  check_outputs(options, {"csv", "svg"});
  explorer::SpaceMapOptions map_options;
  map_options.latency_requirement_s = settings.search.latency_requirement_s;
  map_options.list_limit = number("list-limit");
  map_options.bins = number("resolution");
  map_options.threads = number("threads");
  std::optional<LongWork> shown(std::in_place, "exploring the layers of the space", "layers");
  const explorer::SpaceMap map = map_space(settings, map_options, *shown);
  std::mt19937_64 random(settings.search.seed);
  shown->next("scheduling networks", "networks");
  SpaceReport report{
      .settings = settings,
      .map = map,
      .histogram = map.histogram(number("bins")),
      .scheduled_s = map.sample_scheduled_s(kScheduledSample, random, shown->rounds()),
      .fastest = {},
      .why_no_fastest = {},
      .measure = measure};
  if (number("fastest") > 0) {
    try {
      report.fastest = map.fastest(number("fastest"), measure);
    } catch (const InvalidArgument&) {
      throw;
    } catch (const Error& error) {  // of this list: the map has what else there is
      report.why_no_fastest = error.what();
    }
  }
  shown.reset();
  if (options.count("csv") > 0) write_file(options["csv"].as<std::string>(), space_csv(report));
  if (options.count("svg") > 0) write_file(options["svg"].as<std::string>(), space_svg(report));
  fmt::print("{}", options["json"].as<bool>() ? space_json(report) : space_text(report));
  return map.can_be_feasible({}) ? kDone : kNoFeasibleSolution;
}

}  // namespace inas::apps
