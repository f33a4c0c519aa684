#pragma once

namespace inas::dump {

constexpr const char* kHeaderName = "model.h";
constexpr const char* kImageName = "weights.bin";

}  // namespace inas::dump
