#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <inas/core/stop.hpp>
#include <inas/core/weights.hpp>
#include <inas/nas/search.hpp>
#include <inas/study/location.hpp>
#include <inas/study/records.hpp>

/// The store of a study: one interface, SQLite or PostgreSQL behind it.
///
/// One coordinator adds trials and ends them, in their order; workers claim their trainings for a
/// time (a lease), renew the claim while they train, and finish it. Each function is one
/// transaction: whatever kills a process, a trial is there with all that belongs to it, or not at
/// all. Lost are trainings that were running.
namespace inas::study {

/// The version of the tables that this version writes. Older ones are brought up to it when a
/// coordinator opens them.
inline constexpr std::int64_t kStoreVersion = 2;

/// What somebody opens a study for.
enum class Access : std::uint8_t {
  read,        ///< looks, and changes nothing
  work,        ///< trains
  coordinate,  ///< one at a time
};

struct StoreOptions {
  /// How long a database that does not answer is asked again, in s.
  double patience_s = 60;
  /// Told, in a sentence, that the database does not answer and how long it is waited for.
  std::function<void(const std::string& message)> waiting = {};
};

class Store {
 public:
  /// Begins a study. Throws Error if there is one already, another coordinator has it, or the
  /// database cannot be written.
  static Store create(const Location& location, const StudyRecord& record,
                      const StoreOptions& options = {});
  /// Throws Error if there is none, it was written by a newer version, is damaged, or, with
  /// Access::coordinate, somebody else coordinates it. Claims of a SQLite study that a dead process
  /// has left are given up then.
  static Store open(const Location& location, Access access, const StoreOptions& options = {});
  /// Is there a study? Throws Error if that cannot be told.
  [[nodiscard]] static bool exists(const Location& location, const StoreOptions& options = {});
  /// Removes a study, if there is one. Throws Error if somebody else coordinates it.
  static void remove(const Location& location, const StoreOptions& options = {});
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  /// All functions may be called from several threads. They throw Error if the database refuses,
  /// in a sentence that names it, or has not answered for `patience_s`.
  [[nodiscard]] const Location& location() const;
  /// From now on a wait for a database that does not answer ends when `stop` says so, like one that
  /// has lasted for `patience_s`.
  void heed(const Stop& stop);
  [[nodiscard]] StudyRecord study();
  /// Replaces all but the time when it began and its version.
  void update(const StudyRecord& record);

  /// Adds a proposal. One that is there already, as where a study is resumed, is compared: throws
  /// Error if it is of another network or effort, since then no trial of the study can be used.
  void propose(const TrialRecord& trial);
  /// Ends a trial: outcome, accuracy and lesson. `best` is the trial whose weights are kept, 0 for
  /// none; those of other trials that have ended are dropped, unless the trial had ended before, as
  /// where a study is resumed. `search_s` as in StudyRecord.
  void end(const nas::Trial& trial, std::int64_t best, double search_s);
  [[nodiscard]] std::vector<TrialRecord> trials();
  /// A trial's training, with its weights if they are kept; nothing if it has not ended.
  [[nodiscard]] std::optional<nas::ChildResult> training(std::int64_t trial);

  /// Who coordinates the study now, if anybody: "inas-search, process 7 on host a, since …".
  [[nodiscard]] std::optional<std::string> coordinator();
  /// Does nobody coordinate the study, with no training left that would be of use to whoever goes
  /// on with it? A file's workers are its coordinator's: never.
  [[nodiscard]] bool abandoned();
  /// Claims the first training that nobody has, or whose lease has run out, for `lease_s`.
  [[nodiscard]] std::optional<Claim> claim(const std::string& worker, double lease_s);
  /// False if somebody else has it by now.
  [[nodiscard]] bool renew(const Claim& claim, double lease_s);
  /// Stores what became of a training that has ended. False, and nothing is stored, if somebody
  /// else has it by now.
  [[nodiscard]] bool finish(const Claim& claim, const nas::ChildResult& result);
  /// Gives a training back that will not be ended.
  void give_up(const Claim& claim);

  /// The weights of the winner as retrained, with `StudyRecord::final_trial` …
  void keep_final(const StudyRecord& record, const std::vector<Tensor>& weights);
  /// … nothing before.
  [[nodiscard]] std::optional<std::vector<Tensor>> final_weights();

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inas::study
