#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <command_line.hpp>
#include <gtest/gtest.h>
#include <search_options.hpp>
#include <support/expect_error.hpp>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>

namespace inas::apps {
namespace {

/// What stands for a number in the help, and whether it must be a whole one.
const std::set<std::string> kWhole{"N", "K", "COUNT", "BYTES"};
const std::set<std::string> kReal{"FARAD", "OHM", "SHARE", "SECONDS"};

std::vector<std::string> bad_values(const std::string& value_name) {
  std::vector<std::string> values{"nan", "inf",   "-inf", "NaN", "1x",  "x",
                                  "",    "1e400", "0x10", " 1",  "1,5", "-2"};
  if (kWhole.count(value_name) > 0) {
    values.insert(values.end(), {"1.5", "99999999999999999999", "-9999999999999999999", "1e30"});
  }
  return values;
}

/// Without LibTorch, whose start takes longer than all of these.
TEST(Options, EveryNumberOfTheSearchIsRefusedWithItsNameIfItIsNone) {
  const auto described = search_options().add(settings_options());
  int numbers = 0;
  for (const auto& option : described.options()) {
    const std::string value_name = option->semantic()->name();
    if (kWhole.count(value_name) + kReal.count(value_name) == 0) continue;
    ++numbers;
    const std::string name = "--" + option->long_name();
    for (const std::string& value : bad_values(value_name)) {
      SCOPED_TRACE(name + " " + value);
      const std::vector<const char*> words{"inas-search", name.c_str(), value.c_str()};
      test::expect_error(
          [&] {
            (void)parse_command_line(3, words.data(), {"inas-search", "", ""}, described);
          },
          name + ": found ");
    }
  }
  EXPECT_GE(numbers, 13);
}

TEST(Options, ASettingOverridesTheFileAndKeepsTheRest) {
  const auto described = search_options().add(settings_options());
  const std::vector<const char*> words{"inas-search", "--seed",   "18446744073709551615",
                                       "--ccap",      ".001",     "--time-limit=1e3",
                                       "--strategy",  "random",   "--epochs",
                                       "2e1",         "--data",   "here",
                                       "--profile",   "mine.json"};
  const auto values = parse_command_line(static_cast<int>(words.size()), words.data(),
                                         {"inas-search", "", ""}, described);
  ASSERT_TRUE(values.has_value());
  const Settings settings = search_settings(*values);
  EXPECT_EQ(settings.search.seed, 18446744073709551615U);
  EXPECT_EQ(settings.power.capacitance_f, 0.001);
  EXPECT_EQ(settings.search.time_limit_s, 1000);
  EXPECT_EQ(settings.search.strategy, "random");
  EXPECT_EQ(settings.training.epochs, 20);
  EXPECT_EQ(settings.training.final_epochs, TrainingSettings{}.final_epochs);
  // A solution is read from other folders, too.
  EXPECT_EQ(settings.data.path, (std::filesystem::current_path() / "here").string());
  EXPECT_EQ(settings.platform.profile, (std::filesystem::current_path() / "mine.json").string());
}

TEST(Options, ABuiltInProfileAndAnUnnamedFolderAreNoPaths) {
  const auto described = search_options().add(settings_options());
  const std::vector<const char*> words{"inas-search"};
  const auto values = parse_command_line(1, words.data(), {"inas-search", "", ""}, described);
  EXPECT_EQ(search_settings(*values), Settings{});
}

/// The options of a program as its help lists them, so that none is forgotten here.
TEST(Options, EveryNumberOfTheOtherProgramsIsRefusedWithItsNameIfItIsNone) {
  const std::regex line(R"(--([a-z-]+)(?: \])? ([A-Z]+))");
  for (const std::string command : {"inas-eval", "inas-eval space", "inas-eval pareto",
                                    "inas-eval sweep", "inas-eval ablation", "inas-dump"}) {
    const std::string program = std::string(INAS_TEST_BIN) + "/" + command;
    const std::string help = test::run_command(program + " --help").out;
    std::set<std::pair<std::string, std::string>> found;
    for (std::sregex_iterator at(help.begin(), help.end(), line), end; at != end; ++at) {
      if (kWhole.count((*at)[2]) + kReal.count((*at)[2]) > 0) found.emplace((*at)[1], (*at)[2]);
    }
    EXPECT_GT(found.size(), 0u) << help;
    for (const auto& [name, value_name] : found) {
      for (const std::string& value : bad_values(value_name)) {
        SCOPED_TRACE(command + " --" + name + " '" + value + "'");
        test::expect_refused(test::run_command(program + " --" + name + " '" + value + "'"),
                             "--" + name + ": found ");
      }
    }
  }
}

TEST(Options, TheHelpOfInasEvalHasALineForEachCommand) {
  const std::string bin = std::string(INAS_TEST_BIN) + "/inas-eval";
  const std::string help = test::run_command(bin + " --help").out;
  const std::string refusal = test::run_command(bin + " none-such").err;
  const std::size_t list = refusal.find("allowed: ");
  ASSERT_NE(list, std::string::npos) << refusal;
  const std::string names = refusal.substr(list + 9);
  const std::regex word("[a-z]+");
  int commands = 0;
  for (std::sregex_iterator at(names.begin(), names.end(), word), end; at != end; ++at) {
    ++commands;
    EXPECT_NE(help.find("\n  inas-eval " + at->str() + " "), std::string::npos) << at->str();
  }
  EXPECT_GE(commands, 5);
}

}  // namespace
}  // namespace inas::apps
