#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/nas/trial_log.hpp>

namespace inas::nas {
namespace {

constexpr const char* kHeader =
    "trial,architecture,outcome,constraint,layer,latency_s,accuracy,reward,moving_accuracy,"
    "epochs,train_images,seconds\n";

std::string text_of(const std::optional<double>& number) {
  return number ? fmt::format("{}", *number) : std::string();
}

std::string row_of(const Trial& trial) {
  const auto& why = trial.network.why;
  const bool has_latency = trial.outcome != Outcome::infeasible;
  return fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{:.3f}\n", trial.number, fmt::join(trial.architecture, " "),
      to_string(trial.outcome), why ? to_string(why->constraint) : "", why ? why->layer : "",
      has_latency ? fmt::format("{}", trial.network.latency_s) : "", text_of(trial.accuracy),
      text_of(trial.lesson.reward), text_of(trial.lesson.moving_accuracy), trial.effort.epochs,
      trial.effort.train_images, trial.seconds);
}

}  // namespace

struct TrialLog::State {
  std::filesystem::path path;
  std::FILE* file = nullptr;

  void write(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0) {
      throw Error(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
    }
  }
};

TrialLog::TrialLog(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->file = std::fopen(path.c_str(), "wb");
  if (state_->file == nullptr) {
    throw Error(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
  }
  try {
    state_->write(kHeader);
  } catch (...) {
    std::fclose(state_->file);
    throw;
  }
}

TrialLog::~TrialLog() { std::fclose(state_->file); }

void TrialLog::add(const Trial& trial) { state_->write(row_of(trial)); }

}  // namespace inas::nas
