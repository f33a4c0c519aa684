#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/set_setting.hpp>
#include <inas/costmodel/breakdown.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/nas/pareto.hpp>
#include <inas/report/number_text.hpp>
#include <inas/study/page.hpp>

namespace inas::study {
namespace {

report::TrialRow row_of(const TrialRecord& trial, std::int64_t best, const nas::Effort& most,
                        const StudyRecord& study) {
  report::TrialRow row;
  row.number = trial.number;
  row.architecture = inas::to_string(trial.architecture);
  row.outcome = progress_of(trial);
  using nas::Outcome;
  const bool useless = trial.outcome == Outcome::diverged || trial.outcome == Outcome::too_long;
  if (!useless) row.accuracy = trial.accuracy;
  row.latency_s = trial.costs.latency_s;
  row.energy_j = trial.costs.energy_j;
  row.macs = trial.costs.macs;
  if (trial.costs.weights)
    row.weight_bytes = study.settings.platform.data_bytes * *trial.costs.weights;
  row.nvm_bytes = trial.costs.nvm_bytes;
  if (!trial.constraint.empty()) {
    row.refusal =
        report::Refusal{.constraint = trial.constraint, .layer = trial.layer, .why = trial.why};
  }
  row.epochs = std::ssize(trial.epoch_accuracies);
  const std::int64_t images = trial.effort.train_images;
  row.images = row.epochs * (images == 0 ? study.facts.train_samples : images);
  row.seconds = trial.seconds;
  row.reward = trial.lesson.reward;
  row.shortly = row.accuracy && trial.effort < most;
  row.is_best = trial.number == best;
  return row;
}

/// The winner, or the best so far; null if nothing is trained that is of use.
const TrialRecord* winner_among(const std::vector<TrialRecord>& trials, const StudyRecord& study) {
  for (const TrialRecord& trial : trials) {
    if (trial.number == study.final_trial) return &trial;
  }
  return best_of(trials);
}

std::vector<report::CostPart> parts_of(const costmodel::Breakdown& costs) {
  return {{"boot", costs.boot.latency_s, costs.boot.energy_j},
          {"fetch", costs.fetch.latency_s, costs.fetch.energy_j},
          {"compute", costs.compute.latency_s, costs.compute.energy_j},
          {"bookkeeping", costs.bookkeeping.latency_s, costs.bookkeeping.energy_j},
          {"back-up", costs.backup.latency_s, costs.backup.energy_j},
          {"recharge", costs.recharge_s, 0}};
}

report::Winner winner_of(const TrialRecord& trial, const Settings& settings) {
  const costmodel::Device device = costmodel::make_device(settings.platform, settings.power);
  explorer::Explorer explorer(device, settings.explorer);
  const Network network = build_network(settings.space, trial.architecture);
  const explorer::NetworkResult explored =
      explorer.explore(network, settings.search.latency_requirement_s);
  if (explored.layers.size() != network.layers.size()) {
    throw Error(
        fmt::format("trial {}: {}, though it could be executed when the study was made; the "
                    "profile {} may have "
                    "changed",
                    trial.number, explored.why ? explorer::describe(*explored.why) : "no designs",
                    settings.platform.profile));
  }
  report::Winner winner;
  winner.trial = trial.number;
  winner.latency_s = explored.latency_s;
  winner.power_cycles = explored.power_cycles;
  winner.macs = mac_count(network);
  winner.weight_bytes = settings.platform.data_bytes * weight_count(network);
  winner.nvm_bytes = explored.nvm_bytes;
  const std::vector<Design> designs = explored.designs();
  const costmodel::NetworkBreakdown costs = costmodel::breakdown(device, network.layers, designs);
  winner.parts = parts_of(costs.total());
  winner.energy_j = costs.total().active().energy_j;
  if (costmodel::runs_on_ledger(device.supply, designs)) {
    for (const costmodel::ScheduledCycle& cycle :
         costmodel::scheduled_cycles(device, network.layers, designs)) {
      winner.cycle_energy_j.push_back(cycle.cost.total().energy_j);
    }
  }
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    const explorer::DesignEvaluation& alone = explored.layers[index];
    winner.layers.push_back({.layer = network.layers[index],
                             .design = alone.design,
                             .latency_s = alone.latency_s,
                             .power_cycles = alone.cycles.all(),
                             .energy_per_cycle_max_j = alone.energy_max_j,
                             .vm_bytes = alone.vm_bytes,
                             .parts = parts_of(costs.layers[index].parts)});
  }
  return winner;
}

report::ConfusionMatrix confusion_page(const StudyRecord& study) {
  report::ConfusionMatrix matrix;
  matrix.of = "the deployed network, test set";
  matrix.counts = study.facts.confusion;
  matrix.classes = study.facts.class_names;
  for (std::int64_t label = std::ssize(matrix.classes); label < study.settings.space.classes;
       ++label) {
    matrix.classes.push_back(fmt::format("{}", label));
  }
  return matrix;
}

}  // namespace

report::StudyPage page_of(Store& store) {
  const StudyRecord study = store.study();
  const std::vector<TrialRecord> trials = store.trials();
  const Settings& settings = study.settings;
  const TrialRecord* const best = winner_among(trials, study);
  report::StudyPage page;
  page.title = store.location().shared() ? store.location().name
                                         : store.location().file.parent_path().filename().string();
  if (page.title.empty()) page.title = "study";
  page.state = to_string(study.state);
  page.data = settings.data.name;
  page.synthetic_data = study.facts.synthetic;
  page.planned_trials = settings.search.trials;
  if (!study.facts.search_end.empty()) {
    page.note =
        fmt::format("The search ended after {} trials: {}.", trials.size(), study.facts.search_end);
  }
  page.accuracy = study.final_accuracy;
  if (!page.accuracy.validation && best != nullptr) page.accuracy.validation = best->accuracy;
  if (settings.search.has_latency_requirement()) {
    page.latency_requirement_s = settings.search.latency_requirement_s;
  }
  if (settings.power.kind == PowerKind::intermittent) {
    page.energy_budget_j = costmodel::energy_budget_j(settings.power);
  }
  const nas::Effort most = nas::most_effort(trials);
  for (const TrialRecord& trial : trials) {
    page.trials.push_back(row_of(trial, best == nullptr ? 0 : best->number, most, study));
  }
  if (best != nullptr) page.winner = winner_of(*best, settings);
  if (!study.facts.confusion.empty()) page.confusion = confusion_page(study);
  page.settings_json = to_json(settings);
  page.environment = {{"begun", report::date_text(study.created_s)},
                      {"begun by version", study.software},
                      {"search", fmt::format("{:.0f} s", study.search_s)},
                      {"strategy", setting_text(settings, "search.strategy")},
                      {"seed", fmt::format("{}", settings.search.seed)},
                      {"data", study.data_hash}};
  const std::vector<Fact>& of_run = study.facts.environment;
  page.environment.insert(page.environment.end(), of_run.begin(), of_run.end());
  return page;
}

}  // namespace inas::study
