#include "byte_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

namespace inas::data {

namespace fs = std::filesystem;

void check_file(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::regular) return;
  const bool no_answer = type == fs::file_type::none || type == fs::file_type::not_found;
  throw Error(no_answer ? fmt::format("{}: cannot be read: {}", path.string(), error.message())
                        : fmt::format("{}: is not a file", path.string()));
}

std::string read_data_file(const fs::path& path, std::size_t most) {
  check_file(path);
  return read_file(path, most);
}

ByteFile::ByteFile(fs::path path) : path_(std::move(path)) {
  check_file(path_);
  errno = 0;  // stays 0 if zlib fails for want of memory
  file_ = gzopen(path_.c_str(), "rb");
  if (file_ == nullptr) {
    throw Error(fmt::format("{}: cannot be read: {}", path_.string(),
                            std::strerror(errno == 0 ? ENOMEM : errno)));
  }
  gzbuffer(file_, 1U << 17);
}

std::vector<std::uint8_t> ByteFile::read(std::int64_t count) {
  constexpr std::int64_t kStep = std::int64_t{1} << 22;
  std::vector<std::uint8_t> bytes;
  while (static_cast<std::int64_t>(bytes.size()) < count) {
    const std::size_t old_size = bytes.size();
    const std::int64_t step = std::min(kStep, count - static_cast<std::int64_t>(old_size));
    bytes.resize(old_size + static_cast<std::size_t>(step));
    const int got = gzread(file_, bytes.data() + old_size, static_cast<unsigned>(step));
    bytes.resize(old_size + static_cast<std::size_t>(std::max(got, 0)));
    if (got < step) {
      check();
      break;
    }
  }
  return bytes;
}

// A compressed file that ends early or fails its checksum is an error, not an end of file.
void ByteFile::check() const {
  int code = Z_OK;
  std::string_view message = gzerror(file_, &code);
  if (code < 0) {
    const std::string place = path_.string() + ": ";  // zlib says it as well
    if (message.starts_with(place)) message.remove_prefix(place.size());
    throw Error(fmt::format("{}: is truncated or damaged: {}", path_.string(), message));
  }
}

std::string read_text(const fs::path& path, std::int64_t most) {
  ByteFile file(path);
  const std::vector<std::uint8_t> bytes = file.read(most + 1);
  if (static_cast<std::int64_t>(bytes.size()) > most) {
    throw Error(
        fmt::format("{}: has more than {} bytes, allowed: at most so many", file.name(), most));
  }
  return {bytes.begin(), bytes.end()};
}

std::vector<std::string> read_lines(const fs::path& path) {
  std::istringstream text(read_text(path, static_cast<std::int64_t>(kMostTextBytes)));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

}  // namespace inas::data
