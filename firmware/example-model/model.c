/* model.c: the tables of a network, made by iNAS 0.1.0+dd5ed38031-dirty.
 * Architecture 5,8,5,4; 0.8347 s per inference, 1.513 mJ per power cycle.
 * Do not edit: dump the solution again instead. */
#include "model.h"

#if !defined(INAS_MODEL_CRC32) || INAS_MODEL_CRC32 != 0x548fc207ul
#error "model.c and model.h are of different dumps: run inas-dump again"
#endif

/* From raw numbers to input values, by channel. */
const inas_input_scale inas_model_input_scales[INAS_MODEL_INPUT_CHANNELS] = {
    {5963007l, -434907914l, 16}};

/* Right shifts by output channel; of an addition those of its inputs and of its sums. */
static const uint8_t shifts_0[8] = {15, 14, 15, 15, 14, 15, 14, 15};
static const uint8_t shifts_1[4] = {14, 14, 13, 13};
static const uint8_t shifts_3[10] = {12, 12, 13, 14, 13, 12, 13, 11, 12, 12};

static const inas_layer layers[INAS_MODEL_LAYERS] = {
    /* CONV_0: 1x28x28 -> 8x24x24, 3_24_8_1_reuse_O_S1_row_coalesced_K0_cpu */
    {.type = INAS_CONVOLUTION,
     .order = INAS_REUSE_O,
     .flags = INAS_ROW_VECTORS | INAS_COALESCED | INAS_RELU,
     .pad_top = 0, .pad_left = 0,
     .in_rows = 28, .in_columns = 28, .in_channels = 1,
     .out_rows = 24, .out_columns = 24, .out_channels = 8,
     .kernel_rows = 5, .kernel_columns = 5, .stride = 1, .most = 32767,
     .tile_rows = 3, .tile_columns = 24, .tile_out_channels = 8, .tile_in_channels = 1,
     .batch = 1,
     .batches = 8ul,
     .batches_per_cycle = 0ul,
     .entry_units = 49, .fetched_units = 2920, .kept_units = 2920,
     .input = 0x00834ul, .second_input = 0x00000ul,
     .output = {0x00E54ul, 0x00E54ul},
     .weights = 0x00014ul,
     .shifts = shifts_0,
     .bias = 0},
    /* CONV_1: 8x24x24 -> 4x20x20, 5_5_1_8_reuse_I_S4_row_coalesced_K0_cpu */
    {.type = INAS_CONVOLUTION,
     .order = INAS_REUSE_I,
     .flags = INAS_ROW_VECTORS | INAS_COALESCED | INAS_RELU,
     .pad_top = 0, .pad_left = 0,
     .in_rows = 24, .in_columns = 24, .in_channels = 8,
     .out_rows = 20, .out_columns = 20, .out_channels = 4,
     .kernel_rows = 5, .kernel_columns = 5, .stride = 1, .most = 32767,
     .tile_rows = 5, .tile_columns = 5, .tile_out_channels = 1, .tile_in_channels = 8,
     .batch = 4,
     .batches = 16ul,
     .batches_per_cycle = 0ul,
     .entry_units = 49, .fetched_units = 2880, .kept_units = 2833,
     .input = 0x00E54ul, .second_input = 0x00000ul,
     .output = {0x03254ul, 0x03254ul},
     .weights = 0x001A4ul,
     .shifts = shifts_1,
     .bias = 0},
    /* GAVGPOOL_0: 4x20x20 -> 4x1x1, 10_20_4_1_reuse_O_S2_coalesced_K0 */
    {.type = INAS_GLOBAL_AVERAGE_POOL,
     .order = INAS_REUSE_O,
     .flags = INAS_COALESCED | INAS_RELU,
     .pad_top = 0, .pad_left = 0,
     .in_rows = 20, .in_columns = 20, .in_channels = 4,
     .out_rows = 1, .out_columns = 1, .out_channels = 4,
     .kernel_rows = 20, .kernel_columns = 20, .stride = 1, .most = 32767,
     .tile_rows = 10, .tile_columns = 20, .tile_out_channels = 4, .tile_in_channels = 1,
     .batch = 2,
     .batches = 1ul,
     .batches_per_cycle = 0ul,
     .entry_units = 39, .fetched_units = 941, .kept_units = 941,
     .input = 0x03254ul, .second_input = 0x00000ul,
     .output = {0x00E54ul, 0x00E54ul},
     .weights = 0x007E4ul,
     .shifts = 0,
     .bias = 0},
    /* FC_END: 4x1x1 -> 10x1x1, 1_1_10_4_reuse_O_S1_coalesced_K0_cpu */
    {.type = INAS_CONVOLUTION,
     .order = INAS_REUSE_O,
     .flags = INAS_COALESCED,
     .pad_top = 0, .pad_left = 0,
     .in_rows = 1, .in_columns = 1, .in_channels = 4,
     .out_rows = 1, .out_columns = 1, .out_channels = 10,
     .kernel_rows = 1, .kernel_columns = 1, .stride = 1, .most = 32767,
     .tile_rows = 1, .tile_columns = 1, .tile_out_channels = 10, .tile_in_channels = 4,
     .batch = 1,
     .batches = 1ul,
     .batches_per_cycle = 0ul,
     .entry_units = 49, .fetched_units = 68, .kept_units = 68,
     .input = 0x00E54ul, .second_input = 0x00000ul,
     .output = {0x03EC0ul, 0x03EC0ul},
     .weights = 0x007E4ul,
     .shifts = shifts_3,
     .bias = 0},
};

const inas_model inas_model_tables = {.layers = layers,
                                      .layer_count = INAS_MODEL_LAYERS,
                                      .vm_bytes = INAS_MODEL_VM_BYTES,
                                      .longest_vector = 0,
                                      .ledger_budget = 65535,
                                      .nvm_bytes = INAS_MODEL_NVM_BYTES,
                                      .progress = 0x00000ul,
                                      .output = 0x03EC0ul};
