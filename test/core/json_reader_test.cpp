#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/json_reader.hpp>

namespace inas::json {
namespace {

TEST(JsonParse, SaysWhereTheTextIsNotJson) {
  test::expect_error([] { (void)parse("{\"a\": 1,\n\"b\": }", "f.json"); },
                     "f.json: line 2, column 6: not valid JSON: ");
  test::expect_error([] { (void)parse("[1 2]", "f.json"); }, "line 1, column 4");
  test::expect_error([] { (void)parse("", "f.json"); }, "f.json");
}

TEST(JsonParse, ACommentIsCalledOne) {
  for (const char* text : {"// why\n{}", "{} // why", "{\"a\": /* why */ 1}", "# why\n{}",
                           "{\"a\": 1, // why\n\"b\": 2}"}) {
    SCOPED_TRACE(text);
    test::expect_error([&] { (void)parse(text, "f.json"); }, "comments are not allowed");
    test::expect_error([&] { (void)parse(text, "f.json"); }, "\"comment\"");
  }
  EXPECT_NO_THROW((void)parse(R"({"a": "// no comment"})", "f.json"));
}

TEST(JsonParse, RefusesAKeyThatStandsTwice) {
  test::expect_error([] { (void)parse(R"({"a": {"b": 1, "b": 2}})", "f.json"); }, "\"b\"");
  EXPECT_NO_THROW((void)parse(R"({"a": {"b": 1}, "c": {"b": 2}, "b": [{"b": 1}, {"b": 2}]})", "f"));
}

TEST(JsonParse, RefusesHostileNesting) {
  const std::string deep(1'000'000, '[');
  test::expect_error([&] { (void)parse(deep, "f.json"); }, "nested");
  std::string objects;
  for (int level = 0; level < 100'000; ++level) objects += "{\"a\":";
  test::expect_error([&] { (void)parse(objects, "f.json"); }, "nested");
}

TEST(JsonParse, SixtyFourLevelsAreLegalAndOneMoreIsNot) {
  const auto lists = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_NO_THROW((void)parse(lists(64), "f.json"));
  test::expect_error([&] { (void)parse(lists(65), "f.json"); }, "64 levels");
}

TEST(JsonParse, WhatJsonDoesNotKnowIsRefused) {
  for (const char* text :
       {"NaN", "[Infinity]", "{'a': 1}", "{\"a\": 01}", "{\"a\": 1,}", "{} {}", "// comment\n{}",
        "[1e400]", "[\"\xff\"]", "\"\\ud800\"", "{\"a\"}", "[\"\n\"]"}) {
    SCOPED_TRACE(text);
    test::expect_error([&] { (void)parse(text, "f.json"); }, "f.json");
  }
}

TEST(JsonErrors, TheJsonLibraryIsNotQuotedByItsNames) {
  for (const char* text : {"[1e400]", "[", "nothing", "[\"\xff\"]"}) {
    SCOPED_TRACE(text);
    try {
      (void)parse(text, "f.json");
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("json.exception"), std::string::npos)
          << error.what();
    }
  }
}

TEST(JsonErrors, WhatTheyQuoteStaysOnOneLineAndShort) {
  const auto message_of = [](const std::string& text) {
    try {
      const nlohmann::json document = parse(text, "f.json");
      Reader reader("f.json", document);
      double number = 0;
      reader.read("number", number);
      reader.finish();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  for (const std::string& text :
       {std::string(R"({"a\nb": 1})"), std::string(R"({"a\u001b[31m": 1})"),
        std::string(R"({"x\ny": 1, "x\ny": 1})"), "{\"" + std::string(100'000, 'k') + "\": 1}",
        "{\"number\": \"" + std::string(100'000, 'v') + "\"}",
        "{\"number\": " + std::string(100'000, 'x') + "}", std::string(R"({"": 1})"),
        std::string("{\"number\": \"aöööööööööööööööööööööööööööööööööööööööööööööö\"}")}) {
    const std::string message = message_of(text);
    EXPECT_LT(message.size(), 400u) << message;
    EXPECT_NE(message, "no error") << text;
    for (const char character : message) {
      ASSERT_TRUE(static_cast<unsigned char>(character) >= ' ') << message;
    }
    // A message is UTF-8: dumping it throws if a character was cut in two.
    EXPECT_NO_THROW((void)nlohmann::json(message).dump()) << message;
  }
}

TEST(EditDistance, CountsInsertionsDeletionsAndSubstitutions) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("vm_byte", "vm_bytes"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("flaw", "lawn"), 2u);
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

/// To the system the name would end there.
TEST(Reader, ATextWithAZeroCharacterIsRefused) {
  const nlohmann::json document = parse(R"({"name": "a\u0000b"})", "f.json");
  Reader reader("f.json", document);
  std::string name;
  test::expect_error([&] { reader.read("name", name); }, R"(name: found "a\u0000b", allowed:)");
}

TEST(Reader, IntegersReachTheirLimitsAndNotBeyond) {
  const nlohmann::json document = parse(
      R"({"least": -9223372036854775808, "most": 9223372036854775807, "more": 9223372036854775808,
          "all": 18446744073709551615, "over": 18446744073709551616, "zero": -0.0, "float": 4e3})",
      "f.json");
  Reader reader("f.json", document);
  std::int64_t integer = 0;
  std::uint64_t natural = 0;
  reader.read("least", integer);
  EXPECT_EQ(integer, std::numeric_limits<std::int64_t>::min());
  reader.read("most", integer);
  EXPECT_EQ(integer, std::numeric_limits<std::int64_t>::max());
  test::expect_error([&] { reader.read("more", integer); }, "more: found 9223372036854775808");
  reader.read("all", natural);
  EXPECT_EQ(natural, std::numeric_limits<std::uint64_t>::max());
  test::expect_error([&] { reader.read("over", natural); }, "over");
  reader.read("zero", natural);
  EXPECT_EQ(natural, 0u);
  reader.read("float", integer);
  EXPECT_EQ(integer, 4000);
}

TEST(Reader, AbsentKeysKeepTheDefault) {
  const nlohmann::json document = parse("{}", "f.json");
  Reader reader("f.json", document);
  std::int64_t integer = 17;
  std::string text = "default";
  std::vector<std::int64_t> list{1, 2};
  reader.read("integer", integer);
  reader.read("text", text);
  reader.read("list", list);
  reader.read_object("object", [](Reader&) { FAIL() << "there is no object"; });
  EXPECT_EQ(integer, 17);
  EXPECT_EQ(text, "default");
  EXPECT_EQ(list, (std::vector<std::int64_t>{1, 2}));
  EXPECT_NO_THROW(reader.finish());
}

TEST_F(ReaderTest, NamesOutsideTheListAreRefusedWithTheList) {
  const std::vector<std::pair<std::string_view, int>> names{{"one", 1}, {"two", 2}};
  int value = 0;
  test::expect_error([&] { reader_.read_name("text", value, names); },
                     "f.json: text: found \"x\", allowed: one, two");
  test::expect_error([&] { reader_.read_name("half", value, names); }, "half: found 2.5");
  test::expect_error([&] { reader_.require_name("absent", value, names); }, "absent: missing");
  EXPECT_EQ(value, 0);
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

std::string refusal_of(const nlohmann::json& document, const std::function<void(Reader&)>& read) {
  Reader reader("r.json", document);
  try {
    read(reader);
    reader.finish();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return {};
}

TEST(Suggestions, AKeyThatIsOnlyLookedForIsSuggested) {
  EXPECT_EQ(refusal_of({{"clockhz", 1}},
                       [](Reader& reader) {
                         reader.skip("code");
                         EXPECT_FALSE(reader.has("clock_hz"));
                       }),
            "r.json: clockhz: unknown key; did you mean clock_hz?");
}

TEST(Suggestions, AKeyThatWasLookedForButNotReadIsNotSuggestedForItself) {
  EXPECT_EQ(refusal_of({{"files", 1}}, [](Reader& reader) { EXPECT_TRUE(reader.has("files")); }),
            "r.json: files: unknown key");
}

TEST(Suggestions, WhatDiffersInMoreThanAThirdIsNotSuggested) {
  const std::vector<std::string> known{"choices", "ccap", "data", "trials", "vm"};
  EXPECT_EQ(nearest("choises", known), "choices");
  EXPECT_EQ(nearest("chioces", known), "choices") << "neighbours that changed places";
  EXPECT_EQ(nearest("dtaa", known), "data");
  EXPECT_EQ(nearest("vn", known), "vm") << "one edit of a short word";
  EXPECT_EQ(nearest("trial", known), "trials");
  EXPECT_EQ(nearest("capacitance", known), "");
  EXPECT_EQ(nearest("twins", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest("choices", std::vector<std::string>{}), "");
}

TEST(Suggestions, EditsAreCounted) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("CCPA", "CCAP"), 1u);
  EXPECT_EQ(edit_distance("platfrom", "platform"), 1u);
}

}  // namespace
}  // namespace inas::json
