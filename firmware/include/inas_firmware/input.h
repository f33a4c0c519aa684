/// From the whole numbers of a sensor to the values of an input map, without floating point.
#ifndef INAS_FIRMWARE_INPUT_H
#define INAS_FIRMWARE_INPUT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One channel of the input map: standardisation and exponent in one.
///   value = saturate16(⌊(scale·raw + offset)/2^shift⌋),  raw from 0 to INAS_MODEL_RAW_MOST
/// The offset has half of 2^shift in it, so that the value is rounded to nearest. Neither product
/// nor sum leaves 32 bits for these raw numbers. The value is that of exact arithmetic or, where
/// that lies within 128/2^shift of the middle between two values, perhaps the other one.
typedef struct inas_input_scale {
  int32_t scale;
  int32_t offset;
  uint8_t shift;  ///< 8 to 30
} inas_input_scale;

/// The value of a raw number. Right shifts of negative values are arithmetic on every compiler that
/// this is built with.
static inline int16_t inas_input_value(const inas_input_scale* channel, uint16_t raw) {
  const int32_t value = (channel->scale * (int32_t)raw + channel->offset) >> channel->shift;
  if (value > INT16_MAX) return INT16_MAX;
  if (value < INT16_MIN) return INT16_MIN;
  return (int16_t)value;
}

#ifdef __cplusplus
}
#endif

#endif
