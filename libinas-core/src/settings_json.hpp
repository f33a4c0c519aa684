#pragma once

#include <inas/core/json_reader.hpp>
#include <inas/core/settings.hpp>

namespace inas {

/// Reads the keys of this project's settings form from `reader`; the caller finishes the reader.
void read_settings(json::Reader& reader, Settings& settings);
/// Reads the sections of the original iNAS form.
void read_original_settings(json::Reader& reader, Settings& settings);
/// Whether a document has a section of the original form.
[[nodiscard]] bool is_original_form(const json::Reader& reader);

[[nodiscard]] nlohmann::ordered_json settings_document(const Settings& settings);

}  // namespace inas
