#include "zip_archive.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <zlib.h>

#include <fmt/format.h>

#include <inas/core/error.hpp>

// Source: .ZIP File Format Specification (APPNOTE.TXT 6.3), sections 4.3.7, 4.3.12 and 4.3.16.
namespace inas::data {
namespace {

constexpr std::string_view kLocalHeader = "PK\x03\x04";
constexpr std::string_view kDirectoryEntry = "PK\x01\x02";
constexpr std::string_view kEnd = "PK\x05\x06";
constexpr std::size_t kLocalHeaderBytes = 30;
constexpr std::size_t kDirectoryEntryBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kLongestComment = 65'535;
/// What a member may have once it is inflated, and all together.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 31;
/// Deflate makes at most this of a byte.
constexpr std::uint64_t kMostOfAByte = 1032;

constexpr std::uint64_t kStored = 0;
constexpr std::uint64_t kDeflated = 8;
constexpr std::uint64_t kEncrypted = 1;  // a flag

/// A little-endian number at `at`, which lies within the text.
std::uint64_t number(std::string_view text, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(text[at + i]);
  }
  return value;
}

[[noreturn]] void refuse(const std::string& source, std::string_view what) {
  throw Error(fmt::format("{}: {}", source, what));
}

[[noreturn]] void refuse_damaged(const std::string& source) {
  refuse(source, "found a zip archive that is damaged or cut short, allowed: a whole one");
}

/// The part of the archive from `at`; of `bytes`, if they are given.
std::string_view part(std::string_view content, std::uint64_t at, std::uint64_t bytes,
                      const std::string& source) {
  if (at > content.size() || bytes > content.size() - at) refuse_damaged(source);
  return content.substr(at, bytes);
}

struct Entry {
  std::string name;
  std::uint64_t flags = 0;
  std::uint64_t method = 0;
  std::uint64_t crc32 = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t header_at = 0;
};

std::size_t find_end(std::string_view content, const std::string& source) {
  if (content.size() < kEndBytes) refuse_damaged(source);
  const std::size_t last = content.size() - kEndBytes;
  const std::size_t first = last - std::min(last, kLongestComment);
  for (std::size_t at = last + 1; at-- > first;) {
    if (content.substr(at).starts_with(kEnd)) return at;
  }
  refuse_damaged(source);
}

std::vector<Entry> read_directory(std::string_view content, const std::string& source) {
  const std::size_t end = find_end(content, source);
  const std::uint64_t count = number(content, end + 10, 2);
  std::uint64_t at = number(content, end + 16, 4);
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view row = part(content, at, kDirectoryEntryBytes, source);
    if (!row.starts_with(kDirectoryEntry)) refuse_damaged(source);
    const std::uint64_t name_bytes = number(row, 28, 2);
    Entry entry{.name = std::string(part(content, at + kDirectoryEntryBytes, name_bytes, source)),
                .flags = number(row, 8, 2),
                .method = number(row, 10, 2),
                .crc32 = number(row, 16, 4),
                .packed_bytes = number(row, 20, 4),
                .bytes = number(row, 24, 4),
                .header_at = number(row, 42, 4)};
    at += kDirectoryEntryBytes + name_bytes + number(row, 30, 2) + number(row, 32, 2);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string inflated(std::string_view packed, std::uint64_t bytes, const std::string& source) {
  // Nothing is reserved for what the packed bytes cannot become.
  if (bytes > kMostOfAByte * packed.size() + kMostOfAByte) refuse_damaged(source);
  std::string content(bytes, '\0');
  z_stream stream{};
  constexpr int kRaw = -15;  // without a header of its own
  if (inflateInit2(&stream, kRaw) != Z_OK) refuse(source, "there is no memory to inflate it");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int code = inflate(&stream, Z_FINISH);
  const bool is_whole = code == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!is_whole) refuse_damaged(source);
  return content;
}

std::string read_member(std::string_view content, const Entry& entry, const std::string& source) {
  constexpr std::uint64_t kElsewhere = std::numeric_limits<std::uint32_t>::max();  // zip64
  const std::string label = fmt::format("{}: {}", source, entry.name);
  if ((entry.flags & kEncrypted) != 0) refuse(label, "found an encrypted member, allowed: plain");
  if (entry.method != kStored && entry.method != kDeflated) {
    refuse(label, fmt::format("found compression method {}, allowed: {} (stored), {} (deflated)",
                              entry.method, kStored, kDeflated));
  }
  if (entry.bytes == kElsewhere || entry.bytes > kMostBytes) {
    refuse(label, fmt::format("found a member of {} bytes or more, allowed: at most {}",
                              entry.bytes, kMostBytes));
  }
  const std::string_view header = part(content, entry.header_at, kLocalHeaderBytes, source);
  if (!header.starts_with(kLocalHeader)) refuse_damaged(source);
  const std::uint64_t data_at =
      entry.header_at + kLocalHeaderBytes + number(header, 26, 2) + number(header, 28, 2);
  const std::string_view packed = part(content, data_at, entry.packed_bytes, source);
  if (entry.method == kStored && entry.packed_bytes != entry.bytes) refuse_damaged(source);
  std::string member =
      entry.method == kStored ? std::string(packed) : inflated(packed, entry.bytes, source);
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(member.data()), member.size());
  if (crc != entry.crc32) refuse_damaged(source);
  return member;
}

}  // namespace

bool is_zip(std::string_view content) {
  return content.starts_with(kLocalHeader) || content.starts_with(kEnd);
}

std::vector<ZipMember> read_zip(std::string_view content, const std::string& source) {
  std::vector<ZipMember> members;
  std::uint64_t bytes = 0;
  for (const Entry& entry : read_directory(content, source)) {
    bytes += std::min(entry.bytes, kMostBytes);
    if (bytes > kMostBytes) {
      refuse(source, fmt::format("found members of more than {} bytes, allowed: at most so many",
                                 kMostBytes));
    }
    members.push_back({entry.name, read_member(content, entry, source)});
  }
  return members;
}

}  // namespace inas::data
