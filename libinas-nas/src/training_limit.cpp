#include <atomic>
#include <chrono>

#include <inas/nas/training_limit.hpp>

namespace inas::nas {

TrainedNetwork train_within(double limit_s, const Stop& stop, const StoppableTraining& training) {
  if (limit_s <= 0) return training(stop);
  TrainedNetwork trained =
      training(stop.or_at(Stop::Clock::now() + std::chrono::duration_cast<Stop::Clock::duration>(
                                                   std::chrono::duration<double>(limit_s))));
  if (!trained.completed && !stop) trained.completed = trained.too_long = true;
  return trained;
}

TrainedNetwork train_epochs(std::int64_t epochs, const Stop& stop,
                            const ObservedTraining& training) {
  std::atomic<bool> enough{false};
  TrainedNetwork trained = training(stop.or_when(enough), [&](std::int64_t epoch, double) {
    if (epoch >= epochs) enough = true;
  });
  if (enough) trained.completed = true;
  return trained;
}

}  // namespace inas::nas
