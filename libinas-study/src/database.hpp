#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <soci/soci.h>

#include <inas/core/error.hpp>
#include <inas/core/stop.hpp>
#include <inas/study/location.hpp>
#include <inas/study/store.hpp>

namespace inas::study {

/// How a connection fails.
enum class Failure : std::uint8_t {
  lost,     ///< the server went away, or has not come up: worth another try
  refused,  ///< anything else
};

/// A connection to the database of a study. What is asked of it runs in transactions, one at a
/// time; when the server goes away they are repeated on a new connection, so that they must bear
/// being carried out twice.
class Database {
 public:
  /// Called on each new connection, before anything else.
  using Connected = std::function<void(soci::session& sql)>;

  /// Connects. `writes`: the file is created if it is not there. Throws Error.
  Database(Location location, bool writes, StoreOptions options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// `body(session)` in a transaction. Throws Error if the database refuses.
  template <class Body>
  auto transaction(Body&& body) {
    const std::lock_guard lock(mutex_);
    while (true) {
      try {
        if (!connected_) connect();
        check_file();
        return in_transaction(body);
      } catch (const soci::soci_error& error) {
        handle(error);
      }
    }
  }

  /// `body(session)` by itself, for what no transaction may hold.
  template <class Body>
  void without_transaction(Body&& body) {
    const std::lock_guard lock(mutex_);
    try {
      if (connected_) body(*session_);
    } catch (const soci::soci_error& error) {
      throw Error(error.get_error_message());
    }
  }

  /// Ends waits.
  void heed(const Stop& stop);
  /// From now on, and on every later connection.
  void on_connection(Connected connected);

  [[nodiscard]] const Location& location() const { return location_; }

 private:
  using Clock = std::chrono::steady_clock;

  template <class Body>
  auto in_transaction(Body& body) {
    soci::transaction transaction(*session_);
    if constexpr (std::is_void_v<decltype(body(*session_))>) {
      body(*session_);
      transaction.commit();
    } else {
      auto result = body(*session_);
      transaction.commit();
      return result;
    }
  }

  void connect();
  /// Throws Error if the file that is open is no longer the one of that name: what would be written
  /// is lost.
  void check_file() const;
  /// Returns, after a pause, if it is worth another try; throws Error otherwise.
  void handle(const soci::soci_error& error);
  [[nodiscard]] Failure failure_of(const soci::soci_error& error) const;

  Location location_;
  bool writes_;
  StoreOptions options_;
  Connected on_connection_;
  Stop stop_;
  std::mutex mutex_;
  std::unique_ptr<soci::session> session_;
  bool connected_ = false;
  bool was_connected_ = false;  ///< ever
  bool told_ = false;
  std::optional<Clock::time_point> silent_since_;  ///< whichever thread has noticed it
  std::pair<std::uint64_t, std::uint64_t> file_;   ///< device and number of the file that is open
};

}  // namespace inas::study
