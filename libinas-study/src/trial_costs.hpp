#pragma once

#include <string>

#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/nas/trial.hpp>
#include <inas/study/records.hpp>

namespace inas::study {

/// What the designs of a trial cost; nothing of one without a design for each layer.
[[nodiscard]] TrialCosts costs_of(const Settings& settings, const costmodel::Device& device,
                                  const nas::Trial& trial);

/// "CONV_0 …; CONV_1 …", empty for a trial without a design for each layer.
[[nodiscard]] std::string designs_text(const nas::Trial& trial);

}  // namespace inas::study
