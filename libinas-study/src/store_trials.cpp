#include <utility>

#include <inas/core/run_folder.hpp>

#include "store_state.hpp"

namespace inas::study {

void Store::propose(const TrialRecord& trial) {
  const std::string architecture = inas::to_string(trial.architecture);
  const Number number = trial.number;
  const Number epochs = trial.effort.epochs;
  const Number images = trial.effort.train_images;
  state_->database.transaction([&](soci::session& sql) {
    std::string found;
    Number found_epochs = 0;
    Number found_images = 0;
    sql << "SELECT architecture, epochs, train_images FROM trial WHERE study = :study AND number "
           "= :number",
        use(state_->id), use(number), into(found), into(found_epochs), into(found_images);
    if (sql.got_data()) {
      if (found == architecture && found_epochs == epochs && found_images == images) return;
      throw Error(fmt::format(
          "{}: trial {} is of network {} ({} epochs, {} images), but this version proposes {} ({} "
          "epochs, {} images); the version that began the study can go on with it",
          state_->name(), number, found, found_epochs, found_images, architecture, epochs, images));
    }
    const TrialCosts& costs = trial.costs;
    Nullable<double> latency(costs.latency_s);
    Nullable<double> energy(costs.energy_j);
    Nullable<Number> cycles(costs.power_cycles);
    Nullable<Number> macs(costs.macs);
    Nullable<Number> weights(costs.weights);
    Nullable<Number> nvm(costs.nvm_bytes);
    // Only a training of its own waits for a worker; the others have nothing to wait for.
    const bool trains = trial.outcome == nas::Outcome::trained;
    const std::string status(to_string(trains ? TrialStatus::waiting : TrialStatus::trained));
    const std::string outcome(nas::to_string(trial.outcome));
    const std::string seed = fmt::format("{}", trial.seed);
    const double proposed = database_now_s(sql, state_->shared());
    sql << "INSERT INTO trial (study, number, architecture, epochs, train_images, seed, status, "
           "outcome, broken_constraint, layer, why, latency_s, energy_j, power_cycles, macs, "
           "weights, nvm_bytes, designs, epoch_accuracies, diverged, worker, attempt, "
           "lease_until_s, seconds, proposed_s, ended_s) VALUES (:study, :number, :architecture, "
           ":epochs, :train_images, :seed, :status, :outcome, :broken, :layer, :why, :latency_s, "
           ":energy_j, :power_cycles, :macs, :weights, :nvm_bytes, :designs, '', 0, '', 0, 0, 0, "
           ":proposed_s, 0)",
        use(state_->id), use(number), use(architecture), use(epochs), use(images), use(seed),
        use(status), use(outcome), use(trial.constraint), use(trial.layer), use(trial.why),
        use(latency.value, latency.state), use(energy.value, energy.state),
        use(cycles.value, cycles.state), use(macs.value, macs.state),
        use(weights.value, weights.state), use(nvm.value, nvm.state), use(trial.designs),
        use(proposed);
  });
}

void Store::end(const nas::Trial& trial, std::int64_t best, double search_s) {
  const Number number = trial.number;
  const Number kept = best;
  const std::string outcome(nas::to_string(trial.outcome));
  Nullable<double> accuracy(trial.accuracy);
  Nullable<double> reward(trial.lesson.reward);
  Nullable<double> moving(trial.lesson.moving_accuracy);
  state_->database.transaction([&](soci::session& sql) {
    std::string status;
    sql << "SELECT status FROM trial WHERE study = :study AND number = :number", use(state_->id),
        use(number), into(status);
    const bool ended_before = status == to_string(TrialStatus::ended);
    sql << "UPDATE trial SET status = 'ended', outcome = :outcome, accuracy = :accuracy, reward = "
           ":reward, moving_accuracy = :moving WHERE study = :study AND number = :number",
        use(outcome), use(accuracy.value, accuracy.state), use(reward.value, reward.state),
        use(moving.value, moving.state), use(state_->id), use(number);
    // A resumed study ends its trials again, and the best of them may be one that it has not come
    // to: what is there then is what is to be kept.
    if (!ended_before) {
      // Looked up for the few that are kept: a list of all that have ended would grow with the
      // study.
      sql << "DELETE FROM tensors WHERE study = :study AND kind = 'child' AND trial <> :best AND "
             "EXISTS (SELECT 1 FROM trial WHERE trial.study = tensors.study AND trial.number = "
             "tensors.trial AND trial.status = 'ended')",
          use(state_->id), use(kept);
    }
    sql << "UPDATE study SET search_s = :search_s WHERE id = :id", use(search_s), use(state_->id);
  });
}

std::vector<TrialRecord> Store::trials() {
  return state_->database.transaction([&](soci::session& sql) {
    std::vector<TrialRecord> trials;
    TrialRecord trial;
    Number number = 0;
    Number epochs = 0;
    Number images = 0;
    Number attempt = 0;
    std::string architecture, seed, status, outcome, epoch_accuracies;
    Nullable<double> latency, energy, accuracy, reward, moving;
    Nullable<Number> cycles, macs, weights, nvm;
    soci::statement statement =
        (sql.prepare
             << "SELECT number, architecture, epochs, train_images, seed, status, outcome, "
                "broken_constraint, layer, why, latency_s, energy_j, power_cycles, macs, weights, "
                "nvm_bytes, designs, accuracy, epoch_accuracies, reward, moving_accuracy, worker, "
                "attempt, seconds, proposed_s, ended_s FROM trial WHERE study = :study ORDER BY "
                "number",
         use(state_->id), into(number), into(architecture), into(epochs), into(images), into(seed),
         into(status), into(outcome), into(trial.constraint), into(trial.layer), into(trial.why),
         into(latency.value, latency.state), into(energy.value, energy.state),
         into(cycles.value, cycles.state), into(macs.value, macs.state),
         into(weights.value, weights.state), into(nvm.value, nvm.state), into(trial.designs),
         into(accuracy.value, accuracy.state), into(epoch_accuracies),
         into(reward.value, reward.state), into(moving.value, moving.state), into(trial.worker),
         into(attempt), into(trial.seconds), into(trial.proposed_s), into(trial.ended_s));
    statement.execute();
    while (statement.fetch()) {
      trial.number = number;
      trial.architecture = parse_architecture(architecture);
      trial.effort = {epochs, images};
      trial.seed = seed_of(seed);
      trial.status = state_->status_of(status);
      trial.outcome = named(outcome, nas::kLastOutcome, state_->name());
      trial.costs = {latency.get<double>(),       energy.get<double>(),
                     cycles.get<std::int64_t>(),  macs.get<std::int64_t>(),
                     weights.get<std::int64_t>(), nvm.get<std::int64_t>()};
      trial.accuracy = accuracy.get<double>();
      trial.epoch_accuracies = numbers_of(epoch_accuracies);
      trial.lesson = {reward.get<double>(), moving.get<double>()};
      trial.attempt = attempt;
      const bool trained = trial.status == TrialStatus::ended && nas::is_trained(trial.outcome);
      if (trained && (!trial.accuracy || !trial.costs.latency_s)) {
        throw Error(fmt::format("{}: it is damaged: trial {} was trained, but has no {}",
                                state_->name(), trial.number,
                                trial.accuracy ? "latency" : "accuracy"));
      }
      trials.push_back(trial);
    }
    return trials;
  });
}

std::optional<nas::ChildResult> Store::training(std::int64_t trial) {
  const Number number = trial;
  return state_->database.transaction([&](soci::session& sql) -> std::optional<nas::ChildResult> {
    std::string status;
    std::string epoch_accuracies;
    Nullable<double> accuracy;
    Number diverged = 0;
    Number too_long = 0;
    double seconds = 0;
    sql << "SELECT status, accuracy, epoch_accuracies, diverged, too_long, seconds FROM trial "
           "WHERE "
           "study = :study AND number = :number",
        use(state_->id), use(number), into(status), into(accuracy.value, accuracy.state),
        into(epoch_accuracies), into(diverged), into(too_long), into(seconds);
    // Whoever waits for it would wait for ever.
    if (!sql.got_data()) {
      throw Error(fmt::format("{}: trial {} is gone: another program has removed it",
                              state_->name(), trial));
    }
    const TrialStatus found = state_->status_of(status);
    if (found != TrialStatus::trained && found != TrialStatus::ended) return std::nullopt;
    nas::ChildResult result;
    result.seconds = seconds;
    result.trained.validation_accuracy = accuracy.get<double>().value_or(0);
    result.trained.epoch_accuracies = numbers_of(epoch_accuracies);
    result.trained.diverged = diverged != 0;
    result.trained.too_long = too_long != 0;
    result.trained.completed = true;
    if (auto kept = state_->tensors(sql, number, kChild)) {
      result.trained.weights = std::move(*kept);
    }
    return result;
  });
}

std::optional<std::string> Store::coordinator() {
  if (!state_->shared()) return RunFolder::holder(location().file.parent_path());
  return state_->database.transaction([&](soci::session& sql) { return state_->coordinator(sql); });
}

bool Store::abandoned() {
  if (!state_->shared()) return false;
  return state_->database.transaction([&](soci::session& sql) {
    if (state_->coordinator(sql)) return false;
    Number open = 0;
    sql << "SELECT COUNT(*) FROM trial WHERE study = :study AND status IN ('waiting', 'training')",
        use(state_->id), into(open);
    return open == 0;
  });
}

}  // namespace inas::study
