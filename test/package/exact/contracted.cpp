#include "exact.cpp"
