#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include <inas/core/design.hpp>
#include <inas/core/error.hpp>

namespace inas {
namespace {

/// Reads a design's text from left to right; every member throws if the text does not continue so.
class DesignParser {
 public:
  explicit DesignParser(std::string_view text) : text_(text), rest_(text) {}

  std::int64_t number(std::int64_t least = 1) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < least || value > std::numeric_limits<std::int32_t>::max())
      fail();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  void literal(std::string_view expected) {
    if (!accept(expected)) fail();
  }

  bool accept(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  void end() const {
    if (!rest_.empty()) fail();
  }

  [[noreturn]] void fail() const {
    throw InvalidArgument(fmt::format(
        "design: found \"{}\", allowed: Tr_Tc_Tm_Tn_reuse_X_Sn with X one of I, W, O and positive "
        "numbers, then optionally _row, _coalesced, _Kn, _cpu or _lea",
        text_));
  }

 private:
  std::string_view text_;
  std::string_view rest_;
};

constexpr std::array kOrders{LoopOrder::reuse_I, LoopOrder::reuse_W, LoopOrder::reuse_O};

}  // namespace

std::string_view letter(LoopOrder order) {
  switch (order) {
    case LoopOrder::reuse_I:
      return "I";
    case LoopOrder::reuse_W:
      return "W";
    case LoopOrder::reuse_O:
      return "O";
  }
  return "?";
}

std::string_view to_string(Unit unit) { return unit == Unit::cpu ? "cpu" : "lea"; }

std::string to_string(const Design& design) {
  std::string text = fmt::format("{}_{}_{}_{}_reuse_{}_S{}", design.tile.rows, design.tile.columns,
                                 design.tile.out_channels, design.tile.in_channels,
                                 letter(design.order), design.batch);
  if (design.mac == MacGranularity::row) text += "_row";
  if (design.dma == DmaGranularity::coalesced) text += "_coalesced";
  if (design.batches_per_cycle != 1) text += fmt::format("_K{}", design.batches_per_cycle);
  if (design.unit == Unit::cpu) text += "_cpu";
  return text;
}

Design parse_design(std::string_view text) {
  DesignParser parser(text);
  Design design;
  design.tile.rows = parser.number();
  parser.literal("_");
  design.tile.columns = parser.number();
  parser.literal("_");
  design.tile.out_channels = parser.number();
  parser.literal("_");
  design.tile.in_channels = parser.number();
  parser.literal("_reuse_");
  bool known_order = false;
  for (const LoopOrder order : kOrders) {
    if (!known_order && parser.accept(letter(order))) {
      design.order = order;
      known_order = true;
    }
  }
  if (!known_order) parser.fail();
  parser.literal("_S");
  design.batch = parser.number();
  if (parser.accept("_row")) design.mac = MacGranularity::row;
  if (parser.accept("_coalesced")) design.dma = DmaGranularity::coalesced;
  if (parser.accept("_K")) design.batches_per_cycle = parser.number(0);
  if (parser.accept("_cpu")) design.unit = Unit::cpu;
  if (design.unit == Unit::lea && parser.accept("_lea")) text.remove_suffix(4);
  parser.end();
  // Leading zeros and a spelt-out default (_K1) are other texts than `to_string` gives.
  if (to_string(design) != text) parser.fail();
  return design;
}

}  // namespace inas
