#include "database.hpp"

#include <array>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>

namespace inas::study {
namespace {

// Codes of SQLite, which extended ones have in their low byte.
constexpr int kLowByte = 0xFF;

/// What a database says, on one line, without a full stop, what SOCI says before it and what
/// PostgreSQL says behind it of its own statement.
std::string reason_in(std::string_view text) {
  constexpr std::array<std::string_view, 4> kBefore{"Cannot establish connection to the database.",
                                                    "Cannot execute query.",
                                                    "Cannot begin transaction.", "Fatal error."};
  std::string line;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view before : kBefore) {
      if (!line.starts_with(before)) continue;
      line.erase(0, std::min(before.size() + 1, line.size()));
      found = true;
    }
  }
  for (const char* behind : {" LINE 1: ", " CONTEXT: "})
    line.erase(std::min(line.find(behind), line.size()));
  while (line.ends_with(' ') || line.ends_with('.')) line.pop_back();
  return line.empty() ? "it says no reason" : line;
}

std::pair<std::uint64_t, std::uint64_t> identity_of(const std::filesystem::path& file) {
  struct stat found {};
  if (stat(file.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino};
}

/// What a connection has unless the user's URL says otherwise: a machine that is switched off, or
/// its network, is noticed in less than a minute instead of hours, on both sides. A coordinator
/// that is lost that way gives its lock up.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kPatience{
    {{"connect_timeout", "10"},
     {"keepalives_idle", "15"},
     {"keepalives_interval", "5"},
     {"keepalives_count", "4"},
     {"tcp_user_timeout", "35000"}}};
constexpr const char* kPatienceOfServer =
    "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4";

/// PostgreSQL's code of a right that the role does not have.
constexpr const char* kNoRight = "42501";
constexpr std::string_view kRights =
    "to read a study the role needs SELECT on its tables, to train for it and to go on with it "
    "INSERT, UPDATE and DELETE as well, to begin the first one CREATE on the schema";

/// What a user can do about it.
std::string reason_of(int code, const std::string& message, bool writes) {
  switch (code & kLowByte) {
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_IOERR:
      return "a read or write failed, as on a full disk (" + message + ")";
    case SQLITE_READONLY:
      if (!writes) {
        return "its run was killed in the middle of a change, which whoever may write it undoes: "
               "inas-search --resume, or show";
      }
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
    const std::string why = reason_in(problem == nullptr ? "out of memory" : problem);
    PQfreemem(problem);
    throw Error(fmt::format("study: {}", why));
  }
  std::string pairs;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    std::string_view value = option->val == nullptr ? "" : option->val;
    for (const auto& [keyword, patience] : kPatience) {
      if (value.empty() && option->keyword == keyword) value = patience;
    }
    if (value.empty()) continue;
    pairs += fmt::format("{}{}='", pairs.empty() ? "" : " ", option->keyword);
    for (const char c : value) {
      if (c == '\'' || c == '\\') pairs += '\\';
      pairs += c;
    }
    pairs += '\'';
  }
  return pairs;
}

/// A path as a quoted value of SOCI's connection string.
std::string quoted(const std::filesystem::path& path) {
  // Absolute, since SQLite takes a name that begins with "file:" for a URI.
  const std::string text = std::filesystem::absolute(path).string();
  if (text.find('"') != std::string::npos) {
    throw InvalidArgument(fmt::format(
        "{}: a study cannot lie in a folder with a quotation mark in its name", path.string()));
  }
  return '"' + text + '"';
}

void open_to_write(soci::session& session, const std::filesystem::path& file) {
  session.open(*soci::factory_sqlite3(),
               fmt::format("db={} timeout=20 synchronous=1", quoted(file)));
}

void read_tables(soci::session& session) {
  int tables = 0;
  session << "SELECT COUNT(*) FROM sqlite_master", soci::into(tables);
}

/// Opens a file only to read it. What a process that was killed has left in the middle of a change
/// is undone before, which takes the right to write. Throws soci::soci_error without it.
void open_to_read(soci::session& session, const std::filesystem::path& file) {
  const std::string connection = fmt::format("db={} timeout=20 readonly=1", quoted(file));
  try {
    session.open(*soci::factory_sqlite3(), connection);
    read_tables(session);
    return;
  } catch (const soci::sqlite3_soci_error& error) {
    if ((error.result() & kLowByte) != SQLITE_READONLY) throw;
  }
  session.close();
  {
    soci::session writer;
    open_to_write(writer, file);
    read_tables(writer);
  }
  session.open(*soci::factory_sqlite3(), connection);
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

void Database::heed(const Stop& stop) {
  const std::lock_guard lock(mutex_);
  stop_ = stop;
}

void Database::connect() {
  session_.reset();
  auto session = std::make_unique<soci::session>();
  if (location_.shared()) {
    session->open(*soci::factory_postgresql(), pairs_of(location_.url));
    auto* const backend = static_cast<soci::postgresql_session_backend*>(session->get_backend());
    // Of what matters the program says a sentence of its own.
    PQsetNoticeProcessor(
        backend->conn_, [](void*, const char*) {}, nullptr);
    PQclear(PQexec(backend->conn_, kPatienceOfServer));
  } else {
    std::error_code ignored;
    if (!writes_ && !std::filesystem::exists(location_.file, ignored)) {
      throw Error(fmt::format("{}: there is no study", location_.file.string()));
    }
    if (writes_) {
      open_to_write(*session, location_.file);
    } else {
      open_to_read(*session, location_.file);
    }
    // A commit then takes microseconds, whatever the disk; readers and the writer do not wait for
    // each other.
    if (writes_) *session << "PRAGMA journal_mode = WAL";
    file_ = identity_of(location_.file);
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
  silent_since_.reset();
}

void Database::check_file() const {
  if (location_.shared() || !writes_ || identity_of(location_.file) == file_) return;
  throw Error(
      fmt::format("{}: was removed, moved or replaced while this run had it open; the run ends, "
                  "since nothing that it would store could be found again",
                  location_.file.string()));
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

void Database::handle(const soci::soci_error& error) {
  std::string message = reason_in(error.get_error_message());
  if (const auto* of_sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    throw Error(fmt::format("{}: {}", describe(location_),
                            reason_of(of_sqlite->result(), message, writes_)));
  }
  const auto* const of_postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  if (of_postgresql != nullptr && of_postgresql->sqlstate() == kNoRight) {
    message += fmt::format("; {}", kRights);
  }
  // Whoever begins is there to read why it cannot be.
  if (!was_connected_ || failure_of(error) == Failure::refused) {
    throw Error(fmt::format("{}: {}", describe(location_), message));
  }
  connected_ = false;
  if (!silent_since_) silent_since_ = Clock::now();
  const double waited_s = std::chrono::duration<double>(Clock::now() - *silent_since_).count();
  if (stop_ || waited_s >= options_.patience_s) {
    throw Error(fmt::format("{}: no answer for {:.0f} s{}: {}", describe(location_), waited_s,
                            stop_ ? ", and the run is to end" : "", message));
  }
  if (!told_ && options_.waiting) {
    options_.waiting(fmt::format("{} does not answer, waiting for up to {:.0f} s: {}",
                                 describe(location_), options_.patience_s, message));
  }
  told_ = true;
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
}

}  // namespace inas::study
