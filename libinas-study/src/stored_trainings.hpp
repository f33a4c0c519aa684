#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <inas/nas/search.hpp>
#include <inas/study/store.hpp>
#include <inas/study/worker.hpp>

namespace inas::study {

/// Trainings of the trials in a store, carried out by threads of this process and by whoever else
/// works on the study. What the store knows already, of a run that was resumed, is not trained
/// again.
class StoredTrainings final : public nas::Trainings {
 public:
  /// All arguments must outlive this.
  StoredTrainings(Store& store, const SearchSpace& space, const nas::TrainChild& train,
                  std::int64_t threads, const LeaseTimes& times, const Stop& stop);
  /// Abandons the trainings of this process and returns when its threads have ended.
  ~StoredTrainings() override;

  void order(const nas::ChildTraining& child) override;
  [[nodiscard]] nas::ChildResult wait(std::int64_t trial,
                                      const std::function<void()>& waiting) override;

 private:
  void run_worker(std::int64_t number);
  void rethrow_error();

  Store& store_;
  const SearchSpace& space_;
  const nas::TrainChild& train_;
  LeaseTimes times_;
  std::atomic<bool> abandon_{false};
  std::atomic<std::int64_t> running_;  ///< threads
  Stop stop_;
  Bell bell_;
  std::mutex mutex_;
  std::exception_ptr error_;           ///< of a worker
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace inas::study
