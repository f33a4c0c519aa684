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

/// `document` as indented JSON text. Throws InvalidArgument, naming `what` it is, if a text in it
/// is not UTF-8.
[[nodiscard]] std::string dump_text(const nlohmann::ordered_json& document, std::string_view what);

}  // namespace inas
