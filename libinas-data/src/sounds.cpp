#include <filesystem>

#include <inas/data/sound.hpp>

#include "class_folders.hpp"
#include "sound_features.hpp"

// Sounds of one's own: a folder of them for each class.
namespace inas::data {

RawSet load_sounds(const LoadRequest& request) {
  const std::filesystem::path folder = required_path(request.data, "a folder of folders of sounds");
  const ClassFolders listed =
      list_class_folders(folder, request.classes,
                         {.what = "sound", .endings = ".wav, .flac, .ogg", .is_one = is_sound});
  CacheKey key;
  key.add("sounds");
  add_front_end(key, request.input);
  return cached_set(
      listed, key,
      [](CacheKey& of_set, const ClassFiles& part, std::size_t file) {
        add_sound(of_set, part.folder, part.files[file]);
      },
      [&](const ClassFiles& part) {
        return sound_part(part.folder.string(), request.input, part.labels, [&](std::size_t i) {
          return read_clip(part.folder / part.files[i], kSoundRateHz, kSoundSamples);
        });
      });
}

}  // namespace inas::data
