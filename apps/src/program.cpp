#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

#include "command_line.hpp"
#include "signals.hpp"

namespace inas::apps {

namespace {

/// Keeps the numbers of standard streams that the caller has closed from the next files that are
/// opened, which would get what is printed. Opened the wrong way round, they refuse it.
void keep_standard_descriptors() {
  for (const int number : {0, 1, 2}) {
    if (fcntl(number, F_GETFD) < 0 && errno == EBADF) {
      const int placeholder = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY);
      static_cast<void>(placeholder);  // the lowest free number, which is `number`
    }
  }
}

/// Is standard output a pipe that nobody reads any more?
bool reader_has_gone() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

bool is_of_a_broken_pipe(const std::exception& error) {
  if (dynamic_cast<const BrokenPipe*>(&error) != nullptr) return true;
  const auto* const of_system = dynamic_cast<const std::system_error*>(&error);
  return of_system != nullptr && of_system->code() == std::errc::broken_pipe;
}

}  // namespace

int run_program(const std::string& name, const std::function<int()>& body) {
  // A file-size limit and a reader who has gone shall be errors of the write, as a full disk is,
  // not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  keep_standard_descriptors();
  end_by_signals();
  try {
    const int code = body();
    const bool failed_before = std::ferror(stdout) != 0;
    const bool fails_now = std::fflush(stdout) != 0;
    const int why = errno;
    if ((failed_before || fails_now) && !reader_has_gone()) {
      throw Error(fails_now
                      ? fmt::format("standard output: cannot be written: {}", std::strerror(why))
                      : "standard output: could not be written in part");
    }
    return code;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    if (is_of_a_broken_pipe(error)) return kUnread;
    // One line, whatever names of files and layers it quotes; not by fmt::print, which throws where
    // standard error is closed.
    std::string line = fmt::format("{}: {}", name, error.what());
    for (char& c : line) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    }
    std::fputs((line + "\n").c_str(), stderr);
    return kBadInput;
  }
}

}  // namespace inas::apps
