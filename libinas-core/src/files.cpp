#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

#include "file_system.hpp"

namespace inas {
namespace {

using file_system::fail;

constexpr const char* kTemporaryEnd = ".tmp";

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A descriptor that is closed at the end of the scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int number() const { return number_; }
  /// The result of close(), which may be the first to report a failed write.
  int close_now() { return close(std::exchange(number_, -1)); }

 private:
  int number_;
};

void write_all(int descriptor, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written >= 0) {
      content.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      fail(path, "written", errno);
    }
  }
}

/// What a path leads to, links followed.
struct Destination {
  std::filesystem::path path;
  std::optional<struct stat> status;  ///< none if nothing is there
  /// A link of /proc to what a process has open. Its text is no path.
  bool open_file = false;
};

/// The links of /proc/N/fd, which /dev/stdout and /dev/fd lead to.
bool is_open_file(const std::filesystem::path& path) {
  if (!is_number(path.filename().string())) return false;
  std::error_code error;
  const std::string folder =
      std::filesystem::canonical(file_system::folder_of(path), error).string();
  return !error && folder.starts_with("/proc/") && folder.ends_with("/fd");
}

Destination destination_of(const std::filesystem::path& path) {
  constexpr int kMostLinks = 40;
  std::filesystem::path at = path;
  for (int links = 0; links <= kMostLinks; ++links) {
    struct stat status {};
    if (lstat(at.c_str(), &status) != 0) {
      if (errno == ENOENT && !at.empty()) return {at, std::nullopt};
      fail(path, "written", errno);
    }
    if (!S_ISLNK(status.st_mode)) return {at, status};
    if (is_open_file(at)) return {at, status, true};
    std::error_code error;
    const std::filesystem::path target = std::filesystem::read_symlink(at, error);
    if (error) fail(path, "written", error.value());
    at = target.is_absolute() ? target : file_system::folder_of(at) / target;
  }
  fail(path, "written", ELOOP);
}

/// Writes into what a process has open. One of this process is written where it stands, so that
/// what it gets later follows.
void write_open_file(const std::filesystem::path& path, const std::filesystem::path& at,
                     std::string_view content) {
  std::error_code error;
  const std::string folder = std::filesystem::canonical(file_system::folder_of(at), error).string();
  if (error) fail(path, "written", error.value());
  const bool own = folder.starts_with(fmt::format("/proc/{}/", getpid()));
  std::fflush(stdout);
  std::fflush(stderr);
  const Descriptor file(own ? dup(std::atoi(at.filename().c_str()))
                            : open(at.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) fail(path, "written", errno);
  write_all(file.number(), content, path);
}

void write_through(const std::filesystem::path& path, const std::filesystem::path& at,
                   std::string_view content) {
  Descriptor file(open(at.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) fail(path, "written", errno);
  write_all(file.number(), content, path);
  if (file.close_now() != 0) fail(path, "written", errno);
}

/// A temporary file beside its target, removed unless it was renamed.
class TemporaryFile {
 public:
  /// `path` is what messages name.
  TemporaryFile(const std::filesystem::path& path, const std::filesystem::path& target)
      : path_(path), target_(target) {
    // Unlike mkstemp, open gives the permissions that the umask allows: a solution is to be read by
    // whoever may read the folder.
    static std::atomic<std::uint64_t> counter = 0;
    int descriptor = -1;
    do {
      const std::string end = fmt::format(".{}-{}{}", getpid(), counter++, kTemporaryEnd);
      std::string begin = target.filename().string();
      begin.resize(std::min(begin.size(), NAME_MAX - end.size()));  // of a name of nearly NAME_MAX
      name_ = (file_system::folder_of(target) / (begin + end)).string();
      descriptor = open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor < 0 && errno == EEXIST);
    if (descriptor < 0) {
      fail(path_,
           fmt::format("written: no file can be made in {}",
                       file_system::folder_of(target).string()),
           errno);
    }
    file_.emplace(descriptor);
  }

  ~TemporaryFile() {
    if (!renamed_) unlink(name_.c_str());
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// Takes over who may do what with the file that is replaced. Giving it to another owner needs
  /// rights that are seldom there.
  void resemble(const struct stat& replaced) {
    if (fchmod(file_->number(), replaced.st_mode & 0777) != 0) fail(path_, "written", errno);
    const bool given = fchown(file_->number(), replaced.st_uid, replaced.st_gid) == 0;
    static_cast<void>(given);
  }

  void write(std::string_view content) { write_all(file_->number(), content, path_); }

  void rename_to_target() {
    if (fsync(file_->number()) != 0) fail(path_, "written", errno);
    if (file_->close_now() != 0) fail(path_, "written", errno);
    if (std::rename(name_.c_str(), target_.c_str()) != 0) fail(path_, "written", errno);
    renamed_ = true;
  }

 private:
  std::filesystem::path path_;
  std::filesystem::path target_;
  std::string name_;
  std::optional<Descriptor> file_;
  bool renamed_ = false;
};

}  // namespace

namespace file_system {

void fail(const std::filesystem::path& path, const std::string& what, int error) {
  const std::string sentence = fmt::format(
      "{}: cannot be {}: {}", path.empty() ? "\"\"" : path.string(), what, std::strerror(error));
  if (error == EPIPE) throw BrokenPipe(sentence);
  throw Error(sentence);
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.number() >= 0) fsync(file.number());
}

void rename_and_sync(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) fail(to, "written", errno);
  sync_folder(folder_of(to));
}

bool matches(std::string_view name, std::string_view pattern) {
  return std::equal(name.begin(), name.end(), pattern.begin(), pattern.end(), [](char c, char p) {
    return p == '#' ? (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') : c == p;
  });
}

bool is_temporary_of(std::string_view name, std::string_view pattern) {
  if (name.size() <= pattern.size() || !name.ends_with(kTemporaryEnd)) return false;
  name.remove_suffix(std::strlen(kTemporaryEnd));
  if (name.size() <= pattern.size() || !matches(name.substr(0, pattern.size()), pattern)) {
    return false;
  }
  const std::string_view numbers = name.substr(pattern.size());  // .process-counter
  const std::size_t dash = numbers.find('-');
  return numbers[0] == '.' && dash != std::string_view::npos &&
         is_number(numbers.substr(1, dash - 1)) && is_number(numbers.substr(dash + 1));
}

}  // namespace file_system

std::string read_file(const std::filesystem::path& path, std::size_t most) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) fail(path, "read", errno);
  std::string content;
  char block[65536];
  while (const std::size_t count = std::fread(block, 1, sizeof block, file.get())) {
    content.append(block, count);
    if (content.size() > most) {
      throw Error(fmt::format("{}: has more than the {} bytes allowed", path.string(), most));
    }
  }
  if (std::ferror(file.get()) != 0) fail(path, "read", errno);
  return content;
}

void check_writable(const std::filesystem::path& path) {
  const Destination to = destination_of(path);
  if (to.open_file) return;
  if (to.status && S_ISDIR(to.status->st_mode)) fail(path, "written", EISDIR);
  const auto require = [&](const std::filesystem::path& what, int access) {
    if (faccessat(AT_FDCWD, what.c_str(), access, AT_EACCESS) != 0) fail(path, "written", errno);
  };
  if (to.status) require(to.path, W_OK);
  if (!to.status || S_ISREG(to.status->st_mode)) {
    require(file_system::folder_of(to.path), W_OK | X_OK);
  }
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  const Destination to = destination_of(path);
  if (to.open_file) {
    write_open_file(path, to.path, content);
    return;
  }
  if (to.status && S_ISDIR(to.status->st_mode)) fail(path, "written", EISDIR);
  if (to.status && !S_ISREG(to.status->st_mode)) {
    write_through(path, to.path, content);
    return;
  }
  if (to.status && faccessat(AT_FDCWD, to.path.c_str(), W_OK, AT_EACCESS) != 0) {
    fail(path, "written", errno);
  }
  TemporaryFile file(path, to.path);
  if (to.status) file.resemble(*to.status);
  file.write(content);
  file.rename_to_target();
  file_system::sync_folder(file_system::folder_of(to.path));
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
