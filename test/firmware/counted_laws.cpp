#include "firmware/counted_laws.hpp"

namespace inas::firmware {

std::map<std::string, std::uint64_t> counted_laws(const inas_host_counts& did) {
  std::uint64_t batches = 0;
  std::uint64_t blocks = 0;
  std::uint64_t block_rows = 0;
  std::uint64_t weights = 0;
  std::uint64_t windows = 0;
  std::uint64_t borders = 0;
  std::uint64_t fills = 0;
  std::uint64_t fill_runs = 0;
  std::uint64_t capped = 0;
  for (const inas_work_counts& work : did.work) {
    batches += work.batches;
    blocks += work.blocks;
    block_rows += work.block_rows;
    weights += work.weights;
    windows += work.windows;
    borders += work.borders;
    fills += work.fills;
    fill_runs += work.fill_runs;
    capped += work.capped;
  }
  const inas_work_counts& convolution = did.work[INAS_CONVOLUTION];
  const inas_work_counts& by_lea = did.work[INAS_CONVOLUTION_BY_LEA];
  const inas_work_counts& average = did.work[INAS_GLOBAL_AVERAGE_POOL];
  const inas_work_counts& depthwise = did.work[INAS_DEPTHWISE];
  std::map<std::string, std::uint64_t> laws{
      {"nvm_read.intercept", did.reads + did.progress_reads},
      {"nvm_read.slope", did.values_read + INAS_PROGRESS_BYTES / 2 * did.progress_reads},
      {"nvm_write.intercept", did.writes + did.progress_writes},
      // A record of four values for each batch, the count of one for each power cycle.
      {"nvm_write.slope", did.values_written + 4 * batches + did.boots},
      {"cpu_mac.intercept", convolution.lines[INAS_UNIT_CPU]},
      {"cpu_mac.slope", convolution.line_values[INAS_UNIT_CPU]},
      {"vector_mac.intercept", by_lea.lines[INAS_UNIT_LEA]},
      {"vector_mac.slope", by_lea.line_values[INAS_UNIT_LEA]},
      {"cycle", did.boots},
      {"block", blocks},
      {"block_row", block_rows},
      {"weights", weights},
      {"window", windows},
      {"border", borders},
      {"fill", fills},
      {"fill_run", fill_runs},
      {"cap", capped},
      {"convolution.row", convolution.rows},
      {"convolution.position", convolution.positions},
      {"convolution.output", convolution.outputs},
      {"convolution.bias", convolution.bias},
      {"convolution_lea.tile", by_lea.tiles},
      {"convolution_lea.row", by_lea.rows},
      {"convolution_lea.position", by_lea.positions},
      {"convolution_lea.output", by_lea.outputs},
      {"convolution_lea.bias", by_lea.bias},
      {"convolution_lea.line", by_lea.kernel_lines},
      {"convolution_lea.vector", by_lea.vectors},
      {"convolution_lea.cpu_vector", by_lea.lines[INAS_UNIT_CPU]},
      {"convolution_lea.cpu_value", by_lea.line_values[INAS_UNIT_CPU]},
      {"global_average_pool.output", average.outputs},
      {"global_average_pool.value", average.line_values[INAS_UNIT_CPU]},
      {"global_average_pool.batch_output", average.batch_outputs},
      {"depthwise.bias", depthwise.bias},
      {"add.row", did.work[INAS_ADD].rows},
      {"add.output", did.work[INAS_ADD].outputs}};
  for (const auto& [kernel, type] :
       {std::pair{"convolution", INAS_CONVOLUTION},
        std::pair{"global_average_pool", INAS_GLOBAL_AVERAGE_POOL},
        std::pair{"max_pool", INAS_MAX_POOL}, std::pair{"depthwise", INAS_DEPTHWISE},
        std::pair{"average_pool", INAS_AVERAGE_POOL}, std::pair{"add", INAS_ADD}}) {
    const inas_work_counts& work = did.work[type];
    laws[std::string(kernel) + ".entry"] = work.entries;
    laws[std::string(kernel) + ".batch"] = work.batches;
    laws[std::string(kernel) + ".tile"] = work.tiles;
  }
  for (const auto& [kernel, type] :
       {std::pair{"max_pool", INAS_MAX_POOL}, std::pair{"depthwise", INAS_DEPTHWISE},
        std::pair{"average_pool", INAS_AVERAGE_POOL}}) {
    const inas_work_counts& work = did.work[type];
    laws[std::string(kernel) + ".row"] = work.rows;
    laws[std::string(kernel) + ".position"] = work.positions;
    laws[std::string(kernel) + ".output"] = work.outputs;
    laws[std::string(kernel) + ".line"] = work.lines[INAS_UNIT_CPU];
    laws[std::string(kernel) + ".value"] = work.line_values[INAS_UNIT_CPU];
  }
  return laws;
}

}  // namespace inas::firmware
