#pragma once

#include <optional>
#include <string>
#include <vector>

#include <inas/core/run_folder.hpp>
#include <inas/core/settings.hpp>
#include <inas/data/dataset.hpp>
#include <inas/dump/dump.hpp>
#include <inas/nas/trial.hpp>
#include <inas/nas/trial_log.hpp>

namespace inas::study {

/// A network on its way from the search to the device.
struct Winner {
  Solution solution;
  std::vector<Tensor> weights;
};

/// What a study leaves in its folder: the best network so far with its files for the device, and
/// the log of the trials. What an earlier run left there is only removed when something has taken
/// its place; until then no row is written.
class ResultFiles {
 public:
  /// Locks the folder. `own`: what is there is of this study, which is resumed.
  ResultFiles(const Settings& settings, bool own);

  [[nodiscard]] RunFolder& folder() { return folder_; }
  /// Has an earlier run left something, the study itself apart?
  [[nodiscard]] bool holds_earlier_network() const { return earlier_; }

  /// After the last of `trials`, which are all so far. `usable`: a network has been written.
  void log(const std::vector<nas::Trial>& trials, bool usable);
  /// The picture of all trials, if they have been logged.
  void draw(const std::vector<nas::Trial>& trials, const Settings& settings, std::int64_t best);
  [[nodiscard]] bool earlier_stays() const { return earlier_ && !log_; }

  /// Writes a network, with its files for the device if there is a model of it. A process killed
  /// between the two leaves the former files, whole, with the checksum of the weights that they
  /// were made from.
  void write(const Winner& winner, const std::optional<dump::Model>& model);

 private:
  RunFolder folder_;
  bool earlier_;
  std::optional<nas::TrialLog> log_;
};

}  // namespace inas::study
