#pragma once

#include <cstdio>
#include <cstdlib>

/// Ends a fuzzing run unless `holds`, whatever the build type; `promise` says what is broken.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}
