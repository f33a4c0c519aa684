#pragma once

#include <cstdint>
#include <random>

#include <oracle/explore.hpp>

/// Random cases from a seeded generator, for properties that must hold for all layers and supplies.
namespace oracle {

using Generator = std::mt19937_64;

/// A number from low to high, both included: written out, because the standard distributions differ
/// between libraries.
Int random_from(Generator& generator, Int low, Int high);

/// A convolution (2-D or 1-D), a fully connected layer or a pooling layer of either kind with
/// extents (max pooling: of the output) up to `extent`: primes, ones and round numbers alike.
Layer random_layer(Generator& generator, Int extent);

/// A supply with odd figures; under intermittent power half of them have a budget within a few
/// percent of what a random design of `layer` needs, so that little is feasible, and a third of all
/// have a VM of about the size that a random design needs. Of a third the harvester delivers
/// constant power, with all kinds of leakage.
Supply random_supply(Generator& generator, const Layer& layer, Lists lists);

/// One of the legal designs of `layer`.
Design random_design(Generator& generator, const Layer& layer, bool continuous, Lists lists);

/// Any combination of faults; published and corrected ones are the most frequent.
Rules random_rules(Generator& generator);

}  // namespace oracle
