#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/profile.hpp>

namespace {

using inas::costmodel::builtin_profile_json;
using inas::costmodel::load_profile;
using inas::costmodel::parse_profile;
using inas::costmodel::Profile;
using nlohmann::json;

/// The corrected built-in profile under another name, in the keys that every file must have.
json profile_json() {
  return json::parse(R"({
    "name": "copy",
    "clock_hz": 16000000,
    "reboot": {"energy_j": 7.788e-05, "latency_s": 0.07},
    "nvm_read": {"energy_j": {"slope": 2.7e-08, "intercept": 2.0e-07},
                 "latency_cycles": {"slope": 64.00000000000001, "intercept": 423.99999999999994}},
    "nvm_write": {"energy_j": {"slope": 2.6815e-08, "intercept": 1.9336e-07},
                  "latency_cycles": {"slope": 64.00082974729904, "intercept": 422.22773129921234}},
    "vector_mac": {"energy_j": {"slope": 5.27308646249e-10, "intercept": 2.04412689725e-07},
                   "latency_cycles": {"slope": 1.4999999999999978, "intercept": 616.0000000000002}},
    "add": {"energy_j": 3.935538461538471e-09, "latency_cycles": 12},
    "multiply": {"energy_j": 1.9253346153846146e-08, "latency_cycles": 44},
    "max_compare": {"energy_j": 4.228153846153846e-09, "latency_cycles": 14},
    "subtract": {"energy_j": 3.935538461538471e-09, "latency_cycles": 12},
    "divide": {"energy_j": 4.373834615384616e-08, "latency_cycles": 160},
    "modulo": {"energy_j": 4.366230769230769e-08, "latency_cycles": 160},
    "overheads": {
      "fetch_input": [7, 5], "fetch_weights": {"energy": [8, 9], "latency": [8, 10]},
      "fetch_output_I": [7, 5], "fetch_output_W": [7, 4], "fetch_output_O": [7, 4],
      "backup_output_I": [9, 8], "backup_output_W": [11, 9], "backup_output_O": [7, 5],
      "partial_sum": {"energy": [7, 5], "latency": [7, 10]}, "accumulate": [3, 3],
      "max_address": [2, 1]
    }
  })");
}

/// Parsing must fail with a message that names the source and the key.
void expect_refused(const json& document, const std::string& key) {
  SCOPED_TRACE(document.dump());
  try {
    (void)parse_profile(document.dump(), "board.json");
    ADD_FAILURE() << "accepted";
  } catch (const inas::InvalidArgument& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("board.json"), std::string::npos) << message;
    EXPECT_NE(message.find(key), std::string::npos) << message;
  }
}

TEST(Profile, BuiltInProfilesLoadByTheirNames) {
  const std::vector<std::string> names = inas::costmodel::builtin_profiles();
  EXPECT_EQ(names, (std::vector<std::string>{"msp430fr5994", "msp430fr5994-serial",
                                             "msp430fr5994-paper", "msp430fr5994-published"}));
  for (const std::string& name : names) EXPECT_EQ(load_profile(name).name, name);
}

TEST(Profile, PublishedProfileHasAllFaultsAndTheCorrectedOneWhatItsFirmwareDoes) {
  EXPECT_EQ(load_profile("msp430fr5994-paper").faults,
            inas::costmodel::PublishedFaults{.pool_fetches_first_sums = true});
  const inas::costmodel::PublishedFaults all{.pool_fetches_convolution_tile = true,
                                             .recharge_from_margin = true,
                                             .continuous_backup_per_tile = true,
                                             .pool_fetches_first_sums = true,
                                             .nvm_holds_two_largest_maps = true};
  EXPECT_EQ(load_profile("msp430fr5994-published").faults, all);
}

TEST(Profile, ProfilesOfThePaperDifferInFaultsAndOutputLatenciesOnly) {
  const Profile corrected = load_profile("msp430fr5994-paper");
  Profile published = load_profile("msp430fr5994-published");
  for (std::size_t order = 0; order < 3; ++order) {
    // Fault 1: joules for seconds, two orders of magnitude too cheap.
    EXPECT_EQ(published.fetch_output[order].latency_s, published.fetch_output[order].energy_j);
    EXPECT_EQ(published.backup_output[order].latency_s, published.backup_output[order].energy_j);
    EXPECT_GT(corrected.fetch_output[order].latency_s, 1e-5);
    EXPECT_GT(corrected.backup_output[order].latency_s, 1e-5);
    published.fetch_output[order].latency_s = corrected.fetch_output[order].latency_s;
    published.backup_output[order].latency_s = corrected.backup_output[order].latency_s;
  }
  published.faults = corrected.faults;
  published.name = corrected.name;
  EXPECT_EQ(published, corrected);
}

TEST(Profile, UnknownNameIsRefusedWithTheBuiltInNames) {
  try {
    (void)load_profile("msp430fr9999");
    FAIL() << "accepted";
  } catch (const inas::Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("msp430fr9999"), std::string::npos) << message;
    EXPECT_NE(message.find("msp430fr5994-published"), std::string::npos) << message;
  }
}

TEST(Profile, JsonFormSaysWhatTheBuiltInProfileSays) {
  Profile parsed = parse_profile(profile_json().dump(), "board.json");
  const Profile builtin = load_profile("msp430fr5994-paper");
  EXPECT_EQ(parsed.name, "copy");
  parsed.name = builtin.name;
  parsed.origins = builtin.origins;
  EXPECT_EQ(parsed, builtin);
}

TEST(Profile, TheFileOfABuiltInProfileIsThatProfile) {
  const inas::test::TemporaryFolder folder;
  for (const std::string& name : inas::costmodel::builtin_profiles()) {
    const auto path = folder.path() / (name + ".json");
    inas::write_file(path, std::string(inas::costmodel::builtin_profile_json(name)));
    EXPECT_EQ(load_profile(path.string()), load_profile(name)) << name;
  }
  EXPECT_THROW((void)inas::costmodel::builtin_profile_json("board.json"), inas::InvalidArgument);
}

// The order of operations is part of the published numbers: adds·add + multiplies·multiply, each
// operation's cycles divided by the clock first.
TEST(Profile, OverheadsAreSumsOfTheirOperationsToTheLastBit) {
  const Profile profile = load_profile("msp430fr5994-paper");
  const double add_s = 12 / 16e6;
  const double multiply_s = 44 / 16e6;
  EXPECT_EQ(profile.fetch_weights.energy_j, 8 * 3.935538461538471e-09 + 9 * 1.9253346153846146e-08);
  EXPECT_EQ(profile.fetch_weights.latency_s, 8 * add_s + 10 * multiply_s);
  EXPECT_EQ(profile.partial_sum.energy_j, 7 * 3.935538461538471e-09 + 5 * 1.9253346153846146e-08);
  EXPECT_EQ(profile.partial_sum.latency_s, 7 * add_s + 10 * multiply_s);
  EXPECT_EQ(profile.nvm_read(128).latency_s, (64.00000000000001 * 128 + 423.99999999999994) / 16e6);
}

TEST(Profile, EveryLawSaysWhereItComesFromIfItLikes) {
  using inas::costmodel::Origin;
  const Profile builtin = load_profile("msp430fr5994-paper");
  EXPECT_EQ(builtin.origins.at("nvm_read"), Origin::measured);
  EXPECT_EQ(builtin.origins.at("overheads"), Origin::counted);
  EXPECT_EQ(parse_profile(profile_json().dump(), "board.json").origins.size(), 0u);
  json document = profile_json();
  document["vector_mac"]["origin"] = "assumed";
  document["reboot"]["origin"] = "documented";
  const Profile parsed = parse_profile(document.dump(), "board.json");
  EXPECT_EQ(parsed.origins.size(), 2u);
  EXPECT_EQ(parsed.origins.at("vector_mac"), Origin::assumed);
  document["vector_mac"]["origin"] = "guessed";
  expect_refused(document, "vector_mac.origin");
}

TEST(Profile, AnNvmThatHasToBeWaitedForIsWaitedForInEveryPowerCycle) {
  json document = profile_json();
  const Profile without = parse_profile(document.dump(), "board.json");
  EXPECT_EQ(without.nvm_start, inas::costmodel::Cost{});
  document["nvm_start"] = {
      {"energy_j", 2.5e-6}, {"latency_cycles", 8000}, {"origin", "documented"}};
  const Profile profile = parse_profile(document.dump(), "board.json");
  EXPECT_EQ(profile.origins.at("nvm_start"), inas::costmodel::Origin::documented);
  const auto boot = inas::costmodel::cycle_overheads(profile).boot;
  const auto boot_without = inas::costmodel::cycle_overheads(without).boot;
  EXPECT_NEAR(boot.latency_s - boot_without.latency_s, 8000 / 16e6, 1e-12);
  EXPECT_NEAR(boot.energy_j - boot_without.energy_j, 2.5e-6, 1e-18);
  Profile runtime = load_profile("msp430fr5994");
  runtime.nvm_start = profile.nvm_start;
  runtime.origins["nvm_start"] = inas::costmodel::Origin::documented;
  EXPECT_EQ(parse_profile(to_json(runtime, "it"), "board.json"), runtime);
  document["nvm_start"]["energy_j"] = 0;
  expect_refused(document, "nvm_start.energy_j");
}

TEST(Profile, FaultsAreSwitchesOfTheirOwn) {
  json document = profile_json();
  const Profile corrected = parse_profile(document.dump(), "board.json");
  document["faults"] = {{"output_latencies_from_energies", true}, {"recharge_from_margin", true}};
  const Profile faulty = parse_profile(document.dump(), "board.json");
  EXPECT_EQ(faulty.fetch_output[1].latency_s, faulty.fetch_output[1].energy_j);
  EXPECT_EQ(faulty.fetch_output[1].energy_j, corrected.fetch_output[1].energy_j);
  EXPECT_EQ(faulty.fetch_input, corrected.fetch_input);
  EXPECT_EQ(faulty.faults, (inas::costmodel::PublishedFaults{.recharge_from_margin = true,
                                                             .pool_fetches_first_sums = true}));
  document["faults"]["recharge_from_margin"] = 1;
  expect_refused(document, "faults.recharge_from_margin");
}

TEST(Profile, AnotherFormatOrMeasuredLengthIsRefusedOrRead) {
  json document = profile_json();
  document["format"] = 1;
  document["measured_length"] = 256;
  EXPECT_EQ(parse_profile(document.dump(), "board.json").measured_length, 256);
  for (const json& wrong : {json(0), json(65'536), json("128"), json(1.5)}) {
    document["measured_length"] = wrong;
    expect_refused(document, "measured_length");
  }
  document["measured_length"] = 128;
  for (const json& wrong : {json(0), json(3), json("1"), json(nullptr)}) {
    document["format"] = wrong;
    expect_refused(document, "format");
  }
}

TEST(Profile, JsonFileLoadsByItsPath) {
  const inas::test::TemporaryFolder folder;
  const auto path = folder.path() / "board.json";
  inas::write_file(path, profile_json().dump());
  EXPECT_EQ(load_profile(path.string()), parse_profile(profile_json().dump(), "board.json"));
}

TEST(Profile, CommentIsAllowed) {
  json document = profile_json();
  document["comment"] = "measured on a Tuesday";
  EXPECT_EQ(parse_profile(document.dump(), "board.json"),
            parse_profile(profile_json().dump(), "board.json"));
}

TEST(Profile, EveryKeyIsRequired) {
  const json flat = profile_json().flatten();
  for (const auto& [pointer, value] : flat.items()) {
    // An overhead is one key with two counts.
    const bool is_count = pointer.ends_with("/0") || pointer.ends_with("/1");
    const json::json_pointer full(pointer);
    const json::json_pointer at = is_count ? full.parent_pointer() : full;
    json document = profile_json();
    const std::string key = at.back();
    document.at(at.parent_pointer()).erase(key);
    expect_refused(document, key);
  }
}

TEST(Profile, EveryCostMustBeAPositiveFiniteNumber) {
  const json flat = profile_json().flatten();
  for (const auto& [pointer, value] : flat.items()) {
    if (pointer == "/name" || pointer.starts_with("/overheads")) continue;
    const json::json_pointer at(pointer);
    for (const json& wrong :
         {json(0), json(-1e-9), json("1"), json(nullptr), json(true), json(json::array())}) {
      json document = profile_json();
      document[at] = wrong;
      expect_refused(document, at.back());
    }
  }
}

TEST(Profile, OverheadsAreTwoCounts) {
  for (const json& wrong :
       {json::array({7}), json::array({7, 5, 1}), json::array({-1, 5}), json::array({7, 1'000'001}),
        json::array({7.5, 5}), json::array({"7", 5}), json(7), json{{"energy", {7, 5}}},
        json{{"energy", {7, 5}}, {"latency", {7}}},
        json{{"energy", {7, 5}}, {"latency", {7, 5}}, {"power", {7, 5}}}}) {
    json document = profile_json();
    document["overheads"]["backup_output_W"] = wrong;
    expect_refused(document, "backup_output_W");
  }
}

TEST(Profile, UnknownKeysAreRefused) {
  for (const char* pointer : {"/frequency", "/reboot/power_w", "/nvm_read/energy_j/offset",
                              "/overheads/fetch_bias", "/faults/fault_2"}) {
    json document = profile_json();
    const json::json_pointer at(pointer);
    document[at] = 1;
    expect_refused(document, at.back());
  }
}

TEST(Profile, TextThatIsNotJsonIsRefused) {
  for (const std::string text : {"", "{", "[1, 2", "nul", "{\"name\": \"x\"} y"}) {
    SCOPED_TRACE(text);
    EXPECT_THROW((void)parse_profile(text, "board.json"), inas::Error);
  }
  for (const std::string text : {"[]", "7", "null"}) {
    SCOPED_TRACE(text);
    EXPECT_THROW((void)parse_profile(text, "board.json"), inas::Error);
  }
}

TEST(Device, RefusesAClockThatTheProfileWasNotMeasuredAt) {
  inas::Platform platform;
  EXPECT_EQ(inas::costmodel::make_device(platform, {}).profile, load_profile("msp430fr5994"));
  platform.clock_hz = 8e6;
  try {
    (void)inas::costmodel::make_device(platform, {});
    FAIL() << "accepted";
  } catch (const inas::InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("clock_hz"), std::string::npos) << error.what();
  }
}

/// Settings know no part: the profile does, or, for a built-in one, the board it was measured on.
TEST(Device, TheSupplyMustBeOneAtWhichThePlatformWorks) {
  const auto device = [](const std::string& profile, double von_v, double voff_v) {
    const inas::Platform platform{.profile = profile};
    (void)inas::costmodel::make_device(platform, {.von_v = von_v, .voff_v = voff_v, .vsup_v = 6});
  };
  for (const std::string& name : inas::costmodel::builtin_profiles()) {
    EXPECT_NO_THROW(device(name, 3.6, 1.8)) << name;
    inas::test::expect_error([&] { device(name, 2.99, 1.5); },
                             "power.voff_v: found 1.5, allowed: from 1.8 V, the least at which the "
                             "board msp430fr5994 works");
    inas::test::expect_error([&] { device(name, 4.535, 3.29); },
                             "power.von_v: found 4.535, allowed: up to 3.6 V");
  }

  const inas::test::TemporaryFolder folder;
  const std::string path = (folder.path() / "part.json").string();
  json document = json::parse(builtin_profile_json("msp430fr5994"));
  document["name"] = "another part";
  inas::write_file(path, document.dump());
  EXPECT_NO_THROW(device(path, 4.535, 3.29)) << "it does not say where it works";
  document["supply"] = {{"min_v", 2.0}, {"max_v", 5.5}};
  inas::write_file(path, document.dump());
  EXPECT_NO_THROW(device(path, 4.535, 3.29));
  inas::test::expect_error([&] { device(path, 5.6, 3.29); },
                           "up to 5.5 V, the most at which the platform of profile another part");
  inas::test::expect_error([&] { device(path, 4.5, 1.9); }, "power.voff_v: found 1.9");
}

TEST(Profile, VoltagesThatNoPartWorksAtAreRefused) {
  json document = json::parse(builtin_profile_json("msp430fr5994"));
  const auto refused = [&](const json& supply, const std::string& word) {
    document["supply"] = supply;
    inas::test::expect_error([&] { (void)parse_profile(document.dump(), "part.json"); }, word);
    inas::test::expect_error([&] { (void)parse_profile(document.dump(), "part.json"); },
                             "part.json");
  };
  refused({{"min_v", 3.6}, {"max_v", 1.8}}, "supply: found 3.6 V to 1.8 V, allowed: above 0 V");
  refused({{"min_v", 0}, {"max_v", 1.8}}, "supply");
  refused({{"min_v", 1}}, "supply.max_v: missing");
  refused(5, "supply");
}

TEST(Device, TheMemoryDecidesAboutProfileAndBytesOfNvm) {
  using inas::costmodel::Memory;
  using inas::costmodel::with_memory;
  inas::Platform platform;
  platform.profile = "other";
  platform.vm_bytes = 1234;
  inas::Platform expected = platform;
  expected.profile = "msp430fr5994";
  expected.nvm_bytes = 212'992;
  EXPECT_EQ(with_memory(platform, Memory::on_chip), expected);
  expected.profile = "msp430fr5994-serial";
  expected.nvm_bytes = 212'992 + 1'048'576;
  EXPECT_EQ(with_memory(platform, Memory::serial), expected);
  EXPECT_GT(inas::costmodel::make_device(expected, {}).profile.nvm_read(8).latency_s,
            3 * load_profile("msp430fr5994").nvm_read(8).latency_s);
  inas::test::expect_error(
      [&] { (void)with_memory(platform, Memory::serial, inas::load_board("msp430-sim")); },
      "memory: found serial, allowed: on-chip, because the board msp430-sim has no serial NVM");
}

TEST(Device, RefusesAnInvalidPlatformOrSupply) {
  inas::Platform platform;
  platform.vm_bytes = 0;
  EXPECT_THROW((void)inas::costmodel::make_device(platform, {}), inas::InvalidArgument);
  inas::PowerSupply supply;
  supply.von_v = supply.vsup_v;
  EXPECT_THROW((void)inas::costmodel::make_device({}, supply), inas::InvalidArgument);
  supply.kind = inas::PowerKind::continuous;
  EXPECT_NO_THROW((void)inas::costmodel::make_device({}, supply));
}

}  // namespace
