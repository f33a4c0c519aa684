#include "facts_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>

namespace inas::study {

std::string facts_text(const StudyFacts& facts) {
  auto environment = nlohmann::ordered_json::array();
  for (const Fact& fact : facts.environment) environment.push_back({fact.name, fact.value});
  const nlohmann::ordered_json document{
      {"synthetic", facts.synthetic},         {"class_names", facts.class_names},
      {"train_samples", facts.train_samples}, {"environment", environment},
      {"search_end", facts.search_end},       {"confusion", facts.confusion}};
  // Names of classes are the user's, and need not be UTF-8.
  return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

StudyFacts facts_of(const std::string& text, const std::string& source) {
  try {
    const nlohmann::json document = nlohmann::json::parse(text);
    StudyFacts facts;
    facts.synthetic = document.at("synthetic").get<bool>();
    facts.train_samples = document.value("train_samples", std::int64_t{0});
    facts.class_names = document.at("class_names").get<std::vector<std::string>>();
    for (const auto& fact : document.at("environment")) {
      facts.environment.push_back({fact.at(0).get<std::string>(), fact.at(1).get<std::string>()});
    }
    facts.search_end = document.value("search_end", "");
    facts.confusion = document.at("confusion").get<std::vector<std::int64_t>>();
    return facts;
  } catch (const nlohmann::json::exception&) {
    throw Error(fmt::format("{}: the facts of the study are damaged", source));
  }
}

}  // namespace inas::study
