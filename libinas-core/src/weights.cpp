#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/core/weights.hpp>

namespace inas {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors data are little-endian and copied as they are");

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

/// The product of the extents, or nothing if one is negative or the product leaves 63 bits.
std::optional<std::int64_t> value_count(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    if (extent != 0 && count > std::numeric_limits<std::int64_t>::max() / extent)
      return std::nullopt;
    count *= extent;
  }
  return count;
}

struct Entry {
  Tensor tensor;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Entry read_entry(json::Reader& reader, const std::string& name, const std::string& source) {
  Entry entry;
  entry.tensor.name = name;
  std::string type;
  std::vector<std::uint64_t> offsets;
  reader.require("dtype", type);
  reader.require("shape", entry.tensor.shape);
  reader.require("data_offsets", offsets);
  reader.finish();
  if (type != "F32") {
    throw Error(fmt::format("{}: tensor {}: found the type {}, allowed: F32", source, name, type));
  }
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    throw Error(fmt::format("{}: tensor {}: data_offsets: found {}, allowed: [begin, end]", source,
                            name, json::shown(offsets)));
  }
  entry.begin = offsets[0];
  entry.end = offsets[1];
  const std::optional<std::int64_t> count = value_count(entry.tensor.shape);
  if (!count || static_cast<std::uint64_t>(*count) > (entry.end - entry.begin) / sizeof(float) ||
      static_cast<std::uint64_t>(*count) * sizeof(float) != entry.end - entry.begin) {
    throw Error(fmt::format("{}: tensor {}: found {} bytes, allowed: those of its shape {}", source,
                            name, entry.end - entry.begin, json::shown(entry.tensor.shape)));
  }
  return entry;
}

}  // namespace

std::string bias_name(std::string_view layer) { return fmt::format("{}.bias", layer); }

std::vector<Tensor> tensors_of(const Layer& layer) {
  if (weight_count(layer) == 0) return {};
  const std::int64_t in =
      weight_count(layer) / (layer.ofm.channels * layer.kernel_height * layer.kernel_width);
  std::vector<Tensor> tensors{
      {layer.name, {layer.ofm.channels, in, layer.kernel_height, layer.kernel_width}, {}}};
  if (layer.bias) tensors.push_back({bias_name(layer.name), {layer.ofm.channels}, {}});
  return tensors;
}

std::vector<Tensor> read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

std::vector<Tensor> parse_safetensors(std::string_view content, const std::string& source) {
  if (content.size() < kLengthBytes) {
    throw Error(fmt::format("{}: found {} bytes, allowed: at least {}", source, content.size(),
                            kLengthBytes));
  }
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, content.data(), kLengthBytes);
  if (header_bytes > kMaxHeaderBytes || header_bytes > content.size() - kLengthBytes) {
    throw Error(
        fmt::format("{}: the header claims {} bytes, allowed: at most the {} after its length",
                    source, header_bytes, content.size() - kLengthBytes));
  }
  const std::string_view header(content.data() + kLengthBytes, header_bytes);
  const std::string_view data(header.data() + header.size(),
                              content.size() - kLengthBytes - header_bytes);
  const nlohmann::json document = json::parse(header, source);
  if (!document.is_object()) {
    throw Error(
        fmt::format("{}: the header is {}, allowed: an object", source, json::shown(document)));
  }

  std::vector<Entry> entries;
  for (const auto& [name, value] : document.items()) {
    if (name == "__metadata__") continue;
    json::Reader reader(source, value, name);
    entries.push_back(read_entry(reader, name, source));
  }
  // The format asks for data without gaps, so sorted tensors must follow one another.
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::uint64_t next = 0;
  std::vector<Tensor> tensors;
  for (Entry& entry : entries) {
    if (entry.begin != next || entry.end > data.size()) {
      throw Error(
          fmt::format("{}: tensor {}: bytes {} to {}, allowed: from {} on, in {} bytes of data",
                      source, entry.tensor.name, entry.begin, entry.end, next, data.size()));
    }
    next = entry.end;
    entry.tensor.values.resize((entry.end - entry.begin) / sizeof(float));
    if (!entry.tensor.values.empty()) {
      std::memcpy(entry.tensor.values.data(), data.data() + entry.begin, entry.end - entry.begin);
    }
    tensors.push_back(std::move(entry.tensor));
  }
  if (next != data.size()) {
    throw Error(
        fmt::format("{}: {} bytes of data belong to no tensor", source, data.size() - next));
  }
  return tensors;
}

std::string to_safetensors(const std::vector<Tensor>& tensors, const std::string& source) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::string data;
  for (const Tensor& tensor : tensors) {
    if (tensor.name.empty() || tensor.name == "__metadata__" || header.contains(tensor.name)) {
      throw InvalidArgument(fmt::format("{}: tensor \"{}\": the name is reserved or stands twice",
                                        source, tensor.name));
    }
    if (value_count(tensor.shape) != static_cast<std::int64_t>(tensor.values.size())) {
      throw InvalidArgument(fmt::format("{}: tensor {}: {} values do not fill its shape", source,
                                        tensor.name, tensor.values.size()));
    }
    const std::size_t bytes = tensor.values.size() * sizeof(float);
    header[tensor.name] = {{"dtype", "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {data.size(), data.size() + bytes}}};
    if (bytes > 0) data.append(reinterpret_cast<const char*>(tensor.values.data()), bytes);
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw InvalidArgument(fmt::format("{}: the name of a tensor is not valid UTF-8", source));
  }
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  std::string content(kLengthBytes, '\0');
  std::memcpy(content.data(), &length, kLengthBytes);
  return content + text + data;
}

void write_safetensors(const std::filesystem::path& path, const std::vector<Tensor>& tensors) {
  write_file(path, to_safetensors(tensors, path.string()));
}

}  // namespace inas
