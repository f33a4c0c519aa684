#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/platform.hpp>
#include <inas/core/power_supply.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/strategies.hpp>

namespace inas {

/// Which data to train on. The shapes and classes of the search space must agree with them.
struct DataSettings {
  std::string name = "fashion-mnist";      ///< of the format: docs/data.md
  std::string path;                        ///< of the files; empty: the Debian package's folder
  std::int64_t train_images = 10'000;      ///< per child network; 0: all that validation leaves
  std::int64_t validation_images = 2'000;  ///< split off the training set, never the test set
  // Of "windows", the names of columns:
  std::string label_column = "label";
  std::string group_column = {};   ///< whose windows stay on one side of every split; empty: none
  std::string window_column = {};  ///< which lines are of one window; empty: each line is a window
  std::vector<std::string> channel_columns = {};  ///< values; empty: all other columns

  bool operator==(const DataSettings&) const = default;
};

/// Which tile sizes and batches are legal: the published lists (1 and the even divisors for Tn, S
/// and pooling), or all divisors.
enum class Divisors : std::uint8_t { published, all };

/// A subset of the loop orders.
struct LoopOrders {
  bool I = true;
  bool W = true;
  bool O = true;

  [[nodiscard]] bool has(LoopOrder order) const {
    return order == LoopOrder::reuse_I ? I : order == LoopOrder::reuse_W ? W : O;
  }
  [[nodiscard]] bool none() const { return !I && !W && !O; }
  bool operator==(const LoopOrders&) const = default;
};

/// "IWO", "W", …: the letters of the orders, in this sequence.
[[nodiscard]] std::string to_string(const LoopOrders& orders);
/// The inverse; the letters may stand in any sequence, each once. Throws InvalidArgument for any
/// other text, the empty one included.
[[nodiscard]] LoopOrders parse_loop_orders(std::string_view text);

/// A subset of the units.
struct Units {
  bool lea = false;
  bool cpu = false;

  [[nodiscard]] bool has(Unit unit) const { return unit == Unit::lea ? lea : cpu; }
  [[nodiscard]] bool none() const { return !lea && !cpu; }
  bool operator==(const Units&) const = default;
};

/// The units of these names, each once; none are none. Throws InvalidArgument for any other name.
[[nodiscard]] Units parse_units(const std::vector<std::string>& names);

/// The space of designs. The first field covers the published space (`published_space`); the others
/// widen it, each by itself (cost-model page, section 8). The defaults are all that the runtime
/// executes.
struct ExplorerSettings {
  Divisors legal = Divisors::all;
  bool row_mac = true;        ///< offer mac row besides mac tap
  bool coalesced_dma = true;  ///< offer dma coalesced besides dma pixel
  bool multiple_batches =
      true;  ///< as many batches per power cycle as the budget carries, instead of one
  bool ragged_tiles = true;  ///< offer rows and columns that do not divide the map
  /// Carry power cycles on over the ends of groups and layers, by the energy ledger, where that is
  /// faster than ending them with each layer. Intermittent power only.
  bool ledger = true;
  /// Restricts the space instead of widening it; at least one. Pooling has reuse_O whatever it
  /// says.
  LoopOrders loop_orders = {};
  /// The units that multiply; none: the cpu, which every build of the runtime has, or the lea where
  /// the profile prices no other.
  Units units = {};

  bool operator==(const ExplorerSettings&) const = default;
};

/// The published model's designs: one MAC per kernel tap, one transfer per pixel, one batch per
/// power cycle, tiles that divide their map; sizes from the published lists or from all divisors.
[[nodiscard]] constexpr ExplorerSettings published_space(Divisors legal = Divisors::published) {
  return {.legal = legal,
          .row_mac = false,
          .coalesced_dma = false,
          .multiple_batches = false,
          .ragged_tiles = false,
          .ledger = false};
}

/// The latency requirement, in s, of those who have none: a day and more, which no network that is
/// of use takes. It is a bound as any other.
constexpr double kNoLatencyRequirementS = 100'000;

/// The search itself.
struct SearchSettings {
  std::string strategy = "screen";  ///< who proposes: a name of core/strategies.hpp
  std::int64_t trials = 100;        ///< proposals at most
  /// Nothing more is proposed once the trainings that were ordered cost as much as so many full
  /// ones, training.epochs on data.train_images. What a training costs is the samples that it sees,
  /// epochs × images. 0: no limit.
  double budget = 0;
  /// C2: bound of the end-to-end latency of one inference.
  double latency_requirement_s = kNoLatencyRequirementS;
  std::uint64_t seed = 1;
  /// Nothing more is proposed after this long; what is in training then is finished. 0: no limit.
  double time_limit_s = 0;
  /// The whole run, from its start to the last test, ends after about this long: the search at half
  /// of it (with a time limit of its own: at nine tenths), retraining where tests and dump must
  /// begin. 0: no limit.
  double run_limit_s = 0;
  /// Trainings that may be open when a network is proposed. What is proposed depends on it.
  std::int64_t parallelism = 6;
  /// Child networks trained at the same time on this machine, one thread each. Nothing but the time
  /// depends on it. More than `parallelism` would be idle.
  std::int64_t workers = 2;
  /// Never propose a network that breaks a constraint: the whole space is mapped first, and choices
  /// that lead to none that is feasible are not offered. False: the paper's behaviour, which finds
  /// out after the proposal; of reinforce and random alone.
  bool feasible_only = true;

  [[nodiscard]] bool has_latency_requirement() const {
    return latency_requirement_s != kNoLatencyRequirementS;
  }
  bool operator==(const SearchSettings&) const = default;
};

/// The paper's reward and policy. Defaults are the released ones.
struct ControllerSettings {
  std::int64_t cells = 32;       ///< LSTM cells
  std::int64_t embedding = 20;   ///< length of a choice's embedding
  double exploration = 0.1;      ///< probability of a uniformly random proposal
  double regularization = 1e-3;  ///< weight of the L2 term
  double accuracy_beta = 0.8;    ///< of the moving-average baseline
  double clip_rewards =
      0.0;  ///< bound of an accepted trial's reward before the final ±0.1; 0: none
  bool latency_bonus = true;  ///< reward using up the latency allowance (latency/requirement/10)
  double learning_rate = 0.1;
  double decay_rate = 0.95;        ///< factor of the learning rate …
  std::int64_t decay_steps = 500;  ///< … after this many trials

  bool operator==(const ControllerSettings&) const = default;
};

/// How weights come to be, of child networks and of the retrained winner alike.
enum class TrainingRecipe : std::uint8_t {
  /// Glorot-uniform weights, one learning rate throughout.
  plain,
  /// He-uniform weights; batch normalisation behind each convolution but a last layer, folded into
  /// its weights and biases at the end of every epoch; a learning rate that rises linearly over the
  /// first quarter of the steps and falls to 0 as a cosine. Needs SearchSpace::bias.
  batch_norm,
};

/// The fewest images of a batch whose statistics are of use: of one image with one value per
/// channel, the variance is none.
inline constexpr std::int64_t kLeastNormalisedBatch = 2;

/// How child networks are trained, and how the winner is retrained.
struct TrainingSettings {
  TrainingRecipe recipe = TrainingRecipe::plain;
  std::int64_t epochs = 3;
  std::int64_t batch_size = 256;  ///< batch_norm: from kLeastNormalisedBatch
  double learning_rate = 1e-3;    ///< of Adam; batch_norm: the highest of the schedule
  std::int64_t final_epochs =
      10;  ///< epochs of the winner's retraining; 0: keep the child's weights
  std::int64_t final_train_images = 0;  ///< images of the winner's retraining; 0: all
  std::int64_t gpu = -1;                ///< CUDA device number; −1: the CPU
  /// Of a training of a proposed network, which ends at its last whole epoch then; 0: no limit.
  double time_limit_s = 0;

  bool operator==(const TrainingSettings&) const = default;
};

/// Everything a search depends on. The defaults are a valid search: the paper's space, with the
/// shapes of Fashion-MNIST, on the MSP430FR5994 with 5 mF.
struct Settings {
  DataSettings data;
  SearchSpace space{.family = NetworkFamily::convolution_2d,
                    .input = {1, 28, 28},
                    .classes = 10,
                    .layers = 5,
                    .kernels = {1, 3, 5, 7},
                    .filters = {4, 8, 16, 24}};
  Platform platform;
  PowerSupply power;
  ExplorerSettings explorer;
  SearchSettings search;
  StrategyOptions strategies;
  ControllerSettings controller;
  TrainingSettings training;
  std::string out = "solution";  ///< folder for the solution and the trials
  std::string suffix;            ///< appended to `out`, to keep several runs apart

  bool operator==(const Settings&) const = default;
};

/// Throws InvalidArgument, naming the key's path, what was found and what is allowed.
void validate(const Settings& settings);

/// Reads settings from a JSON text of this project's form or of the original iNAS form (sections
/// CUDA_SETTINGS, PLATFORM_SETTINGS, NAS_SETTINGS, DUMPER_SETTINGS, LOG_SETTINGS, GLOBAL_SETTINGS).
/// Keys that are absent keep their default (of the original's code, for its form, which means
/// published_space(Divisors::all): the published designs, odd sizes no longer lost); unknown keys
/// are errors that suggest a near known one. `source` names the text in errors. The result is
/// validated.
[[nodiscard]] Settings parse_settings(std::string_view text, const std::string& source);
/// `parse_settings` of a file's content.
[[nodiscard]] Settings load_settings(const std::filesystem::path& path);

/// All settings as JSON text of this project's form; parse_settings(to_json(s)) == s.
[[nodiscard]] std::string to_json(const Settings& settings);

[[nodiscard]] std::string_view to_string(Divisors legal);
[[nodiscard]] std::string_view to_string(PowerKind kind);
/// "plain" or "batch_norm".
[[nodiscard]] std::string_view to_string(TrainingRecipe recipe);

}  // namespace inas
