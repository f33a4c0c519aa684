#include "software.hpp"

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/version.hpp>
#include <inas/nas/trainer.hpp>

namespace inas::study {

std::vector<Fact> software_facts() {
  return {{"LibTorch", nas::libtorch_version()}, {"latest run by version", std::string(version())}};
}

void check_software(const StudyFacts& facts) {
  for (const Fact& own : software_facts()) {
    for (const Fact& stored : facts.environment) {
      if (stored.name != own.name || stored.value == own.value) continue;
      throw Error(fmt::format(
          "{}: found {}, allowed: {}, as whoever coordinates the study has, because "
          "another one may train to other numbers",
          own.name == "LibTorch" ? own.name : "version of this worker", own.value, stored.value));
    }
  }
}

}  // namespace inas::study
