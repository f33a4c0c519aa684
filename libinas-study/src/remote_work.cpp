#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/data/dataset.hpp>
#include <inas/nas/trainer.hpp>
#include <inas/study/deployment.hpp>
#include <inas/study/remote_work.hpp>
#include <inas/study/resume.hpp>
#include <inas/study/store.hpp>

#include "child_training.hpp"
#include "software.hpp"

namespace inas::study {
namespace {

using Clock = std::chrono::steady_clock;

/// Until there is a study, or `stop`. Throws Error if there is none after `work.wait_s`.
void wait_for_study(const RemoteWork& work, const RemoteWorkObserver& observer,
                    const StoreOptions& options, const Stop& stop) {
  const auto until = Clock::now() + std::chrono::duration<double>(work.wait_s);
  bool told = false;
  while (!stop && !Store::exists(work.location, options)) {
    if (Clock::now() >= until) {
      throw Error(fmt::format("{}: there is no study", describe(work.location)));
    }
    if (!told && observer.said) {
      observer.said(fmt::format("{}: there is no study yet, waiting for up to {:.0f} s",
                                describe(work.location), work.wait_s));
    }
    told = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

/// Looks after whoever coordinates the study.
class Watch {
 public:
  Watch(Store& store, double wait_s, const RemoteWorkObserver& observer)
      : store_(store), wait_s_(wait_s), observer_(observer) {}

  /// Throws Error if nobody has coordinated the study, with nothing left to train, for too long.
  void look() {
    const auto now = Clock::now();
    if (!store_.abandoned()) {
      attended_ = now;
      told_ = false;
      return;
    }
    if (std::chrono::duration<double>(now - attended_).count() >= wait_s_) {
      throw Error(
          fmt::format("{}: nobody has coordinated the study for {:.0f} s, and nothing is left to "
                      "train; inas-search --resume goes on with it",
                      describe(store_.location()), wait_s_));
    }
    if (!told_ && observer_.said) {
      observer_.said(
          fmt::format("nobody coordinates the study, waiting for up to {:.0f} s: "
                      "inas-search --resume goes on with it",
                      wait_s_));
    }
    told_ = true;
  }

 private:
  Store& store_;
  double wait_s_;
  const RemoteWorkObserver& observer_;
  Clock::time_point attended_ = Clock::now();
  bool told_ = false;
};

/// Threads that train until the study has no more to train.
class Crew {
 public:
  Crew(Store& store, const SearchSpace& space, const nas::TrainChild& train, const RemoteWork& work,
       const RemoteWorkObserver& observer, const Stop& stop)
      : stop_(stop.or_when(over_)), running_(work.threads) {
    for (std::int64_t number = 1; number <= work.threads; ++number) {
      threads_.emplace_back([this, &store, &space, &train, &work, &observer, number] {
        try {
          study::work(store, space, train, bell_, stop_,
                      {.name = worker_name(number),
                       .times = work.leases,
                       .report = [&](const WorkerReport& report) { tell(observer, report); }});
        } catch (...) {
          const std::lock_guard lock(mutex_);
          if (!error_) error_ = std::current_exception();
          over_ = true;
        }
        --running_;
        bell_.ring();
      });
    }
  }
  ~Crew() { end(); }

  void end() {
    over_ = true;
    bell_.ring();
  }
  [[nodiscard]] bool at_work() const { return running_ > 0 && !over_; }
  void wait(double seconds) { bell_.wait(bell_.rings(), seconds); }

  /// After `end`.
  std::int64_t join() {
    threads_.clear();
    if (error_) std::rethrow_exception(error_);
    return ended_;
  }

 private:
  void tell(const RemoteWorkObserver& observer, const WorkerReport& report) {
    const std::lock_guard lock(mutex_);
    if (report.what == WorkerReport::What::ended) ++ended_;
    if (observer.report) observer.report(report);
  }

  std::atomic<bool> over_{false};
  Stop stop_;
  Bell bell_;
  std::mutex mutex_;
  std::exception_ptr error_;
  std::int64_t ended_ = 0;
  std::atomic<std::int64_t> running_;
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace

std::int64_t work_for(const RemoteWork& work, const RemoteWorkObserver& observer,
                      const Stop& stop) {
  const StoreOptions options{.patience_s = work.patience_s, .waiting = observer.said};
  wait_for_study(work, observer, options, stop);
  if (stop) return 0;
  Store store = Store::open(work.location, Access::work, options);
  store.heed(stop);
  const StudyRecord record = store.study();
  check_software(record.facts);
  Settings settings = record.settings;
  if (work.data_path) settings.data.path = *work.data_path;
  settings.training.gpu = work.gpu;
  const data::DataSplit data = load_data(settings.data, settings.space, settings.search.seed);
  check_data_hash(record.data_hash, data.manifest.content_hash);
  const nas::Trainer trainer(data, settings.training);
  const nas::TrainChild train = child_training(trainer, settings.training);
  Crew crew(store, settings.space, train, work, observer, stop);
  Watch watch(store, work.wait_s, observer);
  constexpr double kLook_s = 0.5;
  while (!stop && crew.at_work() && store.study().state == StudyState::searching) {
    watch.look();
    crew.wait(kLook_s);
  }
  crew.end();
  return crew.join();
}

}  // namespace inas::study
