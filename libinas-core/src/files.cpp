#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

namespace inas {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what, int error) {
  throw Error(fmt::format("{}: cannot be {}: {}", path.string(), what, std::strerror(error)));
}

/// A temporary file beside its target, removed unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target) : target_(target) {
    // Unlike mkstemp, open gives the permissions that the umask allows: a solution is to be read by
    // whoever may read the folder.
    static std::atomic<std::uint64_t> counter = 0;
    do {
      name_ = fmt::format("{}.{}-{}.tmp", target.string(), getpid(), counter++);
      descriptor_ = open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && errno == EEXIST);
    if (descriptor_ < 0) fail(target_, "written", errno);
  }

  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!name_.empty()) unlink(name_.c_str());
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view content) {
    while (!content.empty()) {
      const ssize_t written = ::write(descriptor_, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(target_, "written", errno);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void rename_to_target() {
    if (fsync(descriptor_) != 0) fail(target_, "written", errno);
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0) fail(target_, "written", errno);
    if (std::rename(name_.c_str(), target_.c_str()) != 0) fail(target_, "written", errno);
    name_.clear();
  }

 private:
  std::filesystem::path target_;
  std::string name_;
  int descriptor_ = -1;
};

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) fail(path, "read", errno);
  std::string content;
  char block[65536];
  while (const std::size_t count = std::fread(block, 1, sizeof block, file.get())) {
    content.append(block, count);
  }
  if (std::ferror(file.get()) != 0) fail(path, "read", errno);
  return content;
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  TemporaryFile file(path);
  file.write(content);
  file.rename_to_target();
  // The rename itself must survive a power cut too; a file system that cannot sync folders is no
  // error.
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    fsync(descriptor);
    close(descriptor);
  }
}

void create_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw Error(
        fmt::format("{}: the folder cannot be created: {}", path.string(), error.message()));
  }
}

}  // namespace inas
