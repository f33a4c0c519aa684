#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/set_setting.hpp>
#include <inas/study/resume.hpp>

namespace inas::study {

bool may_change(std::string_view key) {
  // Data are known by their content, wherever they lie.
  constexpr std::array<std::string_view, 9> kFree{
      "search.trials",  "search.budget", "search.time_limit_s", "search.run_limit_s",
      "search.workers", "training.gpu",  "data.path",           "out",
      "suffix"};
  return std::find(kFree.begin(), kFree.end(), key) != kFree.end();
}

void check_resumable(const Settings& stored, const Settings& now) {
  for (const SettingChange& change : setting_changes(stored, now)) {
    if (may_change(change.key)) continue;
    throw InvalidArgument(
        fmt::format("{}: found {}, allowed: {}, which the study began with and its trials depend "
                    "on; another --out begins another study",
                    change.key, change.after, change.before));
  }
}

void check_data_hash(const std::string& stored, const std::string& now) {
  if (stored == now) return;
  throw Error(fmt::format("data: have changed since the study began: found hash {}, allowed: {}",
                          now, stored));
}

}  // namespace inas::study
