#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The folder that a program writes its results to, as long as it runs.
///
/// A run owns its folder by a lock that dies with its process, and owns in it the files whose names
/// it gives; whatever else lies there belongs to somebody else and is never touched. In order:
///
///     RunFolder folder(path, "inas-search", names);  // creates it, or says who works in it
///     if (!overwrite) folder.refuse_earlier_results("--overwrite", "--out");
///     // all checks of the run: nothing in the folder has changed until here
///     folder.remove_earlier_results();               // or replace(), for all files at once
///     write_file(folder.path() / name, content);     // or write_solution(folder.path(), …)
namespace inas {

/// A file of a set that is replaced as a whole.
struct NamedContent {
  std::string name;
  std::string content;
};

class RunFolder {
 public:
  /// Creates `path`, with the folders above it, and locks it. `program` is named to whoever finds
  /// it locked. `names` are the files that such a run makes, relative to `path`, at most one folder
  /// down ("device/model.h"), those first whose loss makes the others worthless; # stands for a
  /// hexadecimal digit. Throws Error if it cannot be written, or if another run has locked it or
  /// one of the folders in it that `names` tell of: who, on which host and since when.
  RunFolder(const std::filesystem::path& path, const std::string& program,
            std::vector<std::string> names);
  /// Unlocks. Removes the folders that the constructor made, if nothing was put into them.
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const;

  /// Files and folders, first level only, in which a run of this kind has left something.
  [[nodiscard]] std::vector<std::string> earlier_results() const;

  /// Throws Error if there are any, with their names and the options that would help.
  void refuse_earlier_results(const std::string& overwrite_option,
                              const std::string& folder_option) const;

  /// Removes what `names` tell of and what killed runs left of it. Only regular files are removed,
  /// and folders below `path` that are empty then. Files of `replaced`, some of `names`, stay:
  /// those of this run have taken the place of the earlier one's. Throws Error if one cannot be
  /// removed.
  void remove_earlier_results(const std::vector<std::string>& replaced = {});

  /// Replaces `files`, some of `names` without a folder, all at once. They are written aside and
  /// flushed; a folder in which nobody else has files is then exchanged for the new one by a single
  /// rename. Where that cannot be (files of others, the working directory, a mount point) they are
  /// renamed one by one, after a rename that decides that all of them will be: a process killed
  /// meanwhile leaves them in `.inas-complete`, which the next run puts into place. Throws Error,
  /// with the former files in place, if something cannot be written.
  void replace(const std::vector<NamedContent>& files);

  /// Who has locked the folder, if anybody: "inas-search, process 7 on host a, since …".
  [[nodiscard]] static std::optional<std::string> holder(const std::filesystem::path& path);

 private:
  class Lock;

  std::filesystem::path path_;
  std::vector<std::string> names_;
  std::unique_ptr<Lock> lock_;
};

}  // namespace inas
