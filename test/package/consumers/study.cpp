#include <cstdio>

#include <inas/study/location.hpp>

int main() {
  const inas::study::Location location = inas::study::parse_location("postgresql://host/db");
  std::printf("%s\n", inas::study::describe(location).c_str());
}
