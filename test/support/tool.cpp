#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <support/tool.hpp>

#include <inas/core/error.hpp>

namespace inas::test {
namespace {

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

ToolArguments parse(const Tool& tool, const std::vector<std::string>& all) {
  ToolArguments arguments;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& text = all[i];
    if (is_one_of(tool.flags, text)) {
      arguments.options[text] = "";
    } else if (is_one_of(tool.options, text)) {
      if (++i == all.size()) {
        throw Error(fmt::format("{}: found no value; see {} --help", text, tool.name));
      }
      arguments.options[text] = all[i];
    } else if (text.starts_with('-')) {
      std::vector<std::string> known = tool.flags;
      known.insert(known.end(), tool.options.begin(), tool.options.end());
      known.emplace_back("--help");
      throw Error(fmt::format("found the option {}, allowed: {}", text, fmt::join(known, ", ")));
    } else {
      arguments.words.push_back(text);
    }
  }
  if (arguments.words.size() < tool.least_words || arguments.words.size() > tool.most_words) {
    throw Error(fmt::format("found {} arguments, allowed: {}; see {} --help",
                            arguments.words.size(),
                            tool.arguments.empty() ? "none" : tool.arguments, tool.name));
  }
  return arguments;
}

}  // namespace

std::int64_t whole_number(const std::string& what, const std::string& text, std::int64_t least,
                          std::int64_t most) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most) {
    throw Error(fmt::format("{}: found \"{}\", allowed: a whole number from {}{}", what, text,
                            least, most < kMostNumber ? fmt::format(" to {}", most) : ""));
  }
  return number;
}

std::int64_t ToolArguments::number(const std::string& option, std::int64_t least,
                                   std::int64_t otherwise) const {
  const auto found = options.find(option);
  return found == options.end() ? otherwise : whole_number(option, found->second, least);
}

int run_tool(const Tool& tool, int argc, const char* const* argv,
             const std::function<int(const ToolArguments&)>& body) {
  constexpr int kBadInput = 2;
  try {
    const std::vector<std::string> all(argv + 1, argv + argc);
    if (is_one_of(all, "--help")) {
      fmt::print("usage: {}{}{}\n\n{}\n", tool.name, tool.arguments.empty() ? "" : " ",
                 tool.arguments, tool.description);
      return 0;
    }
    return body(parse(tool, all));
  } catch (const std::exception& error) {
    std::string line = fmt::format("{}: {}", tool.name, error.what());
    for (char& c : line) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    }
    std::fputs((line + "\n").c_str(), stderr);
    return kBadInput;
  }
}

}  // namespace inas::test
