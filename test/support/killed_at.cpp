#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include <support/killed_at.hpp>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace inas::test {
namespace {

constexpr int kUnforeseen = 99;

bool changes_files(std::uint64_t number, const std::uint64_t (&arguments)[6]) {
  switch (number) {
    case SYS_openat:
      return (arguments[2] & (O_CREAT | O_TRUNC)) != 0;
#ifdef SYS_open
    case SYS_open:
      return (arguments[1] & (O_CREAT | O_TRUNC)) != 0;
    case SYS_rename:
    case SYS_unlink:
    case SYS_mkdir:
    case SYS_rmdir:
    case SYS_link:
    case SYS_symlink:
    case SYS_chmod:
    case SYS_chown:
#endif
    case SYS_renameat:
    case SYS_renameat2:
    case SYS_unlinkat:
    case SYS_mkdirat:
    case SYS_linkat:
    case SYS_symlinkat:
    case SYS_fchmod:
    case SYS_fchmodat:
    case SYS_fchown:
    case SYS_write:
    case SYS_pwrite64:
    case SYS_ftruncate:
    case SYS_fsync:
      return true;
    default:
      return false;
  }
}

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("killed_at: " + what); }

void wait_for(pid_t child, int& status) {
  if (waitpid(child, &status, 0) != child) fail("waitpid");
}

}  // namespace

bool killed_at(int change, const std::function<void()>& body) {
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kUnforeseen);
    raise(SIGSTOP);
    try {
      body();
    } catch (...) {
      _exit(kUnforeseen);
    }
    _exit(0);
  }
  int status = 0;
  wait_for(child, status);
  if (!WIFSTOPPED(status)) fail("the child cannot be traced");
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  int changes = 0;
  while (true) {
    ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    wait_for(child, status);
    if (WIFEXITED(status)) {
      if (WEXITSTATUS(status) != 0) fail("the child failed");
      return false;
    }
    if (!WIFSTOPPED(status)) fail("the child ended");
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    struct __ptrace_syscall_info info {};
    ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY || !changes_files(info.entry.nr, info.entry.args)) {
      continue;
    }
    if (changes++ == change) {
      kill(child, SIGKILL);
      wait_for(child, status);
      return true;
    }
  }
}

}  // namespace inas::test
