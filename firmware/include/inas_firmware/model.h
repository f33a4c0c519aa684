/// A dumped model: constant tables that say what every layer computes, how it is executed and where
/// its data lie in NVM. `inas-dump` writes them; the runtime reads them and nothing else.
#ifndef INAS_FIRMWARE_MODEL_H
#define INAS_FIRMWARE_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Format of the tables and of the weights in NVM. A dumped model names the one that it was written
/// for and does not compile with another. It grows with every change of what is below.
#define INAS_MODEL_FORMAT 6

/// What a layer computes. A fully connected layer is a convolution whose kernel covers its input, a
/// one-dimensional convolution one whose maps and kernel have one column.
enum {
  INAS_CONVOLUTION = 0,
  INAS_GLOBAL_AVERAGE_POOL = 1,
  INAS_MAX_POOL = 2,
  INAS_DEPTHWISE = 3,     ///< a convolution with one filter a channel: of one input channel each
  INAS_AVERAGE_POOL = 4,  ///< over windows
  INAS_ADD = 5            ///< of two maps of one shape
};

/// Loop orders: which operand stays in VM between consecutive tiles. Loop nests, outer to inner:
///   INAS_REUSE_I: rows, columns, n, m    INAS_REUSE_W: m, n, rows, columns
///   INAS_REUSE_O: rows, columns, m, n
/// All types but convolutions have INAS_REUSE_W with one n, whatever `order` says: m, rows,
/// columns.
enum { INAS_REUSE_I = 0, INAS_REUSE_W = 1, INAS_REUSE_O = 2 };

/// Flags of a layer.
enum {
  INAS_ROW_VECTORS = 1,  ///< LEA: a vector per kernel row (1-D: per kernel), not per kernel tap
  INAS_COALESCED = 2,    ///< weights in tile order; one transfer per contiguous row or block
  INAS_RELU = 4,         ///< outputs below 0 become 0
  INAS_LEA = 8           ///< the LEA multiplies vectors; without it the CPU, whole kernel rows
};

/// One layer. All maps are 16-bit and channels-last: [row][column][channel].
///
/// Windows. Convolutions, depthwise convolutions and pooling over windows compute the output at row
/// r, column c from a window of kernel_rows × kernel_columns positions (taps) of the input map,
/// whose first one is
///   row r·stride − pad_top, column c·stride − pad_left.
/// A window may reach beyond the map on all sides, but has at least one position inside it:
/// pad_top < kernel_rows, pad_left < kernel_columns; how far it reaches below and to the right
/// follows from the extents. Rows and columns behind the last window are not read.
///
/// Weights of a convolution: [out][kernel row][kernel column][in] with INAS_COALESCED off; on, they
/// lie in tile order, for each tile of output channels and, within it, each tile of input channels
/// one block [Tm][kernel row][kernel column][Tn]. Of a depthwise convolution: [kernel row][kernel
/// column][channel] with INAS_COALESCED off; on, for each tile of channels one block [kernel
/// row][kernel column][Tm]. Border tiles have the channels that are left.
///
/// Arithmetic. In a convolution a step adds to an output the products of one tile of input
/// channels:
///   sum = 2·(b + Σ input·weight)                  (32 bits, Q31; see `bias`)
///   b: the bias of the output channel at the first step, where the layer has one; else 0
///   output := saturate16(output + ⌊sum/2^shift + 1/2⌋)      (from 0 at the first step)
/// Inputs outside of the map are 0. A depthwise convolution does the same in one step for each
/// channel by itself, with the weights and the inputs of that channel.
/// Global average pooling adds each batch of S tiles to the running mean:
///   output := ⌊(output·P + Σ inputs)/P + 1/2⌋, P = in_rows·in_columns.
/// Max pooling takes the largest input of those positions of a window that lie inside the map.
/// Average pooling takes their mean:
///   output := ⌊(Σ inputs)/count + 1/2⌋, count of these positions, below 2^15.
/// Addition, `shifts` being three numbers:
///   sum = 2·(⌊a·2^13/2^shifts[0]⌋ + ⌊b·2^13/2^shifts[1]⌋), a of `input`, b of `second_input`,
///   output := saturate16(⌊sum/2^shifts[2] + 1/2⌋).
/// Then, where the last step has been added, outputs below 0 become 0 with INAS_RELU, and those
/// above `most` become `most`.
/// So the result depends on the design through Tn (global average pooling: Tr, Tc and S) alone.
///
/// Tiles split the output map (global average pooling: the input map) and, in a convolution, the
/// input channels. A batch of S tiles is preserved together.
///
/// Where power cycles end. The ledger is a count of energy units that lies in RAM alone: a power
/// cycle, also one after a power failure, begins with `ledger_budget` of them. A batch needs
///   (the power cycle has yet to enter the layer ? entry_units : 0) +
///   (the operand that the loop order reuses is in VM ? kept_units : fetched_units)
/// units. If it needs more than are left, the power cycle ends before it; the first batch of a
/// power cycle runs all the same, and leaves none. So power cycles run on over the ends of layers.
/// K is a bound besides: the power cycle also ends after a batch whose number, from 1 in its layer,
/// is a multiple of K. The operand is in VM where this power cycle ran the batch before and both
/// belong to one run of the innermost loops; never in max pooling, average pooling and addition.
/// The dumper sees to it that entry_units + fetched_units fit the budget.
typedef struct inas_layer {
  uint8_t type;
  uint8_t order;
  uint8_t flags;
  uint8_t pad_top, pad_left;  ///< rows and columns that the first window reaches beyond the map
  uint16_t in_rows, in_columns, in_channels;
  uint16_t out_rows, out_columns, out_channels;
  /// The window; addition: one position; global average pooling: unused.
  uint16_t kernel_rows, kernel_columns;
  uint16_t stride;             ///< from one window to the next, down and to the right; addition: 1
  int16_t most;                ///< outputs above it become it; INT16_MAX: none is
  uint16_t tile_rows;          ///< Tr; a tile at the border has what is left
  uint16_t tile_columns;       ///< Tc
  uint16_t tile_out_channels;  ///< Tm
  uint16_t tile_in_channels;   ///< Tn; others than convolutions: 1
  uint16_t batch;              ///< S: tiles that are preserved together; divides their loop
  uint32_t batches;            ///< of the layer, all tiles/S; below 2^24
  uint32_t batches_per_cycle;  ///< K: batches after which the power cycle ends; 0: no such bound
  uint16_t entry_units;        ///< of the ledger: to begin or resume the layer
  uint16_t fetched_units;      ///< for a batch that fetches all operands, its commit included
  uint16_t kept_units;         ///< for a batch that finds the reused one in VM
  uint32_t input;              ///< NVM address of the input map
  uint32_t second_input;       ///< of an addition's second one, of the same shape; else unused
  /// NVM addresses of the two copies of the output map that the steps write in turn, the first
  /// step side 0. They are the same if every output is written once. Step: the input-channel tile,
  /// for INAS_REUSE_O the batch of them, for global average pooling the batch of tiles.
  uint32_t output[2];
  uint32_t weights;  ///< NVM address of the weights; pooling and addition: unused
  /// Right shifts, 0 to 31: of every output channel; addition: the three of its arithmetic;
  /// pooling: null.
  const uint8_t* shifts;
  /// What is added to the products of every output channel, in their scale; null: nothing. Weights
  /// and bias of an output channel have 32768·Σ|weight| + |bias| ≤ 2^30 − 2^15, so that no 32-bit
  /// sum can overflow, whatever the input and in whatever order its parts are added.
  const int32_t* bias;
} inas_layer;

/// A network. Everything in NVM lies at even addresses.
typedef struct inas_model {
  const inas_layer* layers;
  uint8_t layer_count;      ///< 1 to 255
  uint16_t vm_bytes;        ///< VM that the tiles need
  uint16_t longest_vector;  ///< longer vectors of the LEA are split into several; 0: never
  uint16_t ledger_budget;   ///< units of a power cycle; 0: no ledger, power cycles end by K alone
  uint32_t nvm_bytes;       ///< NVM in use, from address 0
  uint32_t progress;        ///< NVM address of INAS_PROGRESS_BYTES bytes
  uint32_t output;          ///< NVM address of the last layer's finished output map
} inas_model;

/// Bytes of the progress area: two records of 8 and the count of fruitless power cycles, 2.
enum { INAS_PROGRESS_BYTES = 18 };

#ifdef __cplusplus
}
#endif

#endif
