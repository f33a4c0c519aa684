#include "firmware/counted_laws.hpp"

namespace inas::firmware {

std::map<std::string, std::uint64_t> counted_laws(const inas_host_counts& did) {
  std::uint64_t batches = 0;
  std::uint64_t blocks = 0;
  std::uint64_t block_rows = 0;
  for (const inas_work_counts& work : did.work) {
    batches += work.batches;
    blocks += work.blocks;
    block_rows += work.block_rows;
  }
  const inas_work_counts& convolution = did.work[INAS_CONVOLUTION];
  const inas_work_counts& by_lea = did.work[INAS_CONVOLUTION_BY_LEA];
  const inas_work_counts& average = did.work[INAS_GLOBAL_AVERAGE_POOL];
  const inas_work_counts& maximum = did.work[INAS_MAX_POOL];
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
      {"weights", convolution.weights},
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
      {"max_pool.row", maximum.rows},
      {"max_pool.position", maximum.positions},
      {"max_pool.output", maximum.outputs},
      {"max_pool.line", maximum.lines[INAS_UNIT_CPU]},
      {"max_pool.value", maximum.line_values[INAS_UNIT_CPU]}};
  for (const auto& [kernel, work] :
       {std::pair{"convolution", convolution}, std::pair{"global_average_pool", average},
        std::pair{"max_pool", maximum}}) {
    laws[std::string(kernel) + ".entry"] = work.entries;
    laws[std::string(kernel) + ".batch"] = work.batches;
    laws[std::string(kernel) + ".tile"] = work.tiles;
  }
  return laws;
}

}  // namespace inas::firmware
