#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

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
