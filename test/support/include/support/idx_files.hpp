#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace inas::test {

/// Fabricated IDX files of `part` ("train" or "t10k") in the form of Fashion-MNIST: class k has a
/// bright 4×4 square at a place of its own, on noise.
void write_idx(const std::filesystem::path& folder, const std::string& part, std::uint32_t count,
               std::uint64_t seed, std::uint32_t classes = 10);

}  // namespace inas::test
