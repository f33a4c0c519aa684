#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include <inas/nas/search.hpp>

namespace inas::nas {

/// Threads that carry out trainings in the order in which they were ordered.
class TrainingThreads final : public Trainings {
 public:
  /// `train` must outlive this.
  TrainingThreads(std::int64_t count, const TrainChild& train, const Stop& stop);
  /// Returns when all threads have ended.
  ~TrainingThreads() override;

  void order(const ChildTraining& child) override;
  [[nodiscard]] ChildResult wait(std::int64_t trial, const std::function<void()>& waiting) override;

 private:
  struct Training {
    ChildTraining child;
    bool ended = false;
    ChildResult result;
    std::exception_ptr error;
  };

  void work(const std::stop_token& closing);

  const TrainChild& train_;
  std::atomic<bool> abandon_{false};
  Stop stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<Training>> orders_;
  std::map<std::int64_t, std::shared_ptr<Training>> trainings_;  ///< nobody has waited for
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace inas::nas
