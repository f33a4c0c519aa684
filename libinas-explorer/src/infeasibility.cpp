#include <cmath>

#include <fmt/format.h>

#include <inas/core/space_stage.hpp>
#include <inas/explorer/infeasibility.hpp>

namespace inas::explorer {

std::string_view to_string(Constraint constraint) {
  switch (constraint) {
    case Constraint::geometry:
      return "geometry";
    case Constraint::nvm_capacity:
      return "nvm-capacity";
    case Constraint::spatial:
      return "C0-spatial";
    case Constraint::atomicity:
      return "C1-atomicity";
    case Constraint::responsiveness:
      return "C2-responsiveness";
  }
  return "unknown";
}

std::optional<Infeasibility> broken_nvm_capacity(const costmodel::Device& device,
                                                 std::int64_t needed) {
  const Platform& platform = device.platform;
  if (needed <= platform.nvm_bytes) return std::nullopt;
  Infeasibility why;
  why.constraint = Constraint::nvm_capacity;
  why.needed = static_cast<double>(needed);
  why.available = static_cast<double>(platform.nvm_bytes);
  return why;
}

std::optional<Infeasibility> broken_responsiveness(double latency_s, double requirement_s) {
  if (latency_s <= requirement_s) return std::nullopt;
  Infeasibility why;
  why.constraint = Constraint::responsiveness;
  why.needed = latency_s;
  why.available = requirement_s;
  return why;
}

namespace {

std::string describe_given_design(const Infeasibility& why) {
  const std::string design = to_string(*why.nearest);
  if (why.constraint == Constraint::spatial) {
    return fmt::format(
        "{}: design {} needs {} bytes of volatile memory and {} are available: {} too many",
        why.layer, design, why.needed, why.available, why.shortfall());
  }
  return fmt::format(
      "{}: design {} never finishes a power cycle: it needs {:.4g} mJ and {:.4g} mJ are available: "
      "{:.4g} mJ too much",
      why.layer, design, why.needed * 1e3, why.available * 1e3, why.shortfall() * 1e3);
}

}  // namespace

std::string describe(const Infeasibility& why) {
  if (why.of_given_design && why.nearest) return describe_given_design(why);
  const std::string nearest = why.nearest ? to_string(*why.nearest) : std::string();
  switch (why.constraint) {
    case Constraint::geometry:
      return describe(Misfit{why.layer, static_cast<std::int64_t>(why.needed),
                             static_cast<std::int64_t>(why.available)});
    case Constraint::nvm_capacity:
      return fmt::format("the network needs {} bytes of NVM and {} are available: {} too many",
                         why.needed, why.available, why.shortfall());
    case Constraint::spatial:
      if (!why.nearest) {
        return fmt::format("{}: the runtime's numbers hold no design of the design space",
                           why.layer);
      }
      return fmt::format(
          "{}: no design fits volatile memory: the smallest, {}, needs {} bytes and {} are "
          "available: "
          "{} too many",
          why.layer, nearest, why.needed, why.available, why.shortfall());
    case Constraint::atomicity:
      return fmt::format(
          "{}: no design that fits volatile memory stays within the energy budget: the nearest, "
          "{}, "
          "needs {:.4g} mJ per power cycle and {:.4g} mJ are available: {:.4g} mJ too much",
          why.layer, nearest, why.needed * 1e3, why.available * 1e3, why.shortfall() * 1e3);
    case Constraint::responsiveness:
      if (!std::isfinite(why.needed)) return "the network never finishes";
      return fmt::format(
          "the network takes {:.4g} s and the latency requirement is {:.4g} s: {:.4g} s too long",
          why.needed, why.available, why.shortfall());
  }
  return "unknown";
}

}  // namespace inas::explorer
