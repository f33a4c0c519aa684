#ifndef INAS_DUMP_DEVICE_SIZES_H
#define INAS_DUMP_DEVICE_SIZES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// sizeof(inas_layer) and sizeof(inas_model) on the MSP430, whose pointers have 16 bits and which
/// aligns nothing to more than 2 bytes.
extern const int64_t inas_device_layer_bytes;
extern const int64_t inas_device_model_bytes;

#ifdef __cplusplus
}
#endif

#endif
