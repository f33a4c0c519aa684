#include "postgres_server.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <pwd.h>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace inas::test {
namespace {

namespace fs = std::filesystem;

fs::path programs() {
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
    if (fs::exists(version.path() / "bin" / "postgres")) return version.path() / "bin";
  }
  throw std::runtime_error("no server in /usr/lib/postgresql: install Debian's postgresql");
}

/// A port that nobody listens on.
std::int64_t free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port is free");
  }
  close(listener);
  return ntohs(address.sin_port);
}

/// The server does not run as root.
void drop_root() {
  if (geteuid() != 0) return;
  const passwd* const user = getpwnam("postgres");
  if (user == nullptr || setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 ||
      setuid(user->pw_uid) != 0) {
    std::_Exit(1);
  }
}

pid_t start_program(const std::vector<std::string>& words, const fs::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t process = fork();
  if (process != 0) return process;
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  dup2(file, 1);
  dup2(file, 2);
  drop_root();
  execv(arguments[0], arguments.data());
  std::_Exit(127);
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

PostgresServer::PostgresServer() {
  if (geteuid() == 0) {
    const passwd* const user = getpwnam("postgres");
    if (user != nullptr && chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("the server's folder cannot be given to it");
    }
  }
  const fs::path log = folder_.path() / "log";
  const pid_t made =
      start_program({(programs() / "initdb").string(), "-D", (folder_.path() / "data").string(),
                     "-U", "inas", "-A", "trust", "--no-sync", "--locale=C.UTF-8"},
                    log);
  int status = 0;
  waitpid(made, &status, 0);
  if (status != 0) throw std::runtime_error("initdb: " + text_of(log));
  port_ = free_port();
  start();
}

PostgresServer::~PostgresServer() { kill(); }

void PostgresServer::start() {
  const fs::path log = folder_.path() / "log";
  process_ =
      start_program({(programs() / "postgres").string(), "-D", (folder_.path() / "data").string(),
                     "-h", "127.0.0.1", "-p", fmt::format("{}", port_), "-k",
                     folder_.path().string(), "-c", "fsync=off"},
                    log);
  constexpr int kTries = 600;
  for (int tries = 0; tries < kTries; ++tries) {
    if (answers()) return;
    if (waitpid(process_, nullptr, WNOHANG) != 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("postgres: " + text_of(log));
}

bool PostgresServer::answers() const {
  const pid_t asked = start_program({(programs() / "pg_isready").string(), "-q", "-h", "127.0.0.1",
                                     "-p", fmt::format("{}", port_)},
                                    "/dev/null");
  int status = 0;
  waitpid(asked, &status, 0);
  return status == 0;
}

void PostgresServer::kill() {
  if (process_ == 0) return;
  ::kill(process_, SIGQUIT);  // immediate shutdown: the connections die
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

std::string PostgresServer::url() const {
  return fmt::format("postgresql://inas@127.0.0.1:{}/postgres", port_);
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

}  // namespace inas::test
