#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/solution.hpp>

/// The page of a study: what a search found, as one HTML file.
///
///   StudyPage page{.title = "wrist sensor", .state = "complete"};  …fill what there is…
///   write_file("study.html", study_html(page));
///
/// The structs below hold what the page shows and nothing else; whoever has a study fills them.
/// Everything but title and state may be absent: what is absent is left out of the page, not shown
/// as zero. Texts may hold any characters. Units are SI; the page scales them as the terminal does.
namespace inas::report {

/// Why a proposal was refused. The page counts refusals by `constraint`.
struct Refusal {
  std::string constraint;  ///< a word for the kind of reason: "C1-atomicity"
  std::string layer = {};  ///< the layer concerned; empty: the whole network
  std::string why = {};    ///< a sentence: what was needed, and what is allowed

  bool operator==(const Refusal&) const = default;
};

/// One proposal and what became of it. It is drawn by its accuracy and its latency if it has both:
/// what must not be chosen, as a diverged training, has no accuracy here.
struct TrialRow {
  std::int64_t number = 0;                ///< from 1, in the order of the study
  std::string architecture = {};          ///< "3,8,3,16"
  std::string outcome = {};               ///< a word: "trained", "too slow", "running"
  std::optional<double> accuracy = {};    ///< validation accuracy, a share in [0, 1]
  std::optional<double> latency_s = {};   ///< end to end, recharging included
  std::optional<double> energy_j = {};    ///< of one inference
  std::optional<std::int64_t> macs = {};  ///< of one inference
  std::optional<std::int64_t> weight_bytes = {};
  std::optional<std::int64_t> nvm_bytes = {};
  std::optional<Refusal> refusal = {};
  std::int64_t epochs = 0;  ///< trained for; 0: not trained in this trial
  std::int64_t images = 0;  ///< seen in training, all epochs together
  double seconds = 0;       ///< spent on training
  std::optional<double> reward = {};
  /// Trained for less than others of the study are, as screens do: its accuracy does not compare
  /// with theirs, and the Pareto front and the best so far are without it.
  bool shortly = false;
  bool is_best = false;  ///< the winner; of one trial at most

  bool operator==(const TrialRow&) const = default;
};

/// A part of the time and of the energy of an inference: "boot", "fetch", "compute", "back-up",
/// "recharge" (which takes time alone).
struct CostPart {
  std::string name;
  double time_s = 0;
  double energy_j = 0;

  bool operator==(const CostPart&) const = default;
};

/// A layer of the winner with its design. What it costs is that of the layer alone, beginning and
/// ending with a power cycle.
struct WinnerLayer {
  Layer layer = {};  ///< `inputs` as in a network: its place among the layers matters
  Design design = {};
  double latency_s = 0;
  std::int64_t power_cycles = 0;      ///< 0 under continuous power
  double energy_per_cycle_max_j = 0;  ///< of its dearest power cycle; continuous: of the layer
  std::int64_t vm_bytes = 0;
  /// Its part of the winner's `parts`, to which those of all layers add up; the same names in the
  /// same order in each layer. Or none.
  std::vector<CostPart> parts = {};

  bool operator==(const WinnerLayer&) const = default;
};

/// The network that the study chose.
struct Winner {
  std::int64_t trial = 0;           ///< that proposed it; 0: none did
  std::vector<WinnerLayer> layers;  ///< a network (network.hpp), in the order in which they run
  double latency_s = 0;             ///< as scheduled, end to end
  std::int64_t power_cycles = 0;    ///< as scheduled; 0 under continuous power
  std::optional<double> energy_j = {};
  std::int64_t macs = 0;
  std::int64_t weight_bytes = 0;
  std::int64_t nvm_bytes = 0;  ///< 0: not known
  /// Energy of each power cycle as scheduled, in their order; empty: the page shows the layers'
  /// `energy_per_cycle_max_j` instead.
  std::vector<double> cycle_energy_j = {};
  /// Where time and energy of the network go; empty: not known.
  std::vector<CostPart> parts = {};

  bool operator==(const Winner&) const = default;
};

/// How often samples of a class (rows) were taken for one of a class (columns).
struct ConfusionMatrix {
  std::string of = {};               ///< whose answers, on what: "deployed network, test set"
  std::vector<std::string> classes;  ///< names
  std::vector<std::int64_t> counts;  ///< classes × classes, row by row

  bool operator==(const ConfusionMatrix&) const = default;
};

/// A name and a value: {"seed", "1"}.
struct Fact {
  std::string name;
  std::string value;

  bool operator==(const Fact&) const = default;
};

/// A table that the page shows as it is, in a section of its own: the rows of a batch of studies,
/// the machines that worked.
struct PageTable {
  std::string title;
  std::string text = {};  ///< a paragraph above it; may be empty
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells each as there are columns

  bool operator==(const PageTable&) const = default;
};

struct StudyPage {
  std::string kind = "study";       ///< what the page is of: "study", "batch of studies"
  std::string title;                ///< the study's name
  std::string state;                ///< "running", "searched", "complete"
  std::string note = {};            ///< a sentence below the title: why it ended; may be empty
  std::string data = {};            ///< the data set: "fashion-mnist"; may be empty
  bool synthetic_data = false;      ///< said wherever accuracies are shown
  std::int64_t planned_trials = 0;  ///< 0 and no trial: the page is of something without trials
  SolutionAccuracy accuracy = {};   ///< of the winner
  std::optional<double> latency_requirement_s = {};
  std::optional<double> energy_budget_j = {};  ///< of a power cycle; none under continuous power
  std::vector<TrialRow> trials = {};           ///< by number
  std::optional<Winner> winner = {};
  std::optional<ConfusionMatrix> confusion = {};
  std::vector<PageTable> tables = {};
  std::string settings_json = {};      ///< the resolved settings as text; may be empty
  std::vector<Fact> environment = {};  ///< software version, machine, LibTorch, dates, data, seed

  bool operator==(const StudyPage&) const = default;
};

/// The page as HTML 5 in UTF-8: one file that holds its styles, its scripts and the library that
/// draws its figures (Chart.js), asks for nothing from any network and may run no script but its
/// own. The same page gives the same text. Numbers that are not finite are shown as "never" or "–".
/// Throws InvalidArgument if the winner's layers name inputs that are not there, the confusion
/// matrix has not a count for each pair of classes, or a table has a row of another length.
[[nodiscard]] std::string study_html(const StudyPage& page);

}  // namespace inas::report
