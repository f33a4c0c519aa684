#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <inas/report/study_page.hpp>

namespace inas::report {
namespace {

using testing::HasSubstr;
using testing::Not;

StudyPage small_page() {
  StudyPage page;
  page.title = "wrist sensor";
  page.state = "complete";
  return page;
}

TEST(StudyPage, HoldsTitleAndState) {
  const std::string html = study_html(small_page());
  EXPECT_THAT(html, HasSubstr("<h1>wrist sensor</h1>"));
  EXPECT_THAT(html, HasSubstr("<span class=\"state\">complete</span>"));
}

TEST(StudyPage, TextsThatLookLikeElementsStayTexts) {
  StudyPage page = small_page();
  page.title = "</title></script><img src=x onerror=alert(1)>";
  const std::string html = study_html(page);
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
}

TEST(StudyPage, SaysThatDataAreSyntheticBesideEveryAccuracy) {
  StudyPage page = small_page();
  page.accuracy.test = 0.5;
  EXPECT_THAT(study_html(page), Not(HasSubstr("ynthetic")));
  page.synthetic_data = true;
  EXPECT_THAT(study_html(page), HasSubstr("test accuracy (synthetic data)"));
  EXPECT_THAT(study_html(page), HasSubstr("Synthetic data."));
}

}  // namespace
}  // namespace inas::report
