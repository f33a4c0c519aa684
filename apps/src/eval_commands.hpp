#pragma once

#include <span>

/// The commands of inas-eval. Each parses its own options (argv[0] is the command) and returns the
/// exit code.
namespace inas::apps {

/// Prices a network given as choices, or a solution folder: the command without a name.
[[nodiscard]] int eval_price(int argc, const char* const* argv);
/// Explores the networks published with the paper and compares the designs.
[[nodiscard]] int eval_published(int argc, const char* const* argv);
/// How much faster the published networks get when the design space is widened.
[[nodiscard]] int eval_ablation(int argc, const char* const* argv);
/// How much faster the published networks are with this runtime, and why.
[[nodiscard]] int eval_gains(int argc, const char* const* argv);
/// Where the time and the energy of a network go, layer by layer.
[[nodiscard]] int eval_breakdown(int argc, const char* const* argv);
/// Maps the whole search space: how many networks are feasible, and how fast they are.
[[nodiscard]] int eval_space(int argc, const char* const* argv);
/// The designs that nothing beats in every respect, of a layer or a whole network.
[[nodiscard]] int eval_pareto(int argc, const char* const* argv);
/// A network on other capacitors, memories and harvesters, and the smallest capacitor that does.
[[nodiscard]] int eval_sweep(int argc, const char* const* argv);
/// Looks for the best designs of a solution folder's network and writes them.
[[nodiscard]] int eval_design(int argc, const char* const* argv);
/// Prints a built-in profile as JSON, or the names of all.
[[nodiscard]] int eval_profile(int argc, const char* const* argv);
/// Fits a profile's laws to what the micro-benchmarks measured on a device.
[[nodiscard]] int eval_fit(int argc, const char* const* argv);

/// A command that has a name.
struct Command {
  const char* name;
  const char* help;  ///< one line
  int (*run)(int argc, const char* const* argv);
};

/// All that have one, in the order of the help.
[[nodiscard]] std::span<const Command> eval_commands();

}  // namespace inas::apps
