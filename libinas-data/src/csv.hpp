#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inas::data {

/// Reads a table of text line by line: cells apart by commas, or by semicolons or tabs if the first
/// line has no comma; a cell in quotes may hold them, and a quote as two. Empty lines are skipped,
/// and so is a byte order mark. Throws Error, naming `source` and the line, for a line of more than
/// kLongestLine bytes and for a quote that does not end in its line. `text` must stay.
class CsvReader {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{1} << 20;

  CsvReader(std::string_view text, std::string source);

  /// Reads the cells of the next line, blanks around them removed; false at the end.
  [[nodiscard]] bool next(std::vector<std::string>& cells);
  /// Of the line read last, from 1.
  [[nodiscard]] std::int64_t line() const { return line_; }

 private:
  void split(std::string_view line, std::vector<std::string>& cells) const;
  [[nodiscard]] std::string quoted(std::string_view& left) const;

  std::string_view left_;
  std::string source_;
  char separator_ = ',';
  std::int64_t line_ = 0;
};

}  // namespace inas::data
