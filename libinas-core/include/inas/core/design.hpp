#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inas {

/// Which operand stays in VM between consecutive tiles; the loop nests, outer to inner, are
/// I: rows, columns, n, m.  W: m, n, rows, columns.  O: rows, columns, m, n.
enum class LoopOrder : std::uint8_t { reuse_I, reuse_W, reuse_O };

/// The vector length of one MAC call: one kernel tap (Tn values), or one kernel row (Kw·Tn values;
/// 1-D: Kh·Tn).
enum class MacGranularity : std::uint8_t { tap, row };

/// What one NVM transfer moves: the channels of one pixel, or a whole tile row where it is
/// contiguous.
enum class DmaGranularity : std::uint8_t { pixel, coalesced };

/// What multiplies a layer's vectors: the vector accelerator, or the CPU with its hardware
/// multiplier. The multiplier takes a kernel row as one vector whatever the MAC granularity.
enum class Unit : std::uint8_t { lea, cpu };

/// Whether `size` splits `extent` values into ⌈extent/size⌉ tiles that are no larger than so many
/// need, so that at most the last is smaller: size = ⌈extent/q⌉ for some q. Divisors do.
[[nodiscard]] constexpr bool splits(std::int64_t extent, std::int64_t size) {
  const auto tiles_of = [extent](std::int64_t of) { return (extent + of - 1) / of; };
  return size >= 1 && size <= extent && size == tiles_of(tiles_of(size));
}

/// Output rows, columns, output channels and input channels computed at once in volatile memory.
/// A ragged tile does not divide the map in rows or columns; the last one there is smaller.
struct Tile {
  std::int64_t rows = 1;          ///< Tr
  std::int64_t columns = 1;       ///< Tc
  std::int64_t out_channels = 1;  ///< Tm
  std::int64_t in_channels = 1;   ///< Tn

  bool operator==(const Tile&) const = default;
};

/// How a layer is executed (tile, loop order, granularities, unit) and how its progress is
/// preserved (S, K). The defaults of the last four fields are the published design space. Pooling
/// has no vectors: mac and unit keep their defaults there.
struct Design {
  Tile tile = {};
  LoopOrder order = LoopOrder::reuse_O;
  std::int64_t batch = 1;  ///< S: tiles computed before their outputs are preserved
  MacGranularity mac = MacGranularity::tap;
  DmaGranularity dma = DmaGranularity::pixel;
  /// K: preservation batches after which a power cycle ends; 0: the energy ledger alone ends it.
  std::int64_t batches_per_cycle = 1;
  Unit unit = Unit::lea;

  bool operator==(const Design&) const = default;
};

/// "I", "W" or "O".
[[nodiscard]] std::string_view letter(LoopOrder order);

/// "lea" or "cpu".
[[nodiscard]] std::string_view to_string(Unit unit);

/// `Tr_Tc_Tm_Tn_reuse_X_Sn`, then `_row`, `_coalesced`, `_Kn` and `_cpu` where they differ from the
/// default.
[[nodiscard]] std::string to_string(const Design& design);

/// The inverse of `to_string`; `_lea` may be spelt out. Throws InvalidArgument, quoting the text
/// and the form, on anything else.
[[nodiscard]] Design parse_design(std::string_view text);

}  // namespace inas
