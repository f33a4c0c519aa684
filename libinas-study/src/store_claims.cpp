#include "store_state.hpp"

namespace inas::study {

std::optional<Claim> Store::claim(const std::string& worker, double lease_s) {
  return state_->database.transaction([&](soci::session& sql) -> std::optional<Claim> {
    const double now = database_now_s(sql, state_->shared());
    Number number = 0;
    Number epochs = 0;
    Number images = 0;
    Number attempt = 0;
    std::string architecture;
    std::string seed;
    const std::string query = fmt::format(
        "SELECT number, architecture, epochs, train_images, seed, attempt FROM trial WHERE study "
        "= :study AND (status = 'waiting' OR (status = 'training' AND lease_until_s < :now)) ORDER "
        "BY number LIMIT 1{}",
        state_->shared() ? " FOR UPDATE SKIP LOCKED" : "");
    sql << query, use(state_->id), use(now), into(number), into(architecture), into(epochs),
        into(images), into(seed), into(attempt);
    if (!sql.got_data()) return std::nullopt;
    ++attempt;
    const double until = now + lease_s;
    sql << "UPDATE trial SET status = 'training', worker = :worker, attempt = :attempt, "
           "lease_until_s = :until WHERE study = :study AND number = :number",
        use(worker), use(attempt), use(until), use(state_->id), use(number);
    return Claim{.trial = number,
                 .architecture = parse_architecture(architecture),
                 .effort = {epochs, images},
                 .seed = seed_of(seed),
                 .worker = worker,
                 .attempt = attempt};
  });
}

bool Store::renew(const Claim& claim, double lease_s) {
  const Number number = claim.trial;
  const Number attempt = claim.attempt;
  return state_->database.transaction([&](soci::session& sql) {
    const double until = database_now_s(sql, state_->shared()) + lease_s;
    soci::statement statement =
        (sql.prepare << "UPDATE trial SET lease_until_s = :until WHERE study = :study AND number = "
                        ":number AND status = 'training' AND worker = :worker AND attempt = "
                        ":attempt",
         use(until), use(state_->id), use(number), use(claim.worker), use(attempt));
    statement.execute(true);
    return affected(statement) == 1;
  });
}

bool Store::finish(const Claim& claim, const nas::ChildResult& result) {
  const Number number = claim.trial;
  const Number attempt = claim.attempt;
  const nas::TrainedNetwork& trained = result.trained;
  const std::string epochs = numbers_text(trained.epoch_accuracies);
  const Number diverged = trained.diverged ? 1 : 0;
  const Number too_long = trained.too_long ? 1 : 0;
  return state_->database.transaction([&](soci::session& sql) {
    const double now = database_now_s(sql, state_->shared());
    // The second half is a repetition, after a commit whose answer was lost.
    soci::statement statement =
        (sql.prepare << "UPDATE trial SET status = 'trained', accuracy = :accuracy, "
                        "epoch_accuracies = :epochs, diverged = :diverged, too_long = "
                        ":too_long, seconds = :seconds, ended_s = :now WHERE study = :study AND "
                        "number = :number AND worker = "
                        ":worker AND attempt = :attempt AND status IN ('training', 'trained')",
         use(trained.validation_accuracy), use(epochs), use(diverged), use(too_long),
         use(result.seconds), use(now), use(state_->id), use(number), use(claim.worker),
         use(attempt));
    statement.execute(true);
    if (affected(statement) != 1) return false;
    if (!trained.useless()) state_->keep(sql, number, kChild, trained.weights);
    return true;
  });
}

void Store::give_up(const Claim& claim) {
  const Number number = claim.trial;
  const Number attempt = claim.attempt;
  state_->database.transaction([&](soci::session& sql) {
    sql << "UPDATE trial SET status = 'waiting', worker = '' WHERE study = :study AND number = "
           ":number AND status = 'training' AND worker = :worker AND attempt = :attempt",
        use(state_->id), use(number), use(claim.worker), use(attempt);
  });
}

}  // namespace inas::study
