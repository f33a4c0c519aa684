#include "database.hpp"

#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace inas::study {
namespace {

// Codes of SQLite, which extended ones have in their low byte.
constexpr int kLowByte = 0xFF;

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

/// What a user can do about it.
std::string reason_of(int code, const std::string& message) {
  switch (code & kLowByte) {
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_IOERR:
      return "a read or write failed, as on a full disk (" + message + ")";
    case SQLITE_READONLY:
      return "it cannot be written: it or its folder is read-only";
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "permission denied";
    case SQLITE_CANTOPEN:
      return "it cannot be opened: it or its folder is missing, or closed to this user";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "it is damaged, or no database of SQLite";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process has locked it";
    default:
      return message;
  }
}

/// What SOCI connects to: it takes libpq's pairs of keys and values, but no URL.
std::string pairs_of(const std::string& url) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), &problem), &PQconninfoFree);
  if (options == nullptr) {
    const std::string why = one_line(problem == nullptr ? "out of memory" : problem);
    PQfreemem(problem);
    throw Error(fmt::format("study: {}", why));
  }
  std::string pairs;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    pairs += fmt::format("{}{}='", pairs.empty() ? "" : " ", option->keyword);
    for (const char* c = option->val; *c != '\0'; ++c) {
      if (*c == '\'' || *c == '\\') pairs += '\\';
      pairs += *c;
    }
    pairs += '\'';
  }
  return pairs;
}

/// A path as a quoted value of SOCI's connection string.
std::string quoted(const std::filesystem::path& path) {
  const std::string text = path.string();
  if (text.find('"') != std::string::npos) {
    throw InvalidArgument(
        fmt::format("{}: a study cannot lie in a folder with a quotation mark in its name", text));
  }
  return '"' + text + '"';
}

}  // namespace

Database::Database(Location location, bool writes, StoreOptions options)
    : location_(std::move(location)), writes_(writes), options_(std::move(options)) {
  transaction([](soci::session&) {});
}

void Database::on_connection(Connected connected) {
  transaction([&](soci::session& sql) { connected(sql); });
  on_connection_ = std::move(connected);
}

void Database::connect() {
  session_.reset();
  auto session = std::make_unique<soci::session>();
  if (location_.shared()) {
    session->open(*soci::factory_postgresql(), pairs_of(location_.url));
  } else {
    std::error_code ignored;
    if (!writes_ && !std::filesystem::exists(location_.file, ignored)) {
      throw Error(fmt::format("{}: there is no study", location_.file.string()));
    }
    session->open(*soci::factory_sqlite3(),
                  fmt::format("db={} timeout=20 synchronous=1{}", quoted(location_.file),
                              writes_ ? "" : " readonly=1"));
    // A commit then takes microseconds, whatever the disk; readers and the writer do not wait for
    // each other.
    if (writes_) *session << "PRAGMA journal_mode = WAL";
  }
  if (on_connection_) {
    soci::transaction transaction(*session);
    on_connection_(*session);
    transaction.commit();
  }
  session_ = std::move(session);
  connected_ = true;
  was_connected_ = true;
  if (told_ && options_.waiting) {
    options_.waiting(fmt::format("{} answers again", describe(location_)));
  }
  told_ = false;
}

Failure Database::failure_of(const soci::soci_error& error) const {
  if (!location_.shared()) return Failure::refused;
  if (error.get_error_category() == soci::soci_error::connection_error) return Failure::lost;
  if (const auto* of_postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    // Of the classes of its codes: connections, resources, the operator, the system.
    const std::string state = of_postgresql->sqlstate();
    for (const char* lost : {"08", "53", "57", "58"}) {
      if (state.starts_with(lost)) return Failure::lost;
    }
  }
  // A connection that dies while it is used leaves no code.
  return session_ != nullptr && session_->is_connected() ? Failure::refused : Failure::lost;
}

void Database::handle(const soci::soci_error& error, Clock::time_point begun) {
  const std::string message = one_line(error.get_error_message());
  if (const auto* of_sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    throw Error(
        fmt::format("{}: {}", describe(location_), reason_of(of_sqlite->result(), message)));
  }
  // Whoever begins is there to read why it cannot be.
  if (!was_connected_ || failure_of(error) == Failure::refused) {
    throw Error(fmt::format("{}: {}", describe(location_), message));
  }
  connected_ = false;
  const double waited_s = std::chrono::duration<double>(Clock::now() - begun).count();
  if (waited_s >= options_.patience_s) {
    throw Error(
        fmt::format("{}: no answer for {:.0f} s: {}", describe(location_), waited_s, message));
  }
  if (!told_ && options_.waiting) {
    options_.waiting(fmt::format("{} does not answer, waiting for up to {:.0f} s: {}",
                                 describe(location_), options_.patience_s, message));
  }
  told_ = true;
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
}

}  // namespace inas::study
