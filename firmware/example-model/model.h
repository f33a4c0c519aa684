/* model.h: a network for an intermittently powered device, made by iNAS 0.1.0+dd5ed38031-dirty.
 * Architecture 5,8,5,4; 0.8347 s per inference, 1.513 mJ per power cycle.
 * Do not edit: dump the solution again instead. */
#ifndef INAS_MODEL_H
#define INAS_MODEL_H

#include <inas_firmware/input.h>
#include <inas_firmware/model.h>

#if INAS_MODEL_FORMAT != 6
#error "This model was dumped for another version of the runtime: dump its solution again"
#endif

/* Bytes of memory. The image is the part of NVM that is written once: progress area and weights. */
#define INAS_MODEL_VM_BYTES 1944u
#define INAS_MODEL_NVM_BYTES 16084ul
#define INAS_MODEL_IMAGE_BYTES 2100ul

/* CRC-32 of the image, and one of the whole model, by which its files recognise one another. */
#define INAS_MODEL_IMAGE_CRC32 0xd84b9ab1ul
#define INAS_MODEL_CRC32 0x548fc207ul

/* The input map, [row][column][channel]: 1x28x28. A value q means q * 2^(exponent - 15). */
#define INAS_MODEL_INPUT_BYTES 1568ul
#define INAS_MODEL_INPUT_EXPONENT 2

/* From a sensor's numbers, raw from 0 to INAS_MODEL_RAW_MOST, to input values: inas_input_value of input.h. */
#define INAS_MODEL_RAW_MOST 255u
#define INAS_MODEL_INPUT_CHANNELS 1u
extern const inas_input_scale inas_model_input_scales[INAS_MODEL_INPUT_CHANNELS];

/* The output map: one value per class. */
#define INAS_MODEL_CLASSES 10u
#define INAS_MODEL_OUTPUT_BYTES 20u
#define INAS_MODEL_OUTPUT_EXPONENT 6

#define INAS_MODEL_LAYERS 4

/* Whether the LEA is to multiply the vectors of a layer: a firmware without it does not compile. */
#define INAS_MODEL_USES_LEA 0

extern const inas_model inas_model_tables; /* model.c */
/* nvm_image.c; nvm.bin has the same bytes, for compilers that have no array of this size. */
#if INAS_MODEL_IMAGE_BYTES <= SIZE_MAX
extern const uint8_t inas_nvm_image[INAS_MODEL_IMAGE_BYTES];
#endif

/* NVM addresses of the input and the finished output. */
static inline uint32_t inas_model_input(void) { return inas_model_tables.layers[0].input; }
static inline uint32_t inas_model_output(void) { return inas_model_tables.output; }

#endif
