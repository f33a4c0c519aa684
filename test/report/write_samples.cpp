#include <filesystem>
#include <string>

#include <support/tool.hpp>

#include <inas/core/files.hpp>

#include "sample_page.hpp"

namespace inas::test {
namespace {

const Tool kTool{.name = "inas-sample-pages",
                 .arguments = "FOLDER",
                 .description =
                     "Writes pages of made-up studies into FOLDER, to be looked at.\n\n"
                     "Exit code: 0 done, 2 bad input.",
                 .least_words = 1,
                 .most_words = 1};

int write_pages(const ToolArguments& arguments) {
  const std::filesystem::path folder = arguments.words[0];
  const auto write = [&](const char* name, const report::StudyPage& page) {
    write_file(folder / name, report::study_html(page));
  };
  write("sample.html", sample_page(200));
  write("one-trial.html", sample_page(1));
  write("large.html", sample_page(5000));
  write("infeasible.html", infeasible_page());
  write("deep.html", deep_page(false));
  write("continuous.html", deep_page(true));
  write("texts.html", page_of_texts("</script><img src=x onerror=parent.hostile=1>'\"&--><!--"));
  write("long.html", page_of_texts(std::string(300, 'W')));
  return 0;
}

}  // namespace
}  // namespace inas::test

int main(int argc, char** argv) {
  return inas::test::run_tool(inas::test::kTool, argc, argv, inas::test::write_pages);
}
