#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Arrays as NumPy stores them: numpy.save makes a .npy file of one, numpy.savez and
/// numpy.savez_compressed a .npz file, a zip archive, of several.
namespace inas::data {

/// An array of NumPy, row-major. Its values are those of the file rounded to 32-bit floats.
struct NumpyArray {
  std::string name;  ///< of an .npz file, without its ending; empty: the one of an .npy file
  std::vector<std::int64_t> shape;
  std::vector<float> values;
  bool is_bytes = false;  ///< the file has unsigned bytes, as pixels are

  bool operator==(const NumpyArray&) const = default;
};

/// The arrays of a file of either form, in its order: versions 1 to 3 of the format, in the order
/// of C or of Fortran, floats of 16 to 64 bits, whole numbers of 8 to 64 and truth values (0 and
/// 1), of either order of bytes; archives whose members are stored or deflated. Throws Error,
/// naming the file and the array, for everything else, a damaged file, and a value that is no
/// finite number.
[[nodiscard]] std::vector<NumpyArray> read_numpy(const std::filesystem::path& path);

/// The same of a file's content; `source` stands for the path in messages.
[[nodiscard]] std::vector<NumpyArray> parse_numpy(std::string_view content,
                                                  const std::string& source);

/// The array `name` of them: that of this name, or the one of an .npy file, which has none. Null if
/// there is none.
[[nodiscard]] const NumpyArray* find_array(const std::vector<NumpyArray>& arrays,
                                           std::string_view name);

}  // namespace inas::data
