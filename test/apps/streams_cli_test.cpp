#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>

/// What all commands of all programs do alike with terminals, pipes, closed streams and signals.
namespace inas {
namespace {

namespace fs = std::filesystem;

const std::string kBin = INAS_TEST_BIN "/";
constexpr int kUnread = 141;  // 128 + SIGPIPE

/// A command that prints something on standard output.
struct Printing {
  std::string command;
  int code = 0;
};

class Streams : public testing::Test {
 protected:
  Streams() {
    const Solution solution = test::sample_solution();
    write_solution(solution_, solution, test::sample_weights(solution, 1));
  }

  [[nodiscard]] std::vector<Printing> commands() const {
    const std::string network = " --choices 3,8,3,16,3,16,3,24,3,24";
    const std::string of_solution = " --solution " + solution_.string();
    std::vector<Printing> all{
        {kBin + "inas-eval --help"},
        {kBin + "inas-eval" + network},
        {kBin + "inas-eval space --json --settings " INAS_TEST_CONFIGS "/paper-har.json"},
        {kBin + "inas-eval space --settings " INAS_TEST_CONFIGS "/paper-har.json"},
        {kBin + "inas-eval pareto --json" + network},
        {kBin + "inas-eval sweep --ccaps 0.001,0.005" + network},
        {kBin + "inas-eval sweep --json --ccaps 0.001,0.005" + network},
        {kBin + "inas-eval sweep --csv /dev/stdout --ccaps 0.001,0.005" + network},
        {kBin + "inas-eval breakdown" + network},
        {kBin + "inas-eval profile msp430fr5994"},
        {kBin + "inas-dump --calibrate 0 --overwrite" + of_solution},
#ifdef INAS_TEST_IMPORT
        {kBin + "inas-import --help"},
#endif
#ifdef INAS_TEST_SEARCH
        {kBin + "inas-search --help"},
        {kBin + "inas-search --worker --help"},
        {kBin + "inas-search show --help"},
#endif
    };
#ifdef INAS_REFERENCE_DIR
    for (const char* name : {"published", "gains", "ablation"}) {
      all.push_back({kBin + "inas-eval " + name + " --reference " INAS_REFERENCE_DIR});
    }
#endif
    return all;
  }

  test::TemporaryFolder folder_;
  fs::path solution_ = folder_.path() / "solution";
};

TEST_F(Streams, AStandardOutputThatTakesNothingIsAnErrorOfOneLine) {
  for (const Printing& of : commands()) {
    for (const char* to : {" >/dev/full", " >&-"}) {
      const test::CommandResult result = test::run_command(of.command + to);
      EXPECT_EQ(result.code, 2) << of.command << to << "\n" << result.err;
      EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
          << of.command << to << "\n"
          << result.err;
    }
  }
}

TEST_F(Streams, AReaderWhoHasGoneIsToldNothing) {
  const std::string fifo = (folder_.path() / "fifo").string();
  const std::string without_reader =
      "mkfifo " + fifo + "; exec 3<>" + fifo + " 4>" + fifo + " 3<&-; rm " + fifo + "; ";
  for (const Printing& of : commands()) {
    const test::CommandResult result = test::run_command(without_reader + of.command + " >&4");
    EXPECT_TRUE(result.code == of.code || result.code == kUnread)
        << of.command << ": " << result.code;
    EXPECT_EQ(result.err, "") << of.command;
  }
}

TEST_F(Streams, OtherStreamsThatAreClosedChangeNothing) {
  for (const Printing& of : commands()) {
    const test::CommandResult plain = test::run_command(of.command);
    EXPECT_EQ(plain.code, of.code) << of.command << "\n" << plain.err;
    for (const char* closed : {" 2>&-", " <&-", " <&- 2>&-", " 2>/dev/full"}) {
      const test::CommandResult result = test::run_command(of.command + closed);
      EXPECT_EQ(result.code, of.code) << of.command << closed;
      EXPECT_EQ(result.out, plain.out) << of.command << closed;
    }
  }
}

/// A terminal's output without what a live line had been there for.
std::string lasting(const std::string& output) {
  return std::regex_replace(std::regex_replace(output, std::regex("\r[^\n]*\x1b\\[K"), ""),
                            std::regex("\r\n"), "\n");
}

TEST_F(Streams, APipeGetsNoEscapeCodesAndATerminalNoMoreThanItInTheEnd) {
  for (const Printing& of : commands()) {
    const test::CommandResult piped = test::run_command(of.command);
    EXPECT_EQ((piped.out + piped.err).find('\x1b'), std::string::npos) << of.command;
    const std::string script = (folder_.path() / "script").string();
    write_file(script, of.command + "\n");
    const test::CommandResult shown =
        test::run_command("script -qec 'sh " + script + "' /dev/null");
    EXPECT_EQ(shown.code, of.code) << of.command << "\n" << shown.out;
    EXPECT_EQ(lasting(shown.out), piped.out + piped.err) << of.command;
  }
}

/// Commands that take minutes, with a file that they are to write.
class LongCommands : public Streams {
 protected:
  [[nodiscard]] fs::path file() const { return folder_.path() / "file"; }

  [[nodiscard]] std::vector<std::string> commands() const {
    const std::string settings = (folder_.path() / "settings.json").string();
    write_file(settings,
               R"({"space": {"input": [3, 96, 96], "layers": 4, "kernels": [1, 3, 5, 7],
                             "filters": [88, 90, 92, 94, 95, 96]},
                   "platform": {"vm_bytes": 1000000, "nvm_bytes": 100000000},
                   "power": {"capacitance_f": 1}})");
    std::string sizes = "1024";
    for (int bytes = 1026; bytes < 8192; bytes += 2) sizes += "," + std::to_string(bytes);
    const std::string to = " --csv " + file().string();
    return {kBin + "inas-eval sweep --choices 3,8,3,16,3,16,3,24,3,24 --vms " + sizes + to,
            kBin + "inas-eval pareto --choices 3,96,3,96,3,96,3,96 --settings " + settings + to,
            kBin + "inas-eval space --list-limit 0 --settings " + settings + to};
  }

  /// Runs `command` until it has used some time of the processor, then sends it `signal`.
  [[nodiscard]] test::CommandResult signalled(const std::string& command,
                                              const std::string& signal) const {
    const std::string pid = (folder_.path() / "pid").string();
    fs::remove(pid);
    const std::string script = (folder_.path() / "script").string();
    write_file(script, "echo $$ > " + pid + "; exec " + command + "\n");
    return test::run_command(
        "sh -c 'until test -s " + pid + "; do :; done; pid=$(cat " + pid +
        "); until test $(cut -d\" \" -f14 /proc/$pid/stat) -gt 20; do kill -0 $pid || exit; done; "
        "kill -" +
        signal + " $pid' 2>/dev/null & sh " + script);
  }
};

TEST_F(LongCommands, ASignalEndsThemAsItDoesByDefaultAndNothingIsWrittenByHalves) {
  for (const std::string& command : commands()) {
    for (const auto& [signal, number] :
         std::vector<std::pair<std::string, int>>{{"INT", 2}, {"TERM", 15}, {"HUP", 1}}) {
      const test::CommandResult result = signalled(command, signal);
      EXPECT_EQ(result.code, 128 + number) << command.substr(0, 80) << "\n" << result.err;
      EXPECT_EQ(result.out + result.err, "") << command.substr(0, 80);
      EXPECT_FALSE(fs::exists(file())) << command.substr(0, 80);
    }
  }
}

}  // namespace
}  // namespace inas
