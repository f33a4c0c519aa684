#include "eval_commands.hpp"

#include <array>

namespace inas::apps {
namespace {

constexpr std::array kCommands{
    Command{"design", "the best designs of a network that has none, as of an imported one",
            eval_design},
    Command{"space", "map the whole search space: feasible networks, latencies, the fastest",
            eval_space},
    Command{"pareto", "the designs that none beats in latency, energy, VM, NVM traffic, overhead",
            eval_pareto},
    Command{"sweep", "a network over capacitances, VM sizes and harvesters; the least capacitor",
            eval_sweep},
    Command{"breakdown", "where the time and the energy of a network go, layer by layer",
            eval_breakdown},
    Command{"profile", "print a built-in profile as JSON, or the names of all", eval_profile},
    Command{"fit", "a profile from what the micro-benchmarks measured on a device", eval_fit},
    Command{"published", "explore the networks published with the paper, compare the designs",
            eval_published},
    Command{"gains", "what this runtime and its designs gain on the published networks",
            eval_gains},
    Command{"ablation", "what a wider design space gains on the published networks",
            eval_ablation}};

}  // namespace

std::span<const Command> eval_commands() { return kCommands; }

}  // namespace inas::apps
