#include "stored_trainings.hpp"

#include <chrono>
#include <utility>

namespace inas::study {

StoredTrainings::StoredTrainings(Store& store, const SearchSpace& space,
                                 const nas::TrainChild& train, std::int64_t threads,
                                 const LeaseTimes& times, const Stop& stop)
    : store_(store),
      space_(space),
      train_(train),
      times_(times),
      running_(threads),
      stop_(stop.or_when(abandon_)) {
  for (std::int64_t number = 1; number <= threads; ++number) {
    threads_.emplace_back([this, number] { run_worker(number); });
  }
}

StoredTrainings::~StoredTrainings() {
  abandon_ = true;
  bell_.ring();
}

void StoredTrainings::run_worker(std::int64_t number) {
  try {
    work(store_, space_, train_, bell_, stop_,
         {.name = worker_name(number), .times = times_, .report = {}});
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
  }
  --running_;
  bell_.ring();
}

void StoredTrainings::rethrow_error() {
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(error_);
}

// The trial is in the store already, where it waits for a worker.
void StoredTrainings::order(const nas::ChildTraining&) { bell_.ring(); }

nas::ChildResult StoredTrainings::wait(std::int64_t trial, const std::function<void()>& waiting) {
  constexpr double kLook_s = 0.1;
  auto shown = std::chrono::steady_clock::now();
  while (true) {
    const std::int64_t heard = bell_.rings();
    // Before the look, so that a training of this process that ends with the stop is seen.
    const bool over = stop_ && running_ == 0;
    if (auto result = store_.training(trial)) return *std::move(result);
    rethrow_error();
    if (over) return {};
    bell_.wait(heard, kLook_s);
    const auto now = std::chrono::steady_clock::now();
    if (waiting && now - shown >= std::chrono::duration<double>(kLook_s)) {
      waiting();
      shown = now;
    }
  }
}

}  // namespace inas::study
