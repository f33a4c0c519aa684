#include <cstdlib>

#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>
#include <sys/wait.h>

#include <inas/core/files.hpp>

namespace inas::test {

CommandResult run_command(const std::string& command) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  const std::string err = (folder.path() / "err").string();
  const int status = std::system(("( " + command + " ) </dev/null >" + out + " 2>" + err).c_str());
  CommandResult result;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_file(out);
  result.err = read_file(err);
  return result;
}

}  // namespace inas::test
