#include "oracle/model.hpp"

#include <map>

namespace oracle {
namespace {

/// The constants of one quantity by their released names, without the prefix E_ or L_. Those that
/// are missing (SUB, DIV, MOD) the released model declares and never uses.
std::map<std::string, double> names(const Constants& k) {
  return {{"RB", k.boot},
          {"ADD", k.add},
          {"MUL", k.multiply},
          {"FD_I_OVHD", k.fI},
          {"FD_W_OVHD", k.fW},
          {"FD_O_RUI_OVHD", k.fO_I},
          {"FD_O_RUW_OVHD", k.fO_W},
          {"FD_O_RUO_OVHD", k.fO_O},
          {"BD_O_RUI_OVHD", k.bO_I},
          {"BD_O_RUW_OVHD", k.bO_W},
          {"BD_O_RUO_OVHD", k.bO_O},
          {"OP_PSUM_OVHD", k.psum},
          {"OP_ACUM_OVHD", k.acum},
          {"OP_MAXCOMPARE", k.max},
          {"OP_MAX_OVHD", k.maxaddr}};
}

Constants constants_of(const std::string& name) {
  return name.front() == 'E' ? energy_constants() : latency_constants(kPublished);
}

}  // namespace

std::optional<double> OracleModel::constant(const std::string& name) const {
  const auto all = names(constants_of(name));
  const auto found = all.find(name.substr(2));
  if (found == all.end()) return std::nullopt;
  return found->second;
}

std::optional<double> OracleModel::law(const std::string& name, Int n) const {
  const Constants k = constants_of(name);
  const std::string law = name.substr(2);
  if (law == "DMA_NVM_TO_VM") return k.rd(n);
  if (law == "DMA_VM_TO_NVM") return k.wr(n);
  if (law == "OP_VECMAC") return k.vm(n);
  return std::nullopt;
}

}  // namespace oracle
