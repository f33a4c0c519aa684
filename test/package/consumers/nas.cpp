#include <cstdio>

#include <inas/nas/reward.hpp>

int main() { std::printf("%g\n", inas::nas::Reward({}).infeasible()); }
