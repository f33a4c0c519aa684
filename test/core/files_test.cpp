#include <filesystem>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>

namespace inas {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
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
