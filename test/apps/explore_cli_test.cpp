#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>

namespace inas {
namespace {

const std::string kNetwork = " --choices 3,8,3,16,3,16,3,24,3,24 ";

test::CommandResult eval(const std::string& arguments) {
  return test::run_command(INAS_TEST_BIN "/inas-eval " + arguments);
}

nlohmann::json eval_json(const std::string& arguments, int code = 0) {
  const test::CommandResult result = eval(arguments + " --json");
  EXPECT_EQ(result.code, code) << result.err;
  return nlohmann::json::parse(result.out);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(InasEvalPareto, TheFastestNetworkIsWhatEvalPrints) {
  // In larger spaces the front has more points than are kept, so that it is no longer exact.
  const std::string in_published = kNetwork + "--design-space published --vm 2048";
  const nlohmann::json front = eval_json("pareto" + in_published);
  const nlohmann::json priced = eval_json(in_published);
  EXPECT_EQ(front.at("epsilon"), 0);
  EXPECT_EQ(front.at("networks").at(0).at("latency_s"), priced.at("latency_s"));
  // Along the front latency rises, and a point that is slower must gain something.
  double latency_s = 0;
  for (const auto& point : front.at("networks")) {
    EXPECT_GE(point.at("latency_s"), latency_s);
    latency_s = point.at("latency_s");
    EXPECT_EQ(point.at("designs").size(), 7u);
  }
}

TEST(InasEvalPareto, WritesTheWholeFrontAsCsv) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "front.csv").string();
  const nlohmann::json front =
      eval_json("pareto" + kNetwork + "--design-space divisors --most 50 --csv " + file);
  EXPECT_GT(front.at("epsilon"), 0);
  EXPECT_LE(front.at("networks").size(), 50u);
  const std::vector<std::string> lines = lines_of(read_file(file));
  EXPECT_EQ(lines.at(0),
            "latency_s,energy_per_cycle_j,vm_bytes,CONV_0,CONV_1,CONV_2,CONV_3,CONV_4,GAVGPOOL_0,"
            "FC_END");
  EXPECT_EQ(lines.size(), front.at("networks").size() + 1);
}

TEST(InasEvalPareto, OneLayerHasFiveValues) {
  const nlohmann::json front = eval_json("pareto --layer CONV_2" + kNetwork);
  ASSERT_GT(front.at("designs").size(), 10u);
  for (const auto& row : front.at("designs")) {
    for (const char* key :
         {"latency_s", "energy_per_cycle_j", "vm_bytes", "nvm_energy_j", "management_overhead"}) {
      EXPECT_GT(row.at(key), 0) << key;
    }
  }
  const test::CommandResult table = eval("pareto --layer CONV_2" + kNetwork);
  EXPECT_NE(table.out.find(front.at("designs").at(0).at("design").get<std::string>()),
            std::string::npos)
      << table.out;
  // Every row ends where the header does.
  std::istringstream lines(table.out);
  std::string header;
  std::getline(lines, header);
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line) && line.ends_with('%'); ++rows) {
    EXPECT_EQ(line.size(), header.size()) << header << "\n" << line;
  }
  EXPECT_GT(rows, 0u);
}

TEST(InasEvalPareto, TakesTheNetworkOfASolution) {
  const test::TemporaryFolder folder;
  const Solution solution = test::sample_solution();
  write_solution(folder.path(), solution, test::sample_weights(solution, 1));
  const std::string option = " --solution " + folder.path().string();
  EXPECT_EQ(eval_json("pareto" + option).at("networks").at(0).at("designs").size(),
            solution.layers.size());
  EXPECT_EQ(eval_json("sweep" + option).at("points").size(), 18u);
  test::expect_refused(eval("pareto --ccap 0.001" + option), "--ccap");
}

TEST(InasEvalPareto, InfeasibleAndBadInput) {
  const test::CommandResult result = eval("pareto" + kNetwork + "--ccap 0.0001");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.out.find("infeasible: CONV_0"), std::string::npos) << result.out;
  test::expect_refused(eval("pareto"), "--choices");
  test::expect_refused(eval("pareto --layer CONV_9" + kNetwork), "CONV_9");
  test::expect_refused(eval("pareto --most 0" + kNetwork), "--most: found 0");
  test::expect_refused(eval("pareto --continuous" + kNetwork), "continuous");
  test::expect_refused(eval("pareto --choices 7,8,7,16,7,16,7,24,7,24"), "CONV_4");
}

TEST(InasEvalSweep, EveryPointIsWhatEvalPrints) {
  const nlohmann::json document = eval_json(
      "sweep --ccaps 0.0001,0.001,0.01 --vms 600,2048 --rehms 24,100 --orders IWO,W --latreq 300" +
      kNetwork);
  ASSERT_EQ(document.at("points").size(), 24u);
  std::size_t index = 0;
  int different = 0;
  for (const char* ccap : {"0.0001", "0.001", "0.01"}) {
    for (const char* vm : {"600", "2048"}) {
      for (const char* rehm : {"24", "100"}) {
        const auto& all_orders = document.at("points").at(index);
        const auto& one_order = document.at("points").at(index + 1);
        index += 2;
        const test::CommandResult result = eval(kNetwork + "--json --latreq 300 --ccap " + ccap +
                                                " --vm " + vm + " --rehm " + rehm);
        EXPECT_EQ(all_orders.at("feasible"), result.code == 0) << all_orders;
        const nlohmann::json priced = nlohmann::json::parse(result.out);
        if (!all_orders.at("latency_s").is_null()) {
          EXPECT_EQ(all_orders.at("latency_s"), priced.at("latency_s"));
          EXPECT_LE(all_orders.at("latency_s"), one_order.at("latency_s"));
          different += all_orders.at("latency_s") < one_order.at("latency_s") ? 1 : 0;
        }
        for (const auto& design : one_order.at("designs")) {
          if (&design == &one_order.at("designs").at(5)) continue;  // pooling
          EXPECT_NE(design.get<std::string>().find("reuse_W"), std::string::npos) << design;
        }
      }
    }
  }
  EXPECT_GT(different, 0);
}

TEST(InasEvalSweep, NamesTheSmallestStandardCapacitor) {
  const nlohmann::json document = eval_json("sweep --latreq 300" + kNetwork);
  double expected_f = 1;
  for (const auto& point : document.at("points")) {
    if (point.at("feasible")) {
      EXPECT_LE(point.at("latency_s"), 300);
      expected_f = std::min(expected_f, point.at("capacitance_f").get<double>());
    }
  }
  ASSERT_LT(expected_f, 1);
  EXPECT_EQ(document.at("smallest").at("capacitance_f"), expected_f);
  const test::CommandResult table = eval("sweep --latreq 300" + kNetwork);
  EXPECT_NE(table.out.find("smallest capacitor that meets 300 s: "), std::string::npos)
      << table.out;
  const test::CommandResult none = eval("sweep --latreq 0.01" + kNetwork);
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.out.find("no combination meets 0.01 s"), std::string::npos) << none.out;
}

TEST(InasEvalSweep, WritesCsvAndAHeatMap) {
  const test::TemporaryFolder folder;
  const std::string csv = (folder.path() / "points.csv").string();
  const std::string svg = (folder.path() / "map.svg").string();
  const nlohmann::json document = eval_json(
      "sweep --ccaps 0.0001,0.001,0.01 --vms 600,2048 "
      "--rehms 24,100 --latreq 300 --csv " +
      csv + " --svg " + svg + kNetwork);
  const std::vector<std::string> lines = lines_of(read_file(csv));
  EXPECT_EQ(lines.size(), 13u);
  EXPECT_EQ(lines.at(0), "capacitance_f,vm_bytes,ehm_resistance_ohm,loop_orders,latency_s,status");
  EXPECT_EQ(lines.at(1).substr(0, 20), "0.0001,600,24,IWO,,C");

  const std::string map = read_file(svg);
  EXPECT_TRUE(map.starts_with("<svg")) << map;
  std::size_t marked = 0;
  for (std::size_t at = map.find("\"marked\""); at != std::string::npos;
       at = map.find("\"marked\"", at + 1)) {
    ++marked;
  }
  std::size_t expected = 0;
  for (const auto& point : document.at("points")) {
    expected += point.at("ehm_resistance_ohm") == 24 && point.at("feasible") ? 1u : 0u;
  }
  EXPECT_EQ(marked, expected);
  for (const char* word : {"capacitance, F", "VM, bytes", ">0.001<", ">2048<", "REHM 24 ohm"}) {
    EXPECT_NE(map.find(word), std::string::npos) << word;
  }
}

TEST(InasEvalSweep, AHarvesterOfConstantPowerHasNoResistance) {
  const test::TemporaryFolder folder;
  const std::string csv = (folder.path() / "points.csv").string();
  const std::string svg = (folder.path() / "map.svg").string();
  const std::string sweep = "sweep --ccaps 0.001,0.01 --harvester constant-power --harvest 0.002 ";
  const nlohmann::json document =
      eval_json(sweep + "--csv " + csv + " --svg " + svg + " --vms 2048" + kNetwork);
  for (const auto& point : document.at("points")) {
    EXPECT_TRUE(point.at("ehm_resistance_ohm").is_null()) << point;
    EXPECT_FALSE(point.at("latency_s").is_null()) << point;
  }
  EXPECT_EQ(lines_of(read_file(csv)).at(1).substr(0, 16), "0.001,2048,,IWO,");
  EXPECT_NE(read_file(svg).find("harvest 0.002 W"), std::string::npos);
  const test::CommandResult table = eval(sweep + kNetwork);
  EXPECT_NE(table.out.find("(VM 3780 B, harvest 0.002 W, orders IWO"), std::string::npos)
      << table.out;
}

TEST(InasEvalSweep, BadInputGetsOneSentenceAndExitCodeTwo) {
  for (const char* list :
       {"--ccaps 0.001,x", "--ccaps ,", "--vms 1.5", "--vms \"2048 \"", "--rehms 1,,2",
        "--orders IWO,X", "--orders II", "--ccaps 0.001,0.001", "--ccaps -1", "--ccaps nan",
        "--ccaps inf", "--vms 0", "--rehms -1", "--threads -1", "--continuous", "--frobnicate"}) {
    const test::CommandResult result = eval("sweep " + std::string(list) + kNetwork);
    EXPECT_EQ(result.code, 2) << list << result.out;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << list << result.err;
    EXPECT_EQ(result.out, "") << list;
  }
  test::expect_refused(eval("sweep --choices 3,8 --ccaps 0.001"), "choices");
  test::expect_refused(eval("sweep --csv /nonexistent/points.csv" + kNetwork), "/nonexistent");
}

}  // namespace
}  // namespace inas
