#pragma once

#include <cstdint>
#include <random>

#include <oracle/explore.hpp>
#include <oracle/walk.hpp>

/// Random cases from a seeded generator, for properties that must hold for all layers and supplies.
namespace oracle {

using Generator = std::mt19937_64;

/// A number from low to high, both included: written out, because the standard distributions differ
/// between libraries.
Int random_from(Generator& generator, Int low, Int high);

/// A convolution (2-D or 1-D, a third of them with strides), a fully connected layer, a global
/// average pooling or a max pooling layer with extents (convolutions, max pooling: of the output)
/// up to `extent`: primes, ones and round numbers alike. None is padded: the formulas know them.
Layer random_layer(Generator& generator, Int extent);

/// A layer of any type, small enough to be walked: maps of up to `extent` rows and columns and
/// `channels` channels, strides of 1 to 3, half of the windows with a padding that may be different
/// on each side, larger than the stride or wider than the map.
Layer random_any_layer(Generator& generator, Int extent, Int channels);

/// A supply with odd figures; under intermittent power half of them have a budget within a few
/// percent of what a random design of `layer` needs, so that little is feasible, and a third of all
/// have a VM of about the size that a random design needs. Of a third the harvester delivers
/// constant power, with all kinds of leakage.
Supply random_supply(Generator& generator, const Layer& layer, Lists lists);

/// One of the legal designs of `layer`.
Design random_design(Generator& generator, const Layer& layer, bool continuous, Lists lists);

/// A legal design of a layer of any type, by the rules of legal.hpp, with one of its K, any
/// granularity and unit, and an even longest vector or none.
WideDesign random_wide_design(Generator& generator, const Layer& layer);

/// Any combination of faults; published and corrected ones are the most frequent.
Rules random_rules(Generator& generator);

}  // namespace oracle
