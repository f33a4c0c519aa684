#include <algorithm>
#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/board.hpp>
#include <inas/core/files.hpp>
#include <inas/core/platform.hpp>

namespace inas {
namespace {

constexpr const char* kPart = "msp430fr5994";

/// A board is added by its folder alone.
TEST(Board, TheBuiltInOnesAreTheFoldersWithADescription) {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(INAS_TEST_BOARDS)) {
    if (std::filesystem::exists(entry.path() / "board.json")) {
      folders.push_back(entry.path().filename().string());
    }
  }
  std::sort(folders.begin(), folders.end());
  EXPECT_EQ(board_names(), folders);
  for (const char* name : {"host", "msp430-sim", kPart}) {
    EXPECT_EQ(std::count(folders.begin(), folders.end(), name), 1) << name;
  }
}

TEST(Board, TheBuiltInOnesAreConsistent) {
  for (const std::string& name : board_names()) {
    EXPECT_TRUE(board_faults(load_board(name)).empty()) << name;
    EXPECT_EQ(load_board(name).name, name);
  }
}

TEST(Board, ThePlatformsDefaultsAreWhatAnyBuildForThePartHas) {
  const Board board = load_board(kPart);
  std::int64_t least = board.memory("sram")->bytes + board.memory("lea_ram")->bytes;
  for (const BoardUnit& unit : board.units) least = std::min(least, vm_bytes(board, unit));
  EXPECT_EQ(Platform{}.vm_bytes, least);
  EXPECT_EQ(Platform{}.nvm_bytes, board.memory("high_fram")->bytes);
  EXPECT_EQ(Platform{}.clock_hz, board.clock_hz);
}

/// DSPLib keeps 312 bytes of the LEA's RAM, and the LEA's result needs 4; without it all RAM but 1
/// KB is VM.
TEST(Board, ThePartHasWhatItsFirmwareHas) {
  const Board board = load_board(kPart);
  EXPECT_EQ(nvm_bytes(board), 212'992 + 1'048'576);
  EXPECT_EQ(vm_bytes(board, *board.unit("lea")), 4096 - 312 - 4);
  EXPECT_EQ(vm_address(board, *board.unit("lea")), 0x2C00);
  EXPECT_EQ(vm_bytes(board, *board.unit("cpu")), 8192 - 1024);
  EXPECT_EQ(vm_address(board, *board.unit("cpu")), 0x1C00 + 1024);
  EXPECT_EQ(board.supply, (VoltageRange{1.8, 3.6}));
  EXPECT_EQ(board.clock_hz, 16e6);
}

/// Code and NVM share a memory.
TEST(Board, NvmOfTheSimulatorIsWhatTheCodeLeaves) {
  const Board board = load_board("msp430-sim");
  EXPECT_EQ(nvm_bytes(board), board.memory("low_fram")->bytes - board.code->bytes);
}

TEST(Board, AFileSaysTheSameAsTheBuiltInOne) {
  const std::string path = INAS_TEST_BOARDS "/msp430fr5994/board.json";
  EXPECT_EQ(load_board(path), load_board(kPart));
  EXPECT_EQ(load_board(INAS_TEST_BOARDS "/msp430fr5994"), load_board(kPart));
  EXPECT_TRUE(missing_files(load_board(path), INAS_TEST_BOARDS "/msp430fr5994").empty());
  const test::TemporaryFolder folder;
  EXPECT_EQ(missing_files(load_board(path), folder.path()), load_board(kPart).files);
}

TEST(Board, UnknownNamesAndFilesAreRefused) {
  test::expect_error([] { (void)load_board("pdp11"); }, "msp430fr5994");
  test::expect_error([] { (void)load_board("/nowhere/board.json"); }, "/nowhere/board.json");
  const test::TemporaryFolder empty;
  const std::string path = empty.path().string();
  test::expect_error([&] { (void)load_board(path); }, path + "/board.json");
}

TEST(Board, DescriptionsOfAnotherFormAreRefused) {
  const std::string sound = read_file(INAS_TEST_BOARDS "/msp430fr5994/board.json");
  const auto refused = [&](const std::string& from, const std::string& to,
                           const std::string& word) {
    std::string text = sound;
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    SCOPED_TRACE(to);
    test::expect_error([&] { (void)parse_board(text, "board.json"); }, word);
  };
  refused("\"format\": 1", "\"format\": 2", "format: found 2, allowed: 1");
  refused("\"format\": 1,", "", "format: missing");
  refused("\"what\"", "\"whta\"", "what: missing");
  refused("\"nvm\"", "\"nvm\": [], \"nvms\"", "did you mean nvm?");
  refused("\"clock_hz\"", "\"clockhz\"", "clockhz: unknown key; did you mean clock_hz?");
  refused("\"registers\"", "\"register\"",
          "units[0].register: unknown key; did you mean registers?");
  refused("\"fram\"", "\"flash\"", "memories[2].kind: found \"flash\"");
  refused("\"0x2C00\"", "11264", "memories[1].address");
  refused("\"0x2C00\"", "\"2C00\"", "memories[1].address");
  refused("\"0x2C00\"", "\"0x2C0G\"", "memories[1].address");
  refused("\"0x2C00\"", "\"0x\"", "memories[1].address");
  refused("\"0x2C00\"", "\"0x100000000\"", "memories[1].address");
  refused("\"bytes\": 49024", "\"bytes\": -1", "memories[2].bytes: found -1");
  refused("\"bytes\": 49024", "\"bytes\": 9007199254740992", "memories[2].bytes");
  refused("\"kept\"", "\"lost\"", "input_on_restart: found \"lost\", allowed: kept, rewritten");
  refused("{", "[", "not valid JSON");
}

struct Fault {
  const char* word;
  std::function<void(Board&)> make;
};

TEST(Board, EveryInconsistencyIsASentence) {
  const std::vector<Fault> faults{
      {"memories: found none", [](Board& b) { b.memories.clear(); }},
      {"high_fram has 0 bytes", [](Board& b) { b.memories[4].bytes = 0; }},
      {"high_fram has 212991 bytes", [](Board& b) { b.memories[4].bytes = 212'991; }},
      {"from 0x2C01, allowed: even", [](Board& b) { b.memories[1].address = 0x2C01; }},
      {"overlaps", [](Board& b) { b.memories[1].address = 0x2BFE; }},
      {"the name sram stands twice", [](Board& b) { b.memories[1].name = "sram"; }},
      {"nvm: found no memory", [](Board& b) { b.nvm.clear(); }},
      {"nvm: found \"flash\"", [](Board& b) { b.nvm[0] = "flash"; }},
      {"nvm: sram is ram", [](Board& b) { b.nvm[0] = "sram"; }},
      {"high_fram stands twice", [](Board& b) { b.nvm[1] = "high_fram"; }},
      {"32 bits", [](Board& b) { b.memories[5].bytes = std::int64_t{1} << 32; }},
      {"code.memory: found", [](Board& b) { b.code->memory = "rom"; }},
      {"code.memory: sram is no fram",
       [](Board& b) {
         b.code = MemoryShare{"sram", 2};
       }},
      {"code.bytes: found 49026", [](Board& b) { b.code->bytes = 49'026; }},
      {"variables.memory", [](Board& b) { b.variables->memory = "low_fram"; }},
      {"variables.bytes: found 4098", [](Board& b) { b.variables->bytes = 4098; }},
      {"stack_bytes: found 1026", [](Board& b) { b.stack_bytes = 1026; }},
      {"stack_bytes: found 0", [](Board& b) { b.stack_bytes = 0; }},
      {"units: found none", [](Board& b) { b.units.clear(); }},
      {"units: found \"gpu\"", [](Board& b) { b.units[1].name = "gpu"; }},
      {"units: cpu stands twice", [](Board& b) { b.units[1].name = "cpu"; }},
      {"cpu is missing", [](Board& b) { b.units.erase(b.units.begin()); }},
      {"vm_alignment: found 3", [](Board& b) { b.units[1].vm_alignment = 3; }},
      {"multiples of vm_alignment", [](Board& b) { b.units[1].vm_reserved_bytes = 314; }},
      {"vm_reserved_bytes: found 315", [](Board& b) { b.units[1].vm_reserved_bytes = 315; }},
      {"leave 0 bytes of VM", [](Board& b) { b.units[1].vm_reserved_bytes = 4096; }},
      {"vm: found no memory", [](Board& b) { b.units[1].vm.clear(); }},
      {"vm: found \"lea\"", [](Board& b) { b.units[1].vm[0] = "lea"; }},
      {"neither ram nor array", [](Board& b) { b.units[1].vm[0] = "high_fram"; }},
      {"does not begin where",
       [](Board& b) {
         b.units[0].vm = {"lea_ram", "sram"};
       }},
      {"is not the first",
       [](Board& b) {
         b.units[0].vm = {"lea_ram", "sram"};
       }},
      {"clock_hz: found 0", [](Board& b) { b.clock_hz = 0; }},
      {"supply: found 3.6 V to 1.8 V",
       [](Board& b) {
         b.supply = VoltageRange{3.6, 1.8};
       }},
      {"supply: found 0 V",
       [](Board& b) {
         b.supply = VoltageRange{0, 3};
       }},
      {"supply: found 1.8 V to 3600 V",
       [](Board& b) {
         b.supply = VoltageRange{1.8, 3600};
       }},
      {"firmware: found \"pdp11\"", [](Board& b) { b.firmware = "pdp11"; }},
      {"files: found none", [](Board& b) { b.files.clear(); }},
  };
  for (const Fault& fault : faults) {
    Board board = load_board(kPart);
    fault.make(board);
    const std::vector<std::string> sentences = board_faults(board);
    bool named = false;
    std::string all;
    for (const std::string& sentence : sentences) {
      named = named || sentence.find(fault.word) != std::string::npos;
      all += sentence + "\n";
      EXPECT_TRUE(sentence.starts_with("board msp430fr5994: ")) << sentence;
    }
    EXPECT_TRUE(named) << fault.word << " is not among:\n" << all;
  }
}

}  // namespace
}  // namespace inas
