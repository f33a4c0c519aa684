#pragma once

#include <string>
#include <vector>

#include <library/library_model.hpp>
#include <oracle/random_cases.hpp>
#include <oracle/walk.hpp>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/profile.hpp>

/// Layers of any type with a legal design, in the oracle's words and in the library's, and what the
/// laws of a runtime's profile charge for what a walk does.
namespace oracle {

struct AnyCase {
  Layer layer;
  WideDesign wide;
  inas::Layer of_library;
  inas::Design design;
};

[[nodiscard]] AnyCase case_of(const Layer& layer, const WideDesign& wide);
[[nodiscard]] AnyCase random_case(Generator& generator, Int extent, Int channels);
[[nodiscard]] inas::Design design_of(const WideDesign& wide);
[[nodiscard]] std::string describe(const AnyCase& of);

/// How often each law is charged, in the sequence of `inas::costmodel::law_names`. Throws if
/// something happened for which there is no law.
[[nodiscard]] std::vector<double> charges(const Events& did, const AnyCase& of);

/// A runtime's profile whose laws are random numbers of cycles, some of them zero.
[[nodiscard]] inas::costmodel::Profile random_profile(Generator& generator);

/// The shipped one, with one energy for every cycle.
[[nodiscard]] inas::costmodel::Profile uniform_profile();

/// Clock cycles, boot left out.
[[nodiscard]] double cycles_of(const Events& did, const AnyCase& of,
                               const std::vector<double>& law_cycles);

}  // namespace oracle
