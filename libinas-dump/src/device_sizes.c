#include "device_sizes.h"

/* The runtime's own structs with the device's alignment; pointers are shorter there. */
#pragma pack(push, 2)
#include <inas_firmware/input.h>
#include <inas_firmware/model.h>
#pragma pack(pop)

enum { kPointerExcess = sizeof(void*) - 2 };

const int64_t inas_device_layer_bytes = sizeof(inas_layer) - 2 * kPointerExcess;
const int64_t inas_device_model_bytes = sizeof(inas_model) - kPointerExcess;
const int64_t inas_device_input_scale_bytes = sizeof(inas_input_scale);
