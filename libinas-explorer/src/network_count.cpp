#include <algorithm>
#include <cmath>

#include <inas/explorer/network_count.hpp>

namespace inas::explorer {

NetworkCount NetworkCount::nearest(double count) {
  NetworkCount result;
  result.value_ = count >= 0x1p128 ? kMost : static_cast<Wide>(std::round(count));
  return result;
}

std::string NetworkCount::text() const {
  std::string digits;
  Wide rest = value_;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest > 0);
  std::reverse(digits.begin(), digits.end());
  return exact() ? digits : "at least " + digits;
}

}  // namespace inas::explorer
