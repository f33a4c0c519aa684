#pragma once

#include <filesystem>
#include <memory>

#include <inas/nas/search.hpp>

namespace inas::nas {

/// A CSV file of trials, one row each, flushed as the trial ends. Columns: trial, architecture
/// (choices separated by spaces), outcome, constraint (of an infeasible network), layer (the one
/// concerned), latency_s, accuracy, reward, moving_accuracy, epochs and train_images that were
/// proposed, seconds. Absent values are empty.
class TrialLog {
 public:
  /// Starts a new file with its header row. Throws Error if it cannot be written.
  explicit TrialLog(const std::filesystem::path& path);
  ~TrialLog();

  /// Throws Error if the row cannot be written in full (a full disk).
  void add(const Trial& trial);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inas::nas
