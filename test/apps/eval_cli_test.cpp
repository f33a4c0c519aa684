#include <cctype>
#include <cmath>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/infeasibility.hpp>
#include <inas/explorer/make_solution.hpp>

namespace inas {
namespace {

test::CommandResult eval(const std::string& arguments) {
  return test::run_command(INAS_TEST_BIN "/inas-eval " + arguments);
}

TEST(InasEval, HelpNamesEveryOptionWithItsUnit) {
  const test::CommandResult result = eval("--help");
  EXPECT_EQ(result.code, 0);
  for (const char* word : {"--choices", "--solution", "--json", "--settings", "--ccap", " F ",
                           "--rehm", "ohm", "--latreq", " s ", "--vm", "bytes", "published"}) {
    EXPECT_NE(result.out.find(word), std::string::npos) << word << "\n" << result.out;
  }
}

TEST(InasEval, HelpSaysWhatTheChoicesOfEachFamilyAre) {
  const std::string help = std::regex_replace(eval("--help").out, std::regex(R"(\s+)"), " ");
  for (const char* words : {"kernel,filters,kernel,filters,", "stride, padding and pool",
                            "fully connected spaces: widths",
                            "blocks: resolution, width in percent, then expansion, kernel, depth, "
                            "skip and stride of each "
                            "stage"}) {
    EXPECT_NE(help.find(words), std::string::npos) << words << "\n" << help;
  }
}

/// Nobody to tell what went wrong is no reason to crash.
TEST(InasEval, WithoutStandardErrorAnErrorIsAnExitCode) {
  for (const std::string closed :
       {" 2>&-", " >&- 2>&-", " <&- >&- 2>&-", " >/dev/full 2>/dev/full"}) {
    EXPECT_EQ(eval("--choices 3,8" + closed).code, 2) << closed;
  }
}

TEST(InasEval, AnErrorIsOneLineWhateverItQuotes) {
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24 ";
  test::expect_refused(eval(network + "--settings \"$(printf 'a\\nb\\033[1m')\""),
                       "a?b?[1m: cannot be read");
  test::expect_refused(eval(network + "--profile \"$(printf '/a\\rb')\""), "/a?b");
  test::expect_refused(eval("--choices \"$(printf '3\\n8')\""), "3?8");
}

TEST(InasEval, AFileWithoutAnEndIsRefused) {
  test::expect_refused(eval("--choices 3,8 --settings /dev/zero"), "/dev/zero: has more than");
  test::expect_refused(eval("--choices 3,8,3,16,3,16,3,24,3,24 --profile /dev/zero"),
                       "/dev/zero: has more than");
}

TEST(InasEval, PublishedSolutionsThatAreNoneAreRefused) {
  const test::TemporaryFolder folder;
  const std::vector<std::pair<std::string, std::string>> files{
      {"", "holds no solution"},
      {"{}\n", "line 1: key 'dataset' not found"},
      {"\nx\n", "line 2: "}};
  for (const auto& [text, word] : files) {
    write_file(folder.path() / "published-solutions.jsonl", text);
    for (const std::string command : {"published", "ablation", "gains"}) {
      const test::CommandResult result = eval(command + " --reference " + folder.path().string());
      test::expect_refused(result, word);
      EXPECT_EQ(result.err.find("json.exception"), std::string::npos) << result.err;
    }
  }
}

TEST(InasEval, PricesEveryLayerOfANetwork) {
  for (const bool ledger : {true, false}) {
    const test::CommandResult result =
        eval(std::string("--choices 3,8,3,16,3,16,3,24,3,24 --json --design-space ") +
             (ledger ? "full" : "divisors,row,coalesced,batches,ragged"));
    ASSERT_EQ(result.code, 0) << result.err;
    const nlohmann::json document = nlohmann::json::parse(result.out);
    ASSERT_EQ(document.at("layers").size(), 7u);
    double alone_s = 0;
    for (const auto& layer : document.at("layers")) {
      EXPECT_LE(layer.at("energy_max_j"), document.at("energy_budget_j"));
      EXPECT_LE(layer.at("vm_bytes"), Platform{}.vm_bytes);
      EXPECT_EQ(layer.contains("ledger_units"), ledger);
      alone_s += layer.at("latency_s").get<double>();
    }
    const double latency_s = document.at("latency_s");
    const double by_layers_s = document.at("by_layers_s");
    EXPECT_EQ(document.at("ledger").is_null(), !ledger);
    if (ledger) {
      EXPECT_LT(latency_s, by_layers_s);
      EXPECT_LT(document.at("bound_s").get<double>(), latency_s);
    } else {
      EXPECT_EQ(latency_s, alone_s);
      EXPECT_EQ(by_layers_s, alone_s);
    }
  }
}

void collect_keys(const nlohmann::json& value, std::set<std::string>& keys) {
  for (const auto& [key, inner] : value.items()) {
    if (value.is_object()) keys.insert(key);
    if (inner.is_structured()) collect_keys(inner, keys);
  }
}

TEST(InasEval, TheFormatsPageNamesEveryKeyAndConstraint) {
  const std::string page = read_file(INAS_TEST_DOCS "/formats.md");
  const std::size_t begin = page.find("## inas-eval --json");
  ASSERT_NE(begin, std::string::npos);
  const std::string section = page.substr(begin, page.find("\n## ", begin) - begin);
  const test::CommandResult infeasible =
      eval("--choices 3,8,3,16,3,16,3,24,3,24 --latreq 1 --json");
  std::set<std::string> keys;
  collect_keys(nlohmann::json::parse(infeasible.out), keys);
  EXPECT_TRUE(keys.contains("sentence"));
  EXPECT_TRUE(keys.contains("design"));
  for (const std::string& key : keys) {
    EXPECT_NE(section.find("`" + key + "`"), std::string::npos) << key;
  }
  using explorer::Constraint;
  for (const Constraint constraint :
       {Constraint::geometry, Constraint::nvm_capacity, Constraint::spatial, Constraint::atomicity,
        Constraint::responsiveness}) {
    EXPECT_NE(page.find(fmt::format("| `{}` |", to_string(constraint))), std::string::npos);
  }
}

TEST(InasEval, AnInfeasibleNetworkSaysWhyAndExitsWithOne) {
  const test::CommandResult result = eval("--choices 3,8,3,16,3,16,3,24,3,24 --ccap 0.00025");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.out.find("infeasible: CONV_0"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("energy budget"), std::string::npos) << result.out;
}

TEST(InasEval, TheLatencyRequirementIsOnlyNamedIfThereIsOne) {
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24";
  EXPECT_NE(eval(network).out.find("per power cycle; no latency requirement\n"), std::string::npos);
  EXPECT_NE(eval(network + " --latreq 99").out.find("; latency requirement 99 s\n"),
            std::string::npos);
}

TEST(InasEval, ALatencyRequirementThatIsMissedExitsWithOne) {
  const test::CommandResult result = eval("--choices 3,8,3,16,3,16,3,24,3,24 --latreq 1");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.out.find("latency requirement is 1 s"), std::string::npos) << result.out;
}

TEST(InasEval, BadInputGetsOneSentenceAndExitCodeTwo) {
  test::expect_refused(eval("--choices 3,8"), "choices");
  test::expect_refused(eval("--choices 3,8,3,16,3,16,3,24,3,9"), "9");
  test::expect_refused(eval("--choices 7,8,7,16,7,16,7,24,7,24"), "CONV_4");
  test::expect_refused(eval("--choices x"), "x");
  test::expect_refused(eval("--frobnicate"), "frobnicate");
  test::expect_refused(eval("--choises 3,8"), "did you mean --choices?");
  test::expect_refused(eval("--capacitance 0.01"),
                       "unrecognised option '--capacitance'; see inas-eval --help");
  test::expect_refused(eval("teleport"), "command: found \"teleport\"; allowed: ");
  test::expect_refused(eval("--json spaze"), "spaze");
  test::expect_refused(eval("spaze"), "did you mean space?");
  test::expect_refused(eval("--choices 3,8,3,16,3,16,3,24,3,24 --ccap -1"),
                       "--ccap: found -1, allowed: ");
  test::expect_refused(eval("--choices 3,8,3,16,3,16,3,24,3,24 --ccap nan"),
                       "--ccap: found \"nan\", allowed: ");
  test::expect_refused(eval("--choices 3,8,3,16,3,16,3,24,3,24 --profile nope"), "nope");
  test::expect_refused(eval("--choices 3,8,3,16,3,16,3,24,3,24 --settings /nonexistent.json"),
                       "/nonexistent.json");
  test::expect_refused(eval("--solution /nonexistent"), "/nonexistent");
  test::expect_refused(eval("bogus"), "bogus");
  test::expect_refused(eval(""), "--choices");
}

TEST(InasEval, AWiderDesignSpaceIsFasterAndShowsItsDesigns) {
  const auto latency = [](const std::string& space) {
    const test::CommandResult result = eval(
        "--choices 3,8,3,16,3,16,3,24,3,24 --json --profile msp430fr5994-paper --design-space " +
        space);
    EXPECT_EQ(result.code, 0) << result.err;
    return nlohmann::json::parse(result.out).at("latency_s").get<double>();
  };
  const double published = latency("published");
  EXPECT_LE(latency("divisors"), published);
  EXPECT_LT(latency("row"), published);
  EXPECT_LT(latency("full"), latency("divisors,row,coalesced"));
  const test::CommandResult full =
      eval("--choices 3,8,3,16,3,16,3,24,3,24 --design-space full --units lea");
  EXPECT_NE(full.out.find("_row_coalesced_K"), std::string::npos) << full.out;
  test::expect_refused(eval("--choices 3,8,3,16,3,16,3,24,3,24 --design-space wide"), "wide");
}

TEST(InasEval, UnitsAreTheCpuUnlessOthersAreAskedForOrNoOtherIsPriced) {
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24 ";
  EXPECT_EQ(eval(network).out, eval(network + "--units cpu").out);
  EXPECT_NE(eval(network).out.find("_cpu "), std::string::npos);
  EXPECT_EQ(eval(network + "--units lea").out.find("_cpu"), std::string::npos);
  const auto latency_s = [&](const std::string& options) {
    return nlohmann::json::parse(eval(network + "--json " + options).out).at("latency_s");
  };
  EXPECT_LE(latency_s("--units lea,cpu"), latency_s("--units cpu"));
  EXPECT_LE(latency_s("--units lea,cpu"), latency_s("--units lea"));
  const std::string paper = "--profile msp430fr5994-paper ";
  EXPECT_EQ(eval(network + paper).out, eval(network + paper + "--units lea").out);
  test::expect_refused(eval(network + paper + "--units cpu"),
                       "explorer.units: found cpu, allowed: ");
  for (const char* wrong : {"gpu", "cpu,cpu", "''", "cpu,", "CPU"}) {
    test::expect_refused(eval(network + "--units " + wrong), "--units: found ");
  }
}

TEST(InasEval, TheMemoryIsOnChipOrSerial) {
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24 ";
  EXPECT_EQ(eval(network).out, eval(network + "--memory on-chip").out);
  const auto solution = [&](const std::string& options) {
    return nlohmann::json::parse(eval(network + "--json " + options).out);
  };
  const nlohmann::json serial = solution("--memory serial");
  EXPECT_EQ(serial.at("latency_s"), solution("--profile msp430fr5994-serial").at("latency_s"));
  EXPECT_GT(serial.at("latency_s"), solution("").at("latency_s"));
  test::expect_refused(eval(network + "--memory sram"),
                       "--memory: found \"sram\", allowed: on-chip, ");
  test::expect_refused(eval(network + "--memory serial --profile msp430fr5994-serial"),
                       "--memory: sets the profile, which --profile sets as well");
}

TEST(InasEval, TheDefaultDesignSpaceIsAllThatTheRuntimeExecutes) {
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24 --json";
  const test::CommandResult plain = eval(network);
  EXPECT_EQ(plain.out, eval(network + " --design-space full").out);
  EXPECT_NE(plain.out, eval(network + " --design-space divisors").out);
}

TEST(InasEval, ABuiltInProfileIsPrintedAsAFileThatItReads) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "board.json").string();
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24 --json ";
  for (const std::string name : {"msp430fr5994", "msp430fr5994-published"}) {
    ASSERT_EQ(eval("profile " + name + " > " + file).code, 0);
    const std::string by_name = eval(network + "--profile " + name).out;
    EXPECT_EQ(eval(network + "--profile " + file).out, by_name) << name;
    EXPECT_NE(eval("profile").out.find(name + "\n"), std::string::npos);
  }
  test::expect_refused(eval("profile nope"), "msp430fr5994-published");
  test::expect_refused(eval("profile msp430fr5994 more"), "more");
  test::expect_refused(eval("profile --frobnicate"), "frobnicate");
  EXPECT_NE(eval("profile --help").out.find("docs/profiles.md"), std::string::npos);
}

TEST(Configs, ThePapersEvaluationsKeepTheirDesignSpace) {
  for (const char* name : {"paper-cifar10", "paper-har", "paper-kws"}) {
    EXPECT_EQ(load_settings(std::string(INAS_TEST_CONFIGS "/") + name + ".json").explorer,
              published_space(Divisors::all))
        << name;
  }
  EXPECT_EQ(load_settings(INAS_TEST_CONFIGS "/default.json").explorer, ExplorerSettings{});
}

TEST(Configs, EveryFileHasTheNetworksThatItsSpaceNames) {
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(INAS_TEST_CONFIGS)) {
    SCOPED_TRACE(file.path());
    const Settings settings = load_settings(file.path());
    Architecture first;
    for (const Decision& decision : decisions(settings.space)) {
      first.push_back(decision.values.front());
    }
    EXPECT_NO_THROW(validate(build_network(settings.space, first)));
    ++files;
  }
  EXPECT_GT(files, 8);
}

TEST(InasEval, PricesASolutionFolder) {
  const test::TemporaryFolder folder;
  Solution solution = test::sample_solution();
  solution.accuracy.deployed = 0.625;
  write_solution(folder.path(), solution, test::sample_weights(solution, 1));
  const test::CommandResult result = eval("--solution " + folder.path().string());
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("3_6_2_1_reuse_I_S3"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("test 70.00 %, test as deployed in 16 bits 62.50 %\n"),
            std::string::npos)
      << result.out;
}

// A table with other units than the ones that are priced would run, and end its cycles elsewhere.
TEST(InasEval, SaysWhereTheUnitsOfASolutionAreNotThoseOfItsSettings) {
  const test::TemporaryFolder folder;
  const Settings settings;
  const Architecture architecture = {3, 8, 3, 8, 3, 8, 3, 8, 3, 8};
  const Network network = build_network(settings.space, architecture);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  Solution solution =
      explorer::make_solution(settings, architecture, network, explorer.explore(network));
  ASSERT_TRUE(solution.ledger.kept());
  const auto written = [&] {
    write_solution(folder.path(), solution, test::sample_weights(solution, 1));
    return eval("--solution " + folder.path().string());
  };
  EXPECT_EQ(written().err, "");
  const LedgerUnits units = solution.layers[1].units;
  solution.layers[1].units.kept = units.kept + 1;
  const test::CommandResult changed = written();
  EXPECT_EQ(changed.err,
            fmt::format("CONV_1: solution.json has entry {0}, fetched {1}, kept {3} units of the "
                        "ledger, its settings give entry {0}, fetched {1}, kept {2}: what is "
                        "deployed from it ends its power cycles elsewhere than priced here\n",
                        units.entry, units.fetched, units.kept, units.kept + 1));
  EXPECT_EQ(eval("--ccap 0.01 --solution " + folder.path().string()).err, "");
  solution.layers[1].units = units;
  solution.ledger.budget -= 1;
  const std::string of_budget = written().err;
  EXPECT_EQ(of_budget.find("ledger: solution.json has a budget of 65534 units of "), 0U)
      << of_budget;
  solution.ledger.budget += 1;
  solution.ledger.unit_j = 1;
  EXPECT_NE(written().err.find("units of 1 J, its settings give 65535 of "), std::string::npos);
}

/// Does a word stand in the text by itself? "infeasible" does not hold "inf".
bool has_word(const std::string& text, const std::string& word) {
  const auto letter = [&](std::size_t at) {
    return at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0;
  };
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at) {
    if ((at == 0 || !letter(at - 1)) && !letter(at + word.size())) return true;
  }
  return false;
}

class StoredSolution : public testing::Test {
 protected:
  StoredSolution() {
    write_solution(folder_.path(), solution_, test::sample_weights(solution_, 1));
  }

  [[nodiscard]] test::CommandResult price(const std::string& options) const {
    const test::CommandResult result =
        eval("--solution " + folder_.path().string() + " " + options);
    for (const char* word : {"inf", "nan"}) {
      EXPECT_FALSE(has_word(result.out + result.err, word)) << result.out << result.err;
    }
    return result;
  }

  [[nodiscard]] nlohmann::json price_json(const std::string& options, int code) const {
    const test::CommandResult result = price(options + " --json");
    EXPECT_EQ(result.code, code) << options << "\n" << result.out << result.err;
    return nlohmann::json::parse(result.out);
  }

  test::TemporaryFolder folder_;
  Solution solution_ = test::sample_solution();
};

TEST_F(StoredSolution, IsPricedOnTheDeviceThatTheOptionsDescribe) {
  const nlohmann::json own = price_json("", 0);
  EXPECT_EQ(own.at("broken").size(), 0u);
  EXPECT_EQ(price_json("--ccap 0.005 --rehm 24 --margin 0.55 --vm 3780", 0), own);
  for (const char* options :
       {"--ccap 0.01", "--rehm 100", "--profile msp430fr5994-published", "--margin 0.9",
        "--continuous", "--latreq 99", "--harvester constant-power --harvest 0.001"}) {
    SCOPED_TRACE(options);
    const nlohmann::json other = price_json(options, 0);
    EXPECT_NE(other, own);
    ASSERT_EQ(other.at("layers").size(), own.at("layers").size());
  }
  const double own_s = own.at("latency_s");
  EXPECT_GT(price_json("--rehm 100", 0).at("latency_s"), own_s);
  EXPECT_LT(price_json("--continuous", 0).at("latency_s"), own_s);
  EXPECT_EQ(price_json("--continuous", 0).at("layers").at(0).at("design"), "3_6_2_1_reuse_I_S1");
}

TEST_F(StoredSolution, SaysWhichDesignsNoLongerFit) {
  const nlohmann::json own = price_json("", 0);
  std::vector<std::string> too_large;
  for (const auto& layer : own.at("layers")) {
    if (layer.at("vm_bytes") > 200) too_large.push_back(layer.at("name"));
  }
  ASSERT_GE(too_large.size(), 2u);
  const nlohmann::json small = price_json("--vm 200", 1);
  EXPECT_FALSE(small.at("feasible"));
  ASSERT_EQ(small.at("broken").size(), too_large.size());
  EXPECT_EQ(small.at("broken").at(0), small.at("infeasible_because"));
  const std::string table = price("--vm 200").out;
  for (std::size_t index = 0; index < too_large.size(); ++index) {
    const auto& why = small.at("broken").at(index);
    EXPECT_EQ(why.at("layer"), too_large[index]);
    EXPECT_EQ(why.at("constraint"), "C0-spatial");
    EXPECT_NE(table.find("infeasible: " + why.at("sentence").get<std::string>() + "\n"),
              std::string::npos)
        << table;
  }

  const test::CommandResult starved = price("--ccap 0.00001");
  EXPECT_EQ(starved.code, 1);
  EXPECT_NE(starved.out.find("never finishes a power cycle"), std::string::npos) << starved.out;
  EXPECT_NE(starved.out.find(" never "), std::string::npos) << starved.out;
  EXPECT_EQ(price_json("--ccap 0.00001", 1).at("broken").size(), own.at("layers").size());
  EXPECT_EQ(price("--ccap 1e-320").code, 1);

  const nlohmann::json slow = price_json("--latreq 0.001", 1);
  EXPECT_EQ(slow.at("broken").at(0).at("constraint"), "C2-responsiveness");

  const std::string file = (folder_.path() / "other.json").string();
  write_file(file, R"({"platform": {"nvm_bytes": 64}, "power": {"capacitance_f": 0.02}})");
  const nlohmann::json other = price_json("--settings " + file, 1);
  EXPECT_EQ(other.at("broken").at(0).at("constraint"), "nvm-capacity");
  EXPECT_EQ(other.at("energy_budget_j"), price_json("--ccap 0.02", 0).at("energy_budget_j"));
}

TEST_F(StoredSolution, OptionsWithoutAMeaningAreRefused) {
  test::expect_refused(price("--design-space full"), "--design-space");
  test::expect_refused(price("--choices 3,6,3,4"), "--choices");
  test::expect_refused(price("--continuous --ccap 0.01"), "--ccap");
  test::expect_refused(price("--ccap -1"), "--ccap: found -1");
  test::expect_refused(price("--profile nope"), "nope");
}

TEST(InasEval, AHarvesterOfConstantPowerIsDescribedByOptions) {
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24 ";
  const auto priced = [&](const std::string& options) {
    const test::CommandResult result = eval(network + "--json " + options);
    EXPECT_EQ(result.code, 0) << options << result.err;
    return nlohmann::json::parse(result.out);
  };
  const nlohmann::json resistance = priced("");
  const nlohmann::json power = priced("--harvester constant-power --harvest 0.002");
  EXPECT_EQ(power.at("energy_budget_j"), resistance.at("energy_budget_j"));
  EXPECT_NE(power.at("latency_s"), resistance.at("latency_s"));
  EXPECT_NEAR(power.at("first_charge_s"), 0.5 * 0.005 * 2.99 * 2.99 / 0.002, 1e-9);
  EXPECT_NEAR(resistance.at("first_charge_s"), 24 * 0.005 * std::log(3 / 0.01), 1e-9);
  // The settings' resistance, 44 ohm, goes with the harvester that the option replaces.
  const test::CommandResult half =
      eval("--settings " INAS_TEST_CONFIGS
           "/paper-kws.json --choices 48,48,48,48 --latreq 1000 --harvester constant-power "
           "--harvest 0.004 --efficiency 0.5 --json");
  ASSERT_EQ(half.code, 0) << half.err;
  EXPECT_EQ(nlohmann::json::parse(half.out).at("first_charge_s"), power.at("first_charge_s"));
  EXPECT_GT(priced("--harvester constant-power --harvest 0.002 --leakage 0.0005").at("latency_s"),
            power.at("latency_s"));
  const test::CommandResult table = eval(network + "--harvester constant-power --harvest 0.002");
  EXPECT_NE(
      table.out.find("first charge of the capacitor, from 0 V: 11.18 s (not part of the latency)"),
      std::string::npos)
      << table.out;
  EXPECT_TRUE(priced("--continuous").at("first_charge_s").is_null());
}

TEST(InasEval, OptionsOfTheOtherHarvesterAreRefused) {
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24 ";
  for (const char* option : {"--harvest 0.5", "--efficiency 0.5", "--leakage 0.5"}) {
    test::expect_refused(eval(network + option), "power.harvester is resistance");
  }
  const std::string constant = network + "--harvester constant-power ";
  test::expect_refused(eval(constant + "--harvest 0.002 --rehm 24"),
                       "--rehm: power.harvester is constant-power");
  test::expect_refused(eval("sweep " + constant + "--harvest 0.002 --rehms 24"),
                       "--rehms: power.harvester is constant-power");
  test::expect_refused(eval(constant), "power.harvest_w: found 0");
  test::expect_refused(eval(network + "--harvester wind"), "--harvester: found \"wind\"");
  test::expect_refused(eval(constant + "--harvest -1"), "--harvest: found -1, allowed: 1e-12 to");
  test::expect_refused(eval(constant + "--harvest 1 --efficiency 2"), "--efficiency: found 2");
  test::expect_refused(eval(constant + "--harvest 1 --leakage -1"), "--leakage: found -1");
  test::expect_refused(eval(constant + "--harvest 0.001 --leakage 0.001"),
                       "power.leakage_a: found 0.001, allowed: less than the 0.000334448 A");
}

TEST(InasEval, CapacitorOptionsAreRefusedUnderContinuousPower) {
  const std::string network = "--choices 3,8,3,16,3,16,3,24,3,24 --continuous ";
  EXPECT_EQ(eval(network).code, 0);
  for (const char* option :
       {"--ccap", "--rehm", "--margin", "--harvest", "--efficiency", "--leakage"}) {
    test::expect_refused(eval(network + option + " 0.5"),
                         std::string(option) + ": the supply is continuous");
  }
}

TEST(InasEval, OutputThatCannotBeWrittenIsAnError) {
  EXPECT_EQ(eval("--choices 3,8,3,16,3,16,3,24,3,24 > /dev/full").code, 2);
}

TEST(Configs, EveryShippedSettingsFileIsValid) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INAS_TEST_CONFIGS)) {
    EXPECT_NO_THROW((void)load_settings(entry.path())) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 4);
}

TEST(InasEval, AFittedProfileHasANameAndAPlaceOfItsOwn) {
  const test::TemporaryFolder folder;
  const std::string csv = (folder.path() / "bench.csv").string();
  write_file(csv, "# inas-bench 1\n");
  test::expect_refused(eval("fit " + csv + " --name msp430fr5994"),
                       "--name: found \"msp430fr5994\"");
  test::expect_refused(eval("fit " + csv + " --name ''"), "--name: found \"\"");
  test::expect_refused(eval("fit " + csv + " --name 'my board'"),
                       "--name: found \"my board\", allowed: 1 to 100 letters, digits and _.:/+-");
  test::expect_refused(eval("fit " + csv + " --name " + std::string(101, 'a')),
                       "allowed: 1 to 100");
  test::expect_refused(eval("fit " + csv + " --output " + csv), "--output: found ");
  EXPECT_EQ(read_file(csv), "# inas-bench 1\n");
}

#ifdef INAS_REFERENCE_DIR
TEST(InasEval, ThePublishedDesignsComeOut) {
  const test::CommandResult result = eval("published --reference " INAS_REFERENCE_DIR " --json");
  ASSERT_EQ(result.code, 0) << result.err;
  const nlohmann::json rows = nlohmann::json::parse(result.out);
  EXPECT_EQ(rows.size(), 36u);
  for (const auto& row : rows) EXPECT_EQ(row.at("designs_equal"), row.at("layers")) << row;
}

TEST(InasEval, TheWiderDesignSpaceIsFiveTimesFasterOnThePublishedNetworks) {
  const test::CommandResult result = eval("ablation --reference " INAS_REFERENCE_DIR);
  ASSERT_EQ(result.code, 0) << result.err;
  const std::size_t line = result.out.find("geometric mean, all");
  ASSERT_NE(line, std::string::npos) << result.out;
  const std::string means = result.out.substr(line, result.out.find('\n', line) - line);
  // The means stand in the order of the capacitances.
  std::vector<std::size_t> places;
  for (const char* of : {"1 mF", "5 mF", "10 mF", "all"}) {
    places.push_back(result.out.find(fmt::format("geometric mean, {}", of)));
    EXPECT_NE(places.back(), std::string::npos) << of << "\n" << result.out;
  }
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << result.out;
  // The last column is everything together.
  EXPECT_GE(std::stod(means.substr(means.find_last_of(' ', means.find_last_of('x')))), 5.0)
      << means;
}

TEST(InasEval, TheRuntimeIsManyTimesFasterThanPublishedOnThePublishedNetworks) {
  const test::CommandResult result = eval("gains --reference " INAS_REFERENCE_DIR " --json");
  ASSERT_EQ(result.code, 0) << result.err;
  const nlohmann::json document = nlohmann::json::parse(result.out);
  ASSERT_EQ(document.at("networks").size(), 27u);
  for (const auto& network : document.at("networks")) {
    const auto& latency_s = network.at("latency_s");
    EXPECT_LE(latency_s.at("this runtime, as scheduled"), latency_s.at("this runtime, by layers"))
        << network;
  }
  const auto& means = document.at("geometric_means").at("all");
  EXPECT_GE(means.at("this runtime, by layers").get<double>(), 15);
  EXPECT_GE(means.at("this runtime, as scheduled").get<double>(), 25);
}
#endif

}  // namespace
}  // namespace inas
