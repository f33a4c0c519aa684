#include "processes.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

#include <sys/wait.h>

#include <inas/core/error.hpp>

namespace inas::test {

ChildProcess::ChildProcess(const std::function<int()>& body) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  std::fflush(nullptr);
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("fork");
  pipe_ = ends[0];
  if (process_ > 0) {
    close(ends[1]);
    return;
  }
  close(ends[0]);
  int code = 99;
  try {
    code = body();
  } catch (const std::exception& error) {
    const std::string what = error.what();
    code = dynamic_cast<const Error*>(&error) != nullptr ? 2 : 98;
    if (write(ends[1], what.data(), what.size()) < 0) code = 97;
  }
  std::fflush(nullptr);
  std::_Exit(code);
}

ChildProcess::~ChildProcess() {
  if (!waited_) {
    ::kill(process_, SIGKILL);
    static_cast<void>(wait());
  }
  close(pipe_);
}

void ChildProcess::signal(int number) const { ::kill(process_, number); }

int ChildProcess::wait() {
  if (!waited_) {
    waitpid(process_, &status_, 0);
    waited_ = true;
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

bool ChildProcess::ended() {
  if (!waited_ && waitpid(process_, &status_, WNOHANG) == process_) waited_ = true;
  return waited_;
}

std::string ChildProcess::message() const {
  std::string text(4096, '\0');
  const ssize_t size = read(pipe_, text.data(), text.size());
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

}  // namespace inas::test
