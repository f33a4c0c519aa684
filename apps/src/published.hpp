#pragma once

#include <filesystem>

namespace inas::apps {

/// Explores every network of `folder`/published-solutions.jsonl with the published profile and
/// lists and prints a table: network, layers whose design is the published one, latency. Returns
/// whether all are.
[[nodiscard]] bool print_published(const std::filesystem::path& folder, bool json);

}  // namespace inas::apps
