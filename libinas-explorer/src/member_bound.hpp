#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/execution/layer_facts.hpp>
#include <inas/execution/tiles.hpp>

namespace inas::explorer {

/// A lower bound of what the members of a family move and keep books of beside their computing,
/// cheaper than their prices: every operand is fetched as rarely as the loop order allows, in as
/// few transfers as any S makes, and batches, which continuous power does not have, are as few as
/// can be. Tiles may be uneven: the inputs of all positions together have (s·R + ρ·(Kh − s) −
/// B)·(s·C
/// + γ·(Kw − s) − B') pixels, B and B' being the rows and columns outside of the map, or H·W where
/// the input is tiled. Tiles that read their own channels fetch each input once.
class MemberBound {
  using Cost = costmodel::Cost;

 public:
  MemberBound(const costmodel::Profile& profile, const Layer& layer, const Design& way,
              PowerKind power)
      : layer_(layer),
        own_channels_(execution::facts_of(layer).reads == execution::InputChannels::own),
        tiled_input_(execution::facts_of(layer).tiled == execution::TiledMap::input),
        reads_more_(costmodel::queried_input_extent(profile.faults) != execution::InputExtent::own),
        coalesced_(way.dma == DmaGranularity::coalesced),
        border_(execution::border_of(layer)) {
    const costmodel::RuntimeLaws& runtime = profile.runtime;
    const costmodel::KernelLaws& kernel = runtime.of(execution::facts_of(layer).kernel);
    const auto intercept = [](const costmodel::LinearCost& law, const Cost& overhead) {
      return law(0) + overhead;
    };
    const auto slope = [](const costmodel::LinearCost& law) {
      return Cost{law.energy_j.slope / law.energy_j.divisor,
                  law.latency_s.slope / law.latency_s.divisor};
    };
    read_value_ = slope(profile.nvm_read);
    write_value_ = slope(profile.nvm_write);
    input_ = intercept(profile.nvm_read, profile.fetch_input);
    weights_ = intercept(profile.nvm_read, profile.fetch_weights);
    for (std::size_t order = 0; order < 3; ++order) {
      sums_[order] = intercept(profile.nvm_read, profile.fetch_output[order]);
      backup_[order] = intercept(profile.nvm_write, profile.backup_output[order]);
    }
    block_ = runtime.block;
    input_block_ = execution::facts_of(layer).has_windows ? block_ + runtime.window : block_;
    row_ = runtime.block_row;
    tile_weights_ = runtime.weights;
    tile_ = runtime.of_tiles(execution::facts_of(layer).kernel, way.unit).tile;
    if (power == PowerKind::intermittent) {
      batch_ = kernel.batch + costmodel::cycle_overheads(profile).record;
    }
    steps_ = real(execution::stepped_channels(layer) / way.tile.in_channels);
    all_channels_in_ = way.tile.in_channels == layer.ifm.channels;
    taps_ = real(layer.kernel_height * layer.kernel_width);
    pixels_ = real(layer.ofm.height * layer.ofm.width);
    outputs_ = pixels_ * real(layer.ofm.channels);
    weight_values_ = taps_ * real(layer.ofm.channels * layer.ifm.channels);
  }

  /// For tiles of these rows and columns.
  void at_position(std::int64_t rows, std::int64_t columns) {
    const auto tiles = [](std::int64_t extent, std::int64_t size) {
      return real((extent + size - 1) / size);
    };
    const Shape& map = execution::tiled_map(layer_);
    const double rho = tiles(map.height, rows);
    const double gamma = tiles(map.width, columns);
    positions_ = rho * gamma;
    const auto covered = [this](std::int64_t extent, double count, std::int64_t kernel,
                                const execution::Outside& outside) {
      if (tiled_input_) return real(extent);
      return real(layer_.stride * extent - outside.all()) + count * real(kernel - layer_.stride);
    };
    const double covered_rows = covered(map.height, rho, layer_.kernel_height, border_.rows);
    pixels_in_ = covered_rows * covered(map.width, gamma, layer_.kernel_width, border_.columns);
    rows_in_ = covered_rows * gamma;
    rows_out_ = real(layer_.ofm.height) * gamma;
    // Side by side from row to row only where a block is as wide as the map.
    joined_in_ = gamma == 1 || reads_more_ ? positions_ : rows_in_;
    joined_out_ = gamma == 1 ? positions_ : rows_out_;
    all_inputs_ = inputs(coalesced_ && all_channels_in_, steps_);
  }

  /// Do tiles of fewer rows or columns have no smaller bound, whatever the order? Not where windows
  /// leave inputs out between them, which a larger tile fetches.
  [[nodiscard]] bool grows_as_tiles_shrink() const {
    return tiled_input_ || layer_.stride <= std::min(layer_.kernel_height, layer_.kernel_width);
  }

  /// For tiles of so many output channels besides, in a loop order. Fewer have no smaller bound.
  [[nodiscard]] Cost of(std::int64_t out_channels, LoopOrder order) const {
    const auto index = static_cast<std::size_t>(order);
    const double mu = real(layer_.ofm.channels / out_channels);
    const bool joins = coalesced_ && mu == 1;
    const double tiles = positions_ * mu * steps_;
    const Cost bookkeeping = tiles * tile_;
    if (own_channels_) {
      const Cost work = bookkeeping + inputs(joins, mu) + mu * batch_ + outputs_ * write_value_;
      return work + (tiled_input_ ? mu * backup_[index] : blocks(joins, mu, backup_[index]));
    }
    const Cost all_weights =
        weight_values_ * read_value_ +
        ((coalesced_ ? mu : taps_ * real(layer_.ofm.channels)) * steps_) * weights_ +
        (mu * steps_) * tile_weights_;
    const auto sums = [&] {
      return (steps_ - 1) * (outputs_ * read_value_ + blocks(joins, mu, sums_[index]));
    };
    const auto written = [&](bool join, double shares) {
      return outputs_ * write_value_ + blocks(join, shares, backup_[index]);
    };
    switch (order) {
      case LoopOrder::reuse_I:
        // The tiles of a batch have all output channels at best.
        return bookkeeping + all_inputs_ + positions_ * all_weights + sums() +
               steps_ * written(coalesced_, 1) + (positions_ * steps_) * batch_;
      case LoopOrder::reuse_W:
        return bookkeeping + mu * all_inputs_ + all_weights + sums() + steps_ * written(joins, mu) +
               (mu * steps_) * batch_;
      default:
        return bookkeeping + mu * all_inputs_ + positions_ * all_weights + written(joins, mu) +
               (positions_ * mu) * batch_;
    }
  }

 private:
  static double real(std::int64_t count) { return static_cast<double>(count); }

  /// All positions' inputs of all channels once, in blocks of so many shares of the channels.
  [[nodiscard]] Cost inputs(bool join, double shares) const {
    const double transfers = join ? joined_in_ : pixels_in_ * shares;
    const double rows = join ? joined_in_ : rows_in_ * shares;
    return (pixels_in_ * real(layer_.ifm.channels)) * read_value_ + transfers * input_ +
           rows * row_ + (positions_ * shares) * input_block_;
  }

  /// The same of all outputs, beside their values; `transfer` is one of theirs.
  [[nodiscard]] Cost blocks(bool join, double shares, const Cost& transfer) const {
    const double transfers = join ? joined_out_ : pixels_ * shares;
    const double rows = join ? joined_out_ : rows_out_ * shares;
    return transfers * transfer + rows * row_ + (positions_ * shares) * block_;
  }

  const Layer& layer_;
  bool own_channels_;
  bool tiled_input_;
  bool reads_more_;  ///< blocks may be larger than their tiles ask for
  bool coalesced_;
  execution::TileBorder border_;
  bool all_channels_in_ = false;
  Cost read_value_, write_value_;  ///< one value of a transfer
  Cost input_, weights_;           ///< a transfer, beside its values
  std::array<Cost, 3> sums_, backup_;
  Cost block_, input_block_, row_, tile_weights_, tile_, batch_;
  double steps_ = 1;  ///< ν
  double taps_ = 0, pixels_ = 0, outputs_ = 0, weight_values_ = 0;
  double positions_ = 0;
  double pixels_in_ = 0;   ///< input pixels of all positions
  double rows_in_ = 0;     ///< rows of all positions' inputs
  double rows_out_ = 0;    ///< the same of outputs
  double joined_in_ = 0;   ///< transfers of inputs whose pixels lie side by side
  double joined_out_ = 0;  ///< the same of outputs
  Cost all_inputs_;        ///< fetching the input of every position and step once
};

}  // namespace inas::explorer
