#include <filesystem>

#include <inas/core/board.hpp>

#include "models.hpp"
#include "write_model.hpp"

/// Writes the models that the simulated firmware is built of into the folder given.
int main(int argc, char** argv) {
  using namespace inas::firmware;
  if (argc != 2) return 2;
  const std::filesystem::path folder(argv[1]);
  for (const SimulatedModel& model : simulated_models()) {
    write_model(folder / model.name, *model.model);
  }
  write_model(folder / "tiny", *tiny_model());
  // All VM that there is, for tables that are linked later.
  const inas::Board board = inas::load_board("msp430fr5994");
  write_model(folder / "any", *tiny_model(), inas::vm_bytes(board, *board.unit("cpu")));
  write_model(folder / "any-lea", *tiny_model(), inas::vm_bytes(board, *board.unit("lea")));
  write_model(folder / "lea", *lea_model());
  write_model(folder / "large", *large_model());
  return 0;
}
