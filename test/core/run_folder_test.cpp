#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <unistd.h>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/killed_at.hpp>
#include <support/temporary_folder.hpp>
#include <sys/stat.h>
#include <sys/wait.h>

#include <inas/core/files.hpp>
#include <inas/core/run_folder.hpp>

namespace inas {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kNames{"result.json", "result.########.bin", "device/model.h"};
const std::vector<std::string> kSet{"model.h", "model.c", "manifest.json"};

std::vector<NamedContent> set_of(const std::string& content) {
  std::vector<NamedContent> files;
  for (const std::string& name : kSet) files.push_back({name, content});
  return files;
}

std::vector<std::string> entries(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// Another process that has locked a folder, and dies with this.
class OtherRun {
 public:
  explicit OtherRun(const fs::path& folder, const std::string& program) {
    int ready[2];
    if (pipe(ready) != 0) return;
    process_ = fork();
    if (process_ == 0) {
      close(ready[0]);
      const RunFolder mine(folder, program, kNames);
      close(ready[1]);
      while (true) pause();
    }
    close(ready[1]);
    char nothing = 0;
    while (read(ready[0], &nothing, 1) > 0) {
    }
    close(ready[0]);
  }
  ~OtherRun() { end(); }
  OtherRun(const OtherRun&) = delete;
  OtherRun& operator=(const OtherRun&) = delete;

  void end() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    process_ = -1;
  }
  [[nodiscard]] pid_t process() const { return process_; }

 private:
  pid_t process_ = -1;
};

TEST(RunFolder, ASecondRunIsToldWhoWorksThere) {
  const test::TemporaryFolder folder;
  OtherRun other(folder.path() / "a", "inas-search");
  const auto open = [&] { const RunFolder mine(folder.path() / "a", "inas-dump", kNames); };
  test::expect_error(open, "another run works in this folder: inas-search, process " +
                               std::to_string(other.process()) + " on host ");
  test::expect_error(open, (folder.path() / "a").string());
  EXPECT_TRUE(RunFolder::holder(folder.path() / "a").has_value());
  other.end();
  EXPECT_FALSE(RunFolder::holder(folder.path() / "a").has_value());
  EXPECT_NO_THROW(open());
}

TEST(RunFolder, AFolderWithinThatAnotherRunWorksInIsRefused) {
  const test::TemporaryFolder folder;
  const OtherRun other(folder.path() / "device", "inas-dump");
  test::expect_error([&] { const RunFolder mine(folder.path(), "inas-search", kNames); },
                     "device: another run works in this folder: inas-dump");
}

TEST(RunFolder, WithoutResultsNothingIsLeft) {
  const test::TemporaryFolder folder;
  { const RunFolder mine(folder.path() / "a" / "b", "inas-search", kNames); }
  EXPECT_TRUE(entries(folder.path()).empty());
  fs::create_directory(folder.path() / "a");
  { const RunFolder mine(folder.path() / "a", "inas-search", kNames); }
  EXPECT_EQ(entries(folder.path()), (std::vector<std::string>{"a"})) << "it was there before";
  {
    const RunFolder mine(folder.path() / "a" / "b", "inas-search", kNames);
    write_file(mine.path() / "result.json", "");
  }
  EXPECT_EQ(entries(folder.path() / "a" / "b"), (std::vector<std::string>{"result.json"}));
}

TEST(RunFolder, AFolderThatCannotBeUsedIsNamed) {
  const test::TemporaryFolder folder;
  write_file(folder.path() / "file", "");
  test::expect_error([&] { const RunFolder mine(folder.path() / "file", "a", kNames); }, "file");
  test::expect_error([&] { const RunFolder mine("/proc/nowhere/b", "a", kNames); },
                     "/proc/nowhere");
}

TEST(RunFolder, EarlierResultsAreRefusedWithTheirNames) {
  const test::TemporaryFolder folder;
  RunFolder mine(folder.path(), "inas-search", kNames);
  write_file(folder.path() / "notes.txt", "");
  EXPECT_NO_THROW(mine.refuse_earlier_results("--overwrite", "--out"));
  fs::create_directory(folder.path() / "device");
  write_file(folder.path() / "device" / "model.h", "");
  write_file(folder.path() / "result.json", "");
  const auto refuse = [&] { mine.refuse_earlier_results("--overwrite", "--out"); };
  test::expect_error(refuse, folder.path().string() +
                                 ": holds result.json, device of an earlier run; --out names");
  test::expect_error(refuse, "--overwrite");
}

TEST(RunFolder, OnlyFilesOfRunsAreRemoved) {
  const test::TemporaryFolder folder;
  const fs::path at = folder.path();
  RunFolder mine(at, "inas-search", kNames);
  fs::create_directories(at / "device");
  fs::create_directories(at / "other");
  for (const char* name :
       {"result.json", "result.json.12-3.tmp", "result.0123abcd.bin", "device/model.h"}) {
    write_file(at / name, "");
  }
  const std::vector<std::string> kept{"result.original.bin", "result.json.old", "notes.txt",
                                      "other/result.json", "device/mine.c"};
  for (const std::string& name : kept) write_file(at / name, "kept");
  mine.remove_earlier_results();
  EXPECT_EQ(entries(at), (std::vector<std::string>{".inas-lock", "device", "notes.txt", "other",
                                                   "result.json.old", "result.original.bin"}));
  for (const std::string& name : kept) EXPECT_EQ(read_file(at / name), "kept") << name;
  fs::remove(at / "device" / "mine.c");
  mine.remove_earlier_results();
  EXPECT_FALSE(fs::exists(at / "device"));
}

TEST(RunFolder, WhatHasTakenAnEarlierPlaceStays) {
  const test::TemporaryFolder folder;
  const fs::path at = folder.path();
  RunFolder mine(at, "inas-search", kNames);
  fs::create_directories(at / "device");
  for (const char* name :
       {"result.json", "result.json.12-3.tmp", "result.0123abcd.bin", "device/model.h"}) {
    write_file(at / name, "");
  }
  mine.remove_earlier_results({"result.json", "device/model.h"});
  EXPECT_EQ(entries(at), (std::vector<std::string>{".inas-lock", "device", "result.json"}));
  EXPECT_EQ(entries(at / "device"), (std::vector<std::string>{"model.h"}));
}

TEST(RunFolder, ALinkInPlaceOfAResultStays) {
  const test::TemporaryFolder folder;
  RunFolder mine(folder.path(), "inas-search", kNames);
  fs::create_symlink("elsewhere", folder.path() / "result.json");
  mine.remove_earlier_results();
  EXPECT_TRUE(fs::is_symlink(folder.path() / "result.json"));
}

TEST(RunFolder, ReplacesASetAndKeepsThePermissions) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "a");
  fs::permissions(folder.path() / "a", static_cast<fs::perms>(0750));
  for (const std::string content : {"one", "two"}) {
    RunFolder mine(folder.path() / "a", "inas-dump", kSet);
    mine.replace(set_of(content));
    EXPECT_TRUE(fs::exists(folder.path() / "a" / ".inas-lock")) << "locked as before";
    for (const std::string& name : kSet) EXPECT_EQ(read_file(mine.path() / name), content);
  }
  EXPECT_EQ(entries(folder.path()), (std::vector<std::string>{"a"}));
  EXPECT_EQ(entries(folder.path() / "a").size(), kSet.size());
  EXPECT_EQ(fs::status(folder.path() / "a").permissions(), static_cast<fs::perms>(0750));
}

TEST(RunFolder, AmongFilesOfOthersASetIsReplacedInPlace) {
  const test::TemporaryFolder folder;
  const fs::path at = folder.path() / "a";
  fs::create_directories(at / "src");
  write_file(at / "src" / "model.h", "kept");
  write_file(at / "notes.txt", "kept");
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(stat(at.c_str(), &before), 0);
  for (const std::string content : {"one", "two"}) {
    RunFolder mine(at, "inas-dump", kSet);
    mine.replace(set_of(content));
    for (const std::string& name : kSet) EXPECT_EQ(read_file(at / name), content);
  }
  ASSERT_EQ(stat(at.c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(read_file(at / "src" / "model.h"), "kept");
  EXPECT_EQ(read_file(at / "notes.txt"), "kept");
  EXPECT_EQ(entries(at).size(), kSet.size() + 2);
  EXPECT_EQ(entries(folder.path()), (std::vector<std::string>{"a"}));
}

TEST(RunFolder, TheWorkingFolderIsNotExchanged) {
  const test::TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  for (const std::string content : {"one", "two"}) {
    RunFolder mine(".", "inas-dump", kSet);
    mine.replace(set_of(content));
  }
  EXPECT_EQ(fs::current_path(), fs::canonical(folder.path()));
  EXPECT_EQ(read_file("model.h"), "two");
  fs::current_path(before);
  EXPECT_EQ(entries(folder.path()).size(), kSet.size());
}

TEST(RunFolder, ALinkToTheFolderStays) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "real");
  fs::create_directory_symlink("real", folder.path() / "link");
  RunFolder(folder.path() / "link", "inas-dump", kSet).replace(set_of("one"));
  EXPECT_TRUE(fs::is_symlink(folder.path() / "link"));
  EXPECT_EQ(read_file(folder.path() / "real" / "model.h"), "one");
}

TEST(RunFolder, AFolderInTheWayOfOneFileLeavesAllOthers) {
  const test::TemporaryFolder folder;
  const fs::path at = folder.path() / "a";
  fs::create_directories(at / "manifest.json");
  write_file(at / "model.h", "old");
  test::expect_error([&] { RunFolder(at, "inas-dump", kSet).replace(set_of("new")); },
                     "manifest.json: cannot be written: Is a directory");
  EXPECT_EQ(read_file(at / "model.h"), "old");
  EXPECT_EQ(entries(at), (std::vector<std::string>{"manifest.json", "model.h"}));
}

/// Kills `write` at every change. Afterwards `is_whole` must hold, and again after the next run, of
/// which nothing else may be left.
void expect_whole_at_every_kill(const fs::path& base,
                                const std::function<void(const fs::path&)>& prepare,
                                const std::function<void(const fs::path&)>& is_whole) {
  for (int change = 0;; ++change) {
    SCOPED_TRACE("killed at change " + std::to_string(change));
    const fs::path folder = base / std::to_string(change);
    const fs::path at = folder / "a";
    fs::create_directories(at);
    prepare(at);
    RunFolder(at, "inas-dump", kSet).replace(set_of("former"));
    const std::size_t whole = entries(at).size();
    const bool killed =
        test::killed_at(change, [&] { RunFolder(at, "inas-dump", kSet).replace(set_of("new")); });
    is_whole(at);
    RunFolder(at, "inas-dump", kSet).replace(set_of("next"));
    for (const std::string& name : kSet) EXPECT_EQ(read_file(at / name), "next");
    EXPECT_EQ(entries(folder), (std::vector<std::string>{"a"}));
    EXPECT_EQ(entries(at).size(), whole);
    if (!killed) {
      EXPECT_GT(change, 12);
      return;
    }
  }
}

TEST(RunFolder, AKillLeavesTheFormerSetOrTheNewOne) {
  const test::TemporaryFolder folder;
  bool former_seen = false;
  bool new_seen = false;
  const auto nothing = [](const fs::path&) {};
  expect_whole_at_every_kill(folder.path(), nothing, [&](const fs::path& at) {
    const std::string first = read_file(at / kSet.front());
    for (const std::string& name : kSet) EXPECT_EQ(read_file(at / name), first);
    (first == "new" ? new_seen : former_seen) = true;
  });
  EXPECT_TRUE(former_seen);
  EXPECT_TRUE(new_seen);
}

/// Among files of others a kill between the renames leaves both, and what completes the new set.
TEST(RunFolder, AKillAmongFilesOfOthersLosesNeitherThoseNorTheSet) {
  const test::TemporaryFolder folder;
  const auto prepare = [](const fs::path& at) { write_file(at / "notes.txt", "kept"); };
  expect_whole_at_every_kill(folder.path(), prepare, [&](const fs::path& at) {
    EXPECT_EQ(read_file(at / "notes.txt"), "kept");
    const bool decided = fs::exists(at / ".inas-complete");
    const std::string first = read_file(at / kSet.front());
    for (const std::string& name : kSet) {
      const fs::path pending = at / ".inas-complete" / name;
      const std::string content = fs::exists(pending) ? read_file(pending) : read_file(at / name);
      EXPECT_EQ(content, decided ? "new" : first) << name;
    }
  });
}

}  // namespace
}  // namespace inas
