#pragma once

#include <functional>

namespace inas::test {

/// Runs `body` in a child process and kills it, as `kill -9` does, when it is about to make its
/// `change`th change (counted from 0) to a file system: an opening that may create, a write, a
/// rename, a removal, a link, a new folder, … Returns whether it was killed; false: `body` ended
/// before, all its changes made. Throws std::runtime_error if it ended otherwise.
///
/// `for (int i = 0; killed_at(i, body); ++i) …` so is every point at which a kill makes a
/// difference. The process must have one thread.
[[nodiscard]] bool killed_at(int change, const std::function<void()>& body);

}  // namespace inas::test
