#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <inas/core/checksum.hpp>
#include <inas/core/files.hpp>

namespace inas {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Files of this process end at `bytes` while this lives: a disk that is full in the middle of a
/// write, which holds for root too.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    limited_ = setrlimit(RLIMIT_FSIZE, &limit) == 0;
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  [[nodiscard]] bool limited() const { return limited_; }

 private:
  void (*handler_)(int);
  rlimit before_{};
  bool limited_ = false;
};

TEST(WriteFile, ADiskThatFillsUpLeavesTheOldFileAndNothingElse) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "a";
  write_file(path, "old");
  std::string what;
  bool limited = false;
  {
    const FileSizeLimit limit(4096);
    limited = limit.limited();
    try {
      write_file(path, std::string(10'000, 'x'));
    } catch (const Error& error) {
      what = error.what();
    }
  }
  ASSERT_TRUE(limited);
  EXPECT_NE(what.find(path.string()), std::string::npos) << "found: " << what;
  EXPECT_NE(what.find("File too large"), std::string::npos) << "found: " << what;
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(WriteFile, TheLongestNameIsANameToo) {
  const test::TemporaryFolder folder;
  const std::string name(255, 'n');
  write_file(folder.path() / name, "one");
  write_file(folder.path() / name, "two");
  EXPECT_EQ(read_file(folder.path() / name), "two");
  EXPECT_EQ(entries(folder.path()), 1u);
  test::expect_error([&] { write_file(folder.path() / (name + "n"), ""); }, "File name too long");
}

TEST(ReadFile, WhatHasNoEndIsRefused) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "a";
  write_file(path, std::string(100'000, 'x'));
  EXPECT_EQ(read_file(path, 100'000).size(), 100'000U);
  test::expect_error([&] { (void)read_file(path, 99'999); }, "more than the 99999 bytes allowed");
  test::expect_error([&] { (void)read_file("/dev/zero", 1'000'000); }, "/dev/zero: has more");
}

TEST(CheckWritable, RefusesWhatWriteFileWouldAndWritesNothing) {
  const test::TemporaryFolder folder;
  const fs::path at = folder.path();
  write_file(at / "file", "kept");
  fs::create_directory(at / "folder");
  fs::create_symlink("file", at / "link");
  fs::create_symlink("nowhere/file", at / "dangling");
  for (const fs::path& path : {at / "new", at / "file", at / "link", fs::path("/dev/null"),
                               fs::path("/dev/full"), fs::path("/dev/stdout")}) {
    EXPECT_NO_THROW(check_writable(path)) << path;
  }
  const auto refused = [](const fs::path& path, const std::string& word) {
    test::expect_error([&] { check_writable(path); }, word);
    test::expect_error([&] { check_writable(path); }, path.string() + ": cannot be written");
    test::expect_error([&] { write_file(path, ""); }, word);
  };
  refused(at / "folder", "Is a directory");
  refused(at / "file" / "new", "Not a directory");
  refused(at / "nowhere" / "new", "No such file or directory");
  refused(at / "dangling", "No such file or directory");
  EXPECT_EQ(read_file(at / "file"), "kept");
  EXPECT_EQ(entries(at), 4u);
}

TEST(WriteFile, AFileInPlaceOfTheFolderIsAnError) {
  const test::TemporaryFolder folder;
  write_file(folder.path() / "file", "kept");
  test::expect_error([&] { write_file(folder.path() / "file" / "a", "content"); }, "file/a");
  EXPECT_EQ(read_file(folder.path() / "file"), "kept");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(WriteFile, WritersOfOnePathDoNotMix) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "a";
  const auto write_often = [&](char letter) {
    for (int round = 0; round < 20; ++round) write_file(path, std::string(50'000, letter));
  };
  std::thread other(write_often, 'a');
  write_often('b');
  other.join();
  const std::string content = read_file(path);
  EXPECT_EQ(content.size(), 50'000u);
  EXPECT_EQ(std::count(content.begin(), content.end(), content[0]), 50'000);
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(WriteFile, ThePermissionsAreThoseOfTheUmask) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "a";
  const mode_t before = umask(027);
  write_file(path, "content");
  umask(before);
  EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0640));
}

TEST(WriteFile, ReplacesTheContentAndLeavesNothingElse) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "a";
  write_file(path, "one");
  write_file(path, std::string("t\0wo", 4));
  EXPECT_EQ(read_file(path), std::string("t\0wo", 4));
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(WriteFile, AFailureNamesThePathAndLeavesNoTemporaryFile) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "taken");
  write_file(folder.path() / "taken" / "x", "");
  test::expect_error([&] { write_file(folder.path() / "taken", "content"); }, "taken");
  EXPECT_EQ(entries(folder.path()), 1u);
  test::expect_error([&] { write_file(folder.path() / "none" / "a", "content"); }, "none/a");
}

TEST(WriteFile, AnExistingFilePassesOnItsPermissions) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "a";
  write_file(path, "old");
  fs::permissions(path, static_cast<fs::perms>(0640));
  write_file(path, "new");
  EXPECT_EQ(read_file(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0640));
}

TEST(WriteFile, ALinkStaysAndWhatItLeadsToIsReplaced) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "there");
  write_file(folder.path() / "there" / "file", "old");
  fs::create_symlink("there/file", folder.path() / "near");
  fs::create_symlink(folder.path() / "near", folder.path() / "far");
  write_file(folder.path() / "far", "new");
  EXPECT_TRUE(fs::is_symlink(folder.path() / "near"));
  EXPECT_TRUE(fs::is_symlink(folder.path() / "far"));
  EXPECT_FALSE(fs::is_symlink(folder.path() / "there" / "file"));
  EXPECT_EQ(read_file(folder.path() / "there" / "file"), "new");
  EXPECT_EQ(entries(folder.path() / "there"), 1u);
}

TEST(WriteFile, ADanglingLinkGetsItsFile) {
  const test::TemporaryFolder folder;
  fs::create_symlink("later", folder.path() / "link");
  write_file(folder.path() / "link", "content");
  EXPECT_TRUE(fs::is_symlink(folder.path() / "link"));
  EXPECT_EQ(read_file(folder.path() / "later"), "content");
  fs::create_symlink("none/later", folder.path() / "nowhere");
  test::expect_error([&] { write_file(folder.path() / "nowhere", "content"); }, "nowhere: cannot");
  fs::create_symlink("round", folder.path() / "round");
  test::expect_error([&] { write_file(folder.path() / "round", "content"); }, "symbolic links");
}

TEST(WriteFile, AFifoIsWrittenInto) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string content(200'000, 'x');  // more than a pipe holds
  std::future<std::string> reader = std::async(std::launch::async, [&] { return read_file(path); });
  write_file(path, content);
  EXPECT_EQ(reader.get(), content);
  EXPECT_EQ(fs::status(path).type(), fs::file_type::fifo);
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(WriteFile, ADeviceIsWrittenInto) {
  const fs::file_status before = fs::symlink_status("/dev/null");
  const test::TemporaryFolder folder;
  fs::create_symlink("/dev/null", folder.path() / "null");
  fs::create_symlink("/dev/full", folder.path() / "full");
  write_file(folder.path() / "null", "content");
  EXPECT_TRUE(fs::is_symlink(folder.path() / "null"));
  EXPECT_EQ(fs::symlink_status("/dev/null").type(), before.type());
  test::expect_error([&] { write_file(folder.path() / "full", "content"); },
                     "full: cannot be written: No space left on device");
}

/// In a child process, since it is about standard output. That is a file that is written to before
/// and after.
TEST(WriteFile, StandardOutputIsWrittenWhereItStands) {
  const test::TemporaryFolder folder;
  const fs::path out = folder.path() / "out";
  fs::create_symlink("/proc/self/fd/1", folder.path() / "link");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (std::freopen(out.c_str(), "w", stdout) == nullptr) _exit(1);
    dup2(fileno(stdout), 1);
    std::fputs("before ", stdout);
    write_file("/dev/fd/1", "one ");
    write_file(folder.path() / "link", "two ");
    std::fputs("after", stdout);
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(out), "before one two after");
  EXPECT_EQ(entries(folder.path()), 2u);
}

/// As a user without root's rights, which a child process takes.
TEST(WriteFile, WhatMustNotBeWrittenIsNamedAndStays) {
  const test::TemporaryFolder folder;
  const fs::path closed = folder.path() / "closed";
  fs::create_directory(closed);
  write_file(closed / "file", "old");
  write_file(folder.path() / "protected", "old");
  fs::permissions(closed / "file", static_cast<fs::perms>(0666));
  fs::permissions(closed, static_cast<fs::perms>(0555));
  fs::permissions(folder.path(), static_cast<fs::perms>(0777));
  fs::permissions(folder.path() / "protected", static_cast<fs::perms>(0444));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(1);
    const auto refused = [](const fs::path& path, const std::string& why) {
      try {
        write_file(path, "new");
      } catch (const Error& error) {
        return std::string(error.what()).find(why) != std::string::npos;
      }
      return false;
    };
    const bool right =
        refused(closed / "new", "no file can be made in " + closed.string() + ": Permission") &&
        refused(closed / "file", "no file can be made in " + closed.string() + ": Permission") &&
        refused(folder.path() / "protected", "protected: cannot be written: Permission denied");
    _exit(right ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(read_file(closed / "file"), "old");
  EXPECT_EQ(read_file(folder.path() / "protected"), "old");
  fs::permissions(closed, static_cast<fs::perms>(0755));
}

TEST(WriteFile, AFolderInItsPlaceIsAnError) {
  const test::TemporaryFolder folder;
  test::expect_error([&] { write_file(folder.path(), "content"); }, "Is a directory");
  test::expect_error([&] { write_file("", "content"); }, "\"\": cannot be written");
  EXPECT_EQ(entries(folder.path()), 0u);
}

TEST(Checksum, IsTheCommonCrc32) {
  EXPECT_EQ(crc32_text(crc32("123456789")), "cbf43926");
  EXPECT_EQ(crc32_text(crc32("")), "00000000");
  EXPECT_EQ(checksum_of(std::string("\xff\0", 2)),
            (Checksum{crc32("\xff" + std::string(1, '\0')), 2}));
}

TEST(ReadFile, AFailureNamesThePath) {
  const test::TemporaryFolder folder;
  test::expect_error([&] { (void)read_file(folder.path() / "absent"); }, "absent");
  test::expect_error([&] { (void)read_file(folder.path()); }, folder.path().string());
}

TEST(CreateFolder, AFileInTheWayIsAnError) {
  const test::TemporaryFolder folder;
  EXPECT_NO_THROW(create_folder(folder.path() / "a" / "b"));
  EXPECT_NO_THROW(create_folder(folder.path() / "a" / "b"));
  write_file(folder.path() / "file", "");
  test::expect_error([&] { create_folder(folder.path() / "file" / "b"); }, "file");
}

}  // namespace
}  // namespace inas
