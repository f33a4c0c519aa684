#ifndef INAS_DUMP_DEVICE_SIZES_H
#define INAS_DUMP_DEVICE_SIZES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// sizeof(inas_layer), inas_model, inas_input_scale on the MSP430, whose pointers have 16 bits and
/// which aligns nothing to more than 2 bytes.
extern const int64_t inas_device_layer_bytes;
extern const int64_t inas_device_model_bytes;
extern const int64_t inas_device_input_scale_bytes;

#ifdef __cplusplus
}
#endif

#endif
