#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_error.hpp>
#include <support/killed_at.hpp>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/checksum.hpp>
#include <inas/core/files.hpp>
#include <inas/dump/dump.hpp>
#include <inas/dump/executor.hpp>

#include "random_solution.hpp"

/// What is written for the device.
namespace inas::dump {
namespace {

namespace fs = std::filesystem;

Model sample_model() {
  const Solution solution = test::sample_solution();
  return make_model(solution, test::sample_weights(solution, 1));
}

/// The same by the multiplier, which all boards have.
Model cpu_model() {
  Solution solution = test::sample_solution();
  for (LayerSolution& of : solution.layers) of.design.unit = Unit::cpu;
  return make_model(solution, test::sample_weights(solution, 1));
}

std::string bytes_of(const std::vector<std::int16_t>& values) {
  std::string bytes;
  for (const std::int16_t value : values) {
    const auto bits = static_cast<std::uint16_t>(value);
    bytes += static_cast<char>(bits & 0xFF);
    bytes += static_cast<char>(bits >> 8);
  }
  return bytes;
}

/// The C files, built without warnings by the C compiler into the firmware's host program, give the
/// reference's output, also when power fails again and again.
TEST(Model, TheCFilesRunAsTheReferenceSays) {
  Generator generator(8);
  test::TemporaryFolder folder;
  const std::string firmware = INAS_TEST_FIRMWARE;
  for (int i = 0; i < 6; ++i) {
    Solution solution = random_solution(generator);
    if (i % 2 == 0) add_ledger(generator, solution);
    const std::vector<Tensor> weights = random_weights(generator, solution);
    const std::vector<float> samples = random_samples(generator, solution, 1);
    const Model model = make_model(solution, weights, {samples, 1});
    const std::string at = (folder.path() / std::to_string(i)).string();
    write_model(at, model);
    const test::CommandResult built = test::run_command(
        std::string(INAS_TEST_CC) + " -std=c99 -O1 -Wall -Wextra -Wpedantic -Werror -I" + at +
        " -I" + firmware + "/include -I" + firmware + "/boards/host " + at + "/model.c " + at +
        "/nvm_image.c " + firmware + "/boards/host/*.c " + firmware + "/src/*.c " + firmware +
        "/src/kernels/*.c -o " + at + "/run");
    ASSERT_EQ(built.code, 0) << built.err;
    const std::vector<std::int16_t> input = quantize_input(model.network, samples);
    const std::string expected = bytes_of(run_network(model.network, input));
    write_file(at + "/in", bytes_of(input));
    const std::string program = at + "/run " + at + "/in " + at + "/out";
    for (const std::string options :
         {"", " --fail-after-bytes 7", " --fail-before-call 11", " --fail-every 4000"}) {
      const test::CommandResult result = test::run_command(program + options);
      ASSERT_EQ(result.code, 0) << options << result.err;
      EXPECT_EQ(read_file(at + "/out"), expected) << options;
    }
    EXPECT_EQ(test::run_command(program + " --fail-every 2").code, 1) << "stuck";
    EXPECT_EQ(test::run_command(program + " --fail-every 1").code, 2) << "bad input";
  }
}

/// One tile of two output channels and one of one, for each of two tiles of input channels.
TEST(Model, CoalescedWeightsLieInTileOrder) {
  Solution solution = test::sample_solution();
  const Layer layer = make_convolution("CONV_0", {2, 2, 1}, 4, 2, 1);
  const Layer end = make_fully_connected("FC_END", layer.ofm, 1);
  solution.layers = {{.layer = layer, .design = parse_design("1_1_2_1_reuse_O_S1_coalesced")},
                     {.layer = end, .design = parse_design("1_1_1_4_reuse_O_S1")}};
  const Model model = make_model(solution, test::sample_weights(solution, 2));
  const std::vector<std::int16_t>& w = model.network.layers[0].weights;  // [4][2 taps][2 in]
  const std::string image = nvm_image(model);
  std::vector<std::int16_t> expected;
  for (const std::size_t m0 : {0U, 2U}) {
    for (const std::size_t n : {0U, 1U}) {
      for (const std::size_t m : {m0, m0 + 1}) {
        for (const std::size_t tap : {0U, 1U}) expected.push_back(w[(m * 2 + tap) * 2 + n]);
      }
    }
  }
  EXPECT_EQ(image.substr(static_cast<std::size_t>(model.layout.layers[0].weights.address), 32),
            bytes_of(expected));
  EXPECT_EQ(image.substr(0, 18), std::string(18, '\xFF'));
}

/// [kernel row][kernel column][channel], with coalesced transfers for each tile of two channels.
TEST(Model, DepthwiseWeightsLieByTaps) {
  Solution solution = test::sample_solution();
  const Layer layer = make_depthwise_convolution("DWCONV_0", {4, 2, 2}, 2, 1);
  for (const std::string dma : {"", "_coalesced"}) {
    solution.layers = {{.layer = layer, .design = parse_design("1_2_2_1_reuse_W_S1" + dma)}};
    const Model model = make_model(solution, test::sample_weights(solution, 2));
    const std::vector<std::int16_t>& w = model.network.layers[0].weights;  // [4][2 taps]
    std::vector<std::int16_t> expected;
    if (dma.empty()) {
      expected = {w[0], w[2], w[4], w[6], w[1], w[3], w[5], w[7]};
    } else {
      expected = {w[0], w[2], w[1], w[3], w[4], w[6], w[5], w[7]};
    }
    const auto at = static_cast<std::size_t>(model.layout.layers[0].weights.address);
    EXPECT_EQ(nvm_image(model).substr(at, 16), bytes_of(expected)) << dma;
  }
}

/// A residual block on a padded, strided convolution.
Model residual_model() {
  Generator generator(41);
  std::vector<Layer> layers{
      make_convolution("CONV_0", {1, 8, 8}, 4, 3, 3, 2, {1, 0, 1, 1}),
      make_depthwise_convolution("DWCONV_1", {4, 4, 4}, 3, 3, 1, same_padding(3, 3)),
      make_add("ADD_2", {4, 4, 4}, "DWCONV_1", "CONV_0"),
      make_average_pooling("AVGPOOL_3", {4, 4, 4}, 2, 2, 2)};
  layers[0].activation = Activation::relu6;
  layers[2].activation = Activation::relu;
  const Solution solution = solution_of(generator, layers);
  const std::vector<float> samples = random_samples(generator, solution, 2);
  std::vector<Tensor> weights = random_weights(generator, solution);
  for (float& value : weights[0].values) value *= 8;  // outputs beyond 6
  return make_model(solution, weights, {samples, 2});
}

TEST(Model, TheTablesHavePaddingActivationAndBothInputs) {
  const Model model = residual_model();
  const std::string source = model_source(model);
  const auto has = [&](const std::string& text) {
    EXPECT_NE(source.find(text), std::string::npos) << text << "\n" << source;
  };
  for (const char* type : {"INAS_CONVOLUTION", "INAS_DEPTHWISE", "INAS_ADD", "INAS_AVERAGE_POOL"}) {
    has(fmt::format(".type = {},\n", type));
  }
  has(".pad_top = 1, .pad_left = 0,\n");
  has(".pad_top = 1, .pad_left = 1,\n");
  has(fmt::format(".most = {},\n", most_output(model.network.layers[0])));
  EXPECT_LT(most_output(model.network.layers[0]), 32767);
  has(".most = 32767,\n");
  const execution::Region& second = model.layout.layers[2].second_input;
  EXPECT_EQ(second, model.layout.layers[0].output());
  has(fmt::format(".second_input = 0x{:05X}ul,\n", second.address));
  has("shifts_2[3] = {");
  EXPECT_EQ(source.find("shifts_3"), std::string::npos);
}

TEST(Model, TheManifestDescribesTheNetwork) {
  test::TemporaryFolder folder;
  const Model model = residual_model();
  write_model(folder.path(), model);
  const auto manifest = nlohmann::json::parse(read_file(folder.path() / "manifest.json"));
  EXPECT_EQ(manifest["format"], 2);
  const auto& layers = manifest["layers"];
  EXPECT_EQ(layers[0]["kernel"], nlohmann::json({3, 3}));
  EXPECT_EQ(layers[0]["stride"], 2);
  EXPECT_EQ(layers[0]["padding"], nlohmann::json({1, 0, 1, 1}));
  EXPECT_EQ(layers[0]["activation"], "relu6");
  EXPECT_EQ(layers[1]["type"], "DWCONV");
  EXPECT_EQ(layers[1]["weights"]["bytes"], 72);
  for (const char* key : {"stride", "activation", "inputs", "second_input", "second_in_exponent"}) {
    EXPECT_FALSE(layers[1].contains(key)) << key;
  }
  EXPECT_EQ(layers[2]["inputs"], nlohmann::json({"DWCONV_1", "CONV_0"}));
  EXPECT_EQ(layers[2]["activation"], "relu");
  EXPECT_FALSE(layers[2].contains("padding"));
  EXPECT_EQ(layers[2]["input"], layers[1]["output"]);
  EXPECT_EQ(layers[2]["second_input"], layers[0]["output"]);
  EXPECT_EQ(layers[2]["second_in_exponent"], layers[0]["out_exponent"]);
  EXPECT_EQ(layers[2]["shifts"].size(), 3U);
  EXPECT_FALSE(layers[2].contains("weights"));
  EXPECT_FALSE(layers[3].contains("shifts"));
}

/// The three shifts of an addition, and its layer's table.
TEST(Model, TableBytesHaveTheShiftsOfAnAddition) {
  Generator generator(42);
  const auto bytes = [&](const std::vector<Layer>& layers) {
    const Solution solution = solution_of(generator, layers);
    return table_bytes(make_model(solution, test::sample_weights(solution, 1)));
  };
  const Layer layer = make_depthwise_convolution("DWCONV_0", {3, 2, 2}, 1, 1);
  const Layer add = make_add("ADD_1", layer.ofm, "DWCONV_0", "INPUT");
  const Layer pool = make_average_pooling("AVGPOOL_1", layer.ofm, 1, 1, 1);
  EXPECT_EQ(bytes({layer, add}) - bytes({layer, pool}), 6 - 4);
}

TEST(Model, BadNetworksAreNamed) {
  Generator generator(43);
  const Shape map{2, 4, 4};
  const std::vector<Layer> good{make_convolution("CONV_0", map, 2, 3, 3, 1, same_padding(3, 3)),
                                make_add("ADD_1", map, "CONV_0", "INPUT"),
                                make_fully_connected("FC_END", map, 3)};
  const auto refused = [&](const std::function<void(Solution&)>& change, const std::string& word) {
    Solution solution = solution_of(generator, good);
    const std::vector<Tensor> weights = test::sample_weights(solution, 1);
    change(solution);
    test::expect_error([&] { (void)make_model(solution, weights); }, word);
  };
  refused([](Solution& s) { s.layers[1].layer.inputs = {"CONV_0"}; }, "ADD_1");
  refused([](Solution& s) { s.layers[1].layer.inputs = {"CONV_0", "FC_END"}; }, "ADD_1");
  refused([](Solution& s) { s.layers[2].layer.inputs = {"CONV_0"}; }, "ADD_1");  // nobody reads it
  refused([](Solution& s) { s.layers[0].layer.padding.top = 3; }, "CONV_0");
  refused([](Solution& s) { s.layers[1].layer.ofm.channels = 3; }, "ADD_1");
  refused([](Solution& s) { s.explored = false; }, "designs: found none");
}

TEST(Model, TheManifestDescribesTheFiles) {
  test::TemporaryFolder folder;
  const Model model = sample_model();
  write_model(folder.path(), model);
  const auto manifest = nlohmann::json::parse(read_file(folder.path() / "manifest.json"));
  EXPECT_EQ(manifest["nvm_bytes"], model.layout.total_bytes);
  ASSERT_EQ(manifest["layers"].size(), 4U);
  EXPECT_EQ(manifest["layers"][1]["design"], "2_2_4_2_reuse_W_S4");
  ASSERT_EQ(manifest["files"].size(), 4U);
  for (const auto& [name, file] : manifest["files"].items()) {
    const std::string content = read_file(folder.path() / name);
    EXPECT_EQ(file["bytes"], content.size());
    EXPECT_EQ(file["crc32"], crc32_text(crc32(content))) << name;
  }
  const std::vector<Tensor> weights = test::sample_weights(model.solution, 1);
  EXPECT_EQ(manifest["solution_weights"]["crc32"],
            crc32_text(crc32(to_safetensors(weights, "weights"))));
  EXPECT_EQ(read_file(folder.path() / "nvm.bin"), nvm_image(model));
}

TEST(Model, AFolderThatCannotBeWrittenIsNamedAndKeepsWhatItHas) {
  test::TemporaryFolder folder;
  const Model model = sample_model();
  write_file(folder.path() / "file", "");
  test::expect_error([&] { write_model(folder.path() / "file", model); }, "file");
  // A folder in the way of the last file to be renamed.
  fs::create_directory(folder.path() / "manifest.json");
  write_file(folder.path() / "manifest.json" / "x", "");
  test::expect_error([&] { write_model(folder.path(), model); }, "manifest.json");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2) << "nothing besides";
}

/// Every file of a dump, by name.
std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const std::string& name : model_file_names()) files[name] = read_file(folder / name);
  return files;
}

Model other_model() {
  const Solution solution = test::sample_solution();
  return make_model(solution, test::sample_weights(solution, 2));
}

TEST(Model, AKillLeavesTheFormerModelOrTheNewOne) {
  test::TemporaryFolder folder;
  const Model former = sample_model();
  const Model next = other_model();
  write_model(folder.path() / "former", former);
  write_model(folder.path() / "next", next);
  const auto former_files = files_in(folder.path() / "former");
  const auto next_files = files_in(folder.path() / "next");
  ASSERT_NE(former_files, next_files);
  const fs::path at = folder.path() / "used" / "device";
  bool killed = true;
  for (int change = 0; killed; ++change) {
    SCOPED_TRACE(change);
    write_model(at, former);
    killed = test::killed_at(change, [&] { write_model(at, next); });
    const auto files = files_in(at);
    EXPECT_TRUE(files == next_files || (killed && files == former_files));
    EXPECT_GE(change, killed ? 0 : 20) << "there are more changes than that";
  }
  write_model(at, former);
  EXPECT_EQ(std::distance(fs::directory_iterator(at.parent_path()), {}), 1) << "nothing besides";
  EXPECT_EQ(std::distance(fs::directory_iterator(at), {}), 5);
}

/// Two dumps differ in tables alone, in weights alone: their files do not compile together.
TEST(Model, FilesOfDifferentDumpsDoNotBuildTogether) {
  test::TemporaryFolder folder;
  const auto compiles = [&](const std::string& file) {
    const std::string at = folder.path().string();
    const test::CommandResult result =
        test::run_command(std::string(INAS_TEST_CC) + " -std=c99 -fsyntax-only -I" + at + " -I" +
                          INAS_TEST_FIRMWARE + "/include " + at + "/" + file);
    if (result.code != 0) {
      EXPECT_NE(result.err.find(file + " and model.h are of different dumps: run inas-dump again"),
                std::string::npos)
          << result.err;
    }
    return result.code == 0;
  };
  Solution by_rows = test::sample_solution();
  by_rows.layers[0].design.mac = MacGranularity::row;
  for (const Model& other :
       {other_model(), make_model(by_rows, test::sample_weights(by_rows, 1))}) {
    write_model(folder.path(), sample_model());
    EXPECT_TRUE(compiles("model.c") && compiles("nvm_image.c"));
    write_file(folder.path() / "model.c", model_source(other));
    write_file(folder.path() / "nvm_image.c", image_source(other));
    EXPECT_FALSE(compiles("model.c"));
    EXPECT_FALSE(compiles("nvm_image.c"));
  }
}

/// The check that the firmware's build makes before it links nvm.bin.
TEST(Model, TheBuildChecksTheImage) {
  test::TemporaryFolder folder;
  const fs::path at = folder.path() / "device";
  const auto check = [&] {
    return test::run_command("cmake -D MODEL=" + at.string() +
                             " -D STAMP=" + (folder.path() / "stamp").string() +
                             " -P " INAS_TEST_FIRMWARE "/check_image.cmake");
  };
  const Model model = sample_model();
  write_model(at, model);
  EXPECT_EQ(check().code, 0) << check().err;
  EXPECT_EQ(check().err, "");
  EXPECT_TRUE(fs::exists(folder.path() / "stamp"));

  write_solution(folder.path(), model.solution, test::sample_weights(model.solution, 2));
  EXPECT_EQ(check().code, 0);
  EXPECT_NE(check().err.find("CMake Warning"), std::string::npos);

  write_file(at / "nvm.bin", nvm_image(other_model()));
  EXPECT_EQ(check().code, 1);
  EXPECT_NE(check().err.find(crc32_text(crc32(nvm_image(model)))), std::string::npos);
}

TEST(Model, ADumpIsRecognisedAndRemovedAlone) {
  test::TemporaryFolder folder;
  const fs::path at = folder.path() / "device";
  EXPECT_FALSE(dump_in(at).has_value());
  const Model model = sample_model();
  write_model(at, model);
  ASSERT_TRUE(dump_in(at).has_value());
  EXPECT_EQ(dump_in(at)->weights_crc32, crc32_text(model.weights.crc32));
  write_file(at / "notes.txt", "kept");
  remove_model(at);
  EXPECT_FALSE(dump_in(at).has_value());
  EXPECT_EQ(std::distance(fs::directory_iterator(at), {}), 1);
  fs::remove(at / "notes.txt");
  write_model(at, model);
  remove_model(at);
  EXPECT_FALSE(fs::exists(at));
  EXPECT_NO_THROW(remove_model(at));
  for (const char* text : {"", "{}", "[1]", R"({"files": {"model.h": 1}})", "{\"files\": 1}"}) {
    write_file(folder.path() / "manifest.json", text);
    EXPECT_FALSE(dump_in(folder.path()).has_value()) << text;
  }
}

TEST(Model, WhatDoesNotFitIsRefusedWithTheNumbers) {
  const auto refused = [](const std::function<void(Solution&)>& change, const std::string& word) {
    Solution solution = test::sample_solution();
    change(solution);
    test::expect_error([&] { (void)make_model(solution, test::sample_weights(solution, 1)); },
                       word);
  };
  const std::int64_t needed = sample_model().layout.total_bytes;
  refused([&](Solution& s) { s.settings.platform.nvm_bytes = needed - 1; }, std::to_string(needed));
  refused([](Solution& s) { s.settings.platform.vm_bytes = 335; }, "336");
  refused([](Solution& s) { s.settings.platform.data_bytes = 4; }, "data_bytes");
  refused([](Solution& s) { s.settings.platform.longest_vector = 65536; }, "longest_vector");
  refused([](Solution& s) { s.settings.platform.longest_vector = 7; }, "longest_vector: found 7");
  refused([](Solution& s) { s.layers[0].design.batch = 2; }, "CONV_0");              // of 3 tiles
  refused([](Solution& s) { s.layers[1].design.batches_per_cycle = 4; }, "CONV_1");  // of 3
  // A power cycle of one batch of CONV_1 and those of the next layer.
  refused([](Solution& s) { s.layers[1].design.batches_per_cycle = 2; }, "K is 2, allowed: 0, 1, ");
  Solution fits = test::sample_solution();
  fits.settings.platform.nvm_bytes = needed;
  fits.settings.platform.vm_bytes = 336;
  EXPECT_NO_THROW((void)make_model(fits, test::sample_weights(fits, 1)));
}

TEST(Model, BatchNumbersMustFitAProgressRecord) {
  Solution solution = test::sample_solution();
  const Layer layer = make_fully_connected("FC_END", {5000, 1, 1}, 5000);
  solution.settings.platform.nvm_bytes = 100'000'000;
  solution.layers = {{.layer = layer, .design = parse_design("1_1_1_1_reuse_O_S1")}};
  const std::vector<Tensor> weights{{"FC_END", {5000, 5000, 1, 1}, std::vector<float>(25'000'000)}};
  test::expect_error([&] { (void)make_model(solution, weights); }, "25000000");
}

/// Tile buffers of 32,767 values, and of one more.
TEST(Model, TileBuffersMustBeAddressable) {
  Solution solution = test::sample_solution();
  solution.settings.platform.nvm_bytes = 1'000'000;
  solution.settings.platform.vm_bytes = 1'000'000;
  const auto vm_bytes_of = [&](std::int64_t rows) {
    const Layer layer = make_convolution("CONV_0", {1, rows, 1}, 1, 1, 1);
    solution.layers = {{.layer = layer, .design = {.tile = {rows, 1, 1, 1}}}};
    return make_model(solution, test::sample_weights(solution, 1)).vm_bytes;
  };
  EXPECT_EQ(vm_bytes_of(16383), 65534);
  test::expect_error([&] { (void)vm_bytes_of(16384); }, "found 65538, allowed: at most 65534");
}

TEST(Model, SumsOfPoolingMustFit32Bits) {
  Solution solution = test::sample_solution();
  solution.settings.platform.nvm_bytes = 1'000'000;
  solution.settings.platform.vm_bytes = 60'000;
  const Layer pool = make_global_average_pool("GAVGPOOL_0", {1, 255, 257});
  const auto model_of = [&](const std::string& design) {
    solution.layers = {{.layer = pool, .design = parse_design(design)}};
    return make_model(solution, {});
  };
  EXPECT_NO_THROW((void)model_of("1_1_1_1_reuse_O_S1"));
  test::expect_error([&] { (void)model_of("3_1_1_1_reuse_O_S1"); }, "65538");
}

/// Ints, and so arrays, of 16 bits are the device's; an image of more than that as well.
TEST(Model, TheCFilesSuitEveryCompiler) {
  test::TemporaryFolder folder;
  const std::string at = folder.path().string();
  Solution solution = test::sample_solution();
  for (const std::int64_t outputs : {3, 200}) {
    const Layer layer = make_fully_connected("FC_END", {200, 1, 1}, outputs);
    solution.layers = {{.layer = layer, .design = parse_design("1_1_1_200_reuse_O_S1")}};
    const Model model = make_model(solution, test::sample_weights(solution, 1));
    ASSERT_EQ(model.layout.image_bytes > 65'535, outputs == 200);
    write_model(at, model);
    std::vector<std::string> compilers{INAS_TEST_CC};
    if (const std::string clang = INAS_TEST_CLANG; !clang.empty()) {
      compilers.push_back(clang);
      compilers.push_back(clang + " --target=msp430");
    }
    for (const std::string& compiler : compilers) {
      for (const std::string file : {"model.c", "nvm_image.c"}) {
        const test::CommandResult result = test::run_command(
            compiler + " -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I" + at + " -I" +
            INAS_TEST_FIRMWARE + "/include " + at + "/" + file);
        EXPECT_EQ(result.code, 0) << compiler << ": " << result.err;
      }
    }
  }
}

TEST(Model, BoardsAreChecked) {
  const Model small = cpu_model();
  const Board part = load_board("msp430fr5994");
  const Board simulator = load_board("msp430-sim");
  for (const std::string& name : board_names())
    EXPECT_NO_THROW(check_board(small, load_board(name)));
  const auto refused = [](const Model& model, const Board& board, const std::string& unit,
                          std::int64_t number) {
    test::expect_error([&] { check_board(model, board, unit); }, std::to_string(number));
  };
  test::expect_error([&] { check_board(small, simulator, "lea"); }, "allowed: cpu");

  // VM: a firmware for the LEA has less.
  Model model = small;
  model.vm_bytes = vm_bytes(part, *part.unit("lea"));
  EXPECT_NO_THROW(check_board(model, part));
  model.vm_bytes += 2;
  refused(model, part, "lea", 3782);
  refused(model, part, "", 3782);
  EXPECT_NO_THROW(check_board(model, part, "cpu"));
  model.vm_bytes = vm_bytes(part, *part.unit("cpu")) + 2;
  refused(model, part, "cpu", 7170);

  // NVM: of the part what both its memories have, of the simulator what code and tables leave.
  model = small;
  model.layout.total_bytes = nvm_bytes(part);
  EXPECT_NO_THROW(check_board(model, part));
  model.layout.total_bytes += 2;
  refused(model, part, "", 1'261'570);
  model.layout.total_bytes = nvm_bytes(simulator) - table_bytes(model);
  EXPECT_NO_THROW(check_board(model, simulator));
  model.layout.total_bytes += 2;
  refused(model, simulator, "", nvm_bytes(simulator));

  // Tables: one shift for each output channel.
  model = small;
  const std::int64_t left = part.memory("low_fram")->bytes - part.code->bytes - table_bytes(model);
  std::vector<std::uint8_t>& shifts = model.network.layers.back().shifts;
  shifts.resize(shifts.size() + static_cast<std::size_t>(left) / 2 * 2);
  EXPECT_NO_THROW(check_board(model, part));
  shifts.resize(shifts.size() + 2);
  refused(model, part, "", table_bytes(model));

  // The supply: a computer does not care.
  model = small;
  model.solution.settings.power = {.von_v = 4.535, .voff_v = 3.29, .vsup_v = 5.892};
  test::expect_error([&] { check_board(model, part); },
                     "power.von_v: found 4.535, allowed: up to 3.6 V");
  EXPECT_NO_THROW(check_board(model, load_board("host")));
}

TEST(Model, TheTablesHaveTheLedger) {
  Solution solution = test::sample_solution();
  for (LayerSolution& of : solution.layers) of.design.unit = Unit::cpu;
  const std::vector<Tensor> weights = test::sample_weights(solution, 1);
  EXPECT_NE(model_source(make_model(solution, weights)).find(".ledger_budget = 0,\n"),
            std::string::npos);
  solution.ledger = {65'535, 1.2e-7};
  for (LayerSolution& of : solution.layers) {
    of.units = {234, 64'301, 20'001};
    of.design.batches_per_cycle = 0;
  }
  const auto source = [&] { return model_source(make_model(solution, weights)); };
  EXPECT_NE(source().find(".ledger_budget = 65535,\n"), std::string::npos);
  EXPECT_NE(source().find(".batches_per_cycle = 0ul,\n"), std::string::npos);
  EXPECT_NE(source().find(".entry_units = 234, .fetched_units = 64301, .kept_units = 20001,\n"),
            std::string::npos);
  const Model model = make_model(solution, weights);
  test::TemporaryFolder folder;
  write_model(folder.path(), model);
  const auto manifest = nlohmann::json::parse(read_file(folder.path() / "manifest.json"));
  EXPECT_EQ(manifest["ledger"]["budget"], 65'535);
  EXPECT_EQ(manifest["layers"][1]["ledger_units"]["kept"], 20'001);

  // Under continuous power nothing ends a power cycle.
  solution.settings.power.kind = PowerKind::continuous;
  EXPECT_NE(source().find(".ledger_budget = 0,\n"), std::string::npos);
}

/// By name, with both numbers and what is missing; and what 16 bits do not hold.
TEST(Model, LedgersThatTheRuntimeCannotKeepAreRefused) {
  Solution solution = test::sample_solution();
  const std::vector<Tensor> weights = test::sample_weights(solution, 1);
  const auto refused = [&](const std::string& what) {
    test::expect_error([&] { (void)make_model(solution, weights); }, what);
  };
  LayerSolution& layer = solution.layers[1];
  layer.design.batches_per_cycle = 0;
  refused(layer.layer.name);
  refused("K is 0, allowed without an energy ledger: 1 or more");
  solution.ledger = {1000, 1e-6};
  layer.units = {100, 900, 10};
  EXPECT_NO_THROW((void)make_model(solution, weights));
  layer.units.entry = 101;
  refused(layer.layer.name);
  refused("1001 units");
  refused("its budget, 1000, which is 1 short");
  layer.units = {-1, 1, 1};
  refused("ledger_units.entry: found -1, allowed: 0 to 65535");
  layer.units = {0, 65'536, 1};
  refused("ledger_units.fetched: found 65536, allowed: 0 to 65535");
  layer.units = {0, 1, 2};
  refused("ledger_units.kept: found 2, allowed: at most 1, fetched");
  layer.units = {0, 1, 1};
  solution.ledger.budget = 65'536;
  refused("ledger.budget: found 65536, allowed: 0 to 65535");
}

/// A compiler of C99, which knows trigraphs, has them as they were.
TEST(Model, NamesItsClassesWhereTheyAreKnown) {
  Model model = cpu_model();
  EXPECT_EQ(model_header(model).find("CLASS_NAMES"), std::string::npos);
  model.class_names = {"cat", "\"no\" \\n",
                       "\xC3\xA9"
                       "1",
                       "what?"
                       "?/",
                       "\xFF"};
  test::TemporaryFolder folder;
  const std::string at = folder.path().string();
  write_model(folder.path(), model);
  write_file(folder.path() / "names.c",
             "#include <stdio.h>\n#include \"model.h\"\n"
             "static const char *const names[] = INAS_MODEL_CLASS_NAMES;\n"
             "int main(void) {\n"
             "  for (unsigned i = 0; i < sizeof names / sizeof *names; ++i) puts(names[i]);\n"
             "  return 0;\n}\n");
  const test::CommandResult built = test::run_command(
      std::string(INAS_TEST_CC) + " -std=c99 -Wall -Wextra -Wpedantic -Werror -I" + at + " -I" +
      INAS_TEST_FIRMWARE + "/include " + at + "/names.c -o " + at + "/names");
  ASSERT_EQ(built.code, 0) << built.err;
  EXPECT_EQ(test::run_command(at + "/names").out,
            fmt::format("{}\n", fmt::join(model.class_names, "\n")));
  const auto manifest = nlohmann::json::parse(read_file(folder.path() / "manifest.json"));
  EXPECT_EQ(manifest["output"]["classes"].size(), 5U);
  EXPECT_EQ(manifest["output"]["classes"][1], model.class_names[1]);
}

TEST(Model, TheTablesNameTheUnit) {
  EXPECT_NE(model_source(sample_model()).find("INAS_LEA"), std::string::npos);
  EXPECT_EQ(model_source(cpu_model()).find("INAS_LEA"), std::string::npos);
}

/// What names the LEA needs one, and the header says so to the firmware's build.
TEST(Model, DesignsForTheLeaNeedIt) {
  const Board part = load_board("msp430fr5994");
  const Board simulator = load_board("msp430-sim");
  const Model lea = sample_model();
  EXPECT_NO_THROW(check_board(lea, part));
  EXPECT_NO_THROW(check_board(lea, part, "lea"));
  EXPECT_NO_THROW(check_board(lea, load_board("host")));
  test::expect_error([&] { check_board(lea, part, "cpu"); }, "built for the lea");
  test::expect_error([&] { check_board(lea, simulator); }, "allowed: designs for the cpu");
  EXPECT_NE(model_header(lea).find("#define INAS_MODEL_USES_LEA 1\n"), std::string::npos);
  const Model cpu = cpu_model();
  EXPECT_NO_THROW(check_board(cpu, simulator));
  EXPECT_NE(model_header(cpu).find("#define INAS_MODEL_USES_LEA 0\n"), std::string::npos);
}

}  // namespace
}  // namespace inas::dump
