#include <cstdio>

#include <inas/report/study_page.hpp>

int main() {
  const inas::report::StudyPage page{.title = "outside", .state = "complete"};
  const std::string html = inas::report::study_html(page);
  std::printf("a page of %s kB\n",
              html.size() > 200000 && html.size() < 400000 ? "200 to 400" : "other");
}
