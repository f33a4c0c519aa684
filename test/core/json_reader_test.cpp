#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/json_reader.hpp>

namespace inas::json {
namespace {

TEST(JsonParse, SaysWhereTheTextIsNotJson) {
  test::expect_error([] { (void)parse("{\"a\": 1,\n\"b\": }", "f.json"); }, "f.json: line 2");
  test::expect_error([] { (void)parse("", "f.json"); }, "f.json");
}

TEST(JsonParse, RefusesAKeyThatStandsTwice) {
  test::expect_error([] { (void)parse(R"({"a": {"b": 1, "b": 2}})", "f.json"); }, "\"b\"");
  EXPECT_NO_THROW((void)parse(R"({"a": {"b": 1}, "c": {"b": 2}, "b": [{"b": 1}, {"b": 2}]})", "f"));
}

TEST(JsonParse, RefusesHostileNesting) {
  const std::string deep(1'000'000, '[');
  test::expect_error([&] { (void)parse(deep, "f.json"); }, "nested");
}

class ReaderTest : public testing::Test {
 protected:
  nlohmann::json document_ = parse(
      R"({"whole": 5.0, "half": 2.5, "text": "x", "big": 1e300, "negative": -1, "list": [1, "a"],
          "nested": {"inner": true}})",
      "f.json");
  Reader reader_{"f.json", document_};
};

TEST_F(ReaderTest, ValuesOfAnotherTypeAreRefusedWithTheirPath) {
  std::int64_t integer = 0;
  std::uint64_t natural = 0;
  std::vector<std::int64_t> list;
  bool flag = false;
  EXPECT_NO_THROW(reader_.read("whole", integer));
  EXPECT_EQ(integer, 5);
  test::expect_error([&] { reader_.read("half", integer); }, "f.json: half: found 2.5");
  test::expect_error([&] { reader_.read("big", integer); }, "big");
  test::expect_error([&] { reader_.read("negative", natural); }, "negative: found -1");
  test::expect_error([&] { reader_.read("text", flag); }, "text");
  test::expect_error([&] { reader_.read("list", list); }, "list[1]");
  test::expect_error([&] { reader_.require("absent", integer); }, "absent: missing");
}

TEST_F(ReaderTest, NestedErrorsCarryTheWholePath) {
  test::expect_error(
      [&] {
        reader_.read_object("nested", [](Reader& nested) {
          double number = 0;
          nested.read("inner", number);
        });
      },
      "nested.inner: found true");
  test::expect_error([&] { reader_.read_object("nested", [](Reader&) {}); },
                     "nested.inner: unknown");
}

TEST_F(ReaderTest, AnUnknownKeySuggestsTheNearestOne) {
  double ignored = 0;
  std::vector<std::string> names;
  for (const char* key : {"whole", "half", "big", "negative"}) reader_.read(key, ignored);
  reader_.skip("lists");
  reader_.skip("nested");
  reader_.skip("texts");
  test::expect_error([&] { reader_.finish(); }, "list: unknown key; did you mean lists?");
}

}  // namespace
}  // namespace inas::json
