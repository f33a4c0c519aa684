#include <filesystem>

#include <support/tool.hpp>

#include <inas/core/board.hpp>

#include "models.hpp"
#include "write_model.hpp"

namespace inas::firmware {
namespace {

void write_models(const std::filesystem::path& folder) {
  for (const SimulatedModel& model : simulated_models()) {
    write_model(folder / model.name, *model.model);
  }
  write_model(folder / "tiny", *tiny_model());
  // All VM that there is, for tables that are linked later.
  const Board board = load_board("msp430fr5994");
  const std::int64_t cpu_vm_bytes = vm_bytes(board, *board.unit("cpu"));
  write_model(folder / "any", *tiny_model(), cpu_vm_bytes);
  write_model(folder / "any-serial", *tiny_model(), cpu_vm_bytes, board.memory("high_fram")->bytes);
  write_model(folder / "any-lea", *tiny_model(), vm_bytes(board, *board.unit("lea")));
  write_model(folder / "lea", *lea_model());
  write_model(folder / "large", *large_model());
}

}  // namespace
}  // namespace inas::firmware

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-write-simulated-models",
      .arguments = "FOLDER",
      .description =
          "Writes the models that the tests' firmware is built of, each into a folder of its\n"
          "own in FOLDER.\n"
          "Exit code: 0 done, 2 bad input.",
      .least_words = 1,
      .most_words = 1};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    inas::firmware::write_models(given.words[0]);
    return 0;
  });
}
