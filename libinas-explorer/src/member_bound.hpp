#pragma once

#include <array>
#include <cstdint>

#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/profile.hpp>
#include <inas/execution/layer_facts.hpp>

namespace inas::explorer {

/// A lower bound of what the members of a family move and keep books of beside their computing,
/// cheaper than their prices: every operand is fetched as rarely as the loop order allows, in as
/// few transfers as any S makes, and batches, which continuous power does not have, are as few as
/// can be. Tiles may be ragged: the inputs of all positions together have (s·R + ρ·(Kh − s))·(s·C +
/// γ·(Kw − s)) pixels. Layers that have no input steps are bounded by 0.
class MemberBound {
  using Cost = costmodel::Cost;

 public:
  MemberBound(const costmodel::Profile& profile, const Layer& layer, const Design& way,
              PowerKind power)
      : layer_(layer),
        applies_(execution::facts_of(layer).reads == execution::InputChannels::steps),
        coalesced_(way.dma == DmaGranularity::coalesced) {
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
    block_ = runtime.block + runtime.block_row;
    tile_weights_ = runtime.weights;
    tile_ = runtime.of_tiles(execution::facts_of(layer).kernel, way.unit).tile;
    if (power == PowerKind::intermittent) {
      batch_ = kernel.batch + costmodel::cycle_overheads(profile).record;
    }
    steps_ = real(layer.ifm.channels / way.tile.in_channels);
    all_channels_in_ = way.tile.in_channels == layer.ifm.channels;
    taps_ = real(layer.kernel_height * layer.kernel_width);
    pixels_ = real(layer.ofm.height * layer.ofm.width);
    outputs_ = pixels_ * real(layer.ofm.channels);
    weight_values_ = taps_ * real(layer.ofm.channels * layer.ifm.channels);
  }

  /// For tiles of these rows and columns.
  void at_position(std::int64_t rows, std::int64_t columns) {
    if (!applies_) return;
    const auto tiles = [](std::int64_t extent, std::int64_t size) {
      return real((extent + size - 1) / size);
    };
    const auto covered = [this](std::int64_t extent, double count, std::int64_t kernel) {
      return real(layer_.stride * extent) + count * real(kernel - layer_.stride);
    };
    const double rho = tiles(layer_.ofm.height, rows);
    const double gamma = tiles(layer_.ofm.width, columns);
    positions_ = rho * gamma;
    const double pixels = covered(layer_.ofm.height, rho, layer_.kernel_height) *
                          covered(layer_.ofm.width, gamma, layer_.kernel_width);
    const double transfers = coalesced_ && all_channels_in_ ? positions_ : pixels * steps_;
    all_inputs_ = (pixels * real(layer_.ifm.channels)) * read_value_ + transfers * input_ +
                  (positions_ * steps_) * block_;
  }

  /// For tiles of so many output channels besides.
  void at_channels(std::int64_t out_channels) {
    if (!applies_) return;
    const double mu = real(layer_.ofm.channels / out_channels);
    const bool joins = coalesced_ && mu == 1;
    const double tiles = positions_ * mu * steps_;
    const Cost all_weights =
        weight_values_ * read_value_ +
        ((coalesced_ ? mu : taps_ * real(layer_.ofm.channels)) * steps_) * weights_ +
        (mu * steps_) * tile_weights_;
    const double by_tile = joins ? positions_ : pixels_ * mu;
    const auto sums = [&](std::size_t order) {
      return (steps_ - 1) *
             (outputs_ * read_value_ + by_tile * sums_[order] + (positions_ * mu) * block_);
    };
    const auto written = [&](std::size_t order, double transfers, double blocks) {
      return outputs_ * write_value_ + transfers * backup_[order] + blocks * block_;
    };
    const Cost bookkeeping = tiles * tile_;
    const double joined = coalesced_ ? positions_ : pixels_;
    of_order_[0] = bookkeeping + all_inputs_ + positions_ * all_weights + sums(0) +
                   steps_ * written(0, joined, positions_) + (positions_ * steps_) * batch_;
    of_order_[1] = bookkeeping + mu * all_inputs_ + all_weights + sums(1) +
                   steps_ * written(1, by_tile, positions_ * mu) + (mu * steps_) * batch_;
    of_order_[2] = bookkeeping + mu * all_inputs_ + positions_ * all_weights +
                   written(2, by_tile, positions_ * mu) + (positions_ * mu) * batch_;
  }

  [[nodiscard]] const Cost& of(LoopOrder order) const {
    return of_order_[static_cast<std::size_t>(order)];
  }

 private:
  static double real(std::int64_t count) { return static_cast<double>(count); }

  const Layer& layer_;
  bool applies_;
  bool coalesced_;
  bool all_channels_in_ = false;
  Cost read_value_, write_value_;  ///< one value of a transfer
  Cost input_, weights_;           ///< a transfer, beside its values
  std::array<Cost, 3> sums_, backup_;
  Cost block_, tile_weights_, tile_, batch_;
  double steps_ = 1;  ///< ν
  double taps_ = 0, pixels_ = 0, outputs_ = 0, weight_values_ = 0;
  double positions_ = 0;
  Cost all_inputs_;  ///< fetching every tile's input once
  std::array<Cost, 3> of_order_;
};

}  // namespace inas::explorer
