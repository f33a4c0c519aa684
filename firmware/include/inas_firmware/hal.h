/// What the runtime needs from a board. Everything else that a board has (clocks, pins, the loop
/// that feeds inputs) is its own business.
#ifndef INAS_FIRMWARE_HAL_H
#define INAS_FIRMWARE_HAL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The memory for tiles: at least the model's `vm_bytes`, aligned to 4 bytes. Its content is not
/// assumed to survive anything.
int16_t* inas_hal_vm(void);

/// Moves `bytes` (even, at least 2) from NVM to VM, at even addresses of both; VM is the memory of
/// inas_hal_vm or the stack. One call is one transfer of the cost model.
void inas_hal_nvm_read(uint32_t address, void* vm, uint16_t bytes);

/// Moves `bytes` (even, at least 2) from VM to NVM, in ascending order of addresses. Power may fail
/// within: then a prefix of the bytes is written.
void inas_hal_nvm_write(uint32_t address, const void* vm, uint16_t bytes);

/// The products of a tile of a convolution: `channels` output values at each of rows × columns
/// positions, in the memory of inas_hal_vm at even addresses. Steps and lengths count values.
///   sum = 2·(bias + Σ input[line·input_line + i]·weights[line·length + i]),
///         0 ≤ i < length, 0 ≤ line < lines, bias = 0 if there is none,
///   output := saturate16(before + ⌊sum/2^shift + 1/2⌋), before = 0 if `first`, output if not,
/// and then, with `relu`, outputs below 0 become 0. The model's weights and biases ensure that
/// every part of a sum fits 32 bits.
/// Assembly knows this layout (boards/msp430/multiplier_convolve.S).
typedef struct inas_products {
  const int16_t* input;  ///< the first value of the first position
  /// [channels][lines][length]; those of two maps that are added, the factors of both, may lie
  /// outside the memory of inas_hal_vm, at an even address.
  const int16_t* weights;
  int16_t* output;        ///< [rows][columns][output_step], of which `channels` are written
  const uint8_t* shifts;  ///< one per channel, 0 to 31
  const int32_t* bias;    ///< one per channel; null: none
  uint16_t rows, columns, channels;
  uint16_t lines, length;  ///< of an output value; all at least 1
  uint16_t input_line;     ///< in `input`, from a line to the next
  uint16_t input_row;      ///< from a row of positions to the next
  uint16_t input_step;     ///< from one position to the next
  uint16_t output_step;
  /// For the LEA a line is a sequence of vectors of so many values; a vector of more than `longest`
  /// (0: none is) is split.
  uint16_t vector, longest;
  bool first, relu;
  bool lea;  ///< the unit that the layer's design names
} inas_products;

/// Computes a tile: the multiplier, or whatever the board has, line by line; with `lea` the LEA
/// vector by vector (products.h). Boards without the LEA do not link with models that ask for it.
void inas_hal_convolve(const inas_products* products);

/// Computes a tile of a depthwise convolution, whose inputs and weights lie one pixel apart:
///   sum = 2·(bias + Σ input[line·input_line + i·channels + channel]
///                    ·weights[(line·length + i)·channels + channel]),
/// and the rest as for a convolution. `first` is set, `lea` is not: no unit for vectors takes
/// these.
void inas_hal_depthwise(const inas_products* products);

/// Ends the power cycle: progress is safe, the device may be cut off until it has recharged. A
/// board where power comes back without a boot returns; the runtime then starts from NVM again.
void inas_hal_end_power_cycle(void);

/// `stuck`: many power cycles in a row (INAS_FRUITLESS_CYCLES) have finished no batch; said at the
/// start of each further one, which tries again all the same. Not `stuck`: the power cycle that was
/// reported has finished a batch. A board that cannot show it does nothing.
void inas_hal_report_stuck(bool stuck);

#ifdef __cplusplus
}
#endif

#endif
