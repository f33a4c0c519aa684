/// Stands for the sensor of an application.
#ifndef EXAMPLE_SENSOR_H
#define EXAMPLE_SENSOR_H

#include <stdint.h>

/// A pixel, 0 to 255.
uint8_t sensor_read(uint16_t row, uint16_t column, uint16_t channel);

#endif
