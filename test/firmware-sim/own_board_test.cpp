#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>

/// A board of one's own, added as docs/boards.md says: by a folder alone.
namespace inas {
namespace {

namespace fs = std::filesystem;

void replace_once(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = read_file(file);
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << file << ": " << from;
  write_file(file, text.replace(at, from.size(), to));
}

/// CMake breaks the lines of its errors.
std::string on_one_line(const std::string& text) {
  std::string line;
  for (const char character : text) {
    const bool space = character == ' ' || character == '\n';
    if (!space) line += character;
    if (space && !line.ends_with(' ')) line += ' ';
  }
  return line;
}

class OwnBoard : public testing::Test {
 protected:
  OwnBoard() { fs::copy(INAS_TEST_SOURCE "/firmware", firmware(), fs::copy_options::recursive); }

  [[nodiscard]] fs::path firmware() const { return folder_.path() / "firmware"; }
  [[nodiscard]] fs::path board(const std::string& name) const {
    return firmware() / "boards" / name;
  }
  [[nodiscard]] fs::path build() const { return folder_.path() / "build"; }

  [[nodiscard]] test::CommandResult configure(const std::string& name) const {
    return test::run_command(
        fmt::format("cmake -G Ninja -S {} -B {} -DCMAKE_TOOLCHAIN_FILE={}/cmake/msp430.cmake "
                    "-DINAS_FIRMWARE_BOARD={} 2>&1",
                    firmware().string(), build().string(), INAS_TEST_SOURCE, name));
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(OwnBoard, ACopyOfAFolderIsBuiltFromItsOwnFiles) {
  fs::rename(board("msp430-sim"), board("mine"));
  replace_once(board("mine") / "board.json", "\"msp430-sim\"", "\"mine\"");
  replace_once(board("mine") / "board.c", "void inas_board_init(void) {}",
               "void inas_only_mine(void);\n"
               "__attribute__((noinline)) void inas_only_mine(void) { __asm__ volatile(\"\"); }\n"
               "void inas_board_init(void) { inas_only_mine(); }");
  const test::CommandResult configured = configure("mine");
  ASSERT_EQ(configured.code, 0) << configured.out;
  const test::CommandResult built =
      test::run_command(fmt::format("cmake --build {} -j 2 2>&1", build().string()));
  ASSERT_EQ(built.code, 0) << built.out;
  EXPECT_NE(read_file(build() / "inas-firmware.elf").find("inas_only_mine"), std::string::npos);
}

TEST_F(OwnBoard, ANameWithoutAFolderIsRefusedWithThoseThereAre) {
  fs::copy(board("msp430-sim"), board("mine"));
  fs::copy(board("msp430-sim"), board("half"));
  fs::remove(board("half") / "board.cmake");
  for (const char* name : {"mini", "half", "host"}) {
    const test::CommandResult refused = configure(name);
    EXPECT_NE(refused.code, 0) << refused.out;
    EXPECT_NE(
        on_one_line(refused.out)
            .find(fmt::format(
                "INAS_FIRMWARE_BOARD: found {}, allowed: mine, msp430-sim, msp430fr5994", name)),
        std::string::npos)
        << refused.out;
  }
}

}  // namespace
}  // namespace inas
