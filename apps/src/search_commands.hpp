#pragma once

/// The commands of inas-search. Each parses its own options (argv[0] is the command) and returns
/// the exit code.
namespace inas::apps {

/// A study from its beginning to the files for the device, or, with --resume, to its end.
[[nodiscard]] int search_run(int argc, const char* const* argv);
/// Trains for a study that another process coordinates.
[[nodiscard]] int search_worker(int argc, const char* const* argv);
/// Runs the studies of a batch file.
[[nodiscard]] int search_batch(int argc, const char* const* argv);
/// Prints a study.
[[nodiscard]] int search_show(int argc, const char* const* argv);
/// Writes the trials of a study as CSV.
[[nodiscard]] int search_export(int argc, const char* const* argv);
/// Writes the page of a study.
[[nodiscard]] int search_report(int argc, const char* const* argv);

}  // namespace inas::apps
