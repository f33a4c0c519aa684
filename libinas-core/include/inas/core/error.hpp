#pragma once

#include <stdexcept>
#include <string>

namespace inas {

/// Bad input or a failed operation on a file. `what()` is one sentence without a full stop:
/// the place (a file, a key, a layer, a part), what was found there, what is allowed. The
/// applications print it as it is and exit with code 2.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value outside its domain: a field of a settings file, an argument of a library function.
class InvalidArgument : public Error {
 public:
  using Error::Error;
};

/// What was written to a pipe has no reader any more.
class BrokenPipe : public Error {
 public:
  using Error::Error;
};

}  // namespace inas
