#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>
#include <zlib.h>

namespace inas::data {

/// Throws Error unless there is a file: whoever opened a pipe in a folder of data would wait for
/// ever.
void check_file(const std::filesystem::path& path);

/// The whole content of a file of a data set, as it is, of at most `most` bytes. Throws Error.
[[nodiscard]] std::string read_data_file(const std::filesystem::path& path, std::size_t most);

/// A file read through zlib, which passes on what is not compressed as it is. Throws Error, naming
/// the file and the system's reason.
class ByteFile {
 public:
  explicit ByteFile(std::filesystem::path path);
  ~ByteFile() { gzclose(file_); }
  ByteFile(const ByteFile&) = delete;
  ByteFile& operator=(const ByteFile&) = delete;

  [[nodiscard]] std::string name() const { return path_.string(); }

  /// The next `count` bytes, or fewer at the end of the file. Grows with what is there, not with
  /// what a header promises.
  [[nodiscard]] std::vector<std::uint8_t> read(std::int64_t count);

 private:
  void check() const;

  std::filesystem::path path_;
  gzFile file_ = nullptr;
};

/// The whole content of a text, compressed or not, of at most `most` bytes.
[[nodiscard]] std::string read_text(const std::filesystem::path& path, std::int64_t most);

/// Its lines, without their ends, CR LF included; an empty last one is left out.
[[nodiscard]] std::vector<std::string> read_lines(const std::filesystem::path& path);

}  // namespace inas::data
