#pragma once

#include <unistd.h>

#include <gtest/gtest.h>

namespace inas::test {

/// Takes the rights of root, which nothing keeps from reading, away for a while.
class AsNobody {
 public:
  AsNobody() { EXPECT_EQ(root_ ? seteuid(65534) : 0, 0); }
  ~AsNobody() { EXPECT_EQ(root_ ? seteuid(0) : 0, 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool root_ = geteuid() == 0;
};

}  // namespace inas::test
