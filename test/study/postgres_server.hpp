#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <support/temporary_folder.hpp>
#include <sys/types.h>

namespace inas::test {

/// A PostgreSQL server of Debian's package on loopback, in a folder of its own, that ends with
/// this.
class PostgresServer {
 public:
  /// Throws std::runtime_error, with its log, if it cannot be started.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// Of the server's own database.
  [[nodiscard]] std::string url() const;
  /// Ends it as a crash does, and starts it again.
  void kill();
  void start();

  /// That of the whole test program, started when it is first asked for.
  static PostgresServer& shared();

 private:
  [[nodiscard]] bool answers() const;

  TemporaryFolder folder_;
  std::int64_t port_ = 0;
  pid_t process_ = 0;
};

}  // namespace inas::test
