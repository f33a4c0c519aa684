// Writes pages of made-up studies, to be looked at: inas-sample-pages FOLDER.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include <inas/core/files.hpp>

#include "sample_page.hpp"

int main(int count, char** arguments) {
  try {
    const std::filesystem::path folder = count > 1 ? arguments[1] : ".";
    const auto write = [&](const char* name, const inas::report::StudyPage& page) {
      inas::write_file(folder / name, inas::report::study_html(page));
    };
    write("sample.html", inas::test::sample_page(200));
    write("one-trial.html", inas::test::sample_page(1));
    write("large.html", inas::test::sample_page(5000));
    write("infeasible.html", inas::test::infeasible_page());
    write("deep.html", inas::test::deep_page(false));
    write("continuous.html", inas::test::deep_page(true));
    write("texts.html",
          inas::test::page_of_texts("</script><img src=x onerror=parent.hostile=1>'\"&--><!--"));
    write("long.html", inas::test::page_of_texts(std::string(300, 'W')));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inas-sample-pages: %s\n", error.what());
    return 2;
  }
}
