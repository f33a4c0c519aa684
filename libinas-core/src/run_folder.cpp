#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <set>
#include <thread>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/run_folder.hpp>

#include "file_system.hpp"

namespace inas {
namespace {

namespace fs = std::filesystem;
using file_system::fail;
using file_system::folder_of;

constexpr const char* kLockName = ".inas-lock";
/// Folders of replace(): being written, and complete but not yet in place.
constexpr const char* kIncomplete = ".inas-incomplete";
constexpr const char* kComplete = ".inas-complete";

std::string first_line_of(int descriptor) {
  char text[256];
  const ssize_t size = pread(descriptor, text, sizeof text, 0);
  const std::string_view line(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  return std::string(line.substr(0, line.find('\n')));
}

std::string this_process(const std::string& program) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return fmt::format("{}, process {} on host {}, since {:%Y-%m-%d %H:%M:%S} UTC", program, getpid(),
                     host, fmt::gmtime(std::time(nullptr)));
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool is_current_folder(const fs::path& folder) {
  struct stat here {};
  struct stat there {};
  return stat(".", &here) == 0 && stat(folder.c_str(), &there) == 0 && same_file(here, there);
}

/// Whether a file named `name` is one of those that `pattern` tells of, or a temporary of it.
bool is_of(const std::string& name, const std::string& pattern) {
  return file_system::matches(name, pattern) || file_system::is_temporary_of(name, pattern);
}

/// The names of the entries of `folder`, in order; none if it cannot be read.
std::vector<std::string> entries_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void remove_file(const fs::path& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) fail(path, "removed", errno);
}

bool is_regular(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() == fs::file_type::regular;
}

void make_folder(const fs::path& path) {
  if (mkdir(path.c_str(), 0777) != 0) fail(path, "created", errno);
}

/// The names among `names` that lie directly in a folder.
std::vector<std::string> names_without_folder(const std::vector<std::string>& names) {
  std::vector<std::string> bare;
  std::copy_if(names.begin(), names.end(), std::back_inserter(bare),
               [](const std::string& name) { return !fs::path(name).has_parent_path(); });
  return bare;
}

/// Removes a folder that replace() made: files of `names`, the lock's second name, and itself.
/// Anything else stays, and so does the folder then.
void remove_set(const fs::path& folder, const std::vector<std::string>& names) {
  for (const std::string& name : entries_of(folder)) {
    const bool ours = std::any_of(names.begin(), names.end(),
                                  [&](const std::string& pattern) { return is_of(name, pattern); });
    if (ours || name == kLockName) unlink((folder / name).c_str());
  }
  rmdir(folder.c_str());
}

/// Where a folder is made that is to take the place of `folder`.
fs::path beside(const fs::path& folder) {
  return folder.parent_path() / fmt::format(".{}{}", folder.filename().string(), kIncomplete);
}

/// Exchanges two folders. False if the system or the file system cannot.
bool exchange(const fs::path& a, const fs::path& b) {
  return renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

}  // namespace

/// A file in the folder, locked by flock: the lock goes with the process, however that ends.
class RunFolder::Lock {
 public:
  Lock(const fs::path& folder, const std::string& program) : path_(folder / kLockName) {
    try {
      create_folders(folder);
      acquire(folder);
    } catch (...) {
      remove_folders();
      throw;
    }
    const std::string text = this_process(program) + "\n";
    // Only for messages: a lock without a name is one all the same.
    const bool named =
        ftruncate(descriptor_, 0) == 0 && pwrite(descriptor_, text.data(), text.size(), 0) >= 0;
    static_cast<void>(named);
  }

  /// The file goes while it is locked, so that nobody else can have locked it meanwhile.
  ~Lock() {
    unlink(path_.c_str());
    close(descriptor_);
    remove_folders();
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  void create_folders(const fs::path& folder) {
    std::error_code ignored;
    for (fs::path at = folder; !at.empty() && !fs::exists(at, ignored); at = at.parent_path()) {
      created_.push_back(at);
    }
    create_folder(folder);
  }

  void remove_folders() {
    for (const fs::path& folder : created_) {
      if (rmdir(folder.c_str()) != 0) return;
    }
  }

  void acquire(const fs::path& folder) {
    constexpr int kMostTries = 20;
    for (int attempt = 0;; ++attempt) {
      descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
      if (descriptor_ < 0 && errno == ENOENT && attempt < kMostTries) {
        create_folder(folder);  // removed by a run that ended just now
        continue;
      }
      if (descriptor_ < 0) fail(path_, "written", errno);
      const int error = flock(descriptor_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
      if (error == 0 && is_the_file()) return;
      const std::string other = first_line_of(descriptor_);
      close(descriptor_);
      if (error != 0 && error != EWOULDBLOCK && error != EINTR) fail(path_, "locked", error);
      if (attempt == kMostTries) {
        throw Error(fmt::format("{}: another run works in this folder: {}", folder.string(),
                                other.empty() ? "unnamed yet" : other));
      }
      // holder() locks for a moment.
      if (error == EWOULDBLOCK) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  /// Whether what is locked is still what others find: its run may have ended, and removed it.
  [[nodiscard]] bool is_the_file() const {
    struct stat locked {};
    struct stat found {};
    return fstat(descriptor_, &locked) == 0 && stat(path_.c_str(), &found) == 0 &&
           same_file(locked, found);
  }

  fs::path path_;
  std::vector<fs::path> created_;  ///< innermost first
  int descriptor_ = -1;
};

RunFolder::RunFolder(const fs::path& path, const std::string& program,
                     std::vector<std::string> names)
    : path_(path), names_(std::move(names)), lock_(std::make_unique<Lock>(path, program)) {
  std::set<fs::path> folders;
  for (const std::string& name : names_) folders.insert(fs::path(name).parent_path());
  for (const fs::path& folder : folders) {
    if (folder.empty()) continue;
    if (const auto other = holder(path_ / folder)) {
      throw Error(fmt::format("{}: another run works in this folder: {}", (path_ / folder).string(),
                              *other));
    }
  }
}

RunFolder::~RunFolder() = default;

const fs::path& RunFolder::path() const { return path_; }

std::vector<std::string> RunFolder::earlier_results() const {
  std::set<std::string> found;
  std::vector<std::string> in_order;
  for (const std::string& pattern : names_) {
    const fs::path folder = fs::path(pattern).parent_path();
    for (const std::string& name : entries_of(path_ / folder)) {
      if (!file_system::matches((folder / name).string(), pattern)) continue;
      const std::string shown = folder.empty() ? name : folder.string();
      if (found.insert(shown).second) in_order.push_back(shown);
    }
  }
  return in_order;
}

void RunFolder::refuse_earlier_results(const std::string& overwrite_option,
                                       const std::string& folder_option) const {
  const std::vector<std::string> found = earlier_results();
  if (found.empty()) return;
  throw Error(
      fmt::format("{}: holds {} of an earlier run; {} names another folder, {} replaces "
                  "what the earlier run made",
                  path_.string(), fmt::join(found, ", "), folder_option, overwrite_option));
}

void RunFolder::remove_earlier_results(const std::vector<std::string>& replaced) {
  std::set<fs::path> folders;
  for (const std::string& pattern : names_) {
    const fs::path folder = fs::path(pattern).parent_path();
    folders.insert(folder);
    const bool stays = std::find(replaced.begin(), replaced.end(), pattern) != replaced.end();
    for (const std::string& name : entries_of(path_ / folder)) {
      const fs::path file = path_ / folder / name;
      const std::string at = (folder / name).string();
      const bool remove = stays ? file_system::is_temporary_of(at, pattern) : is_of(at, pattern);
      if (remove && is_regular(file)) remove_file(file);
    }
  }
  for (const fs::path& folder : folders) {
    std::vector<std::string> names;
    for (const std::string& name : names_) {
      if (fs::path(name).parent_path() == folder) names.push_back(fs::path(name).filename());
    }
    const fs::path at = path_ / folder;
    for (const char* set : {kIncomplete, kComplete}) remove_set(at / set, names);
    if (folder.empty()) continue;
    remove_set(beside(at), names);
    unlink((at / kLockName).c_str());  // of a run that was killed: the constructor found no holder
    rmdir(at.c_str());
  }
}

namespace {

/// Moves the files of a complete set into place, through links where these are.
void put_into_place(const fs::path& set, const fs::path& folder,
                    const std::vector<std::string>& names) {
  for (const std::string& name : entries_of(set)) {
    const bool ours = std::any_of(names.begin(), names.end(), [&](const std::string& pattern) {
      return file_system::matches(name, pattern);
    });
    if (!ours) continue;
    const fs::path to = folder / name;
    std::error_code ignored;
    if (is_regular(to) || !fs::exists(fs::symlink_status(to, ignored))) {
      if (std::rename((set / name).c_str(), to.c_str()) != 0) fail(to, "written", errno);
    } else {
      write_file(to, read_file(set / name));
      remove_file(set / name);
    }
  }
  file_system::sync_folder(folder);
  remove_set(set, names);
}

void write_set(const fs::path& set, const std::vector<NamedContent>& files,
               const std::vector<std::string>& names) {
  remove_set(set, names);  // of a run that was killed
  make_folder(set);
  try {
    for (const NamedContent& file : files) write_file(set / file.name, file.content);
  } catch (...) {
    remove_set(set, names);
    throw;
  }
}

/// What others have put into the folder while it was being exchanged.
void move_entries(const fs::path& from, const fs::path& folder) {
  for (const std::string& name : entries_of(from)) {
    renameat2(AT_FDCWD, (from / name).c_str(), AT_FDCWD, (folder / name).c_str(), RENAME_NOREPLACE);
  }
}

/// Writes the set beside `folder` and exchanges the two. False, with `folder` as it was, if they
/// cannot be exchanged.
bool replace_folder(const fs::path& folder, const std::vector<NamedContent>& files,
                    const std::vector<std::string>& names) {
  const fs::path set = beside(folder);
  if (access(folder.parent_path().c_str(), W_OK) != 0) return false;
  struct stat before {};
  if (stat(folder.c_str(), &before) != 0) return false;
  write_set(set, files, names);
  // The lock has a name in both folders, so that whoever comes finds it at any time.
  const bool ready = link((folder / kLockName).c_str(), (set / kLockName).c_str()) == 0 &&
                     chmod(set.c_str(), before.st_mode & 07777) == 0;
  if (!ready || !exchange(set, folder)) {
    remove_set(set, names);
    return false;
  }
  file_system::sync_folder(folder.parent_path());
  remove_set(set, names);
  move_entries(set, folder);
  rmdir(set.c_str());
  return true;
}

void replace_files(const fs::path& folder, const std::vector<NamedContent>& files,
                   const std::vector<std::string>& names) {
  for (const NamedContent& file : files) {
    if (fs::is_directory(folder / file.name)) fail(folder / file.name, "written", EISDIR);
  }
  write_set(folder / kIncomplete, files, names);
  file_system::rename_and_sync(folder / kIncomplete, folder / kComplete);
  put_into_place(folder / kComplete, folder, names);
}

}  // namespace

void RunFolder::replace(const std::vector<NamedContent>& files) {
  const std::vector<std::string> names = names_without_folder(names_);
  const fs::path folder = fs::canonical(path_);
  if (fs::exists(folder / kComplete)) put_into_place(folder / kComplete, folder, names);
  remove_set(folder / kIncomplete, names);
  const std::vector<std::string> entries = entries_of(folder);
  const bool ours_alone = std::all_of(entries.begin(), entries.end(), [&](const std::string& name) {
    return name == kLockName ||
           (is_regular(folder / name) &&
            std::any_of(names.begin(), names.end(),
                        [&](const std::string& pattern) { return is_of(name, pattern); }));
  });
  if (ours_alone && folder.has_relative_path() && !is_current_folder(folder) &&
      replace_folder(folder, files, names)) {
    return;
  }
  replace_files(folder, files, names);
}

std::optional<std::string> RunFolder::holder(const fs::path& path) {
  const int descriptor = open((path / kLockName).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return std::nullopt;
  std::optional<std::string> other;
  if (flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    other = first_line_of(descriptor);
  }
  close(descriptor);
  return other;
}

}  // namespace inas
