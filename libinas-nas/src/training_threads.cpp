#include "training_threads.hpp"

#include <chrono>
#include <utility>

namespace inas::nas {

TrainingThreads::TrainingThreads(std::int64_t count, const TrainChild& train, const Stop& stop)
    : train_(train), stop_(stop.or_when(abandon_)) {
  for (std::int64_t thread = 0; thread < count; ++thread) {
    // The token ends the threads already started, too, should starting another one fail.
    threads_.emplace_back([this](const std::stop_token& closing) { work(closing); });
  }
}

// The threads are closed first, so that none takes up another order when its training ends.
TrainingThreads::~TrainingThreads() {
  for (std::jthread& thread : threads_) thread.request_stop();
  abandon_ = true;
}

void TrainingThreads::order(const ChildTraining& child) {
  {
    const std::lock_guard lock(mutex_);
    auto training = std::make_shared<Training>();
    training->child = child;
    trainings_[child.trial] = training;
    orders_.push_back(std::move(training));
  }
  changed_.notify_all();
}

ChildResult TrainingThreads::wait(std::int64_t trial, const std::function<void()>& waiting) {
  std::unique_lock lock(mutex_);
  const std::shared_ptr<Training> training = trainings_.at(trial);
  while (!training->ended) {
    const bool ended =
        changed_.wait_for(lock, std::chrono::milliseconds(100), [&] { return training->ended; });
    if (!ended && waiting) {
      lock.unlock();
      waiting();
      lock.lock();
    }
  }
  trainings_.erase(trial);
  if (training->error) std::rethrow_exception(training->error);
  return std::move(training->result);
}

void TrainingThreads::work(const std::stop_token& closing) {
  using Clock = std::chrono::steady_clock;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, closing, [this] { return !orders_.empty(); });
    if (closing.stop_requested()) return;
    const std::shared_ptr<Training> training = std::move(orders_.front());
    orders_.pop_front();
    lock.unlock();
    const Clock::time_point start = Clock::now();
    try {
      training->result.trained = train_(training->child, stop_);
    } catch (...) {
      training->error = std::current_exception();
    }
    training->result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    lock.lock();
    training->ended = true;
    changed_.notify_all();
  }
}

}  // namespace inas::nas
