/// The products of a tile in C, for boards that have a function for one vector: those with the LEA,
/// and the host. products.c is compiled for these boards only.
#ifndef INAS_FIRMWARE_PRODUCTS_H
#define INAS_FIRMWARE_PRODUCTS_H

#include <inas_firmware/hal.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Does what inas_hal_convolve does by the functions that follow. Without `lea` each line is a
/// vector of the CPU. With it the LEA takes the vectors that it can: input and weights at
/// multiples of 4 bytes, an even length; the last value of an odd length, and a vector that begins
/// elsewhere, are the CPU's.
void inas_convolve_by_vectors(const inas_products* products);

/// Does what inas_hal_depthwise does, without further functions of the board.
void inas_depthwise_by_values(const inas_products* products);

/// 2·Σ a[i]·b[i] over `length` elements, Q15 times Q15 to Q31, without rounding: by the CPU, 1 or
/// more, and by the LEA, an even number of them from multiples of 4 bytes on. The board has them.
int32_t inas_cpu_mac(const int16_t* a, const int16_t* b, uint16_t length);
int32_t inas_lea_mac(const int16_t* a, const int16_t* b, uint16_t length);

/// The 16-bit value that is nearest to before + ⌊sum/2^shift + 1/2⌋; `sum` is one of those sums,
/// thus even, `shift` 0 to 31. A board may have its own.
int16_t inas_add_scaled(int32_t sum, int16_t before, uint8_t shift);

#ifdef __cplusplus
}
#endif

#endif
