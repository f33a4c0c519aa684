#include "csv.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "text_number.hpp"

namespace inas::data {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string source)
    : left_(text), source_(std::move(source)) {
  if (left_.starts_with(kByteOrderMark)) left_.remove_prefix(kByteOrderMark.size());
  const std::string_view first = left_.substr(0, left_.find('\n'));
  for (const char separator : {'\t', ';', ','}) {
    if (first.find(separator) != std::string_view::npos) separator_ = separator;
  }
}

bool CsvReader::next(std::vector<std::string>& cells) {
  while (!left_.empty()) {
    const std::string_view line = left_.substr(0, left_.find('\n'));
    left_.remove_prefix(std::min(line.size() + 1, left_.size()));
    ++line_;
    if (line.size() > kLongestLine) {
      throw Error(fmt::format("{}: line {}: found {} bytes, allowed: at most {}", source_, line_,
                              line.size(), kLongestLine));
    }
    if (trimmed(line).empty()) continue;
    split(line, cells);
    return true;
  }
  return false;
}

void CsvReader::split(std::string_view line, std::vector<std::string>& cells) const {
  std::size_t count = 0;
  const auto add = [&](std::string_view cell) {
    if (count == cells.size()) cells.emplace_back();
    cells[count++] = cell;
  };
  if (line.ends_with('\r')) line.remove_suffix(1);
  for (bool more = true; more;) {
    const std::size_t start = line.find_first_not_of(" ");
    if (start != std::string_view::npos && line[start] == '"') {
      line.remove_prefix(start);
      add(quoted(line));
    } else {
      const std::string_view cell = line.substr(0, line.find(separator_));
      line.remove_prefix(cell.size());
      add(trimmed(cell));
    }
    more = !line.empty();
    if (more) line.remove_prefix(1);
  }
  cells.resize(count);
}

/// The content of the quoted cell that `left` begins with; `left` is what follows it: nothing, or a
/// separator and more.
std::string CsvReader::quoted(std::string_view& left) const {
  std::string cell;
  left.remove_prefix(1);
  for (bool ends = false; !ends;) {
    const std::size_t quote = left.find('"');
    if (quote == std::string_view::npos) {
      throw Error(fmt::format(
          "{}: line {}: found a quote that does not end in its line, allowed: cells of one line",
          source_, line_));
    }
    cell += left.substr(0, quote);
    left.remove_prefix(quote + 1);
    ends = !left.starts_with('"');
    if (!ends) {
      cell += '"';
      left.remove_prefix(1);
    }
  }
  const std::size_t next = left.find(separator_);
  if (!trimmed(left.substr(0, next)).empty()) {
    throw Error(fmt::format("{}: line {}: found a quote within a cell, allowed: around one",
                            source_, line_));
  }
  left = next == std::string_view::npos ? std::string_view() : left.substr(next);
  return cell;
}

}  // namespace inas::data
