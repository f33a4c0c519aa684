#pragma once

#include <functional>
#include <string>

#include <sys/types.h>

namespace inas::test {

/// `body` in a process of its own, which ends with the code that it returns; 2, with the message in
/// `messages`, if it throws inas::Error. Whoever forks must not have used LibTorch.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<int()>& body);
  /// Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t id() const { return process_; }
  void signal(int number) const;
  /// Its exit code, or minus the signal that killed it.
  [[nodiscard]] int wait();
  /// Has it ended?
  [[nodiscard]] bool ended();
  /// What it threw.
  [[nodiscard]] std::string message() const;

 private:
  pid_t process_ = 0;
  int pipe_ = -1;
  bool waited_ = false;
  int status_ = 0;
};

}  // namespace inas::test
