#include "window_table.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/text.hpp>

#include "csv.hpp"
#include "loader.hpp"
#include "text_number.hpp"

namespace inas::data {
namespace {

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  return shown_text(text, kLongest);
}

/// The first of `names`, for messages.
std::string shown(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  std::string result;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    result += (i == 0 ? "" : ", ") + shown(names[i]);
  }
  return names.size() > kMost ? fmt::format("{} and {} more", result, names.size() - kMost)
                              : result;
}

/// Which cell of a line is what.
struct Columns {
  std::size_t label = 0;
  std::optional<std::size_t> group;
  std::optional<std::size_t> window;
  std::vector<std::size_t> channels;
};

class Parser {
 public:
  Parser(std::string_view text, const std::string& source, const DataSettings& data,
         const std::optional<Shape>& input)
      : reader_(text, source), source_(source), data_(data), input_(input) {}

  [[nodiscard]] WindowTable parse() {
    if (!reader_.next(names_))
      throw Error(fmt::format("{}: is empty, allowed: a table whose first line names its columns",
                              source_));
    find_columns();
    std::vector<std::string> cells;
    while (reader_.next(cells)) {
      if (cells.size() != names_.size()) {
        fail(fmt::format("found {} cells, allowed: {}, as the first line has", cells.size(),
                         names_.size()));
      }
      if (columns_.window) begin_window(cells);
      add_values(cells);
      if (!columns_.window) end_window(cells);
    }
    if (columns_.window && steps_ > 0) close_window();
    if (table_.labels.empty())
      throw Error(fmt::format("{}: holds no window, allowed: at least one", source_));
    set_shape();
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: line {}: {}", source_, reader_.line(), what));
  }

  [[nodiscard]] std::size_t column(const std::string& name, const char* key) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
      throw InvalidArgument(fmt::format("{}: has no column \"{}\", which {} names; it has {}",
                                        source_, shown(name), key, shown(names_)));
    }
    return static_cast<std::size_t>(found - names_.begin());
  }

  void find_columns() {
    std::set<std::string> seen;
    for (const std::string& name : names_) {
      if (seen.insert(name).second) continue;
      throw Error(
          fmt::format("{}: has the column \"{}\" twice, allowed: once", source_, shown(name)));
    }
    columns_.label = column(data_.label_column, "data.label_column");
    if (!data_.group_column.empty()) {
      columns_.group = column(data_.group_column, "data.group_column");
    }
    if (!data_.window_column.empty()) {
      columns_.window = column(data_.window_column, "data.window_column");
    }
    for (const std::string& name : data_.channel_columns) {
      columns_.channels.push_back(column(name, "data.channel_columns"));
    }
    for (std::size_t i = 0; data_.channel_columns.empty() && i < names_.size(); ++i) {
      if (i != columns_.label && columns_.group != i && columns_.window != i) {
        columns_.channels.push_back(i);
      }
    }
    if (columns_.channels.empty()) {
      throw Error(fmt::format("{}: has no column of values beside {}, allowed: at least one",
                              source_, shown(names_)));
    }
    for (const std::size_t at : columns_.channels) table_.channels.push_back(names_[at]);
  }

  void add_values(const std::vector<std::string>& cells) {
    for (const std::size_t at : columns_.channels) {
      const std::optional<float> value = parse_number(cells[at]);
      if (!value) {
        fail(fmt::format("column \"{}\": found \"{}\", allowed: a finite number", shown(names_[at]),
                         shown(cells[at])));
      }
      window_.push_back(*value);
    }
    const auto count = static_cast<std::int64_t>(table_.values.size() + window_.size());
    if (count > kMostFloatValues) {
      fail(fmt::format("found more than {} values, allowed: at most so many", kMostFloatValues));
    }
  }

  [[nodiscard]] static std::string cell(const std::vector<std::string>& cells,
                                        const std::optional<std::size_t>& at) {
    return at ? cells[*at] : std::string();
  }

  /// Notes whom the values so far are of.
  void name_window(const std::vector<std::string>& cells) {
    label_ = cells[columns_.label];
    if (label_.empty()) fail("found a window without a label, allowed: one with");
    group_ = cell(cells, columns_.group);
    if (columns_.group && group_.empty()) fail("found a window without a group, allowed: one with");
    id_ = cell(cells, columns_.window);
  }

  /// Of time steps: ends the window before, if this step is of another.
  void begin_window(const std::vector<std::string>& cells) {
    const bool is_same =
        steps_ > 0 && id_ == cell(cells, columns_.window) && group_ == cell(cells, columns_.group);
    if (is_same && cells[columns_.label] != label_) {
      fail(fmt::format("found the label \"{}\" in {}, allowed: \"{}\", as its first line has",
                       shown(cells[columns_.label]), window_name(), shown(label_)));
    }
    if (!is_same) {
      if (steps_ > 0) close_window();
      name_window(cells);
      if (!ids_.insert({group_, id_}).second) {
        fail(fmt::format("found {} again, allowed: all its lines together", window_name()));
      }
    }
    ++steps_;
  }

  [[nodiscard]] std::string window_name() const {
    return columns_.group ? fmt::format("window \"{}\" of \"{}\"", shown(id_), shown(group_))
                          : fmt::format("window \"{}\"", shown(id_));
  }

  /// Of time steps: the values of the window are complete, step after step.
  void close_window() {
    const bool is_given = input_ && input_->width == 1;
    if (length_ == 0) length_ = is_given ? input_->height : steps_;
    if (steps_ != length_) {
      throw Error(fmt::format("{}: {} has {} steps, allowed: {}, as {}", source_, window_name(),
                              steps_, length_,
                              is_given ? "space.input has" : "the first window has"));
    }
    const std::size_t channels = columns_.channels.size();
    for (std::size_t channel = 0; channel < channels; ++channel) {
      for (std::size_t at = channel; at < window_.size(); at += channels) {
        table_.values.push_back(window_[at]);
      }
    }
    store_names();
  }

  /// Of whole windows: the line is one.
  void end_window(const std::vector<std::string>& cells) {
    name_window(cells);
    table_.values.insert(table_.values.end(), window_.begin(), window_.end());
    store_names();
  }

  void store_names() {
    table_.labels.push_back(label_);
    if (columns_.group) table_.groups.push_back(group_);
    window_.clear();
    steps_ = 0;
  }

  void set_shape() {
    const auto columns = static_cast<std::int64_t>(columns_.channels.size());
    if (columns_.window) {
      table_.shape = {columns, length_, 1};
    } else if (input_ && columns == input_->values()) {
      table_.shape = *input_;
    } else {
      table_.shape = {1, columns, 1};
    }
  }

  CsvReader reader_;
  const std::string& source_;
  const DataSettings& data_;
  const std::optional<Shape> input_;
  std::vector<std::string> names_;
  Columns columns_;
  WindowTable table_;

  std::vector<float> window_;  ///< values of the window that is being read
  std::int64_t steps_ = 0;     ///< lines of it
  std::int64_t length_ = 0;    ///< steps that all have
  std::string label_;
  std::string group_;
  std::string id_;
  std::set<std::pair<std::string, std::string>> ids_;  ///< groups and windows so far
};

}  // namespace

WindowTable parse_window_table(std::string_view text, const std::string& source,
                               const DataSettings& data, const std::optional<Shape>& input) {
  return Parser(text, source, data, input).parse();
}

}  // namespace inas::data
