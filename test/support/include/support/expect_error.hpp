#pragma once

#include <string>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>

namespace inas::test {

/// Expects `call()` to throw inas::Error with one sentence, without a full stop, that contains
/// `word`.
template <class Call>
void expect_error(Call&& call, const std::string& word) {
  try {
    call();
    ADD_FAILURE() << "no error, expected one about: " << word;
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find(word), std::string::npos) << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    EXPECT_FALSE(what.ends_with('.')) << what;
  }
}

}  // namespace inas::test
